import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AudioTimeline } from "../../../src/core/samples/audio_timeline.ts";
import type { Sample } from "../../../src/core/samples/mod.ts";
import { check } from "../../support/property.ts";

const DATA = Uint8Array.of(1);

/** Numbers from 0 to 1 that are the same each time for a seed. */
function random(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state = (state ^ state << 5) >>> 0;
    return state / 2 ** 32;
  };
}

/** An hour of frames; returns what came out, and how far it was at most from the true time (ms). */
function hour(
  { rate = 44_100, ticks = 1024, clock = 1, jitter = 0, seed = 1 },
): { samples: Sample[]; furthest: number; gaps: number; dropped: number } {
  const timeline = new AudioTimeline(rate);
  const next = random(seed);
  const samples: Sample[] = [];
  let furthest = 0;
  let gaps = 0;
  for (let index = 0; index * ticks / rate < 3600; index++) {
    // When the source takes the frame to be heard, if its clock of sound is off by so much.
    const truth = index * ticks / rate * 1000 * clock;
    const told = Math.max(0, Math.round(truth + (next() * 2 - 1) * jitter));
    const sample = timeline.push(told, ticks, DATA);
    if (timeline.gapTicks > 0) gaps++;
    if (sample === undefined) continue;
    samples.push(sample);
    furthest = Math.max(furthest, Math.abs(sample.dts / rate * 1000 - truth));
  }
  return { samples, furthest, gaps, dropped: timeline.dropped };
}

for (
  const [name, rate, ticks] of [
    ["AAC at 44.1 kHz", 44_100, 1024],
    ["AAC at 48 kHz", 48_000, 1024],
    ["HE-AAC at 44.1 kHz", 44_100, 2048],
    ["MP3 at 22.05 kHz", 22_050, 576],
    ["Opus", 48_000, 960],
    ["FLAC at 44.1 kHz", 44_100, 4608],
  ] as const
) {
  test(`whole milliseconds add up to no error in an hour: ${name}`, () => {
    const { samples, furthest, gaps, dropped } = hour({ rate, ticks });
    assert.ok(
      samples.every(({ dts, duration }, index) => dts === index * ticks && duration === ticks),
    );
    assert.deepEqual([gaps, dropped], [0, 0]);
    assert.ok(furthest < 0.001, `${furthest} ms`);
  });

  test(`timestamps that jitter, and a clock that is off, stay within 20 ms in an hour: ${name}`, () => {
    const cases = name === "AAC at 44.1 kHz"
      ? [[1, 20], [1.0001, 0], [0.998, 20], [1.002, 5]] as const
      : [[0.999, 20]] as const;
    for (const [clock, jitter] of cases) {
      const { samples, furthest, gaps, dropped } = hour({ rate, ticks, clock, jitter, seed: 7 });
      const what = `clock ${clock}, jitter ${jitter}: ${furthest} ms`;
      assert.ok(furthest < 20, what);
      assert.deepEqual([gaps, dropped], [0, 0], what);
      // Without a seam, and no frame stretched so that it can be heard.
      for (const [index, { dts, duration }] of samples.entries()) {
        if (index > 0) assert.equal(dts, samples[index - 1]!.dts + samples[index - 1]!.duration);
        assert.ok(Math.abs(duration - ticks) <= ticks / 32, what);
      }
    }
  });
}

/** Pushes frames of 20 ms at these times (ms); returns the times that come out, `-` for none. */
function push(times: readonly number[], timeline = new AudioTimeline(1000)): string {
  return times.map((ms) => {
    const sample = timeline.push(ms, 20, DATA);
    const gap = timeline.gapTicks > 0 ? `(gap ${timeline.gapTicks})` : "";
    return sample === undefined ? "-" : `${gap}${sample.dts}`;
  }).join(" ");
}

test("sound that is missing leaves a gap once two frames agree that it is", () => {
  assert.equal(push([0, 20, 240, 260, 280]), "0 20 40 (gap 200)260 280");
});

test("behind a gap sound begins at the tick that is nearest to its time", () => {
  const timeline = new AudioTimeline(44_100);
  const starts = [0, 23, 1007, 1007].map((ms) => timeline.push(ms, 1024, DATA)!.dts);
  // 1007 ms are 44408.7 ticks.
  assert.deepEqual(starts, [0, 1024, 2048, 44_409]);
});

test("what is up to 50 ms off, or one and a half frames, is jitter", () => {
  const late = (ms: number, ticks: number) => {
    const timeline = new AudioTimeline(1000);
    let gap = 0;
    for (let index = 0; index < 4; index++) {
      timeline.push(index * ticks + (index > 0 ? ms : 0), ticks, DATA);
      gap = Math.max(gap, timeline.gapTicks);
    }
    return gap;
  };
  assert.deepEqual([late(50, 20), late(51, 20)], [0, 51]);
  assert.deepEqual([late(150, 100), late(151, 100)], [0, 151]);
});

test("one timestamp that is off moves nothing", () => {
  assert.equal(push([0, 20, 400, 60, 80, 100]), "0 20 40 60 80 100");
  assert.equal(push([500, 520, 140, 560, 580]), "500 520 540 560 580");
});

test("where there is more sound than time, it is left out until there is time again", () => {
  const times = [0, 20, 40, 60, 80, 0, 20, 40, 60, 80, 100, 120, 140];
  assert.equal(push(times), "0 20 40 60 80 100 - - - - - 120 140");
});

test("any timestamps come out rising and without an overlap", () => {
  check(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 200 }), (times) => {
      const timeline = new AudioTimeline(44_100);
      let end = -1;
      let dropped = 0;
      for (const ms of times) {
        const sample = timeline.push(ms, 1024, DATA);
        if (sample === undefined) {
          dropped++;
          continue;
        }
        assert.ok(sample.dts >= end && Number.isInteger(sample.dts), "no overlap");
        assert.ok(sample.duration > 0 && Number.isInteger(sample.duration));
        end = sample.dts + sample.duration;
      }
      assert.equal(timeline.dropped, dropped);
    }),
  );
});

test("a clock that steps by 30 ms is followed once, and no further", () => {
  const timeline = new AudioTimeline(48_000);
  const behind: number[] = [];
  for (let index = 0; index < 2000; index++) {
    const ms = index * 20 + (index < 100 ? 0 : 30);
    const { dts } = timeline.push(ms, 960, DATA)!;
    behind.push(ms - dts / 48);
  }
  assert.equal(timeline.gapTicks, 0);
  assert.equal(Math.max(...behind), 30);
  // Differences below 5 ms are left alone: behind the step it comes that near, and stays there.
  const end = behind.slice(-500);
  assert.ok(end.every((ms) => ms > 0 && ms < 6), `${end[0]} to ${end.at(-1)} ms`);
  assert.equal(end[0], end.at(-1), "nothing is corrected any more");
  assert.ok(Math.min(...behind.slice(100)) > 0, "nor was it ahead in between");
});
