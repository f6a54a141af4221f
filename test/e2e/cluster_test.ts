/** Nodes of a cluster, connected by a real nats-server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamView } from "../../src/http/mod.ts";
import { until } from "../support/deadline.ts";
import { TestNats } from "../support/nats.ts";
import { needs } from "../support/programs.ts";
import { definePlugin, refuse } from "../../mod.ts";
import { digests, RelayServer, TestPlayer, TestPublisher } from "../support/relay_servers.ts";

/** A node in this process that is in the cluster already. */
async function nodeOf(nats: TestNats, node: string, more = {}): Promise<RelayServer> {
  const server = await RelayServer.start({
    ...more,
    cluster: { url: [nats.url], node, leaseMs: 900 },
    play: { waitMs: 2000 },
    // Nobody is there: what counts is who tries.
    relay: { allowPrivate: false, idleMs: 300, push: ["live/cam rtmp://192.0.2.1/x/{name}"] },
  });
  await until(async () => (await health(server)).connected, `${node} is in the cluster`);
  return server;
}

async function health(server: RelayServer) {
  const body = await (await server.api("GET", "/health")).json() as {
    cluster: { connected: boolean; nodes: { node: string }[]; streams: number };
  };
  return body.cluster;
}

/** Targets that each of these pushes streams to. */
async function pushers(...servers: readonly RelayServer[]): Promise<number[]> {
  const relays = await Promise.all(servers.map((server) => server.relays()));
  return relays.map((some) => some.filter(({ direction }) => direction === "push").length);
}

async function clusterStreams(server: RelayServer): Promise<StreamView[]> {
  const response = await server.api("GET", "/streams?scope=cluster");
  assert.equal(response.status, 200);
  return ((await response.json()) as { streams: StreamView[] }).streams;
}

test(
  ...needs("nats", "what is published at a node is played at any, unchanged, over one connection"),
  async () => {
    await using nats = await TestNats.start();
    // Whoever plays is let in where he is: the other nodes are not asked again.
    const asked: string[] = [];
    const gate = (node: string) => ({
      plugins: [definePlugin({
        name: "gate",
        onPlay(context) {
          asked.push(node);
          return context.query.get("key") === "right" ? undefined : refuse("no");
        },
      })],
    });
    await using one = await nodeOf(nats, "one", gate("one"));
    await using two = await nodeOf(nats, "two", gate("two"));
    await using three = await nodeOf(nats, "three", gate("three"));
    const url = (server: RelayServer) => `${server.url("live", "cam")}?key=right`;
    await using publisher = await TestPublisher.start(url(one));
    await publisher.pictures(1);
    const players = await Promise.all(
      [two, two, two, three, three].map((server) => TestPlayer.start(url(server))),
    );
    await publisher.pictures(30);
    for (const player of players) {
      await player.pictures(32);
      assert.deepEqual(digests(player.heard, "video"), digests(publisher.sent, "video"));
    }
    assert.equal((await one.stream("live", "cam"))?.players, 2);
    assert.deepEqual(await pushers(one, two, three), [1, 0, 0]);
    assert.deepEqual(asked.sort(), ["three", "three", "two", "two", "two"]);
    for (const server of [one, two, three]) {
      const [stream, ...others] = await clusterStreams(server);
      assert.deepEqual(others, []);
      assert.equal(stream?.node, "one");
      assert.equal(stream?.players, 5);
    }
    const { nodes } = await health(two);
    assert.deepEqual(nodes.map(({ node }) => node).sort(), ["one", "three", "two"]);
    for (const player of players) await player[Symbol.asyncDispose]();
    await until(async () => (await two.relays()).length === 0, "the others let go");
  },
);

test(
  ...needs(
    "nats",
    "a name has one owner in the cluster, and a silent one loses it to another node",
  ),
  async () => {
    await using nats = await TestNats.start();
    await using one = await nodeOf(nats, "one", { publish: { policy: "reject" } });
    await using two = await nodeOf(nats, "two", { publish: { policy: "replace" } });
    await using three = await nodeOf(nats, "three", { publish: { policy: "replace" } });
    await using first = await TestPublisher.start(one.url("live", "cam"));
    first.run();
    await assert.rejects(
      TestPublisher.start(two.url("live", "cam")),
      /already being published/,
    );
    await using viewer = await TestPlayer.start(two.url("live", "cam"));
    await viewer.pictures(5);
    await first.stop();
    await viewer.over;
    await using second = await TestPublisher.start(two.url("live", "cam"));
    second.run();
    await until(async () => (await health(two)).streams === 1, "the other node has it");
    // With this policy whoever comes gets the name, and those who watch go along.
    await using watching = await TestPlayer.start(two.url("live", "cam"));
    await watching.pictures(5);
    await using third = await TestPublisher.start(three.url("live", "cam"));
    third.run();
    const seen = watching.heard.length;
    await until(
      () => Promise.resolve(watching.heard.length > seen + 40),
      "viewers of the node that lost it see on",
    );
    assert.equal((await clusterStreams(two))[0]?.node, "three");
    assert.deepEqual(await pushers(two, three), [0, 1]);
    // And back, to the node that pulls it for those.
    await using fourth = await TestPublisher.start(two.url("live", "cam"));
    fourth.run();
    const again = watching.heard.length;
    await until(
      () => Promise.resolve(watching.heard.length > again + 40),
      "they see on once more",
    );
    assert.deepEqual(await pushers(two, three), [1, 0]);
    assert.equal((await clusterStreams(two))[0]?.node, "two");
    assert.equal((await clusterStreams(two)).length, 1);
  },
);

test("a server that is alone has no streams of a cluster", async () => {
  await using server = await RelayServer.start();
  assert.equal((await server.api("GET", "/streams?scope=cluster")).status, 400);
  assert.equal(await health(server), undefined);
});
