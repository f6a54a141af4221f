import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { FragmentIndex, indexRoom, SampleRun } from "../../../src/core/mp4/mod.ts";
import type { Sample } from "../../../src/core/samples/mod.ts";

const TRACKS = [
  { id: 2, format: { kind: "audio", timescale: 48_000 } },
  { id: 1, format: { kind: "video", timescale: 90_000 } },
] as const;

function sample(dts: number, duration: number, key = true, composition = 0): Sample {
  return { dts, duration, composition, key, data: new Uint8Array(1) };
}

const run = (samples: Sample[]) => SampleRun.of(samples);

const plain = (...words: string[]) => words.join("").replaceAll(" ", "");

/** Three fragments: one of sound alone, one from a key frame, one that goes on without one. */
function threeFragments(): FragmentIndex {
  const index = new FragmentIndex(TRACKS);
  index.add(1000, 100, [{ id: 2, baseTicks: 48_000, run: run([sample(48_000, 1024)]) }]);
  index.add(1100, 500, [
    {
      id: 1,
      baseTicks: 90_000,
      run: run([sample(93_600, 3600, true, 900), sample(97_200, 3600, false)]),
    },
    { id: 2, baseTicks: 48_000, run: run([sample(49_024, 1024)]) },
  ]);
  index.add(1600, 300, [
    { id: 2, baseTicks: 48_000, run: run([]) },
    { id: 1, baseTicks: 90_000, run: run([sample(100_800, 3600, false), sample(104_400, 3600)]) },
  ]);
  return index;
}

test("the segment index has the fragments of the track of pictures, and fills the room that was left", () => {
  const index = threeFragments();
  const room = indexRoom(3);
  assert.equal(room.length, 40 + 3 * 12 + 8);
  assert.equal(hex(room.subarray(0, 12)), "0000005466726565" + "00000000");
  // By hand [ISO/IEC 14496-12 §8.16.3]. Times are presented ones: 4500 and, at the first key, 14400.
  assert.equal(
    hex(index.segmentIndex(room.length)),
    plain(
      "00000040 73696478 01000000 00000001 00015f90",
      "0000000000001194 0000000000000078 0000 0002",
      "000001f4 000026ac 90000000",
      "0000012c 00000e10 00000000",
      "00000014 66726565 000000000000000000000000",
    ),
  );
});

test("the random access boxes have every fragment of each track that has a sample to start at", () => {
  // By hand [ISO/IEC 14496-12 §8.8.10]: time, place, track in the fragment, run, sample.
  assert.equal(
    hex(threeFragments().randomAccess()),
    plain(
      "000000a0 6d667261",
      "00000044 74667261 01000000 00000002 00000003 00000002",
      "0000000000000000 00000000000003e8 01 01 00000001",
      "0000000000000400 000000000000044c 02 01 00000001",
      "00000044 74667261 01000000 00000001 00000003 00000002",
      "0000000000001194 000000000000044c 01 01 00000001",
      "0000000000003840 0000000000000640 01 01 00000002",
      "00000010 6d66726f 00000000 000000a0",
    ),
  );
});

test("a file is as long as its longest track", () => {
  assert.equal(new FragmentIndex(TRACKS).durationMs, 0);
  assert.equal(threeFragments().durationMs, 200);
});

test("where there is no room for every fragment, several become one, and none is lost", () => {
  const index = new FragmentIndex(TRACKS);
  for (let number = 0; number < 100; number++) {
    index.add(number * 10, 10, [{ id: 1, run: run([sample(number * 900, 900)]) }]);
  }
  for (const references of [1, 3, 7, 50, 99, 100, 200]) {
    const bytes = index.segmentIndex(indexRoom(references).length);
    const view = new DataView(bytes.buffer);
    const count = view.getUint16(38);
    assert.ok(count <= references);
    let [size, duration] = [0, 0];
    for (let at = 40; at < 40 + 12 * count; at += 12) {
      size += view.getUint32(at);
      duration += view.getUint32(at + 4);
    }
    assert.deepEqual([size, duration], [1000, 90_000], `${references}`);
    // From the end of the index to the first fragment is the free box.
    assert.equal(view.getUint32(0) + view.getUint32(32), bytes.length);
  }
});

test("its memory is bounded: of very many fragments each two become one", () => {
  const index = new FragmentIndex(TRACKS);
  for (let number = 0; number < 70_000; number++) {
    index.add(number * 10, 10, [{ id: 1, run: run([sample(number * 900, 900)]) }]);
  }
  const entries = index.randomAccess().length / 22;
  assert.ok(entries > 30_000 && entries < 65_600, `${entries}`);
  assert.equal(index.durationMs, 700_000);
});

test("an index of nothing is none", () => {
  const bytes = new FragmentIndex(TRACKS).segmentIndex(indexRoom(1).length);
  assert.equal(new DataView(bytes.buffer).getUint16(38), 0);
});
