/** The binary: all of Sluice in one file, with plugins in TypeScript from the disk. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { makeBinary } from "../../tools/binary.ts";
import { madeOnce } from "../../tools/made_once.ts";
import { VERSION } from "../../src/version.ts";
import { clip } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { cleanEnv, listening } from "../support/server.ts";

const PLUGIN = `
import { definePlugin, refuse } from "sluice/plugin";
import type { PublishContext } from "sluice/plugin";

export default definePlugin({
  name: "only_demo",
  onPublish({ name }: PublishContext) {
    if (name !== "demo") return refuse("Only demo may be published");
  },
  onPlay({ app, name }) {
    console.log(\`play requested: \${app}/\${name}\`);
  },
});
`;

test("one file runs the main job with a plugin in TypeScript, and has the dashboard in it", async () => {
  const dist = await madeOnce("binary", (folder) => makeBinary(join(folder, "sluice")));
  const folder = mkdtempSync(join(tmpdir(), "sluice-binary-"));
  try {
    // No runtime, no package and no checkout is in reach.
    const options = { cwd: folder, env: { ...cleanEnv({}), PATH: "/nowhere" } };
    const program = join(dist, "sluice");
    await using about = new TestProcess(program, ["--version"], options);
    assert.match(
      (await about.ended()).stdout,
      new RegExp(`^sluice ${RegExp.escape(VERSION)} \\(bun `),
    );

    writeFileSync(join(folder, "only_demo.ts"), PLUGIN);
    const args = ["--rtmp-port", "0", "--http-port", "0", "--log-format", "json"];
    const more = ["--plugin", "only_demo.ts", "--play-wait-ms", "60000"];
    await using server = await listening(new TestProcess(program, [...args, ...more], options));
    const path = await clip("av");
    await using player = new Decoder(server.url("live", "demo"), "v");
    await server.playRequested("live", "demo");
    await using publisher = publish(path, server.url("live", "demo"));
    await published(publisher);
    const [played, source] = [await player.frames(), await framesOf(path, "v")];
    assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
    await using stranger = publish(path, server.url("live", "other"));
    assert.notEqual((await stranger.ended()).code, 0);

    const url = `http://127.0.0.1:${server.httpPort}/`;
    const root = /"\.\/(~\/[0-9a-f]+)\//.exec(await (await fetch(url)).text())?.[1];
    for (const file of ["dashboard.js", "common.css", "lib/hls.js", "lib/mpegts.js"]) {
      const answer = await fetch(`${url}${root}/${file}`);
      assert.equal(answer.status, 200, file);
      assert.ok((await answer.text()).length > 100, file);
    }
    assert.equal((await server.stop()).code, 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
