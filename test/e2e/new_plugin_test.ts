/** A plugin that is written, tested and loaded as `plugins/README.md` says, to the letter. */
import assert from "node:assert/strict";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { ROOT, TestProcess } from "../support/process.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { runProgram } from "../support/server.ts";

const RUNTIME = "Deno" in globalThis ? "deno" : "bun";

/** What a checkout has, as far as this needs it. */
const TREE = ["mod.ts", "src", "package.json", "deno.json", "deno.lock", "bun.lock"];

/** Installing packages takes as long as the registry does, and Deno checks the types of all there is (ms). */
const FETCH_MS = 300_000;

/** The commands of the section `Begin` that are of the runtime of this test. */
function commands(): string[] {
  const text = readFileSync(join(ROOT, "plugins/README.md"), "utf8");
  const section = text.slice(text.indexOf("\n## Begin\n"), text.indexOf("\n## Hooks\n"));
  const blocks = [...section.matchAll(/```sh\n(.*?)```/gs)].map(([, block]) => block!);
  const block = blocks.find((block) => block.startsWith(`${RUNTIME} `));
  assert.ok(block !== undefined, `commands of ${RUNTIME}`);
  return block.trim().split("\n").map((line) => line.replace(/ +#.*$/, ""));
}

test("a new plugin is written, passes its test and is loaded as the documents say", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-new-plugin-"));
  try {
    const [checkout, bin] = [join(folder, "checkout"), join(folder, "bin")];
    mkdirSync(checkout);
    mkdirSync(bin);
    for (const name of TREE) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
    symlinkSync(process.execPath, join(bin, RUNTIME));
    const lines = commands();
    const start = lines.pop()!;
    assert.match(start, /mod\.ts --plugin plugins\/doorman\.ts$/);
    const env = { PATH: `${bin}:${process.env.PATH}`, NO_COLOR: "1" };
    const script = ["set -e", ...lines].join("\n");
    await using before = new TestProcess("sh", ["-c", script], { cwd: checkout, env });
    const { code, stdout, stderr } = await before.ended(FETCH_MS);
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout + stderr, RUNTIME === "deno" ? /3 passed/ : /3 pass\b/);
    assert.match(stdout, /The configuration is valid/);

    const exported = lines.filter((line) => line.startsWith("export ")).join("\n");
    const ports = {
      SLUICE_RTMP_PORT: "0",
      SLUICE_HTTP_PORT: "0",
      SLUICE_LOG_FORMAT: "json",
    };
    await using server = new TestProcess("sh", ["-c", `${exported}\nexec ${start}`], {
      cwd: checkout,
      env: { ...env, ...ports },
    });
    const port = await server.waitForLine(
      (line) => /"message":"listening".*"rtmp":"[^"]*:(\d+)"/.exec(line)?.[1],
      "the server listens",
      FETCH_MS,
    );
    await using stranger = await RtmpClient.open(Number(port));
    const refused = await stranger.publish("live", "demo");
    assert.equal(refused.info.description, "Unknown stream key");
    await using encoder = await RtmpClient.open(Number(port));
    const { info } = await encoder.publish("live", "demo-k3y");
    assert.equal(info.code, "NetStream.Publish.Start");
    await server.waitForLine((line) => line === "live/demo is live" || undefined, "it is told");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a plugin elsewhere imports what it is written with from the server that loads it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-new-plugin-"));
  try {
    const file = join(folder, "far.ts");
    const text = 'import { definePlugin } from "sluice/plugin";\n' +
      'export default definePlugin({ name: "far", onPublish() {} });\n';
    writeFileSync(file, text);
    const { code, stdout, stderr } = await runProgram(["--plugin", file, "--check"]);
    assert.equal(code, 0, stdout + stderr);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
