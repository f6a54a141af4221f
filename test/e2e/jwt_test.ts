/** The plugin `jwt`, with a real server, ffmpeg, every way to play, and recordings. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type JWTPayload, SignJWT } from "jose";
import { adobeAuthStep } from "../../src/service/outgoing/adobe_auth.ts";
import { clip } from "../support/clips.ts";
import { publish, published } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { inAllWays, playInAllWays } from "../support/ways.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const PLUGIN = ["--plugin", "plugins/jwt.ts", "--log-level", "trace"];

function envOf(options: object = {}): Record<string, string> {
  return { SLUICE_PLUGIN_JWT: JSON.stringify({ secrets: [SECRET], ...options }) };
}

function sign(claims: JWTPayload): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).setExpirationTime("1h")
    .sign(new TextEncoder().encode(SECRET));
}

test("a token lets in to publish, and to play in every way, from the query or the header", async () => {
  await using server = await startServer(PLUGIN, envOf());
  const toPublish = await sign({ publish: "live/a" });
  const toPlay = await sign({ play: ["vip/x", "live/*"] });
  const path = await clip("av");
  for (const wrong of ["a", `a?token=${toPlay}`, `b?token=${toPublish}`]) {
    await using refused = publish(path, server.url("live", wrong), { realTime: true });
    assert.notEqual((await refused.ended()).code, 0);
  }
  await using _publisher = publish(path, server.url("live", `a?token=${toPublish}`), {
    ...{ realTime: true, loop: true },
  });
  await server.waitForLog("publishing", { app: "live", name: "a" });
  const play = (query: string, headers = {}) => playInAllWays(server, "live", "a", query, headers);
  assert.deepEqual(await play(`?token=${toPlay}`), inAllWays("played"));
  assert.deepEqual(await play(""), inAllWays("Token required"));
  assert.deepEqual(await play("?token=x"), inAllWays("Token invalid"));
  assert.deepEqual(await play(`?token=${toPublish}`), inAllWays("The token is not to play this"));
  assert.deepEqual(await play("", { Authorization: `Bearer ${toPlay}` }), {
    ...inAllWays("played"),
    rtmp: "Token required",
  });
  const refused = server.logs.filter(({ message }) => / refused$/.test(message));
  assert.equal(refused.length, 3 + 3 * 4 + 1);
  assert.ok(refused.every(({ properties }) => properties.plugin === "jwt"));
  for (const token of [toPublish, toPlay]) {
    assert.ok(!server.output.includes(token.split(".")[2]!), "tokens are not logged");
  }
  server.assertHealthy();
});

test("an encoder logs in with a token as its user", async () => {
  await using server = await startServer(PLUGIN, envOf({ login: true }));
  const user = await sign({ publish: "live/a" });
  await using first = await RtmpClient.open(server.rtmpPort);
  const { description = "" } = await first.connect("live");
  const step = adobeAuthStep(description, { user, password: "any" }, false, "0badcafe");
  assert.ok(step !== undefined && "query" in step, description);
  await using second = await RtmpClient.open(server.rtmpPort);
  const { info } = await second.publish(`live?${step.query}`, "a");
  assert.equal(info.code, "NetStream.Publish.Start");
  await using other = await RtmpClient.open(server.rtmpPort);
  const refused = await other.connect(`live?${step.query}xx`);
  assert.equal(refused.description, "Token invalid");
  assert.ok(!server.output.includes(user.split(".")[2]!));
  server.assertHealthy();
});

test("recordings are for who may play the stream", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-jwt-"));
  try {
    await using server = await startServer([
      ...PLUGIN,
      ...["--record-folder", folder, "--record-streams", "live/*"],
    ], envOf());
    const token = await sign({ publish: "live/a", play: "live/a" });
    await using publisher = publish(await clip("av"), server.url("live", `a?token=${token}`));
    await published(publisher);
    await server.waitForLog("recorded", { name: "a" });
    const [file] = readdirSync(join(folder, "live", "a"));
    const url = `http://127.0.0.1:${server.httpPort}/live/a/recordings/${file}`;
    for (
      const [headers, status] of [
        [{}, 403],
        [{ Authorization: "Bearer x" }, 403],
        [{ Authorization: `Bearer ${token}` }, 200],
      ] as const
    ) {
      const response = await fetch(url, { headers });
      assert.equal(response.status, status);
      await response.body?.cancel();
    }
    await server.waitForLog("file refused", { plugin: "jwt", reason: "Token required" });
    server.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
