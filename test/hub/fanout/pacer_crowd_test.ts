/** The pacer with a crowd of players, whose halves are sent pictures in turn. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CROWD, FanoutPacer, type Half, type Latency, MAX_STRETCH } from "../../../src/hub/mod.ts";
import { MOST_WRITES } from "../../../src/hub/fanout/pacer.ts";
import { FakeClock } from "../../support/clock.ts";

/** How long a picture waits for the next one (ms), as the settings say. */
const HOLD_MS = 35;
/** How much longer it waits for one that comes late (ms). Stated here, and not taken from the code. */
const CROWD_LATE_MS = 5;

/** A stream of so many players, and what each half of them is handed. */
function setUp(playerCount = CROWD + 1, latency: Latency = "auto", autoWindowMs = 25) {
  const clock = new FakeClock();
  const pacer = new FanoutPacer({ latency, appLatency: new Map(), autoWindowMs }, clock);
  const waiting: [number[], number[]] = [[], []];
  const writes: { at: number; half: Half; held: number[] }[] = [];
  const stream = {
    app: "live",
    playerCount,
    hasVideo: true,
    pictures: 0,
    keyAt: undefined as number | undefined,
    flush(now: number, half?: Half) {
      for (const each of [0, 1] as const) {
        if (half !== undefined && half !== each) continue;
        const held = waiting[each].splice(0).map((at) => now - at);
        if (held.length > 0) writes.push({ at: now, half: each, held });
      }
    },
  };
  const sound = () => pacer.pushed(stream, clock.now());
  const picture = (key = false) => {
    const now = clock.now();
    stream.pictures++;
    if (key) stream.keyAt = now;
    for (const half of waiting) half.push(now);
    pacer.pushed(stream, now);
  };
  /** Pictures `gaps` apart, in turn, for some seconds, with sound between them. */
  const run = (seconds: number, ...gaps: number[]) => {
    const until = clock.now() + seconds * 1000;
    for (let count = 0; clock.now() < until; count++) {
      picture();
      const gap = gaps[count % gaps.length]!;
      clock.advance(gap / 2);
      sound();
      clock.advance(gap / 2);
    }
  };
  return { clock, pacer, stream, writes, waiting, sound, picture, run };
}

test("pictures of 30 a second and more share writes, those of fewer do not", () => {
  for (
    const [rate, perWrite] of [[15, 1], [25, 1], [30, 2], [50, 2], [60, 3], [120, 5]] as const
  ) {
    const { run, writes } = setUp();
    run(2, 1000 / rate);
    writes.length = 0;
    run(4, 1000 / rate);
    const each = [0, 1].map((half) => writes.filter((write) => write.half === half).length / 4);
    for (const perSecond of each) {
      assert.ok(Math.abs(perSecond - rate / perWrite) <= 1, `${rate}: ${each} writes a second`);
    }
    const held = Math.max(...writes.flatMap((write) => write.held));
    assert.ok(held <= HOLD_MS, `${rate}: held ${held} ms`);
  }
});

test("the halves are not written to at the same time", () => {
  const { run, writes } = setUp();
  run(2, 1000 / 30);
  writes.length = 0;
  run(4, 1000 / 30);
  const times = writes.map(({ at }) => at);
  assert.equal(new Set(times).size, times.length);
  assert.deepEqual(new Set(writes.map(({ held }) => held.length)), new Set([2]));
});

test("a picture that is a little late is waited for, one that does not come is not", () => {
  const { run, writes, picture, clock, waiting } = setUp();
  run(2, 1000 / 30);
  writes.length = 0;
  run(4, 28, 38.5);
  assert.deepEqual(new Set(writes.map(({ held }) => held.length)), new Set([2]));
  picture();
  writes.length = 0;
  clock.advance(HOLD_MS + CROWD_LATE_MS - 1);
  assert.equal(writes.length, 0);
  clock.advance(1);
  assert.deepEqual(writes.map(({ held }) => held), [[HOLD_MS + CROWD_LATE_MS]]);
  assert.deepEqual(waiting, [[], []]);
});

