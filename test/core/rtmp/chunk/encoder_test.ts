import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError, UsageError } from "../../../../src/core/errors.ts";
import { ChunkEncoder } from "../../../../src/core/rtmp/chunk/encoder.ts";
import type { RtmpMessage } from "../../../../src/core/rtmp/message/types.ts";
import { bytes, concat, counting, hex } from "./harness.ts";

function message(timestamp: number, payload = bytes("aa"), changes: Partial<RtmpMessage> = {}) {
  return { type: 8, messageStreamId: 1, timestamp, payload, ...changes };
}

/** The bytes of each message in turn, on chunk stream 3. */
function encodeAll(...messages: RtmpMessage[]): string[] {
  const encoder = new ChunkEncoder();
  return messages.map((message) => hex(encoder.encode(message, 3)));
}

test("headers shrink as in the audio example of [RTMP 1.0 §5.3.2.1]", () => {
  const wire = encodeAll(
    ...[1000, 1020, 1040, 1060].map((time, i) =>
      message(time, counting(32, 32 * i), { messageStreamId: 12345 })
    ),
  );
  assert.deepEqual(wire, [
    hex(concat(bytes("03 0003e8 000020 08 39300000"), counting(32, 0))),
    hex(concat(bytes("83 000014"), counting(32, 32))),
    hex(concat(bytes("c3"), counting(32, 64))),
    hex(concat(bytes("c3"), counting(32, 96))),
  ]);
});

test("a change of type or length takes type 1, of the message stream type 0", () => {
  const wire = encodeAll(
    message(10),
    message(20, bytes("aabb")),
    message(30, bytes("aabb"), { type: 9 }),
    message(40, bytes("aabb"), { type: 9, messageStreamId: 2 }),
  );
  assert.deepEqual(wire, [
    "0300000a0000010801000000aa",
    "4300000a00000208aabb",
    "4300000a00000209aabb",
    "030000280000020902000000aabb",
  ]);
});

test("type 3 is not used after type 0 unless its timestamp is 0", () => {
  assert.equal(encodeAll(message(20), message(40))[1], "83000014aa");
  assert.equal(encodeAll(message(0), message(0))[1], "c3aa");
});

test("time that goes backwards takes type 0, time that wraps does not", () => {
  assert.equal(encodeAll(message(20), message(19))[1], "030000130000010801000000aa");
  assert.equal(encodeAll(message(0xfffffff0), message(0x10))[1], "83000020aa");
});

test("an extended delta is repeated in continuations and never implied", () => {
  const encoder = new ChunkEncoder();
  encoder.setChunkSize(1);
  const wire = [0, 0x1000000, 0x2000000].map((time) =>
    hex(encoder.encode(message(time, bytes("aabb")), 3))
  );
  assert.deepEqual(wire, [
    "030000000000020801000000aac3bb",
    "83ffffff01000000aac301000000bb",
    "83ffffff01000000aac301000000bb",
  ]);
});

test("setChunkSize tells the peer and holds from the next message", () => {
  const encoder = new ChunkEncoder();
  assert.equal(encoder.chunkSize, 128);
  assert.equal(hex(encoder.setChunkSize(4096)), "02000000000004010000000000001000");
  assert.equal(encoder.chunkSize, 4096);
  assert.equal(encoder.encode(message(0, counting(4096)), 3).length, 12 + 4096);
  // The message itself is still cut by the old size.
  assert.equal(hex(encoder.setChunkSize(1)), "c200000001");
  assert.equal(hex(encoder.setChunkSize(2)), "c200c200c200c202");
});

test("a Set Chunk Size among the messages is obeyed", () => {
  const encoder = new ChunkEncoder();
  encoder.encode(message(0, bytes("00000002"), { type: 1, messageStreamId: 0 }), 2);
  assert.equal(hex(encoder.encode(message(0, bytes("aabbcc")), 3)).slice(24), "aabbc3cc");
  const bad = message(0, bytes("00000000"), { type: 1 });
  assert.throws(() => encoder.encode(bad, 2), ProtocolError);
});

test("sizes and ids outside the format are a UsageError", () => {
  const encoder = new ChunkEncoder();
  for (const size of [0, -1, 1.5, NaN, 2 ** 31]) {
    assert.throws(() => encoder.setChunkSize(size), UsageError);
  }
  assert.throws(() => encoder.encode(message(0), 1), UsageError);
  assert.equal(encoder.chunkSize, 128);
});
