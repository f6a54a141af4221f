/** The deadlines of one session by themselves, to the millisecond: what is too long, and what is not yet. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetStream } from "../../../src/core/rtmp/session/mod.ts";
import type { Publisher } from "../../../src/hub/mod.ts";
import { Publish, RecordedPlay } from "../../../src/service/rtmp/attachment.ts";
import { SessionDeadlines, type Watched } from "../../../src/service/rtmp/deadlines.ts";

const SETTINGS = {
  openingTimeoutMs: 1000,
  idleTimeoutMs: 5000,
  pingIntervalMs: 700,
  publishStartMs: 400,
  publishIdleMs: 300,
  publishProbeMs: 200,
  playerStallMs: 600,
};

/** A session that does nothing by itself, from 10 seconds on, and what was done with it. */
function setUp(settings: Partial<typeof SETTINGS> = {}) {
  const told: string[] = [];
  const streams = new Map<number, Partial<NetStream>>();
  const core = {
    phase: "connected" as string,
    deciding: false,
    requestCount: 0,
    streams,
    ping: (now: number) => void told.push(`ping ${now}`),
  };
  const writer = { busy: false, pump: () => void told.push("pump") };
  const connection = { bytesWritten: 0, destroy: () => void told.push("destroy") };
  const watched = {
    ...{ core, writer, connection, heardAt: 10_000, busy: false },
    onLeft: (reason: string) => void told.push(`left ${reason}`),
    onDeadline: (reason: string, message: string) => void told.push(`${reason}: ${message}`),
  };
  const deadlines = new SessionDeadlines(
    { ...SETTINGS, ...settings },
    watched as unknown as Watched,
    10_000,
  );
  const at = (now: number) => {
    deadlines.tick(now);
    return told.splice(0);
  };
  const plays = () => void streams.set(1, { isPlayer: true, isPublisher: false });
  const publishes = (mediaAt?: number) => {
    const use = new Publish({ since: 10_000 } as Publisher, {} as never);
    use.mediaAt = mediaAt;
    streams.set(1, { isPlayer: false, isPublisher: true, attachment: use });
    return use;
  };
  return { watched, core, writer, connection, streams, deadlines, at, told, plays, publishes };
}

test("each step of the opening has its time, from when it was first seen", () => {
  const { core, at } = setUp();
  core.phase = "handshake";
  assert.deepEqual(at(10_999), []);
  assert.deepEqual(at(11_000), ["timeout: No handshake within 1000 ms"]);
  core.phase = "connect";
  assert.deepEqual(at(11_500), []);
  assert.deepEqual(at(12_499), []);
  assert.deepEqual(at(12_500), ["timeout: No connect within 1000 ms"]);
});

test("the first publish or play has twice that time, and what comes behind it another one", () => {
  const { core, at, streams, plays } = setUp({ pingIntervalMs: 1e6 });
  core.phase = "connect";
  at(10_100);
  core.phase = "connected";
  assert.deepEqual(at(10_200), []);
  assert.deepEqual(at(12_199), []);
  assert.deepEqual(at(12_200), ["timeout: Neither publish nor play within 2000 ms"]);
  plays();
  assert.deepEqual(at(12_300), []);
  streams.clear();
  assert.deepEqual(at(17_299), []);
  assert.deepEqual(at(17_300), ["timeout: Neither published nor played for 5000 ms"]);
});

test("who uses a shared object is not idle", () => {
  const { watched, at } = setUp({ pingIntervalMs: 1e6 });
  watched.busy = true;
  assert.deepEqual(at(60_000), []);
  watched.busy = false;
  assert.deepEqual(at(64_999), []);
  assert.equal(at(65_000).length, 1);
});

test("the time of a decision is nobody's", () => {
  const { core, at } = setUp({ pingIntervalMs: 1e6 });
  core.phase = "connect";
  assert.deepEqual(at(10_100), []);
  core.deciding = true;
  assert.deepEqual(at(10_500), []);
  assert.deepEqual(at(50_500), []);
  core.deciding = false;
  // 100 ms had passed before it.
  assert.deepEqual(at(51_399), []);
  assert.deepEqual(at(51_500), ["timeout: No connect within 1000 ms"]);
});

test("a silent client is asked for a sign of life, each time after so long", () => {
  const { watched, at, plays } = setUp();
  plays();
  assert.deepEqual(at(10_699), []);
  assert.deepEqual(at(10_700), ["ping 10700", "pump"]);
  assert.deepEqual(at(11_399), []);
  assert.deepEqual(at(11_400), ["ping 11400", "pump"]);
  watched.heardAt = 11_500;
  assert.deepEqual(at(12_199), []);
  assert.deepEqual(at(12_200), ["ping 12200", "pump"]);
});

test("a publisher is asked after half of the time that it may be silent, if that is less", () => {
  for (const [publishIdleMs, after] of [[300, 150], [1400, 700], [1402, 700]] as const) {
    const { at, publishes } = setUp({ publishIdleMs, publishStartMs: 1e6 });
    publishes();
    assert.deepEqual(at(10_000 + after - 1), []);
    assert.deepEqual(at(10_000 + after), [`ping ${10_000 + after}`, "pump"]);
  }
});

