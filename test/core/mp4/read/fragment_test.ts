/** Samples of fragments: where they are and when, by all flags that there are. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../../../../src/core/bytes/join.ts";
import {
  type FileSample,
  readFragment,
  readTrackExtends,
  type SampleDefaults,
} from "../../../../src/core/mp4/read/fragment.ts";
import {
  readRandomAccess,
  readSegmentIndex,
} from "../../../../src/core/mp4/read/fragment_times.ts";
import { box, full, u32, u64 } from "./bytes.ts";

const NON_SYNC = 0x1_0000;
const DEFAULTS: SampleDefaults = { description: 1, duration: 100, size: 10, flags: 0 };

const tfhd = (id: number, flags = 0, ...fields: number[][]) =>
  box("tfhd", full(0, flags, u32(id), ...fields));
const tfdt = (time: number) => box("tfdt", full(0, 0, u32(time)));
const trun = (flags: number, count: number, ...fields: number[][]) =>
  box("trun", full(0, flags, u32(count), ...fields));
const traf = (...boxes: Uint8Array[]) => box("traf", ...boxes);

/** What is read of a fragment at 1000, as tracks and samples. */
function read(
  trafs: readonly Uint8Array[],
  defaults = new Map([[1, DEFAULTS], [2, DEFAULTS]]),
): [number, FileSample][] {
  const found: [number, FileSample][] = [];
  const moof = joined([box("mfhd", full(0, 0, u32(1))), ...trafs]);
  readFragment(moof, 1000, defaults, (track, sample) => found.push([track, sample]));
  return found;
}

const sample = (more: Partial<FileSample>): FileSample => ({
  ...{ description: 1, offset: 1000, size: 10, dts: 0, composition: 0, duration: 100, key: true },
  ...more,
});

test("without a word of its own a fragment has what the track says, from its own beginning on", () => {
  assert.deepEqual(read([traf(tfhd(1), tfdt(50), trun(0, 2))]), [
    [1, sample({ dts: 50 })],
    [1, sample({ dts: 150, offset: 1010 })],
  ]);
  assert.deepEqual(read([traf(tfhd(1), trun(0, 1))]), [[1, sample({})]], "without a time, from 0");
});

test("a track's head says where its data begins, and what holds for its samples", () => {
  const [[, first]] = read([
    traf(tfhd(1, 0x3b, u64(2 ** 33), u32(3), u32(7), u32(8), u32(NON_SYNC)), trun(0, 1)),
  ]) as [[number, FileSample]];
  assert.deepEqual(
    first,
    sample({ description: 3, duration: 7, size: 8, key: false, offset: 2 ** 33 }),
  );
  const [[, some]] = read([traf(tfhd(1, 0x18, u32(7), u32(8)), trun(0, 1))]) as [
    [number, FileSample],
  ];
  assert.deepEqual(some, sample({ duration: 7, size: 8 }));
});

test("each word of a track's head is there by itself", () => {
  const one = (flags: number, ...fields: number[][]) =>
    (read([traf(tfhd(1, flags, ...fields), trun(0, 1))]) as [[number, FileSample]])[0][1];
  assert.deepEqual(one(1, u64(5000)), sample({ offset: 5000 }));
  assert.deepEqual(one(2, u32(3)), sample({ description: 3 }));
  assert.deepEqual(one(8, u32(7)), sample({ duration: 7 }));
  assert.deepEqual(one(0x10, u32(8)), sample({ size: 8 }));
  assert.deepEqual(one(0x20, u32(NON_SYNC)), sample({ key: false }));
});

test("a run says where it begins, and of each sample how long, how large, which and when shown", () => {
  const fields = (...values: number[]) => values.map(u32);
  assert.deepEqual(
    read([
      traf(
        tfhd(1, 0x2_0000),
        tfdt(5),
        trun(0xf01, 2, u32(64), ...fields(20, 3, NON_SYNC, 40), ...fields(30, 4, 0, 50)),
      ),
    ]),
    [
      [1, sample({ offset: 1064, size: 3, dts: 5, duration: 20, key: false, composition: 40 })],
      [1, sample({ offset: 1067, size: 4, dts: 25, duration: 30, composition: 50 })],
    ],
  );
});

test("offsets of data and of a version 1 are below 0 too, those of version 0 are not", () => {
  const run = (version: number) =>
    box("trun", full(version, 0x801, u32(1), u32(-8 >>> 0), u32(0xffff_fff0)));
  const [[, later]] = read([traf(tfhd(1), run(0))]) as [[number, FileSample]];
  assert.deepEqual([later.offset, later.composition], [992, 0xffff_fff0]);
  const [[, earlier]] = read([traf(tfhd(1), run(1))]) as [[number, FileSample]];
  assert.equal(earlier.composition, -16);
});

test("the first sample of a run may have flags of its own, unless each has", () => {
  const keys = (flags: number, ...fields: number[][]) =>
    read([traf(tfhd(1, 0x20, u32(NON_SYNC)), trun(flags, 2, ...fields))]).map(([, { key }]) => key);
  assert.deepEqual(keys(0), [false, false]);
  assert.deepEqual(keys(4, u32(0)), [true, false]);
  assert.deepEqual(keys(0x404, u32(0), u32(NON_SYNC), u32(0)), [false, true]);
});

