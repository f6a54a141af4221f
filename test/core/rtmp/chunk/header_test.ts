/** Headers of chunks that lean on those before them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkDecoder } from "../../../../src/core/rtmp/chunk/decoder.ts";
import { bytes, concat, counting, decodeEveryWay, hex } from "./harness.ts";

test("whoever begins with a header that needs an earlier one is told which", () => {
  for (
    const [header, what] of [["c3", "stream 3 has a type 3"], [
      "84 000001",
      "stream 4 has a type 2",
    ]]
  ) {
    const decoder = new ChunkDecoder();
    assert.throws(
      () => decoder.decode(bytes(header!), 0, { onMessage: () => true }),
      (error: Error) => error.message.includes(`chunk ${what} header`),
    );
  }
});

test("a new extended delta of a type 3 header is what its continuations repeat", () => {
  const payload = counting(200);
  const input = concat(
    bytes("04 ffffff 0000c8 09 01000000 01000000 | time 2^24, length 200"),
    payload.subarray(0, 128),
    bytes("c4 01000000"),
    payload.subarray(128),
    bytes("c4 02000000 | as FFmpeg writes it"),
    payload.subarray(0, 128),
    bytes("c4 02000000"),
    payload.subarray(128),
    bytes("c4 02000000"),
    payload.subarray(0, 128),
    bytes("c4 02000000"),
    payload.subarray(128),
  );
  const seen = decodeEveryWay(input);
  assert.deepEqual(seen.map(({ timestamp }) => timestamp), [0x1000000, 0x3000000, 0x5000000]);
  for (const message of seen) assert.equal(message.payload, hex(payload));
});

test("an extended timestamp counts for its own header alone", () => {
  const input = bytes(`
    04 ffffff 000001 09 01000000 01000000 aa
    84 000005 bb
    c4 cc
    84 ffffff 01000000 dd
    c4 01000000 ee`);
  assert.deepEqual(decodeEveryWay(input).map(({ timestamp, payload }) => [timestamp, payload]), [
    [0x1000000, "aa"],
    [0x1000005, "bb"],
    [0x100000a, "cc"],
    [0x200000a, "dd"],
    [0x300000a, "ee"],
  ]);
});
