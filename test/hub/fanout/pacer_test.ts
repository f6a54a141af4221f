import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CROWD,
  FanoutPacer,
  MOST_WRITES,
  type PacerSettings,
  parseLatency,
} from "../../../src/hub/fanout/pacer.ts";
import { FakeClock } from "../../support/clock.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_STRETCH = 4;
const SOUND_WAIT_MS = 45;

function setUp(players: number, settings: Partial<PacerSettings> = {}) {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const pacer = new FanoutPacer(
    { latency: "auto", appLatency: new Map(), autoWindowMs: 25, ...settings },
    clock,
    (error) => faults.push(error),
  );
  const flushes: number[] = [];
  const stream = {
    app: "live",
    playerCount: players,
    hasVideo: false,
    pictures: 0,
    keyAt: undefined,
    flush: (now: number) => flushes.push(now),
  };
  /** Pushes a message every `ms` for `seconds`. */
  const run = (seconds: number, ms: number) => {
    for (let at = 0; at < seconds * 1000; at += ms) {
      pacer.pushed(stream, clock.now());
      clock.advance(ms);
    }
  };
  return { clock, pacer, stream, flushes, faults, run };
}

test("with few players every message goes out at once", () => {
  const { run, flushes, pacer } = setUp(20);
  run(4, 10);
  assert.equal(flushes.length, 400);
  assert.equal(pacer.autoWindow, 0);
});

test("with many players messages are merged, no longer than the longest window", () => {
  const { run, flushes, pacer, clock } = setUp(1000);
  run(2, 5);
  assert.equal(pacer.autoWindow, 25);
  flushes.length = 0;
  const from = clock.now();
  run(2, 5);
  const gaps = flushes.slice(1).map((at, index) => at - flushes[index]!);
  assert.ok(Math.max(...gaps) <= 25.5, `longest gap ${Math.max(...gaps)} ms`);
  assert.ok(flushes.length >= 79 && flushes.length <= 81, `${flushes.length} flushes in 2 s`);
  assert.ok(from > 0);
});

test("in between the window grows with the load", () => {
  const windows = [50, 100, 150, 200, 400].map((players) => {
    const { run, pacer } = setUp(players);
    run(5, 20);
    return Math.round(pacer.autoWindow);
  });
  assert.deepEqual(windows, [0, 8, 17, 25, 25]);
});

test("the first message after a pause goes out at once, whatever the window", () => {
  const { clock, flushes, pacer, stream } = setUp(1000, { latency: 150 });
  pacer.pushed(stream, clock.now());
  assert.equal(flushes.length, 1);
  pacer.pushed(stream, clock.now());
  assert.equal(flushes.length, 1);
  clock.advance(150);
  assert.equal(flushes.length, 2);
  clock.advance(150);
  pacer.pushed(stream, clock.now());
  assert.equal(flushes.length, 3);
});

test("lowest never waits, and an application may have a latency of its own", () => {
  const { run, flushes } = setUp(1000, {
    latency: 100,
    appLatency: new Map([["live", parseLatency("lowest")]]),
  });
  run(1, 10);
  assert.equal(flushes.length, 100);
});

test("a stream whose flush throws does not hold the others up", () => {
  const { clock, pacer, stream, flushes, faults } = setUp(1, { latency: 50 });
  let thrown = 0;
  const bad = {
    app: "live",
    playerCount: 1,
    hasVideo: false,
    pictures: 0,
    keyAt: undefined,
    flush() {
      thrown++;
      throw new Error("x");
    },
  };
  // Neither here, in the turn of whoever pushed, nor when the window is over.
  pacer.pushed(bad, clock.now());
  assert.equal(faults.length, 1);
  pacer.pushed(stream, clock.now());
  pacer.pushed(bad, clock.now());
  pacer.pushed(stream, clock.now());
  clock.advance(50);
  assert.equal(thrown, 2);
  assert.equal(faults.length, 2);
  assert.equal(flushes.length, 2);
});

test("the window shrinks again when the load goes", () => {
  const { run, pacer, stream } = setUp(1000);
  run(2, 10);
  assert.equal(pacer.autoWindow, 25);
  stream.playerCount = 5;
  run(4, 10);
  assert.equal(pacer.autoWindow, 0);
});

test("latencies are read as they stand in the configuration", () => {
  assert.deepEqual(["lowest", "auto", "0", "150"].map(parseLatency), ["lowest", "auto", 0, 150]);
});

test("with more players than one core can serve so often the window is stretched, and no further than four times", () => {
  const { run, flushes, pacer, stream } = setUp(5000);
  run(5, 5);
  flushes.length = 0;
  run(5, 5);
  const writes = flushes.length * 5000 / 5;
  assert.ok(writes < MOST_WRITES * 1.25, `${writes} writes a second`);
  assert.ok(writes > MOST_WRITES * 0.6, `${writes} writes a second`);
  stream.playerCount = 100_000;
  run(5, 5);
  assert.equal(pacer.autoWindow, 25 * MAX_STRETCH);
  stream.playerCount = 500;
  run(5, 5);
  assert.equal(pacer.autoWindow, 25);
});

test("sound waits for the next picture, and a picture for no window that sound began", () => {
  for (const rate of [24, 25, 30, 50, 60]) {
    const { clock, flushes, pacer, stream } = setUp(CROWD);
    stream.hasVideo = true;
    const atOnce: number[] = [];
    let pushedAt = clock.now();
    let sound = 0;
    const seconds = 4;
    for (let picture = 0; picture < rate * seconds; picture++) {
      const due = picture * 1000 / rate;
      for (; sound < due; sound += 1024 / 44.1) {
        clock.advance(sound - clock.now());
        pacer.pushed(stream, clock.now());
      }
      clock.advance(due - clock.now());
      stream.pictures++;
      pushedAt = clock.now();
      const before = flushes.length;
      pacer.pushed(stream, pushedAt);
      if (flushes.length === before) continue;
      atOnce.push(pushedAt);
    }
    const perSecond = flushes.filter((at) => at > 2000).length / (seconds - 2);
    // Up to 40 a second each picture goes at once; of more, as many as the window lets.
    const expected = Math.min(rate, 40);
    assert.ok(Math.abs(perSecond - expected) <= 1.5, `${rate}: ${perSecond} writes a second`);
    if (rate < 40) {
      assert.ok(atOnce.length >= rate * seconds - 2, `${rate}: ${atOnce.length} at once`);
    }
  }
});

test("sound alone does not wait longer than the next picture could take", () => {
  const { clock, flushes, pacer, stream, run } = setUp(1000);
  stream.hasVideo = true;
  run(3, 10);
  flushes.length = 0;
  const from = clock.now();
  run(2, 10);
  const gaps = flushes.map((at, index) => at - (index === 0 ? from : flushes[index - 1]!));
  assert.ok(Math.max(...gaps) <= SOUND_WAIT_MS + 10.5, `${Math.max(...gaps)} ms`);
  assert.equal(pacer.autoWindow, 25);
});

test("a set latency holds for sound as for pictures", () => {
  const { flushes, stream, run } = setUp(1000, { latency: 30 });
  stream.hasVideo = true;
  run(1, 10);
  const gaps = flushes.slice(1).map((at, index) => at - flushes[index]!);
  assert.deepEqual([...new Set(gaps)], [30]);
});
