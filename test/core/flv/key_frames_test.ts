import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyFrames } from "../../../src/core/flv/key_frames.ts";

function filled(count: number, most: number): KeyFrames {
  const keys = new KeyFrames(most);
  for (let index = 0; index < count; index++) keys.add(index * 1000, 13 + index * 50);
  return keys;
}

test("the last key frame at or before a time is found, and the first where there is none", () => {
  const keys = filled(10, 100);
  assert.deepEqual(keys.before(0), { time: 0, offset: 13 });
  assert.deepEqual(keys.before(-1), { time: 0, offset: 13 });
  assert.deepEqual(keys.before(999), { time: 0, offset: 13 });
  assert.deepEqual(keys.before(1000), { time: 1000, offset: 63 });
  assert.deepEqual(keys.before(8999.5), { time: 8000, offset: 413 });
  assert.deepEqual(keys.before(1e12), { time: 9000, offset: 463 });
  assert.equal(new KeyFrames(2).before(5), undefined);
});

test("what does not go on in time and place is left out", () => {
  const keys = filled(3, 100);
  keys.add(2000, 500);
  keys.add(1000, 600);
  keys.add(3000, 113);
  keys.add(NaN, 700);
  keys.add(4000, NaN);
  assert.equal(keys.size, 3);
});

test("over the most that are kept each second one goes, evenly over the file", () => {
  for (const most of [2, 7, 8, 100]) {
    for (const count of [most, most + 1, 2 * most, 2 * most + 1, 10 * most + 3]) {
      const times = [...filled(count, most)].map(({ time }) => time / 1000);
      assert.ok(times.length <= most, `${times.length} of ${most}`);
      const step = times[1]!;
      assert.ok(count <= most ? step === 1 : step > 1);
      assert.deepEqual(times, times.map((_, index) => index * step));
      assert.ok(count - 1 - times.at(-1)! < step);
    }
  }
});
