/** The plugin `signed_urls` and the command `sign`, with a real server, ffmpeg and every way to play. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { publish } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { runProgram, startServer } from "../support/server.ts";
import { inAllWays, playInAllWays } from "../support/ways.ts";

const SECRETS = ["0123456789abcdef0123456789abcdef", "the secret that was used until now"];
const PLUGIN = ["--plugin", "plugins/signed_urls.ts", "--log-level", "trace"];

function envOf(options: object): Record<string, string> {
  return { SLUICE_PLUGIN_SIGNED_URLS: JSON.stringify(options) };
}

/** A query of the command, with a question mark in front. */
async function sign(secret: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram(
    ["sign", ...args],
    envOf({ secrets: [secret] }),
  );
  assert.equal(code, 0, stderr);
  return `?${stdout.trim()}`;
}

test("a signed URL lets in to publish, and to play in every way, with either secret", async () => {
  await using server = await startServer(PLUGIN, envOf({ secrets: SECRETS }));
  const [toPublish, toPlay, old, away] = await Promise.all([
    sign(SECRETS[0]!, "publish", "live/a"),
    sign(SECRETS[0]!, "play", "live/a"),
    sign(SECRETS[1]!, "play", "live/*", "--from", "127.0.0.0/8"),
    sign(SECRETS[0]!, "play", "live/a", "--from", "192.0.2.1"),
  ]);
  const path = await clip("av");
  for (const wrong of ["", toPlay]) {
    await using refused = publish(path, server.url("live", `a${wrong}`), { realTime: true });
    assert.notEqual((await refused.ended()).code, 0);
  }
  await using _publisher = publish(path, server.url("live", `a${toPublish}`), {
    ...{ realTime: true, loop: true },
  });
  await server.waitForLog("publishing", { app: "live", name: "a" });
  const play = (query: string) => playInAllWays(server, "live", "a", query);
  assert.deepEqual(await play(toPlay), inAllWays("played"));
  assert.deepEqual(await play(old), inAllWays("played"));
  assert.deepEqual(await play(""), inAllWays("Token required"));
  assert.deepEqual(await play(toPublish), inAllWays("Token invalid"));
  assert.deepEqual(await play(away), inAllWays("Token for another address"));
  const refused = server.logs.filter(({ message }) => / refused$/.test(message));
  assert.equal(refused.length, 2 + 3 * 4);
  assert.ok(refused.every(({ properties }) => properties.plugin === "signed_urls"));
  for (const query of [toPublish, toPlay, old]) {
    const mac = /\.([\w-]{43})/.exec(query)![1]!;
    assert.ok(!server.output.includes(mac), "signatures are not logged");
  }
  server.assertHealthy();
});

test("by choice publisher and players are ended when their tokens expire", async () => {
  await using server = await startServer(PLUGIN, envOf({ secrets: SECRETS, afterExpiry: "end" }));
  const path = await clip("av");
  const [toPublish, toPlay] = await Promise.all([
    sign(SECRETS[0]!, "publish", "live/a", "--expires", "1h"),
    sign(SECRETS[0]!, "play", "live/a", "--expires", "15s"),
  ]);
  await using _publisher = publish(path, server.url("live", `a${toPublish}`), {
    ...{ realTime: true, loop: true },
  });
  await server.waitForLog("publishing");
  const http = `http://127.0.0.1:${server.httpPort}/live/a`;
  await using rtmp = await RtmpClient.open(server.rtmpPort);
  await rtmp.play("live", `a${toPlay}`);
  await rtmp.statusOf("NetStream.Play.Start");
  const flv = await fetch(`${http}.flv${toPlay}`);
  const master = await (await fetch(`${http}/index.m3u8${toPlay}`)).text();
  const [, variant] = /\n(~.*\.m3u8)\n/.exec(master)!;
  const playlist = new URL(variant!, `${http}/index.m3u8`);
  const first = await fetch(playlist);
  await first.body?.cancel();
  assert.equal(first.status, 200);
  // The whole of it: it ends with the token.
  await flv.body!.pipeTo(new WritableStream()).catch(() => {});
  await rtmp.closed;
  await until(
    () => {
      const reason = "signed_urls: the token has expired";
      const ended = server.logs.filter(({ message }) => message === "session ended");
      return Promise.resolve(
        ended.length === 3 && ended.every(({ properties }) => properties.reason === reason),
      );
    },
    "the ends of three players",
  );
  const again = await fetch(playlist);
  await again.body?.cancel();
  assert.equal(again.status, 404);
  assert.equal((await server.api("/streams/live/a")).status, 200);
  server.assertHealthy();
});
