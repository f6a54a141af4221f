/** C1, C4, C5, C6, C7 and C9 against the real program: players that stop, flood, reset and crowd. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { writeMessage } from "../support/chunks.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startProgram, startServer, type TestServer } from "../support/server.ts";
import { Beat, HealthySet, percentile, pictureOf } from "./healthy_set.ts";
import { receiveQueue, residentBytes } from "./machine.ts";

const PROGRAM = "test/hostile/player_program.ts";
const MiB = 1024 * 1024;

/** What the control API says of a stream. */
async function viewOf(server: TestServer, name: string) {
  return (await server.api(`/streams/live/${name}`)).body as {
    players: number;
    droppedFrames: number;
  };
}

test("C1, C4: a stopped player costs the others nothing, and goes on with a key frame", async () => {
  const limits = ["--play-queue-ms", "500", "--play-queue-bytes", "2000000"];
  await using server = await startServer(limits);
  await using beat = await Beat.start(server.rtmpPort, "a", sized(200_000, 100_000));
  await using healthy = await HealthySet.join(server.rtmpPort, "a", sized(2, 20));
  await using stopped = startProgram(["watch", String(server.rtmpPort), "a"], {}, PROGRAM);
  await stopped.waitForLine((line) => line.startsWith("picture") || undefined, "a picture");
  await beat.pass(500);
  healthy.take();
  await beat.pass(sized(600, 5000));
  const before = healthy.take();
  const memory = residentBytes(server.pid);

  stopped.signal("SIGSTOP");
  await until(async () => (await viewOf(server, "a")).droppedFrames > 0, "frames are dropped");
  await beat.pass(sized(300, 3000));
  const during = healthy.take();
  const grown = Math.max(0, residentBytes(server.pid) - memory);
  const seen = stopped.lines.length;
  const resumed = beat.count;
  stopped.signal("SIGCONT");
  // What the kernel had taken comes first; then there is a gap.
  const next = await stopped.waitForLine((line) => {
    const number = Number(line.split(" ")[1]);
    return number >= resumed ? number : undefined;
  }, "a new picture");
  const after = healthy.take();

  const shown = stopped.lines.slice(seen).map((line) => line.split(" "));
  let last = Number(stopped.lines[seen - 1]!.split(" ")[1]);
  let wrong = 0;
  let gaps = 0;
  for (const [, number, kind] of shown) {
    if (Number(number) !== last + 1) {
      gaps++;
      if (kind !== "key") wrong++;
    }
    last = Number(number);
  }
  assert.ok(gaps > 0, "it did skip");
  assert.equal(during.missing + after.missing, 0, "nobody else misses a picture");
  const id = "C1";
  figure({
    id,
    what: "p99 of the others before",
    value: before.p99,
    unit: "ms",
    atMost: 100,
    by: "wall",
  });
  figure({
    id,
    what: "p99 of the others while one is stopped, more than before",
    value: during.p99 - before.p99,
    unit: "ms",
    atMost: 10,
    by: "wall",
  });
  figure({
    id,
    what: "resident memory that it costs the server",
    value: Math.round(grown / MiB),
    unit: "MiB",
    atMost: 32,
    slack: 3,
  });
  figure({
    id: "C4",
    what: "pictures behind a gap that are no key frames",
    value: wrong,
    unit: "",
    atMost: 0,
  });
  figure({
    id: "C4",
    what: "pictures from SIGCONT to a new one, of a GOP of 25",
    value: next - resumed,
    unit: "",
    atMost: 25,
    by: "wall",
  });
  server.assertHealthy();
});

test("C5: a player that floods the server with acknowledgements is read and bounded", async () => {
  await using server = await startServer();
  await using beat = await Beat.start(server.rtmpPort, "a", 100_000);
  await using healthy = await HealthySet.join(server.rtmpPort, "a", 3);
  await using flooder = await RtmpClient.open(server.rtmpPort);
  await flooder.play("live", "a");
  await flooder.waitFor(({ type, payload }) => pictureOf(type, payload) !== undefined, "a picture");
  // It reads nothing from here on, so that the server cannot write; it has to go on reading.
  flooder.pause();
  const memory = residentBytes(server.pid);
  const payload = Uint8Array.of(0, 0, 0, 1);
  const ack = writeMessage({ type: 3, streamId: 0, timestamp: 0, payload }, 2, 128);
  let longest = 0;
  // Shorter than playerStallMs.
  const end = performance.now() + sized(700, 8000);
  while (performance.now() < end) {
    for (let count = 0; count < 500; count++) flooder.sendBytes(ack);
    await beat.pass(100);
    longest = Math.max(longest, receiveQueue(server.rtmpPort, flooder.localPort));
  }
  figure({
    id: "C5",
    what: "bytes left unread by the server, at 5000 acknowledgements a second",
    value: longest,
    unit: "bytes",
    atMost: 65_536,
    by: "wall",
  });
  // Far over what is read in a second: it is read more slowly, and nobody else is.
  const block = new Uint8Array(ack.length * 1000);
  for (let at = 0; at < block.length; at += ack.length) block.set(ack, at);
  healthy.take();
  for (let turn = 0; turn < 100; turn++) flooder.sendBytes(block);
  await beat.pass(sized(500, 5000));
  const { p99, missing } = healthy.take();
  assert.equal(missing, 0);
  const id = "C5";
  figure({
    id,
    what: "p99 of the others during a flood",
    value: p99,
    unit: "ms",
    atMost: 50,
    by: "wall",
  });
  const grown = Math.max(0, residentBytes(server.pid) - memory);
  figure({
    id,
    what: "resident memory that it costs the server",
    value: Math.round(grown / MiB),
    unit: "MiB",
    atMost: 48,
    slack: 2,
  });
  assert.equal((await server.api("/health")).status, 200);
  server.assertHealthy();
});