test("a publisher has so long for its first media, and so long between the rest", () => {
  const early = setUp({ pingIntervalMs: 1e6, publishIdleMs: 300 });
  early.watched.heardAt = 1e6;
  const use = early.publishes();
  assert.deepEqual(early.at(10_399), []);
  assert.deepEqual(early.at(10_400), ["timeout: The publisher sent no media within 400 ms"]);
  use.mediaAt = 10_300;
  assert.deepEqual(early.at(10_599), []);
  assert.deepEqual(early.at(10_600), ["timeout: The publisher sent no media for 300 ms"]);
  // What it waited for us is not its silence.
  early.core.deciding = true;
  early.at(20_000);
  early.core.deciding = false;
  assert.deepEqual(early.at(20_299), []);
  assert.equal(early.at(20_300).length, 1);
});

test("who has nothing left here goes after a while, unless it asks for something", () => {
  const { deadlines, core, at, plays, streams, watched } = setUp({ pingIntervalMs: 1e6 });
  deadlines.left("refused", 10_000, 500);
  assert.deepEqual(at(10_499), []);
  assert.deepEqual(at(10_500), ["left refused"]);
  core.phase = "closed";
  assert.deepEqual(at(10_500), ["destroy"], "it has had its time");

  for (
    const something of [
      () => void core.requestCount++,
      plays,
      () => void (watched.busy = true),
    ]
  ) {
    core.phase = "connected";
    deadlines.left("unpublished", 11_000, 500);
    something();
    assert.deepEqual(at(11_400), []);
    streams.clear();
    watched.busy = false;
    assert.deepEqual(at(11_600), [], "it was forgotten");
  }
  deadlines.left("unpublished", 11_600, 100);
  assert.deepEqual(at(11_700), ["left unpublished"]);
  core.phase = "closed";
  deadlines.ended(11_700, 50);
  assert.deepEqual(at(11_749), [], "of all others the farewell is waited for");
  assert.deepEqual(at(11_750), ["destroy"]);
});

test("a session that has ended without saying for how long is cut off at once", () => {
  const { core, at } = setUp();
  core.phase = "closed";
  assert.deepEqual(at(10_001), ["destroy"]);
});

test("a socket that takes nothing is given up, one that takes a byte or has nothing to take is not", () => {
  const { writer, connection, at } = setUp({ pingIntervalMs: 1e6, openingTimeoutMs: 1e6 });
  assert.deepEqual(at(20_000), []);
  writer.busy = true;
  assert.deepEqual(at(20_599), []);
  assert.deepEqual(at(20_600), ["stalled: No byte was taken for 600 ms"]);
  connection.bytesWritten = 1;
  assert.deepEqual(at(20_700), []);
  assert.deepEqual(at(21_299), []);
  assert.deepEqual(at(21_300), ["stalled: No byte was taken for 600 ms"]);
  writer.busy = false;
  assert.deepEqual(at(30_000), []);
});

test("a player of a recording may stop reading for half an hour, or as long as any may", () => {
  for (const [playerStallMs, limit] of [[600, 1_800_000], [2_000_000, 2_000_000]] as const) {
    const { writer, streams, at } = setUp({
      ...{ playerStallMs, pingIntervalMs: 1e8, openingTimeoutMs: 1e8, idleTimeoutMs: 1e8 },
    });
    const attachment = Object.create(RecordedPlay.prototype) as RecordedPlay;
    streams.set(1, { isPlayer: false, isPublisher: false });
    streams.set(2, { isPlayer: true, isPublisher: false, attachment });
    writer.busy = true;
    assert.deepEqual(at(10_000 + limit - 1), []);
    assert.deepEqual(at(10_000 + limit), [`stalled: No byte was taken for ${limit} ms`]);
  }
});

test("who is asked for a sign of life because of another is given up without one, and let alone with it", async () => {
  const dead = setUp({ pingIntervalMs: 1e6 });
  const over: string[] = [];
  dead.plays();
  void dead.deadlines.probe(10_000).then(() => over.push("one"));
  void dead.deadlines.probe(10_100).then(() => over.push("two"));
  assert.deepEqual(dead.told.splice(0), ["ping 10000", "pump"], "once for all who ask");
  assert.deepEqual(dead.at(10_199), []);
  assert.deepEqual(dead.at(10_200), [
    "timeout: No answer within 200 ms while another wants to publish",
    "destroy",
  ]);
  await Promise.resolve();
  assert.deepEqual(over, ["one", "two"]);
  assert.deepEqual(dead.at(10_400), [], "and not again");

  const alive = setUp({ pingIntervalMs: 1e6 });
  alive.plays();
  let answered = false;
  void alive.deadlines.probe(10_000).then(() => answered = true);
  alive.watched.heardAt = 10_001;
  assert.deepEqual(alive.at(10_199), ["ping 10000", "pump"]);
  await Promise.resolve();
  assert.equal(answered, true);

  const gone = setUp();
  let ended = false;
  void gone.deadlines.probe(10_000).then(() => ended = true);
  gone.core.phase = "closed";
  gone.at(10_001);
  await Promise.resolve();
  assert.equal(ended, true, "who is gone keeps nobody waiting");

  for (const how of ["handshake", "deciding"]) {
    const busy = setUp();
    if (how === "deciding") busy.core.deciding = true;
    else busy.core.phase = how;
    await busy.deadlines.probe(10_000);
    assert.deepEqual(busy.told, [], how);
  }
});
