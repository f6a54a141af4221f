/** Sluice as a library: servers made by another program, several in one process. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConfigError,
  createServer,
  definePlugin,
  ListenError,
  refuse,
  rename,
  type ServerConfig,
  type Tuning,
  UsageError,
} from "../mod.ts";
import { encodeAmf } from "./support/amf0.ts";
import { RtmpClient, Type } from "./support/rtmp_client.ts";
import { keyFrame, VIDEO_HEADER } from "./support/media.ts";

const ANY_PORT = { rtmp: { port: 0 }, http: { port: 0 } };

async function streamsOf(port: number): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${port}/streams`);
  const body = await response.json() as { streams: { app: string; name: string }[] };
  return body.streams.map(({ app, name }) => `${app}/${name}`);
}

test("two servers in one process share nothing", async () => {
  const [one, two] = [createServer(ANY_PORT), createServer(ANY_PORT)];
  const [first, second] = [await one.start(), await two.start()];
  try {
    assert.notEqual(first.rtmp.port, second.rtmp.port);
    await using publisher = await RtmpClient.open(first.rtmp.port);
    const { id } = await publisher.publish("live", "only-here");
    publisher.send(Type.Video, id, 0, VIDEO_HEADER);
    publisher.send(Type.Video, id, 0, keyFrame(100));
    await using player = await RtmpClient.open(first.rtmp.port);
    await player.play("live", "only-here");
    await player.waitFor(({ type }) => type === Type.Video, "video");
    assert.deepEqual(await streamsOf(first.http.port), ["live/only-here"]);
    assert.deepEqual(await streamsOf(second.http.port), []);
    await two.stop();
    assert.deepEqual(await streamsOf(first.http.port), ["live/only-here"]);
  } finally {
    await Promise.all([one.stop(), two.stop()]);
  }
});

test("plugins of an embedding program decide, under the public name they choose", async () => {
  const server = createServer({
    ...ANY_PORT,
    plugins: [definePlugin({
      name: "keys",
      onPublish: ({ name }) => name === "secret-key" ? rename("public") : refuse("unknown key"),
    })],
  });
  const { rtmp, http } = await server.start();
  try {
    await using bad = await RtmpClient.open(rtmp.port);
    const { info } = await bad.publish("live", "guess");
    assert.equal(info.code, "NetStream.Publish.Denied");
    assert.equal(info.description, "unknown key");
    await using good = await RtmpClient.open(rtmp.port);
    await good.publish("live", "secret-key");
    assert.deepEqual(await streamsOf(http.port), ["live/public"]);
  } finally {
    await server.stop();
  }
});

test("starting twice gives the same addresses, stopping twice waits for one stop", async () => {
  const other = createServer(ANY_PORT);
  await other.stop();
  const [a, b] = await Promise.all([other.start(), other.start()]);
  assert.deepEqual(a, b);
  assert.deepEqual(await other.start(), a);
  await Promise.all([other.stop(), other.stop()]);
  await assert.rejects(fetch(`http://127.0.0.1:${a.http.port}/streams`));
});

test("a server that was stopped starts again on the same ports, and knows nothing of before", async () => {
  const one = createServer(ANY_PORT);
  const first = await one.start();
  await one.stop();
  const server = createServer({
    rtmp: { port: first.rtmp.port },
    http: { port: first.http.port },
  });
  for (let time = 0; time < 3; time++) {
    const { rtmp, http } = await server.start();
    assert.deepEqual([rtmp.port, http.port], [first.rtmp.port, first.http.port]);
    assert.deepEqual(await streamsOf(http.port), []);
    await using publisher = await RtmpClient.open(rtmp.port);
    await publisher.publish("live", "again");
    assert.deepEqual(await streamsOf(http.port), ["live/again"]);
    await server.stop();
    await assert.rejects(fetch(`http://127.0.0.1:${http.port}/streams`));
    await assert.rejects(RtmpClient.open(rtmp.port));
  }
});

test("stop during start leaves nothing listening, and the next start does", async () => {
  const one = createServer(ANY_PORT);
  const { rtmp, http } = await one.start();
  await one.stop();
  const server = createServer({ rtmp: { port: rtmp.port }, http: { port: http.port } });
  const asked = [server.start(), server.stop(), server.start(), server.start(), server.stop()];
  const states = (await Promise.allSettled(asked)).map(({ status }) => status);
  assert.deepEqual(states, ["rejected", "fulfilled", "rejected", "rejected", "fulfilled"]);
  await assert.rejects(RtmpClient.open(rtmp.port));
  const [again, , last] = await Promise.allSettled([
    server.start(),
    server.stop(),
    server.start(),
  ]);
  assert.deepEqual([again!.status, last!.status], ["rejected", "fulfilled"]);
  assert.deepEqual(await streamsOf(http.port), []);
  await Promise.all([server.stop(), server.stop()]);
  await assert.rejects(RtmpClient.open(rtmp.port));
});

test("a start that failed for a port in use works once the port is free", async () => {
  const one = createServer(ANY_PORT);
  const { http } = await one.start();
  const two = createServer({ rtmp: { port: 0 }, http: { port: http.port } });
  await assert.rejects(two.start(), ListenError);
  await one.stop();
  assert.equal((await two.start()).http.port, http.port);
  await two.stop();
});

test("mistakes in the configuration are told all at once", () => {
  assert.throws(
    () =>
      createServer(
        { rtmp: { port: 99999 }, log: { level: "loud" as "info" }, rtmpPort: 1 } as ServerConfig,
        { tuning: { maxAmfDepth: 0 } },
      ),
    (error) =>
      error instanceof ConfigError && error.mistakes.length === 4 &&
      error.message.includes("options: rtmpPort is now rtmp.port\n"),
  );
});

test("an embedding program turns bounds that no operator does", async () => {
  const statusOf = async (tuning?: Partial<Tuning>) => {
    const server = createServer(ANY_PORT, { tuning });
    const { http } = await server.start();
    try {
      const { status } = await fetch(`http://127.0.0.1:${http.port}/streams/live/a/data`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ handler: "onTextData", values: ["x".repeat(2000)] }),
      });
      return status;
    } finally {
      await server.stop();
    }
  };
  assert.equal(await statusOf({ apiBodyBytes: 1024 }), 413);
  assert.equal(await statusOf(), 404);
});

test("a port in use rejects start, and leaves nothing listening", async () => {
  const one = createServer(ANY_PORT);
  const { rtmp, http } = await one.start();
  const two = createServer({ rtmp: { port: 0 }, http: { port: http.port } });
  await assert.rejects(
    two.start(),
    (error) =>
      error instanceof ListenError && error.reason === "in-use" && error.address.port === http.port,
  );
  const three = createServer({ rtmp: { port: rtmp.port }, http: { port: 0 } });
  await assert.rejects(three.start(), ListenError);
  await one.stop();
});

test("a server that others could reach does not start without somebody deciding who publishes", async () => {
  await assert.rejects(createServer({ ...ANY_PORT, host: "0.0.0.0" }).start(), ConfigError);
  const open = createServer({ ...ANY_PORT, host: "0.0.0.0", allowAnonymous: true });
  await open.start();
  await open.stop();
});

test("an embedding program sends data to a stream and calls its clients", async () => {
  const server = createServer(ANY_PORT);
  assert.equal(server.sendData({ app: "live", name: "a" }, "onTextData"), false);
  const { rtmp, http } = await server.start();
  try {
    await using publisher = await RtmpClient.open(rtmp.port);
    await publisher.publish("live", "a");
    await using player = await RtmpClient.open(rtmp.port);
    await player.play("live", "a");
    await player.statusOf("NetStream.Play.Start");
    assert.equal(server.sendData({ app: "live", name: "a" }, "onTextData", { text: "hi" }), true);
    const isText = ({ values }: { values: readonly unknown[] }) => values[0] === "onTextData";
    assert.deepEqual((await player.waitFor(isText, "the text")).values[1], { text: "hi" });
    assert.throws(() => server.sendData({ app: "live", name: "a" }, "f", () => 1), UsageError);

    const response = await fetch(`http://127.0.0.1:${http.port}/sessions`);
    const { sessions } = await response.json() as { sessions: { id: string }[] };
    const answer = server.callClient(sessions[0]!.id, "ask", 1);
    const call = await publisher.waitFor(({ values }) => values[0] === "ask", "the call");
    publisher.send(Type.Command, 0, 0, encodeAmf("_result", call.values[1], null, "yes"));
    assert.deepEqual(await answer, { kind: "result", value: "yes" });
    await assert.rejects(server.callClient(sessions[0]!.id, "f", () => 1), UsageError);
  } finally {
    await server.stop();
  }
  assert.deepEqual(await server.callClient("gone", "ask"), { kind: "gone" });
});
