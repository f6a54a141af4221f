import assert from "node:assert/strict";
import { test } from "node:test";
import { FAULTS, seeded } from "./faults.ts";
import { durationMs, soakFigures } from "./run.ts";
import { leastSquares } from "./slope.ts";
import { soak, type SoakReport } from "./soak.ts";

const over = (report: SoakReport, duration: number) =>
  soakFigures(report, duration).filter(({ value, atMost = Infinity }) => value > atMost)
    .map(({ what }) => what);

test("a soak of three seconds harms no healthy peer and leaves nothing behind", async () => {
  const options = { durationMs: 3000, seed: 7, cyclesPerSecond: 4, joinsPerSecond: 40 };
  const report = await soak(options);
  assert.ok(report.cycles > 0 && report.joins > 50 && report.bad > 0, JSON.stringify(report));
  assert.ok(report.heapMiB > 1 && report.samples > 0 && report.longestGapMs > 0);
  assert.deepEqual(over(report, options.durationMs), []);
  assert.equal(report.exitCode, 0);
});

test("a soak is judged by what leaks, what is left, what broke and who suffered", () => {
  const good: SoakReport = {
    cycles: 9,
    joins: 9,
    bad: 9,
    refused: 0,
    starved: 0,
    longestJoinMs: 30,
    lost: 0,
    longestGapMs: 80,
    longestPauseMs: 60,
    samples: 50,
    slopeMiBPerMinute: 0.1,
    slopeR2: 0.5,
    heapBeforeMiB: 9,
    heapMiB: 10,
    rssWarmMiB: 100,
    rssEndMiB: 101,
    filesBefore: 20,
    filesAfter: 20,
    sessionsLeft: 0,
    streamsLeft: 0,
    faults: 0,
    exitCode: 0,
  };
  assert.deepEqual(over(good, 120_000), []);
  const bad: Partial<SoakReport>[] = [
    { slopeMiBPerMinute: 0.6 },
    { rssEndMiB: 120 },
    { longestGapMs: 1500 },
    { lost: 1 },
    { starved: 1 },
    { refused: 1 },
    { sessionsLeft: 1 },
    { streamsLeft: 1 },
    { filesAfter: 30 },
    { faults: 1 },
  ];
  for (const one of bad) {
    assert.equal(over({ ...good, ...one }, 120_000).length, 1, JSON.stringify(one));
  }
  assert.deepEqual(over({ ...good, slopeMiBPerMinute: 9 }, 3000), []);
});

test("the slope is that of the line of least squares", () => {
  const line = leastSquares([[0, 1], [1, 3], [2, 5]]);
  assert.deepEqual(line, { slope: 2, r2: 1 });
  assert.equal(leastSquares([[0, 1], [1, 2], [2, 1]]).slope, 0);
});

test("the same seed gives the same soak", () => {
  const draw = (seed: number) => Array.from({ length: 5 }, seeded(seed));
  assert.deepEqual(draw(3), draw(3));
  assert.notDeepEqual(draw(3), draw(4));
  assert.ok(draw(5).every((number) => number >= 0 && number < 1));
  assert.ok(Object.keys(FAULTS).length >= 8);
});

test("durations are numbers with a unit", () => {
  assert.deepEqual(["500ms", "90s", "5m", "8h"].map(durationMs), [
    500,
    90_000,
    300_000,
    28_800_000,
  ]);
  for (const text of ["", "5", "0s", "-1m", "5 m", "m"]) assert.equal(durationMs(text), undefined);
});
