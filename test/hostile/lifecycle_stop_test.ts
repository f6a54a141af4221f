import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { disposeAll } from "../support/dispose.ts";
import { figure, sized } from "../support/figure.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

const SHUTDOWN_MS = 1000;

/**
 * A server with live streams that are watched, and a player that takes nothing any more. The first
 * stream is the one of that player alone; two publishers at least.
 */
async function busyServer(publishers: number, players: number) {
  const server = await startServer(["--shutdown-ms", `${SHUTDOWN_MS}`]);
  const published = await Promise.all(
    Array.from({ length: publishers }, async (_, index) => {
      const client = await RtmpClient.open(server.rtmpPort);
      const { id } = await client.publish("live", `s${index}`);
      client.send(Type.Video, id, 0, VIDEO_HEADER);
      client.send(Type.Video, id, 0, keyFrame(1000));
      return { client, id };
    }),
  );
  const played: RtmpClient[] = [];
  // Some at a time: the machine that runs the tests is small.
  while (played.length < players) {
    const batch = Array.from(
      { length: Math.min(20, players - played.length) },
      async (_, index) => {
        const client = await RtmpClient.open(server.rtmpPort);
        await client.play("live", `s${1 + (played.length + index) % (publishers - 1)}`);
        await client.waitFor(({ type }) => type === Type.Video, "video");
        return client;
      },
    );
    played.push(...await Promise.all(batch));
  }
  const stuck = await RtmpClient.open(server.rtmpPort);
  await stuck.play("live", "s0");
  await stuck.waitFor(({ type }) => type === Type.Video, "video");
  stuck.pause();
  const { client, id } = published[0]!;
  for (let time = 1; time <= 300; time++) client.send(Type.Video, id, time, keyFrame(65_536));
  await until(async () => {
    const { body } = await server.api("/streams/live/s0");
    return (body as { bytesIn: number }).bytesIn > 19_000_000;
  }, "the server has the video");
  const publishing = published.map(({ client }) => client);
  return { server, publishing, played, stuck };
}

/** What health says, asked until the port is closed. */
async function watchHealth(server: TestServer): Promise<string[]> {
  const seen: string[] = [];
  for (;;) {
    try {
      const { status, body } = await server.api("/health");
      seen.push(`${status} ${(body as { status: string }).status}`);
    } catch {
      return seen;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("H1: SIGTERM turns health off, closes the ports, tells everybody and exits 0 in time", async () => {
  const [publishers, players] = [sized(2, 5), sized(20, 200)];
  const { server, publishing, played, stuck } = await busyServer(publishers, players);
  await using _all = disposeAll(server, stuck, ...publishing, ...played);
  assert.equal((await server.api("/health")).status, 200);
  const start = performance.now();
  const ended = server.stop();
  await server.waitForLog("stopping");
  const health = watchHealth(server);
  // The one that takes nothing keeps the server for its time; nobody else has to wait.
  await Promise.all([...publishing, ...played].map((client) => client.closed));
  const told = performance.now() - start;
  await assert.rejects(RtmpClient.open(server.rtmpPort));
  const { code, stderr } = await ended;
  const ms = performance.now() - start;
  assert.deepEqual([code, stderr], [0, ""]);
  for (const client of [...publishing, ...played]) {
    await client.statusOf("NetConnection.Connect.AppShutdown");
  }
  const answers = new Set(await health);
  assert.deepEqual([...answers], ["503 draining"]);
  server.assertHealthy();
  const unit = "ms";
  figure({ id: "H1", what: "until all are told", value: told, unit, atMost: 1000, by: "wall" });
  const limit = SHUTDOWN_MS + 500;
  figure({ id: "H1", what: "until the exit", value: ms, unit, atMost: limit, by: "wall" });
  figure({ id: "H1", what: "players and publishers", value: players + publishers, unit: "" });
});

test("H1: a second SIGTERM ends a server that drains at once", async () => {
  const { server, publishing, played, stuck } = await busyServer(2, 1);
  await using _all = disposeAll(server, stuck, ...publishing, ...played);
  server.signal("SIGTERM");
  await server.waitForLog("stopping");
  await publishing[0]!.closed;
  const start = performance.now();
  const { code } = await server.stop();
  assert.equal(code, 128 + 15);
  const value = performance.now() - start;
  figure({ id: "H1", what: "second signal to exit", value, unit: "ms", atMost: 500, by: "wall" });
});

test("H1: players that read, and keep their end of the connection open, hold up no exit", async () => {
  await using server = await startServer(["--shutdown-ms", "20000"]);
  await using publisher = await RtmpClient.open(server.rtmpPort, { halfOpen: true });
  const { id } = await publisher.publish("live", "a");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame(1000));
  const players = await Promise.all(Array.from({ length: 9 }, async () => {
    const player = await RtmpClient.open(server.rtmpPort, { halfOpen: true });
    await player.play("live", "a");
    await player.waitFor(({ type }) => type === Type.Video, "video");
    return player;
  }));
  await using _players = disposeAll(...players);
  const start = performance.now();
  const { code } = await server.stop();
  const value = performance.now() - start;
  assert.equal(code, 0);
  for (const player of players) await player.statusOf("NetConnection.Connect.AppShutdown");
  const what = "exit with players that do not close";
  figure({ id: "H1", what, value, unit: "ms", atMost: 1000, by: "wall" });
});

test("H1: a server that nobody uses exits at once", async () => {
  await using server = await startServer();
  const start = performance.now();
  const { code } = await server.stop();
  assert.equal(code, 0);
  const value = performance.now() - start;
  figure({ id: "H1", what: "exit of an idle server", value, unit: "ms", atMost: 1000, by: "wall" });
});
