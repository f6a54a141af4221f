import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { Decoder, publish, published } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { runProgram, startServer } from "../support/server.ts";

const SECRET = { SLUICE_TOKEN_SECRET: "0123456789abcdef0123456789abcdef" };
const GUARDED = ["--plugin", "plugins/token_auth.ts", "--log-level", "trace"];

/** A token from the tool that an operator uses. */
async function sign(action: "publish" | "play", path: string, env = SECRET): Promise<string> {
  const { code, stdout, stderr } = await runProgram(
    [action, path, "60"],
    env,
    "tools/sign_token.ts",
  );
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

test("with token_auth ffmpeg publishes and plays with the right token", async () => {
  await using server = await startServer(GUARDED, SECRET);
  const [toPublish, toPlay] = await Promise.all([
    sign("publish", "live/a"),
    sign("play", "live/a"),
  ]);
  const path = await clip("av");
  await using publisher = publish(path, server.url("live", `a?token=${toPublish}`), {
    realTime: true,
  });
  await server.waitForLog("publishing", { app: "live", name: "a" });
  await using player = new Decoder(server.url("live", `a?token=${toPlay}`));
  await player.firstFrame();
  await published(publisher);
  assert.ok((await player.frames()).length > 20);
  const { stdout } = await server.stop();
  for (const token of [toPublish, toPlay]) {
    assert.ok(!stdout.includes(token), "tokens are not logged");
    assert.ok(!stdout.includes(token.split(".")[1]!), "nor are their signatures");
  }
});

test("with token_auth ffmpeg is refused without a token, or with that of something else", async () => {
  await using server = await startServer(GUARDED, SECRET);
  const path = await clip("av");
  const wrong = await Promise.all([
    sign("play", "live/a"),
    sign("publish", "live/b"),
    sign("publish", "live/a", { SLUICE_TOKEN_SECRET: "another secret of 32 characters!" }),
  ]);
  for (const query of ["", ...wrong.map((token) => `?token=${token}`)]) {
    await using publisher = publish(path, server.url("live", `a${query}`), { realTime: true });
    const { code } = await publisher.ended();
    assert.notEqual(code, 0, query);
  }
  await using player = new Decoder(server.url("live", "a"));
  assert.notEqual((await player.ended()).code, 0);
  // What it logs may come behind the end of the client.
  await server.waitForLog("play refused");
  const said = server.logs.map(({ message }) => message);
  assert.equal(said.filter((message) => message === "publish refused").length, 4);
  assert.equal(said.filter((message) => message === "play refused").length, 1);
  assert.ok(!said.includes("publishing"));
  assert.deepEqual((await server.api("/streams")).body, { streams: [], total: 0 });
});

test("a refused client is told why with onStatus, and may try again on its connection", async () => {
  await using server = await startServer(GUARDED, SECRET);
  // Whoever was refused has a second to try again.
  const token = await sign("publish", "live/a");
  await using client = await RtmpClient.open(server.rtmpPort);
  const { id, info } = await client.publish("live", "a?token=1.x");
  assert.equal(info.level, "error");
  assert.match(info.code ?? "", /^NetStream\.Publish\./);
  assert.equal(info.description, "Token required");
  client.command(id, "publish", null, `a?token=${token}`, "live");
  assert.equal((await client.status()).code, "NetStream.Publish.Start");
});

test("a token in the URL of the application counts as well", async () => {
  await using server = await startServer(GUARDED, SECRET);
  const token = await sign("publish", "live/a");
  await using client = await RtmpClient.open(server.rtmpPort);
  const { info } = await client.publish(`live?token=${token}`, "a");
  assert.equal(info.code, "NetStream.Publish.Start");
  assert.equal((await server.api("/streams/live/a")).status, 200);
});
