/** Publishers whose link is dead, and peers that are slow, on real sockets (B5, B9, H10). */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import { until, within } from "../support/deadline.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { keyFrame } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** A publisher that sent a key frame and then never says, answers or closes anything. */
async function vanished(server: TestServer): Promise<RtmpClient> {
  const client = await RtmpClient.open(server.rtmpPort);
  const { id, info } = await client.publish("live", "a");
  assert.equal(info.code, "NetStream.Publish.Start");
  client.send(Type.Video, id, 0, keyFrame());
  await until(async () => {
    const { status, body } = await server.api("/streams/live/a");
    return status === 200 && (body as { bytesIn: number }).bytesIn > 0;
  }, "its media is there");
  client.pause();
  return client;
}

for (const policy of ["replace", "reject"]) {
  test(`B9: ${policy}: a publisher that comes back gets the name of its dead connection`, async () => {
    const probe = `${sized(500, 2000)}`;
    await using server = await startServer([
      "--publish-policy",
      policy,
      "--publish-probe-ms",
      probe,
    ]);
    await using _gone = await vanished(server);
    const asked = performance.now();
    await using again = await RtmpClient.open(server.rtmpPort);
    const { info } = await again.publish("live", "a");
    assert.equal(info.code, "NetStream.Publish.Start");
    figure({
      ...{ id: "B9", what: `reconnect on a socket, policy ${policy}`, unit: "ms", atMost: 3000 },
      ...{ value: Math.round(performance.now() - asked), by: "wall" },
    });
    await server.waitForLog("unpublished", {
      reason: policy === "replace" ? "replaced" : "timeout",
    });
    server.assertHealthy();
  });
}

test("B9: a publisher that vanished without a word is given up, and its name is free", async () => {
  // By default it is 10 s; the suite does not wait that long.
  const limit = sized(500, 10_000);
  await using server = await startServer(["--publish-idle-ms", `${limit}`]);
  const from = performance.now();
  await using _gone = await vanished(server);
  await server.waitForLog("unpublished", { reason: "timeout" });
  figure({
    ...{ id: "B9", what: `time to free, limit ${limit} ms`, unit: "ms", atMost: limit + 500 },
    ...{ value: Math.round(performance.now() - from), by: "wall" },
  });
  assert.equal((await server.api("/streams/live/a")).status, 404);
});

test("B5: a handshake of a byte every tenth of a second is cut off by the clock", async () => {
  const limit = sized(500, 5000);
  await using server = await startServer(["--rtmp-timeout-ms", `${limit}`]);
  const started = performance.now();
  const socket = connect({ host: "127.0.0.1", port: server.rtmpPort, noDelay: true });
  socket.on("error", () => {});
  socket.resume();
  const closed = once(socket, "close");
  const drip = setInterval(() => socket.write(Uint8Array.of(3)), 100);
  try {
    await within(closed, "the server closes");
  } finally {
    clearInterval(drip);
    socket.destroy();
  }
  const took = Math.round(performance.now() - started);
  figure({
    id: "B5",
    what: `handshake on a socket, limit ${limit} ms`,
    value: took,
    unit: "ms",
    atMost: limit + 500,
    by: "wall",
  });
  assert.ok(took >= limit - 50, `closed after ${took} ms`);
});

for (const part of ["first", "second"]) {
  test(`B5: the ${part} HTTP header on a connection, a byte at a time, is cut off by the clock`, async () => {
    const limit = sized(500, 10_000);
    await using server = await startServer(["--http-timeout-ms", `${limit}`]);
    const socket = connect({ host: "127.0.0.1", port: server.httpPort, noDelay: true });
    socket.on("error", () => {});
    // Not `once`, which takes a reset for a failure.
    const closed = new Promise((resolve) => socket.on("close", resolve));
    let started = performance.now();
    const head = "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    if (part === "first") socket.resume();
    else {
      socket.write(`${head}\r\n`);
      await within(once(socket, "data"), "an answer");
      started = performance.now();
    }
    let at = 0;
    const drip = setInterval(() => {
      socket.write(at < head.length ? head[at]! : at === head.length ? "X: " : "x");
      at++;
    }, sized(50, 1000));
    try {
      await within(closed, "the server closes");
    } finally {
      clearInterval(drip);
      socket.destroy();
    }
    const took = Math.round(performance.now() - started);
    figure({
      id: "B5",
      what: `${part} HTTP header on a socket, limit ${limit} ms`,
      value: took,
      unit: "ms",
      atMost: limit + 500,
      by: "wall",
    });
    assert.ok(took >= limit - 50, `closed after ${took} ms`);
    assert.equal((await server.api("/health")).status, 200);
    server.assertHealthy();
  });
}

test("H10: a server that was stopped for a while gives up nobody for it", async () => {
  // Twelve seconds are longer than every limit but one; 2.3 are longer than those set here.
  const stopped = sized(2300, 12_000);
  const limits = FULL ? [] : ["--rtmp-timeout-ms", "2200", "--publish-idle-ms", "2200"];
  await using server = await startServer(limits);
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "a");
  publisher.send(Type.Video, id, 0, keyFrame());
  await using shaking = await RtmpClient.open(server.rtmpPort);
  await using idle = await RtmpClient.open(server.rtmpPort);
  await idle.connect("live");
  server.signal("SIGSTOP");
  await new Promise((resolve) => setTimeout(resolve, stopped));
  server.signal("SIGCONT");
  publisher.send(Type.Video, id, 40, keyFrame());
  // Were they given up, it would be at the first look at the clock.
  assert.equal((await shaking.connect("live")).code, "NetConnection.Connect.Success");
  assert.equal((await idle.publish("live", "b")).info.code, "NetStream.Publish.Start");
  await new Promise((resolve) => setTimeout(resolve, 600));
  const { body } = await server.api("/sessions");
  const sessions = (body as { sessions: unknown[] }).sessions.length;
  figure({
    id: "H10",
    what: `sessions lost to a stop of ${stopped} ms`,
    value: 3 - sessions,
    unit: "",
    atMost: 0,
  });
  server.assertHealthy();
});
