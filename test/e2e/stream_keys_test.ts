/** The plugin `stream_keys` and the command `key`, with a real server and ffmpeg. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { publish } from "../support/ffmpeg.ts";
import { runProgram, startServer } from "../support/server.ts";
import { inAllWays, playInAllWays } from "../support/ways.ts";

const PLUGIN = ["--plugin", "plugins/stream_keys.ts", "--log-level", "trace"];

/** A file of keys in a folder of its own. */
class Keys implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "sluice-keys-"));
  readonly file = join(this.#folder, "keys.json");
  readonly env = { SLUICE_PLUGIN_STREAM_KEYS: JSON.stringify({ file: this.file }) };

  async run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await runProgram(["key", ...args, "--file", this.file]);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

test("who has the key publishes under the public name, which everybody plays and nobody traces back", async () => {
  using keys = new Keys();
  const key = await keys.run("add", "studio", "--app", "live");
  assert.match(key, /^sk-[a-z2-7]{32}$/);
  assert.equal(statSync(keys.file).mode & 0o777, 0o600);
  await using server = await startServer(PLUGIN, keys.env);
  const path = await clip("av");
  for (const wrong of ["studio", `${key}x`, `studio?key=${key}x`]) {
    await using refused = publish(path, server.url("live", wrong), { realTime: true });
    assert.notEqual((await refused.ended()).code, 0);
  }
  await using elsewhere = publish(path, server.url("other", key), { realTime: true });
  assert.notEqual((await elsewhere.ended()).code, 0);
  const refusals = server.logs.filter(({ message }) => message === "publish refused");
  assert.deepEqual(
    refusals.map(({ properties: { plugin, reason } }) => [plugin, reason]),
    // What a client has said is masked, "key" too.
    ["key", "key", "***", "key"].map((word) => ["stream_keys", `Unknown stream ${word}`]),
  );
  await using _publisher = publish(path, server.url("live", key), { realTime: true, loop: true });
  await server.waitForLog("publishing", { app: "live", name: "studio" });
  assert.deepEqual(await playInAllWays(server, "live", "studio"), inAllWays("played"));
  const byKey = await fetch(`http://127.0.0.1:${server.httpPort}/live/${key}.flv?wait=0`);
  assert.equal(byKey.status, 404);
  await byKey.body?.cancel();
  assert.ok(!JSON.stringify((await server.api("/streams")).body).includes(key));
  assert.ok(!JSON.stringify((await server.api("/sessions")).body).includes(key));
  assert.ok(!server.output.includes(key), "keys are not logged");
  server.assertHealthy();
});

test("keys may be made and revoked while the server runs, which ends who publishes with one", async () => {
  using keys = new Keys();
  await keys.run("add", "other");
  await using server = await startServer(PLUGIN, keys.env);
  const key = await keys.run("add", "studio", "--one-publisher", "--expires", "1d");
  await server.waitForText("has changed: 2 keys");
  const path = await clip("av");
  await using publisher = publish(path, server.url("live", key), { realTime: true, loop: true });
  await server.waitForLog("publishing", { app: "live", name: "studio" });
  await using second = publish(path, server.url("live", `studio?key=${key}`), { realTime: true });
  assert.notEqual((await second.ended()).code, 0);
  await server.waitForLog("publish refused", { reason: "The stream *** is in use" });
  const [, id = ""] = /^([\da-f]{8}) {2}studio,.*one publisher$/m.exec(await keys.run("list")) ??
    [];
  await keys.run("revoke", id);
  await server.waitForLog("session ended", { reason: "stream_keys: the key was revoked" });
  assert.notEqual((await publisher.ended()).code, 0);
  await server.waitForLog("unpublished", { name: "studio", reason: "kicked" });
  server.assertHealthy();
});

test("without keys the server does not start, and says how one is made", async () => {
  const { code, stderr } = await runProgram(PLUGIN, {
    SLUICE_PLUGIN_STREAM_KEYS: '{ "file": "/nowhere/keys.json" }',
  });
  assert.equal(code, 78);
  assert.match(stderr, /keys\.json cannot be read: there is none; `sluice key add` makes it/);
});
