/** The pacer step by step: what it measures, how long it waits, when it wakes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FanoutPacer, type PacerSettings } from "../../../src/hub/fanout/pacer.ts";
import { FakeClock } from "../../support/clock.ts";

/** As the pacer's documentation says; the tests do not take its word for it. */
const MOST_WRITES = 60_000;
const SOUND_WAIT_MS = 45;

class Stream {
  readonly app = "live";
  playerCount: number;
  hasVideo = false;
  pictures = 0;
  keyAt: number | undefined;
  readonly flushes: number[] = [];

  constructor(playerCount: number) {
    this.playerCount = playerCount;
  }

  flush(now: number): void {
    this.flushes.push(now);
  }
}

function setUp(settings: Partial<PacerSettings> = {}) {
  const clock = new FakeClock();
  const faults: unknown[] = [];
  const pacer = new FanoutPacer(
    { latency: "auto", appLatency: new Map(), autoWindowMs: 40, ...settings },
    clock,
    (error) => faults.push(error),
  );
  return { clock, pacer, faults };
}

/** Asks for `writes` in a second, in one push at the end of each of some quarters of a second. */
function load({ clock, pacer }: ReturnType<typeof setUp>, writes: number, quarters: number) {
  const stream = new Stream(writes / 4);
  for (let quarter = 0; quarter < quarters; quarter++) {
    clock.advance(250);
    pacer.pushed(stream, clock.now());
  }
  return stream;
}

test("the load is measured four times a second, and each time goes half of the way to the new one", () => {
  const rig = setUp();
  // From 2500 to 10,000 the window goes from 0 to 40 ms: 6250 is the middle.
  load(rig, 12_500, 1);
  assert.equal(rig.pacer.autoWindow, 20);
  load(rig, 12_500, 1);
  assert.equal(rig.pacer.autoWindow, 40 * (9375 - 2500) / 7500);
  load(rig, 0, 1);
  assert.equal(Math.round(rig.pacer.autoWindow * 1000), 11_667);
  load(rig, 0, 1);
  assert.equal(rig.pacer.autoWindow, 0);
});

test("nothing is measured before a quarter of a second is over, and then by the time it took", () => {
  const { clock, pacer } = setUp();
  const stream = new Stream(2500);
  clock.advance(249);
  pacer.pushed(stream, clock.now());
  assert.equal(pacer.autoWindow, 0);
  clock.advance(1);
  pacer.pushed(stream, clock.now());
  // 5000 in a quarter of a second are 20,000 a second.
  assert.equal(pacer.autoWindow, 40);
  clock.advance(1000);
  pacer.pushed(stream, clock.now());
  assert.equal(pacer.autoWindow, 40 * (6250 - 2500) / 7500);
});

test("a window is counted from the last time the stream went out, and lasts as long as it says", () => {
  for (const writes of [12_500, 25_000]) {
    const rig = setUp();
    load(rig, writes, 1);
    const { clock, pacer } = rig;
    const window = pacer.autoWindow;
    assert.equal(window, writes === 12_500 ? 20 : 40);
    const stream = new Stream(1);
    const start = clock.now();
    pacer.pushed(stream, start);
    clock.advance(5);
    pacer.pushed(stream, clock.now());
    clock.advance(window - 6);
    pacer.pushed(stream, clock.now());
    assert.deepEqual(stream.flushes, [start]);
    clock.advance(1);
    assert.deepEqual(stream.flushes, [start, start + window]);
    clock.advance(100);
    assert.equal(stream.flushes.length, 2, "nothing was pushed since");
  }
});

test("a set latency is counted in the same way, for each application", () => {
  const { clock, pacer } = setUp({ latency: 500, appLatency: new Map([["live", 30]]) });
  const stream = new Stream(1);
  pacer.pushed(stream, 0);
  clock.advance(10);
  pacer.pushed(stream, clock.now());
  clock.advance(19);
  assert.deepEqual(stream.flushes, [0]);
  clock.advance(1);
  assert.deepEqual(stream.flushes, [0, 30]);
});

test("sound waits for a picture in proportion to the window, and goes with the picture that comes", () => {
  for (const [writes, share] of [[12_500, 0.5], [25_000, 1]] as const) {
    const rig = setUp();
    load(rig, writes, 1);
    const { clock, pacer } = rig;
    const stream = new Stream(1);
    stream.hasVideo = true;
    stream.pictures = 1;
    pacer.pushed(stream, clock.now());
    clock.advance(100);
    const sound = clock.now();
    pacer.pushed(stream, sound);
    clock.advance(SOUND_WAIT_MS * share - 1);
    assert.equal(stream.flushes.length, 1, `${share}`);
    clock.advance(1);
    assert.equal(stream.flushes[1], sound + SOUND_WAIT_MS * share);
    clock.advance(100);
    pacer.pushed(stream, clock.now());
    clock.advance(10);
    stream.pictures++;
    pacer.pushed(stream, clock.now());
    assert.equal(stream.flushes[2], sound + SOUND_WAIT_MS * share + 110);
    clock.advance(200);
    assert.equal(stream.flushes.length, 3, "the sound went with it");
  }
});