test("C5: a player that sends garbage ends itself alone", async () => {
  await using server = await startServer();
  await using beat = await Beat.start(server.rtmpPort, "a", 1000);
  await using healthy = await HealthySet.join(server.rtmpPort, "a", 2);
  await using bad = await RtmpClient.open(server.rtmpPort);
  await bad.play("live", "a");
  const garbage = new Uint8Array(100_000);
  for (let at = 0; at < garbage.length; at++) garbage[at] = (at * 7919) >>> 3;
  bad.sendBytes(garbage);
  await bad.closed;
  await beat.pass(200);
  assert.equal(healthy.take().missing, 0);
  server.assertHealthy();
});

test("C6: a player has its key frame at once, whenever it joins", async () => {
  await using server = await startServer();
  await using _beat = await Beat.start(server.rtmpPort, "a", 2000);
  await using first = await HealthySet.join(server.rtmpPort, "a", 1);
  const times: number[] = [];
  let wrong = 0;
  for (let join = 0; join < sized(60, 10_000); join++) {
    first.take();
    await using player = await RtmpClient.open(server.rtmpPort);
    const start = performance.now();
    await player.play("live", "a");
    const { type, payload, at } = await player.waitFor(
      ({ type, payload }) => pictureOf(type, payload) !== undefined,
      "a picture",
    );
    times.push(at - start);
    if (!pictureOf(type, payload)!.isKey) wrong++;
  }
  const id = "C6";
  const rounded = (share: number) => Math.round(percentile(times, share) * 10) / 10;
  figure({ id, what: `wrong starts of ${times.length}`, value: wrong, unit: "", atMost: 0 });
  figure({
    id,
    what: "connect to key frame, p50",
    value: rounded(0.5),
    unit: "ms",
    atMost: 50,
    by: "wall",
  });
  figure({
    id,
    what: "connect to key frame, p99",
    value: rounded(0.99),
    unit: "ms",
    atMost: 200,
    by: "wall",
  });
  server.assertHealthy();
});

test("C7: players that reset in the middle of a write leave nothing but a line each", async () => {
  await using server = await startServer();
  await using beat = await Beat.start(server.rtmpPort, "a", 100_000);
  await using healthy = await HealthySet.join(server.rtmpPort, "a", 1);
  const all = sized(100, 1000);
  let reset = 0;
  for (let done = 0; done < all; done += 25) {
    const players = await Promise.all(Array.from({ length: 25 }, async () => {
      const player = await RtmpClient.open(server.rtmpPort);
      await player.play("live", "a");
      await player.waitFor(({ type, payload }) => pictureOf(type, payload) !== undefined, "media");
      player.pause();
      return player;
    }));
    await beat.pass(80);
    for (const player of players) {
      player.cut();
      reset++;
    }
    await Promise.all(players.map(({ closed }) => closed));
    healthy.take();
  }
  await until(async () => (await viewOf(server, "a")).players === 1, "all are gone");
  const sessions = (await server.api("/sessions")).body as unknown[] | { items?: unknown[] };
  assert.equal(
    JSON.stringify(sessions).match(/"address"/g)?.length,
    2,
    "the publisher and one player",
  );
  const lines = server.logs.filter(({ level }) => level !== "debug" && level !== "trace");
  figure({ id: "C7", what: "players that were reset", value: reset, unit: "", atLeast: all });
  figure({
    id: "C7",
    what: "log lines for each of them",
    value: Math.round(10 * lines.length / reset) / 10,
    unit: "",
    atMost: 3,
  });
  const faults = lines.filter(({ level }) => level === "error" || level === "fatal").length;
  figure({ id: "C7", what: "errors and unhandled rejections", value: faults, unit: "", atMost: 0 });
  server.assertHealthy();
});

test("C9: a crowd that joins within a second does not hold up who is there", async () => {
  // A crowd from one machine has not asked to play yet when the next ones come.
  await using server = await startServer(["--max-pending-connections", "2000"]);
  // A GOP of 2.5 MB in the quick form, of 10 MB in full.
  const bytes = sized(100_000, 400_000);
  await using beat = await Beat.start(server.rtmpPort, "a", bytes);
  await using healthy = await HealthySet.join(server.rtmpPort, "a", sized(2, 5));
  await beat.pass(1000);
  healthy.take();
  const memory = residentBytes(server.pid);
  const count = sized(30, 1000);
  const args = ["crowd", String(server.rtmpPort), "a", String(count), String(bytes)];
  await using crowd = startProgram(args, {}, PROGRAM);
  const line = await crowd.waitForLine(
    (one) => one.startsWith("joined") ? one : undefined,
    "all play",
    60_000,
  );
  const { p99, missing } = healthy.take();
  const [, joined, , slowest] = line.split(" ");
  assert.equal(Number(joined), count, "all of them play");
  assert.equal(missing, 0);
  const id = "C9";
  figure({
    id,
    what: `p99 of the others while ${count} join`,
    value: Math.round(p99),
    unit: "ms",
    atMost: 1000,
    by: "wall",
  });
  figure({
    id,
    what: `slowest of ${count} joins, to its first ${bytes / 1000} kB`,
    value: Number(slowest),
    unit: "ms",
    atMost: FULL ? 20_000 : 5000,
    by: "wall",
  });
  const grown = Math.max(0, residentBytes(server.pid) - memory);
  figure({
    id,
    what: `resident memory that ${count} joins cost`,
    value: Math.round(grown / MiB),
    unit: "MiB",
    atMost: 256,
    slack: 2,
  });
  server.assertHealthy();
});
