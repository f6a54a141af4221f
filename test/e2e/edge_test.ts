/** A server that is an edge of others: plays come from there, publishes go there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { definePlugin, refuse } from "../../mod.ts";
import type { PublishContext } from "../../src/plugin/mod.ts";
import { connect } from "../../src/client/mod.ts";
import { until } from "../support/deadline.ts";
import { digests, RelayServer, TestPlayer, TestPublisher } from "../support/relay_servers.ts";

/** An edge of these. */
const edgeOf = (...origins: readonly RelayServer[]) =>
  RelayServer.start({
    relay: { origin: origins.map(({ rtmpPort }) => `rtmp://127.0.0.1:${rtmpPort}`), idleMs: 500 },
    play: { waitMs: 1000 },
  });

test("viewers of an edge share one connection to the origin, over RTMP and HTTP-FLV", async () => {
  await using origin = await RelayServer.start();
  await using edge = await edgeOf(origin);
  await using publisher = await TestPublisher.start(origin.url("live", "cam"));
  await publisher.pictures(1);
  const players = await Promise.all(
    Array.from({ length: 20 }, () => TestPlayer.start(edge.url("live", "cam"))),
  );
  const flv = await fetch(`http://127.0.0.1:${edge.httpPort}/live/cam.flv`);
  assert.equal(flv.status, 200);
  await publisher.pictures(30);
  await Promise.all(players.map((player) => player.pictures(32)));
  for (const player of players) {
    assert.deepEqual(digests(player.heard, "video"), digests(publisher.sent, "video"));
  }
  assert.equal((await origin.stream("live", "cam"))?.players, 1);
  await flv.body?.cancel();
  for (const player of players) await player[Symbol.asyncDispose]();
  await until(async () => (await edge.relays()).length === 0, "the edge lets go");
});

test("what is published at an edge is at the origin, with the query and the address of its client", async () => {
  const asked: PublishContext[] = [];
  await using origin = await RelayServer.start({
    plugins: [definePlugin({
      name: "origin",
      onPublish(context) {
        asked.push(context);
        return context.query.get("key") === "right" ? undefined : refuse("The origin says no");
      },
    })],
  });
  await using edge = await edgeOf(origin);
  await assert.rejects(
    TestPublisher.start(`${edge.url("live", "cam")}?key=wrong`),
    /The origin says no/,
  );
  assert.equal(await edge.stream("live", "cam"), undefined);
  await using publisher = await TestPublisher.start(`${edge.url("live", "cam")}?key=right`);
  await origin.live("live", "cam");
  await using player = await TestPlayer.start(origin.url("live", "cam"));
  await publisher.pictures(30);
  await player.pictures(30);
  assert.deepEqual(digests(player.heard, "video"), digests(publisher.sent, "video"));
  assert.equal(asked.at(-1)?.rtmp?.forwardedFor, "127.0.0.1");
  assert.equal(asked.length, 2);
  await publisher.stop();
  await until(async () => await origin.stream("live", "cam") === undefined, "it is over there too");
});

test("viewers of an edge stay when an origin dies, and see on from the second one within 5 s", async () => {
  const first = await RelayServer.start();
  await using second = await RelayServer.start();
  await using edge = await edgeOf(first, second);
  await using one = await TestPublisher.start(first.url("live", "cam"));
  await using two = await TestPublisher.start(second.url("live", "cam"));
  one.run();
  two.run();
  const players = await Promise.all(
    Array.from({ length: 10 }, () => TestPlayer.start(edge.url("live", "cam"))),
  );
  await Promise.all(players.map((player) => player.pictures(20)));
  await first.stop();
  const counts = players.map(({ heard }) => heard.filter(({ kind }) => kind === "video").length);
  await Promise.all(players.map((player, index) => player.pictures(counts[index]! + 20)));
  for (const player of players) await player[Symbol.asyncDispose]();
});

test("an edge whose origin is away takes publishers, and brings it their streams when it is back", async () => {
  const origin = await RelayServer.start();
  const { rtmpPort } = origin;
  await using edge = await edgeOf(origin);
  await origin.stop();
  await using publisher = await TestPublisher.start(edge.url("live", "cam"));
  publisher.run();
  const relay = await edge.relay("it tries again", ({ failures }) => failures > 0);
  assert.equal(relay.error?.kind, "dial");
  await using back = await RelayServer.start({ rtmp: { port: rtmpPort } });
  await back.live("live", "cam");
});

test("a name that no origin has is answered as one that nobody publishes", async () => {
  await using origin = await RelayServer.start({ play: { waitMs: 100 } });
  await using edge = await edgeOf(origin);
  const client = await connect(edge.url("live", "nobody"));
  await assert.rejects(client.play(), /StreamNotFound/);
  await client.close();
  assert.deepEqual(await edge.relays(), []);
});