test("the window is stretched by how many more writes were made than can be, and shrinks by a fifth at a time", () => {
  const rig = setUp();
  // All are made: each push comes long behind the last one.
  load(rig, 2 * MOST_WRITES, 1);
  assert.equal(rig.pacer.autoWindow, 40, "what was made before this quarter is nothing");
  load(rig, 2 * MOST_WRITES, 1);
  assert.equal(rig.pacer.autoWindow, 80);
  load(rig, 2 * MOST_WRITES, 1);
  assert.equal(rig.pacer.autoWindow, 160);
  load(rig, 2 * MOST_WRITES, 1);
  assert.equal(rig.pacer.autoWindow, 160, "four times is the most");
  // The last of the many writes are still counted in the first quarter.
  const windows = [1, 2, 3].map(() => {
    load(rig, MOST_WRITES / 2, 1);
    return Math.round(rig.pacer.autoWindow * 10) / 10;
  });
  assert.deepEqual(windows, [160, 128, 102.4]);
});

test("each stream goes out when its own wait is over, with one timer for all", () => {
  const { clock, pacer } = setUp({ latency: 50 });
  const streams = [0, 20, 40].map(() => new Stream(1));
  for (const [index, stream] of streams.entries()) {
    clock.advance(index * 20 - clock.now());
    pacer.pushed(stream, clock.now());
    pacer.pushed(stream, clock.now());
  }
  assert.equal(clock.pending, 1);
  clock.advance(100);
  assert.deepEqual(streams.map(({ flushes }) => flushes), [[0, 50], [20, 70], [40, 90]]);
  assert.equal(clock.pending, 0);
});

test("a stream that is due sooner than the timer moves it forward", () => {
  const appLatency = new Map([["live", 10]]);
  const { clock, pacer } = setUp({ latency: 100, appLatency });
  const slow = Object.assign(new Stream(1), { app: "other" });
  const fast = new Stream(1);
  for (const stream of [slow, fast]) {
    pacer.pushed(stream, 0);
    pacer.pushed(stream, 0);
  }
  assert.equal(clock.pending, 1);
  clock.advance(10);
  assert.deepEqual([fast.flushes, slow.flushes], [[0, 10], [0]]);
  clock.advance(90);
  assert.deepEqual(slow.flushes, [0, 100]);
});

test("what is due within half a millisecond goes out now, what is due later does not", () => {
  const { clock, pacer } = setUp({ latency: 50 });
  const streams = [0, 0.5, 0.6].map((at) => {
    clock.advance(at - clock.now());
    const stream = new Stream(1);
    pacer.pushed(stream, at);
    pacer.pushed(stream, at);
    return stream;
  });
  clock.advance(50 - clock.now());
  assert.deepEqual(streams.map(({ flushes }) => flushes.length), [2, 2, 1]);
  clock.advance(0.6);
  assert.deepEqual(streams.map(({ flushes }) => flushes.length), [2, 2, 2]);
});

test("a fault of a stream in a timer is told, and the stream is not tried for ever", () => {
  const { clock, pacer, faults } = setUp({ latency: 50 });
  const error = new Error("x");
  const stream = new Stream(1);
  pacer.pushed(stream, 0);
  pacer.pushed(stream, 0);
  stream.flush = () => {
    throw error;
  };
  clock.advance(500);
  assert.deepEqual(faults, [error]);
  assert.equal(clock.pending, 0);
});

test("what was written in the first quarter of a second stretches the window already", () => {
  const { clock, pacer } = setUp();
  const stream = new Stream(MOST_WRITES / 2);
  pacer.pushed(stream, 0);
  clock.advance(250);
  pacer.pushed(stream, clock.now());
  // 30,000 were made in a quarter of a second: twice as many as can be.
  assert.equal(pacer.autoWindow, 80);
});

test("sound waits for a picture no longer when the window is stretched", () => {
  const rig = setUp();
  const { clock, pacer } = rig;
  load(rig, 2 * MOST_WRITES, 2);
  assert.equal(pacer.autoWindow, 80);
  const stream = new Stream(1);
  stream.hasVideo = true;
  const sound = clock.now();
  pacer.pushed(stream, sound);
  clock.advance(200);
  assert.deepEqual(stream.flushes, [sound + SOUND_WAIT_MS]);
});

test("the first that comes of a stream may be sound, which waits for its picture", () => {
  const rig = setUp();
  load(rig, 25_000, 1);
  const stream = new Stream(1);
  stream.hasVideo = true;
  rig.pacer.pushed(stream, rig.clock.now());
  assert.deepEqual(stream.flushes, []);
  stream.pictures = 1;
  rig.pacer.pushed(stream, rig.clock.now());
  assert.deepEqual(stream.flushes, [rig.clock.now()]);
});

test("without a window to choose nothing waits, whatever the load", () => {
  const rig = setUp({ autoWindowMs: 0 });
  load(rig, 4 * MOST_WRITES, 8);
  const stream = new Stream(1);
  stream.hasVideo = true;
  for (let count = 0; count < 3; count++) rig.pacer.pushed(stream, rig.clock.now());
  assert.equal(stream.flushes.length, 3);
  assert.equal(rig.clock.pending, 0);
});

test("what is overdue goes out with the timer that is about to fire, and once", () => {
  const { clock, pacer } = setUp({ latency: 50 });
  const stream = new Stream(1);
  pacer.pushed(stream, 0);
  pacer.pushed(stream, 0);
  clock.sleep(80);
  pacer.pushed(stream, 80);
  assert.deepEqual(stream.flushes, [0]);
  clock.advance(0);
  assert.deepEqual(stream.flushes, [0, 80]);
  clock.advance(200);
  assert.equal(stream.flushes.length, 2);
});
