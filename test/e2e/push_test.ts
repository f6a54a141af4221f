/** Streams that are pushed to other servers: of this kind, nginx, ffmpeg, and such as do harm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clip } from "../support/clips.ts";
import { until, within } from "../support/deadline.ts";
import { FFMPEG, publish } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import {
  digests,
  RelayServer,
  TcpServer,
  TestPlayer,
  TestPublisher,
} from "../support/relay_servers.ts";

test("a stream that is pushed to another server is the same there, frame by frame, to its end", async () => {
  await using target = await RelayServer.start();
  await using source = await RelayServer.start({
    relay: { push: [`live/* rtmp://127.0.0.1:${target.rtmpPort}/copy/{name}-too`] },
  });
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  await target.live("copy", "cam-too");
  await using player = await TestPlayer.start(target.url("copy", "cam-too"));
  await publisher.pictures(100);
  await publisher.stop();
  await player.over;
  for (const kind of ["video", "audio"] as const) {
    assert.deepEqual(digests(player.heard, kind), digests(publisher.sent, kind), kind);
  }
  assert.equal((await source.relays()).length, 0);
});

test("a target is told by the API, is seen there without its key, and ends when it is told", async () => {
  await using target = await RelayServer.start();
  await using source = await RelayServer.start();
  const url = target.url("in", "my-secret-key?token=hush-hush");
  const made = await source.push("live", "cam", url);
  assert.equal(made.state, "waiting");
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  publisher.run();
  const relay = await source.relay(
    "it publishes",
    ({ state, bitrate }) => state === "publishing" && bitrate > 0,
  );
  assert.equal(relay.id, made.id);
  assert.equal(relay.url, `rtmp://127.0.0.1:${target.rtmpPort}/in/***`);
  assert.equal(relay.error, null);
  const stream = await target.live("in", "my-secret-key");
  assert.ok(stream.video?.codec === "avc");
  const mine = await source.stream("live", "cam");
  assert.equal(mine?.players, 0, "a target is no viewer");
  const said = JSON.stringify(await source.relays());
  assert.doesNotMatch(said, /my-secret-key|hush/);
  assert.equal((await source.api("DELETE", `/relays/${made.id}`)).status, 204);
  await until(
    async () => await target.stream("in", "my-secret-key") === undefined,
    "it is over there",
  );
  assert.equal((await source.api("DELETE", `/relays/${made.id}`)).status, 404);
  assert.deepEqual(await source.relays(), []);
});

test("a target that leads to this server itself is refused, and called a loop", async () => {
  await using source = await RelayServer.start();
  await source.push("live", "cam", source.url("live", "cam"));
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  publisher.run();
  const relay = await source.relay("it is a loop", ({ error }) => error !== null);
  assert.equal(relay.error?.kind, "loop");
  assert.equal((await source.stream("live", "cam"))?.publisher?.address.startsWith("127."), true);
});

test("a loop over another server is found, and the stream goes on", async () => {
  await using one = await RelayServer.start();
  await using two = await RelayServer.start();
  await one.push("live", "cam", two.url("live", "cam"));
  await two.push("live", "cam", one.url("live", "cam"));
  await using publisher = await TestPublisher.start(one.url("live", "cam"));
  publisher.run();
  const relay = await two.relay("it is a loop", ({ error }) => error !== null);
  assert.equal(relay.error?.kind, "loop");
  await one.relay("the first one publishes", ({ state }) => state === "publishing");
});

test("addresses that are not public are refused, unless they are allowed", async () => {
  await using target = await RelayServer.start();
  await using source = await RelayServer.start({ relay: { allowPrivate: false } });
  await source.push("live", "cam", target.url("in", "x"));
  await source.push("live", "cam", `rtmp://localhost:${target.rtmpPort}/in/y`);
  await using _publisher = await TestPublisher.start(source.url("live", "cam"));
  await until(async () => {
    const relays = await source.relays();
    return relays.every(({ error }) => error?.kind === "address");
  }, "both are refused");
  assert.equal(await target.stream("in", "x"), undefined);
});

test("targets that refuse, drop, stay silent or talk nonsense leave the stream and others alone", async () => {
  await using good = await RelayServer.start();
  await using silent = await TcpServer.start(() => {});
  await using garbage = await TcpServer.start((socket) =>
    void socket.write("HTTP/1.1 400 Bad\r\n\r\n".repeat(500))
  );
  await using dropping = await TcpServer.start((socket) =>
    void socket.on("data", () => socket.destroy())
  );
  const closed = await TcpServer.start(() => {});
  await closed[Symbol.asyncDispose]();
  await using source = await RelayServer.start({ relay: { timeoutMs: 300 } });
  const to = (port: number) => `rtmp://127.0.0.1:${port}/in/x`;
  for (const { port } of [silent, garbage, dropping, closed]) {
    await source.push("live", "cam", to(port));
  }
  await source.push("live", "cam", good.url("in", "x"));
  await using publisher = await TestPublisher.start(source.url("live", "cam"));
  publisher.run();
  const kinds: Record<number, string[]> = {
    [silent.port]: ["timeout"],
    [garbage.port]: ["protocol"],
    [dropping.port]: ["closed"],
    [closed.port]: ["dial"],
  };
  for (const [port, kind] of Object.entries(kinds)) {
    const relay = await source.relay(
      `${kind} of ${port}`,
      ({ url, failures }) => url.includes(`:${port}/`) && failures > 1,
    );
    assert.ok(kind.includes(relay.error!.kind), JSON.stringify(relay));
  }
  await source.relay("the good one publishes", ({ state }) => state === "publishing");
  await using player = await TestPlayer.start(good.url("in", "x"));
  await player.pictures(20);
});

test("ffmpeg that listens is pushed to, and writes what was sent", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-listen-"));
  try {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const file = join(folder, "heard.flv");
    await using source = await RelayServer.start();
    await source.push("live", "cam", `rtmp://127.0.0.1:${port}/app/key`);
    await using _publisher = publish(await clip("av"), source.url("live", "cam"), {
      realTime: true,
      loop: true,
    });
    await using listener = new TestProcess(FFMPEG, [
      ...["-v", "error", "-nostdin", "-listen", "1", "-i", `rtmp://127.0.0.1:${port}/app/key`],
      ...["-c", "copy", "-t", "2", "-f", "flv", file],
    ]);
    const { code, stderr } = await within(listener.exit, "ffmpeg has heard enough");
    assert.equal(code, 0, stderr);
    assert.ok(statSync(file).size > 10_000);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
