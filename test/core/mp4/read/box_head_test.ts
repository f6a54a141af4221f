/** Boxes that nobody vouches for. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxesIn,
  boxIn,
  number16,
  number32,
  number64,
  readBoxHead,
} from "../../../../src/core/mp4/read/box_head.ts";
import { joined } from "../../../../src/core/bytes/join.ts";
import { box, u32, u64 } from "./bytes.ts";

const head = (...bytes: readonly number[][]) => readBoxHead(Uint8Array.from(bytes.flat()), 0);
const MDAT = [0x6d, 0x64, 0x61, 0x74];

test("a head has its size in four bytes, in eight, or goes on to the end", () => {
  assert.deepEqual(head(u32(8), MDAT), { type: "mdat", head: 8, size: 8 });
  assert.deepEqual(head(u32(0), MDAT), { type: "mdat", head: 8, size: Infinity });
  const large = 2 ** 33 + 5;
  assert.deepEqual(head(u32(1), MDAT, u64(large)), { type: "mdat", head: 16, size: large });
  assert.deepEqual(head(u32(1), MDAT, u64(16)), { type: "mdat", head: 16, size: 16 });
  assert.deepEqual(readBoxHead(Uint8Array.from([9, ...u32(0xffff_ffff), ...MDAT]), 1), {
    ...{ type: "mdat", head: 8, size: 0xffff_ffff },
  });
});

test("a head that is cut, or a box that is shorter than it, is none", () => {
  assert.equal(head(u32(8), MDAT.slice(1)), undefined);
  assert.equal(head(u32(7), MDAT), undefined);
  assert.equal(head(u32(2), MDAT), undefined);
  assert.equal(head(u32(1), MDAT, u64(15)), undefined);
  assert.equal(head(u32(1), MDAT, u64(16).slice(1)), undefined);
});

test("boxes are found one behind the other, as far as they are whole", () => {
  const bytes = joined([
    Uint8Array.of(7),
    ...[box("aaaa", [1]), box("bbbb"), box("aaaa", [2, 3])],
    box("cccc", [1, 2, 3]).subarray(0, 10),
  ]);
  const found = [...boxesIn(bytes, 1)].map(({ type, body }) => [type, [...body]]);
  assert.deepEqual(found, [["aaaa", [1]], ["bbbb", []], ["aaaa", [2, 3]]]);
  assert.deepEqual([...boxIn(bytes, "aaaa", 1)!], [1], "the first one");
  assert.equal(boxIn(bytes, "cccc", 1), undefined);
  const open = joined([box("aaaa"), Uint8Array.from([...u32(0), ...MDAT, 5, 6])]);
  assert.deepEqual([...boxIn(open, "mdat")!], [5, 6]);
  const wide = Uint8Array.from([...u32(1), ...MDAT, ...u64(18), 5, 6, 7]);
  assert.deepEqual([...boxIn(wide, "mdat")!], [5, 6]);
});

test("4096 boxes are looked at, and no more", () => {
  const one = box("free");
  const bytes = joined(Array.from({ length: 4097 }, () => one));
  assert.equal([...boxesIn(bytes)].length, 4096);
});

test("numbers behind the end are 0", () => {
  const bytes = Uint8Array.from([0x81, 2, 3, 0x84, 5, 6, 7, 8]);
  assert.equal(number16(bytes, 0), 0x8102);
  assert.equal(number32(bytes, 0), 0x8102_0384);
  assert.equal(number64(bytes, 0), 0x8102_0384 * 2 ** 32 + 0x0506_0708);
  assert.equal(number16(bytes, 7), 0x0800);
  assert.equal(number16(bytes, 8), 0);
  assert.equal(number32(bytes, 5), 0x0607_0800);
  assert.equal(number32(bytes, 7), 0x0800_0000);
  assert.equal(number32(bytes, 9), 0);
});
