/** How much may be on its way, and for how long, by the numbers of RFC 7016 §3.5.2 and appendix A. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Congestion } from "../../../src/core/rtmfp/congestion.ts";
import { RoundTrip } from "../../../src/core/rtmfp/round_trip.ts";

/** A window that shrank to `window` bytes, so that it grows slowly. */
function avoiding(window: number): Congestion {
  const congestion = new Congestion();
  congestion.window = window * 4 / 3;
  congestion.lost(congestion.window, false, false);
  assert.equal(congestion.window, window);
  return congestion;
}

test("at first a window grows by what arrives, one packet at a time at the most, if it was used up", () => {
  const rows: [bytes: number, inFlight: number, window: number][] = [
    [500, 2320, 3980],
    [500, 2319, 3480],
    [1160, 3480, 4640],
    [1161, 3480, 4640],
    [90_000, 3480, 4640],
  ];
  for (const [bytes, inFlight, window] of rows) {
    const congestion = new Congestion();
    congestion.answered(bytes, inFlight, false, false);
    assert.equal(congestion.window, window, `${bytes} of ${inFlight}`);
  }
});

test("a window has 1024 packets at the most", () => {
  const congestion = new Congestion();
  congestion.window = 1_187_840 - 100;
  congestion.answered(1160, congestion.window, false, false);
  assert.equal(congestion.window, 1_187_840);
});

test("what is lost takes a quarter of the window, half of it or an eighth, and leaves three packets", () => {
  const rows: [inFlight: number, critical: boolean, yielding: boolean, window: number][] = [
    [100_000, false, false, 75_000],
    [100_000, false, true, 50_000],
    [100_000, true, false, 87_500],
    [100_000, true, true, 87_500],
    [40_000, false, false, 30_000],
    [900_000, false, false, 75_000],
    [4000, false, false, 3480],
  ];
  for (const [inFlight, critical, yielding, window] of rows) {
    const congestion = new Congestion();
    congestion.window = 100_000;
    congestion.lost(inFlight, critical, yielding);
    assert.equal(congestion.window, window, `${inFlight} ${critical} ${yielding}`);
  }
});

test("after a loss a window grows by 48 bytes for each sixteenth of it that arrives", () => {
  const congestion = avoiding(64_000);
  congestion.answered(3999, 64_000, false, false);
  assert.equal(congestion.window, 64_000);
  congestion.answered(1, 64_000, false, false);
  assert.equal(congestion.window, 64_048);
  congestion.answered(4002, 64_048, false, false);
  assert.equal(congestion.window, 64_048, "the sixteenth has grown as well");
  congestion.answered(1, 64_048, false, false);
  assert.equal(congestion.window, 64_096);
  const several = avoiding(64_000);
  several.answered(12_000, 64_000, false, false);
  assert.equal(several.window, 64_144);
  // More than 4800 bytes are never waited for.
  const large = avoiding(300_000);
  large.answered(4799, 300_000, false, false);
  assert.equal(large.window, 300_000);
  large.answered(1, 300_000, false, false);
  assert.equal(large.window, 300_048);
});

test("a window that gives way to the time critical media of others grows half as fast", () => {
  const rows: [critical: boolean, yielding: boolean, window: number][] = [
    [false, true, 64_024],
    [true, true, 64_048],
    [true, false, 64_048],
  ];
  for (const [critical, yielding, window] of rows) {
    const congestion = avoiding(64_000);
    congestion.answered(4000, 64_000, critical, yielding);
    assert.equal(congestion.window, window, `${critical} ${yielding}`);
  }
  // It is slow from its very beginning: a sixteenth of 3480 is 217.5.
  const first = new Congestion();
  first.answered(217, 3480, false, true);
  assert.equal(first.window, 3480);
  first.answered(1, 3480, false, true);
  assert.equal(first.window, 3504);
});

test("what was counted for the next step is counted anew after each loss, timeout and move", () => {
  for (const forgets of ["lost", "timedOut", "forget"] as const) {
    const congestion = new Congestion();
    congestion.window = 100_000;
    congestion.answered(4799, 100_000, false, true);
    assert.equal(congestion.window, 100_000);
    congestion[forgets](64_000 * 4 / 3, false, false);
    const { window } = congestion;
    // Just below a sixteenth of it.
    congestion.answered(Math.ceil(window / 16) - 1, window, false, true);
    assert.equal(congestion.window, window, forgets);
    congestion.answered(1, window, false, true);
    assert.equal(congestion.window, window + 24, forgets);
  }
});

test("a timeout leaves two packets, and three quarters of the window to grow to as at first", () => {
  const congestion = new Congestion();
  congestion.window = 8000;
  congestion.timedOut();
  assert.equal(congestion.window, 2320);
  const grown = [0, 1, 2, 3].map(() => {
    congestion.answered(1160, congestion.window, false, false);
    return congestion.window;
  });
  assert.deepEqual(grown, [3480, 4640, 5800, 6960]);
  congestion.answered(434, 6960, false, false);
  assert.equal(congestion.window, 6960, "6000 were reached");
  congestion.answered(1, 6960, false, false);
  assert.equal(congestion.window, 7008);
  // Of a small window three packets are left to grow to.
  const small = new Congestion();
  small.timedOut();
  small.answered(500, 2320, false, false);
  small.answered(500, 2820, false, false);
  assert.equal(small.window, 3320);
});

test("nothing is known of another way: its window grows as at first", () => {
  const congestion = avoiding(4000);
  congestion.forget();
  for (const window of [4640, 5800]) {
    congestion.answered(1160, congestion.window, false, false);
    assert.equal(congestion.window, window);
  }
});

test("a packet is given up after its round trip, four times its variation and the time for an answer", () => {
  const trip = new RoundTrip();
  assert.deepEqual([trip.smoothed, trip.timeout], [undefined, 1000]);
  trip.sample(100);
  assert.deepEqual([trip.smoothed, trip.timeout], [100, 500]);
  trip.sample(20);
  assert.deepEqual([trip.smoothed, trip.timeout], [90, 520]);
  const at = (ms: number) => {
    const trip = new RoundTrip();
    trip.sample(ms);
    return trip.timeout;
  };
  assert.deepEqual([0, 16, 17, 3266, 3267, 60_000].map(at), [250, 250, 251, 9998, 10_000, 10_000]);
});

test("each timeout makes the next one longer by the root of two, up to ten seconds", () => {
  const trip = new RoundTrip();
  trip.backOff();
  assert.equal(Math.round(trip.timeout), 1414);
  for (let times = 0; times < 20; times++) trip.backOff();
  assert.equal(trip.timeout, 10_000);
  trip.sample(100);
  trip.forget();
  assert.deepEqual([trip.smoothed, trip.timeout], [undefined, 1000]);
  trip.sample(40);
  assert.deepEqual([trip.smoothed, trip.timeout], [40, 320]);
});
