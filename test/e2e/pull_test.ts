/** Streams that are pulled from other servers: on demand, always, from the next source when one ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { TestNginx, unusedPort } from "../support/nginx.ts";
import { needs } from "../support/programs.ts";
import {
  digests,
  RelayServer,
  TcpServer,
  TestPlayer,
  TestPublisher,
} from "../support/relay_servers.ts";

const pulling = (rule: string, more: object = {}, play: object = {}) =>
  RelayServer.start({ relay: { pull: [rule], ...more }, play });

test("a stream that is asked for is pulled once for all, the same frame by frame, and dropped when nobody watches", async () => {
  await using source = await RelayServer.start();
  await using edge = await pulling(`in/* ${source.url("live", "{name}")}`, { idleMs: 500 });
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  await publisher.pictures(1);
  {
    await using one = await TestPlayer.start(edge.url("in", "cam"));
    await using two = await TestPlayer.start(edge.url("in", "cam"));
    await Promise.all([one.pictures(2), two.pictures(2)]);
    await publisher.pictures(50);
    await Promise.all([one.pictures(52), two.pictures(52)]);
    for (const kind of ["video", "audio"] as const) {
      assert.deepEqual(digests(one.heard, kind), digests(publisher.sent, kind), kind);
      assert.deepEqual(digests(two.heard, kind), digests(publisher.sent, kind), kind);
    }
    assert.equal((await source.stream("live", "cam"))?.players, 1, "one upstream for both");
    const [relay] = await edge.relays();
    assert.equal(relay?.state, "playing");
    assert.equal(relay?.direction, "pull");
    assert.doesNotMatch(relay!.url, /cam/);
    const stream = await edge.stream("in", "cam");
    assert.equal(stream?.players, 2);
    assert.ok(stream.bytesIn > 1000);
  }
  await until(async () => (await edge.relays()).length === 0, "it is dropped");
  assert.equal(await edge.stream("in", "cam"), undefined);
  await until(async () => (await source.stream("live", "cam"))?.players === 0, "upstream too");
});

test("a stream that is always pulled needs no viewer, and comes back with its source", async () => {
  await using source = await RelayServer.start();
  await using edge = await pulling(`in/cam ${source.url("live", "cam")} always`);
  {
    await using publisher = await TestPublisher.start(source.url("live", "cam"));
    publisher.run();
    await edge.live("in", "cam");
  }
  await edge.relay("it is without its source", ({ state }) => state !== "playing");
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  publisher.run();
  await edge.relay("it is back", ({ state }) => state === "playing");
});

test("two servers that always pull a stream from each other both say that it is a loop, until somebody publishes it", async () => {
  const port = await unusedPort();
  await using one = await pulling(`live/cam rtmp://127.0.0.1:${port}/live/cam always`);
  await using two = await RelayServer.start({
    relay: { pull: [`live/cam ${one.url("live", "cam")} always`] },
    rtmp: { port },
  });
  for (const server of [one, two]) {
    await server.relay("it is a loop", ({ error }) => error?.kind === "loop");
  }
  await using publisher = await TestPublisher.start(two.url("live", "cam"));
  publisher.run();
  await one.relay("it is pulled", ({ state }) => state === "playing");
});

test("when a source dies the next one takes over, and viewers stay", async () => {
  const first = await RelayServer.start();
  await using second = await RelayServer.start();
  await using edge = await pulling(`in/* ${first.url("a", "{name}")} ${second.url("b", "{name}")}`);
  await using one = await TestPublisher.start(first.url("a", "cam"));
  await using two = await TestPublisher.start(second.url("b", "cam"));
  one.run();
  two.run();
  await using player = await TestPlayer.start(edge.url("in", "cam"));
  await player.pictures(20);
  await first.stop();
  const before = player.heard.filter(({ kind }) => kind === "video").length;
  await player.pictures(before + 30);
  await edge.relay(
    "the second source plays",
    ({ state, url }) => state === "playing" && url.includes(`:${second.rtmpPort}/`),
  );
  let last = -Infinity;
  for (const { kind, timestamp } of player.heard) {
    if (kind !== "video") continue;
    assert.ok(timestamp > last - 1000, `time goes back from ${last} to ${timestamp}`);
    last = timestamp;
  }
});

test("HTTP-FLV is pulled, in chunks and with a redirect", async () => {
  await using source = await RelayServer.start();
  await using redirecting = await TcpServer.start((socket) => {
    socket.on("data", () => {
      const to = `http://127.0.0.1:${source.httpPort}/live/cam.flv`;
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  await using edge = await pulling(`in/* http://127.0.0.1:${redirecting.port}/x/{name}.flv`);
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  publisher.run();
  await using player = await TestPlayer.start(edge.url("in", "cam"));
  await player.pictures(30);
  const [relay] = await edge.relays();
  assert.equal(relay?.url, `http://127.0.0.1:${source.httpPort}/live/***`);
});

test("sources that refuse, say nonsense or nothing end in an answer to who asked", async () => {
  await using garbage = await TcpServer.start((socket) => {
    socket.on("data", () => socket.write("nonsense ".repeat(1000)));
  });
  await using silent = await TcpServer.start(() => {});
  await using edge = await pulling(
    `in/* rtmp://127.0.0.1:${garbage.port}/x/{name} http://127.0.0.1:${garbage.port}/{name}.flv` +
      ` rtmp://127.0.0.1:${silent.port}/x/{name}`,
    { timeoutMs: 300 },
    { waitMs: 100 },
  );
  const player = await TestPlayer.start(edge.url("in", "cam")).catch((error) => error);
  assert.match(String(player), /StreamNotFound/);
  assert.deepEqual(await edge.relays(), []);
  assert.equal((await edge.stream("in", "cam"))?.publisher ?? null, null);
});

test(...needs("nginxRtmp", "nginx is pulled from and pushed to"), async () => {
  await using nginx = await TestNginx.start();
  await using source = await RelayServer.start();
  await source.push("live", "cam", `rtmp://127.0.0.1:${nginx.port}/live/cam-key`);
  await using edge = await pulling(`in/* rtmp://127.0.0.1:${nginx.port}/live/{name}-key`);
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  publisher.run();
  await source.relay("nginx takes it", ({ state }) => state === "publishing");
  await using player = await TestPlayer.start(edge.url("in", "cam"));
  await player.pictures(50);
  const sent = new Set(digests(publisher.sent, "video"));
  assert.ok(digests(player.heard, "video").every((digest) => sent.has(digest)), "nothing changed");
});