test("runs and tracks go on where those before them ended, in place and time", () => {
  const found = read([
    traf(tfhd(1), tfdt(0), trun(0, 1), trun(0, 1)),
    traf(tfhd(2), tfdt(7), trun(0, 1)),
    traf(tfhd(2, 0x2_0000), tfdt(9), trun(0, 1)),
  ]);
  assert.deepEqual(found.map(([track, { offset, dts }]) => [track, offset, dts]), [
    [1, 1000, 0],
    [1, 1010, 100],
    [2, 1020, 7],
    [2, 1000, 9],
  ]);
});

test("tracks that nobody wants are passed over, with their data", () => {
  const found = read([
    traf(trun(0, 1)),
    traf(tfhd(9, 0x10, u32(30)), trun(0, 2)),
    traf(tfhd(1), trun(0, 1)),
  ]);
  assert.deepEqual(found, [[1, sample({ offset: 1060 })]]);
});

test("times may have 64 bits", () => {
  const time = box("tfdt", full(1, 0, u64(2 ** 40 + 3)));
  assert.equal(read([traf(tfhd(1), time, trun(0, 1))])[0]![1].dts, 2 ** 40 + 3);
});

test("a run that is cut has the samples that are there, and a fragment 65,536 at the most", () => {
  const cut = trun(0x200, 5, u32(1), u32(2));
  assert.equal(read([traf(tfhd(1), cut)]).length, 2);
  const many = [traf(tfhd(1), trun(0, 65_000), trun(0, 536), trun(0, 1))];
  assert.equal(read(many).length, 65_536);
  assert.equal(read([traf(tfhd(1), trun(0, 0xffff_ffff))]).length, 65_536);
});

test("a track's defaults are what trex says", () => {
  const trex = full(0, 0, u32(3), u32(1), u32(40), u32(50), u32(60));
  assert.deepEqual(readTrackExtends(trex), [
    3,
    { description: 1, duration: 40, size: 50, flags: 60 },
  ]);
});

test("random access says where fragments of a track are, with numbers of any size behind", () => {
  const tfra = (
    version: number,
    track: number,
    sizes: number,
    count: number,
    ...entries: number[][]
  ) => box("tfra", full(version, 0, u32(track), u32(sizes), u32(count), ...entries));
  const mfra = joined([
    tfra(0, 2, 0, 1, u32(1), u32(2), [1, 1, 1]),
    box("free"),
    tfra(0, 1, 0, 2, u32(1000), u32(50), [1, 1, 1], u32(3000), u32(70), [1, 1, 1]),
    tfra(
      1,
      1,
      0b11_10_01,
      2,
      u64(5000),
      u64(2 ** 33),
      Array(9).fill(1),
      u64(6000),
      u64(99),
      Array(9).fill(1),
    ),
  ]);
  assert.deepEqual(readRandomAccess(mfra, 1, 1000), [
    { time: 1, offset: 50 },
    { time: 3, offset: 70 },
    { time: 5, offset: 2 ** 33 },
    { time: 6, offset: 99 },
  ]);
  const cut = tfra(0, 1, 0, 9, u32(1000), u32(50), [1, 1, 1], [1, 1]);
  assert.equal(readRandomAccess(cut, 1, 1000).length, 1);
});

test("a segment index counts fragments from its end, and says nothing where it leads to others", () => {
  const piece = (size: number, duration: number) => [...u32(size), ...u32(duration), ...u32(0)];
  const narrow = full(
    0,
    0,
    u32(1),
    u32(1000),
    u32(500),
    u32(20),
    [0, 0, 0, 2],
    piece(300, 2000),
    piece(400, 1000),
  );
  const hints = [{ time: 0.5, offset: 120 }, { time: 2.5, offset: 420 }];
  assert.deepEqual(readSegmentIndex(narrow, 100), hints);
  const wide = full(
    1,
    0,
    u32(1),
    u32(1000),
    u64(500),
    u64(20),
    [0, 0, 0, 2],
    piece(300, 2000),
    piece(400, 1000),
  );
  assert.deepEqual(readSegmentIndex(wide, 100), hints);
  assert.deepEqual(readSegmentIndex(narrow.subarray(0, -1), 100), hints.slice(0, 1));
  const other = full(
    0,
    0,
    u32(1),
    u32(1000),
    u32(0),
    u32(0),
    [0, 0, 0, 2],
    piece(300, 2000),
    piece(2 ** 31, 1),
  );
  assert.deepEqual(readSegmentIndex(other, 100), []);
  const most = full(0, 0, u32(1), u32(1000), u32(0), u32(0), [0, 0, 0, 1], piece(2 ** 31 - 1, 1));
  assert.equal(readSegmentIndex(most, 100).length, 1);
  const still = full(0, 0, u32(1), u32(0), u32(0), u32(0), [0, 0, 0, 1], piece(1, 1));
  assert.deepEqual(readSegmentIndex(still, 100), []);
});