test("a key frame goes to both halves at once, with what waits", () => {
  const { run, writes, picture, clock, waiting } = setUp();
  run(2, 1000 / 30);
  writes.length = 0;
  picture(true);
  assert.deepEqual(writes.map(({ held }) => held.at(-1)), [0, 0]);
  assert.deepEqual(writes.map(({ held }) => held.length).toSorted(), [1, 2]);
  assert.deepEqual(waiting, [[], []]);
  writes.length = 0;
  clock.advance(1000 / 30);
  picture();
  assert.equal(writes.length, 1, "the others go on in turn");
});

test("sound goes with the next picture of its half, and waits for none that does not come", () => {
  const { run, writes, waiting, sound, picture, clock } = setUp();
  run(2, 1000 / 30);
  picture(true);
  clock.advance(10);
  writes.length = 0;
  for (const half of waiting) half.push(clock.now());
  sound();
  clock.advance(2 * HOLD_MS - 1);
  assert.equal(writes.length, 0);
  clock.advance(1);
  assert.deepEqual(writes.map(({ held }) => held.map(Math.round)), [[2 * HOLD_MS], [2 * HOLD_MS]]);
});

test("pictures wait neither for few players, nor where a latency is set, nor without a window", () => {
  for (const [players, latency, window] of [[CROWD, "auto", 25], [1000, "auto", 0]] as const) {
    const { run, writes } = setUp(players, latency, window);
    run(2, 1000 / 30);
    writes.length = 0;
    run(2, 1000 / 30);
    assert.deepEqual(new Set(writes.flatMap(({ held }) => held)), new Set([0]), `${players}`);
  }
  for (const latency of ["lowest", 20] as const) {
    const { run, writes } = setUp(1000, latency);
    run(2, 1000 / 30);
    assert.deepEqual(new Set(writes.map(({ held }) => held.length)), new Set([1]), `${latency}`);
    assert.equal(writes.length, 120);
  }
});

test("writes to half of the players count as half of the writes", () => {
  // 15 a second to each, which one core can make; as whole writes they would be too many.
  const { run, pacer } = setUp(3000);
  run(5, 1000 / 30);
  assert.equal(pacer.autoWindow, 25);
});

test("of a crowd that is too large even so more pictures share a write, as long as the window lets", () => {
  const { run, pacer, writes } = setUp(9000);
  run(10, 1000 / 30);
  writes.length = 0;
  run(5, 1000 / 30);
  const perSecond = writes.length / 2 / 5;
  assert.ok(perSecond * 9000 < MOST_WRITES * 1.25, `${perSecond} writes a second`);
  assert.ok(perSecond * 9000 > MOST_WRITES * 0.6, `${perSecond} writes a second`);
  const held = Math.max(...writes.flatMap((write) => write.held));
  assert.ok(held <= HOLD_MS * MAX_STRETCH + CROWD_LATE_MS, `${held} ms`);
  assert.ok(pacer.autoWindow > 50, `${pacer.autoWindow} ms`);
});

test("behind a pause nothing is known of how far apart pictures are", () => {
  const { run, writes, picture, clock } = setUp();
  run(2, 1000 / 30);
  clock.advance(5000);
  writes.length = 0;
  for (let count = 0; count < 2; count++) {
    picture();
    clock.advance(200);
  }
  assert.deepEqual(writes.map(({ held }) => held), [[0], [0], [0], [0]]);
});

test("of pictures that all come at once each half is sent some in its turn, and few players all", () => {
  const { picture, run, writes } = setUp();
  run(2, 1000 / 30);
  for (let count = 0; count < 200; count++) picture();
  writes.length = 0;
  for (let count = 0; count < 16; count++) picture();
  assert.deepEqual(writes.map(({ half, held }) => [half, held.length]).toSorted(), [
    ...[[0, 8], [0, 8]],
    ...[[1, 8], [1, 8]],
  ]);
  const few = setUp(2);
  for (let count = 0; count < 20; count++) few.picture();
  assert.equal(few.writes.length, 40);
});
