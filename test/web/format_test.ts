/** Figures and lines as the pages show them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webModule } from "../support/web_module.ts";

const format = await webModule<{
  bitrate(bits: number | null): string;
  bytes(count: number): string;
  duration(ms: number): string;
  codecName(codec: string): string;
}>("format.js");
const chart = await webModule<{
  linePath(values: readonly number[], count: number, most: number): string;
  roundUp(value: number): number;
  describeLine(label: string, values: readonly number[], shown: (value: number) => string): string;
}>("chart.js");

test("figures are short, and have their unit", () => {
  assert.deepEqual(
    [null, 0, 128_416, 999_400, 999_600, 2_506_636, 12_345_678].map(format.bitrate),
    [
      "–",
      ...["0 kbit/s", "128 kbit/s", "999 kbit/s", "1.0 Mbit/s", "2.5 Mbit/s", "12 Mbit/s"],
    ],
  );
  assert.deepEqual([0, 999, 1500, 99_900, 12_600_000_000, 2e15].map(format.bytes), [
    ...["0 B", "999 B", "1.5 kB", "100 kB", "13 GB", "2000 TB"],
  ]);
  assert.deepEqual([0, 8400, 60_000, 200_000, 7_500_000, 360_000_000].map(format.duration), [
    ...["0 s", "8 s", "1 min", "3 min 20 s", "2 h 5 min", "4 d 4 h"],
  ]);
  assert.deepEqual(
    ["avc", "aac", "opus", "eac3", "constructor", "nellymoser"].map(format.codecName),
    [
      ...["H.264", "AAC", "Opus", "E-AC-3", "Constructor", "Nellymoser"],
    ],
  );
});

test("a line ends at the right, and has gaps where nothing was", () => {
  assert.equal(chart.linePath([5, 10], 3, 10), "M300.0 62.0L600.0 6.0");
  assert.equal(chart.linePath([10, 0, 10], 3, 10), "M0.0 6.0M600.0 6.0");
  assert.equal(chart.linePath([], 3, 10), "");
});

test("the top of a chart is round, and never below a line", () => {
  assert.deepEqual([1, 7, 25, 640_000, 1_000_000, 9_990_000].map(chart.roundUp), [
    ...[1, 8, 30, 800_000, 1_000_000, 10_000_000],
  ]);
});

test("a line is told in words to who cannot see it", () => {
  const told = (values: number[]) => chart.describeLine("Video", values, (value) => `${value} x`);
  assert.equal(told([3, 0, 9, 4]), "Video: now 4 x, between 3 x and 9 x");
  assert.equal(told([3, 0]), "Video: now nothing, between 3 x and 3 x");
  assert.equal(told([0]), "Video: nothing measured yet");
});
