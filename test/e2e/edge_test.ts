/** A server that is an edge of others: plays come from there, publishes go there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { definePlugin, refuse } from "../../mod.ts";
import type { PlayContext, PublishContext } from "../../src/plugin/mod.ts";
import { connect } from "../../src/client/mod.ts";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { publish } from "../support/ffmpeg.ts";
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

test("the query and the address of a viewer travel to the origin, without what is for the edge", async () => {
  const asked: PlayContext[] = [];
  await using origin = await RelayServer.start({
    plugins: [definePlugin({ name: "origin", onPlay: (context) => void asked.push(context) })],
  });
  await using edge = await edgeOf(origin);
  await using publisher = await TestPublisher.start(origin.url("live", "cam"));
  publisher.run();
  await using one = await TestPlayer.start(`${edge.url("live", "cam")}?token=a%26b&video=0&wait=1`);
  await one.pictures(5);
  await using two = await TestPlayer.start(`${edge.url("live", "cam")}?token=other`);
  await two.pictures(5);
  assert.equal(asked.length, 1, "decisions are made at the edge");
  assert.deepEqual([...asked[0]!.query], [["token", "a&b"]]);
  assert.equal(asked[0]!.rtmp?.forwardedFor, "127.0.0.1");
});

test("an origin that decides refuses viewers of every protocol at the edge, with its reason", async () => {
  const asked: string[] = [];
  await using origin = await RelayServer.start({
    plugins: [definePlugin({
      name: "origin",
      onPlay({ query }) {
        const token = query.get("token") ?? "";
        asked.push(token);
        return token.startsWith("right") ? undefined : refuse("The origin is not for you");
      },
    })],
  });
  await using edge = await RelayServer.start({
    relay: { origin: [`rtmp://127.0.0.1:${origin.rtmpPort}`], decides: "origin" },
    play: { waitMs: 2000 },
  });
  await using publisher = await TestPublisher.start(origin.url("live", "cam"));
  publisher.run();
  const at = (path: string) => fetch(`http://127.0.0.1:${edge.httpPort}/live/cam${path}`);
  const tryAll = async () => {
    await assert.rejects(
      TestPlayer.start(`${edge.url("live", "cam")}?token=wrong`),
      /The origin is not for you/,
    );
    for (const path of [".flv?token=wrong", "/index.m3u8?token=wrong"]) {
      const response = await at(path);
      assert.equal(response.status, 403, path);
      assert.match(await response.text(), /The origin is not for you/);
    }
  };
  await tryAll();
  assert.deepEqual(await edge.relays(), [], "nothing is pulled for who may not watch");
  await using player = await TestPlayer.start(`${edge.url("live", "cam")}?token=right-1`);
  await player.pictures(5);
  await tryAll();
  const flv = await at(".flv?token=right-2");
  const hls = await at("/index.m3u8?token=right-3");
  assert.deepEqual([flv.status, hls.status], [200, 200]);
  await flv.body?.cancel();
  await hls.body?.cancel();
  assert.ok(["right-1", "right-2", "right-3"].every((token) => asked.includes(token)));
  assert.equal((await origin.stream("live", "cam"))?.players, 1, "one upstream for all");
});

test("an origin that decides lets a viewer wait for who publishes, and lets nobody in when it is away", async () => {
  const origin = await RelayServer.start();
  await using edge = await RelayServer.start({
    relay: { origin: [`rtmp://127.0.0.1:${origin.rtmpPort}`], decides: "origin" },
  });
  const early = TestPlayer.start(edge.url("live", "cam"));
  await until(
    async () => (await edge.relays()).some(({ direction }) => direction === "pull"),
    "it was let in, and is pulled for",
  );
  const publisher = await TestPublisher.start(origin.url("live", "cam"));
  publisher.run();
  await using player = await early;
  await player.pictures(5);
  await publisher.stop();
  await origin.stop();
  await assert.rejects(TestPlayer.start(edge.url("live", "cam")), /The origin does not answer/);
});

test("viewers of HLS alone have a stream pulled, and one that nobody has is not found", async () => {
  await using origin = await RelayServer.start({ play: { waitMs: 200 } });
  await using edge = await edgeOf(origin);
  await using _ = publish(await clip("av"), origin.url("live", "cam"), {
    realTime: true,
    loop: true,
  });
  await origin.live("live", "cam");
  const base = `http://127.0.0.1:${edge.httpPort}/live`;
  const [one, two] = await Promise.all([
    fetch(`${base}/cam/index.m3u8`),
    fetch(`${base}/cam/index.m3u8`),
  ]);
  assert.deepEqual([one.status, two.status], [200, 200], await one.text());
  await two.body?.cancel();
  assert.equal((await origin.stream("live", "cam"))?.players, 1);
  const none = await fetch(`${base}/nobody/index.m3u8`);
  assert.equal(none.status, 404);
  await none.body?.cancel();
});
