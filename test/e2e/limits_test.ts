/** The plugins `limits` and `ip_rules`, with a real server, ffmpeg and every way to play. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { publish } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { inAllWays, playInAllWays } from "../support/ways.ts";

function start(plugin: string, options: object): Promise<TestServer> {
  return startServer(["--plugin", `plugins/${plugin}.ts`, "--log-level", "trace"], {
    [`SLUICE_PLUGIN_${plugin.toUpperCase()}`]: JSON.stringify(options),
  });
}

/** Publishes a clip over and over, and waits until it is live. */
async function live(server: TestServer, name: string) {
  const publisher = publish(await clip("av"), server.url("live", name), {
    ...{ realTime: true, loop: true },
  });
  await server.waitForLog("publishing", { name });
  return publisher;
}

test("a stream that has all its viewers is refused in every way, and free again when one leaves", async () => {
  await using server = await start("limits", { viewersPerStream: 1 });
  await using _publisher = await live(server, "a");
  {
    await using viewer = await RtmpClient.open(server.rtmpPort);
    await viewer.play("live", "a");
    await viewer.statusOf("NetStream.Play.Start");
    const full = "The stream has as many viewers as it may have";
    assert.deepEqual(await playInAllWays(server, "live", "a"), inAllWays(full));
    await server.waitForLog("play refused", { plugin: "limits", reason: full });
  }
  await server.waitForLog("stopped playing", { name: "a" });
  await using next = await RtmpClient.open(server.rtmpPort);
  await next.play("live", "a");
  await next.statusOf("NetStream.Play.Start");
  server.assertHealthy();
});

test("a publisher is ended for its bits and for its minutes, and the log says which", async () => {
  await using server = await start("limits", {
    streams: {
      "live/much": { publisherKbps: 1 },
      "live/long": { publisherMinutes: 0.05 },
    },
  });
  await using much = await live(server, "much");
  await using long = await live(server, "long");
  await using _other = await live(server, "other");
  await server.waitForLog("session ended", { reason: "limits: published for as long as it may" });
  const reason = "limits: more bits a second than a publisher may send";
  await server.waitForLog("session ended", { reason });
  for (const publisher of [much, long]) assert.notEqual((await publisher.ended()).code, 0);
  assert.equal((await server.api("/streams/live/other")).status, 200);
  assert.equal(server.logs.filter(({ message }) => message === "session ended").length, 2);
  server.assertHealthy();
});

test("an address has so many connections, and another one is refused", async () => {
  await using server = await start("limits", { connectionsPerAddress: 2 });
  await using one = await RtmpClient.open(server.rtmpPort);
  await using two = await RtmpClient.open(server.rtmpPort);
  for (const client of [one, two]) assert.equal((await client.connect("live")).level, "status");
  assert.deepEqual(
    await playInAllWays(server, "live", "a"),
    inAllWays("Too many connections from this address"),
  );
  server.assertHealthy();
});

test("rules of addresses hold for publishing, and for playing in every way", async () => {
  const rules = [
    { deny: ["127.0.0.0/8"], to: ["play"], streams: ["live/closed"] },
    { deny: ["127.0.0.0/8"], to: ["publish"], streams: ["vip/*"] },
  ];
  await using server = await start("ip_rules", { rules });
  await using refused = publish(await clip("av"), server.url("vip", "a"), { realTime: true });
  assert.notEqual((await refused.ended()).code, 0);
  await using _closed = await live(server, "closed");
  await using _open = await live(server, "open");
  assert.deepEqual(await playInAllWays(server, "live", "open"), inAllWays("played"));
  assert.deepEqual(
    await playInAllWays(server, "live", "closed"),
    inAllWays("Not from this address"),
  );
  await server.waitForLog("publish refused", { plugin: "ip_rules" });
  server.assertHealthy();
});
