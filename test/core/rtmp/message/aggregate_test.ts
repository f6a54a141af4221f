import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ProtocolError } from "../../../../src/core/errors.ts";
import { AggregateCursor, forEachAggregated } from "../../../../src/core/rtmp/message/aggregate.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { check } from "../../../support/property.ts";
import { bytes, hex } from "../chunk/harness.ts";

/** Type, message stream, time and payload of each message inside. */
function split(payload: Uint8Array, timestamp = 1000, messageStreamId = 7) {
  const seen: [number, number, number, string][] = [];
  forEachAggregated(payload, timestamp, messageStreamId, (type, stream, time, body) => {
    assert.equal(body.buffer.byteLength, body.length, "payload has a buffer of its own");
    seen.push([type, stream, time, hex(body)]);
  });
  return seen;
}

// Three FLV tags with their back-pointers; the times are 0x050000, 0x050014 and 0x050028.
const audio = "08 000002 050000 00 000001 aabb 0000000d";
const video = "09 000001 050014 00 000001 cc   0000000c";
const empty = "08 000000 050028 00 000001      0000000b";

test("times count from the message's own and the outer message stream wins", () => {
  assert.deepEqual(split(bytes(audio + video + empty)), [
    [8, 7, 1000, "aabb"],
    [9, 7, 1020, "cc"],
    [8, 7, 1040, ""],
  ]);
});

test("the extension byte holds the high 8 bits, and time wraps", () => {
  const late = "08 000001 fffff0 ff 000000 aa 0000000c  08 000001 000010 00 000000 bb 0000000c";
  assert.deepEqual(split(bytes(late), 0xfffffffe).map((seen) => seen[2]), [0xfffffffe, 0x1e]);
  const wide = "08 000001 000000 00 000000 aa 0000000c  08 000001 000000 01 000000 bb 0000000c";
  assert.deepEqual(split(bytes(wide), 5).map((seen) => seen[2]), [5, 0x01000005]);
});

test("time inside may go backwards", () => {
  assert.deepEqual(split(bytes(video + audio)).map((seen) => seen[2]), [1000, 980]);
});

test("the last back-pointer may be missing and its value does not matter", () => {
  const whole = bytes(audio + video);
  for (let missing = 0; missing <= 4; missing++) {
    assert.equal(split(whole.subarray(0, whole.length - missing)).length, 2);
  }
  assert.equal(split(bytes(audio.replace("0000000d", "ffffffff") + video)).length, 2);
});

test("a truncated message inside ends the loop", () => {
  const first = bytes(audio).length;
  const whole = bytes(audio + video);
  for (let length = first; length < whole.length - 4; length++) {
    assert.equal(split(whole.subarray(0, length)).length, 1, `${length} bytes`);
  }
  assert.deepEqual(split(bytes("08 ffffff 000000 00 000001 aabb")), []);
});

test("behind a truncated message there is nothing, however often it is asked, and nothing to keep", () => {
  const cursor = new AggregateCursor(bytes(audio + video).subarray(0, -5), 0, 1);
  assert.equal(cursor.next(), true);
  for (let asked = 0; asked < 5000; asked++) assert.equal(cursor.next(), false);
  cursor.keep();
  assert.equal(cursor.next(), false);
});

test("an aggregate inside an aggregate is left out", () => {
  const nested = "16 000002 050000 00 000001 0800 0000000d";
  assert.deepEqual(split(bytes(nested + video)), [[9, 7, 1020, "cc"]]);
});

test("no bytes make it throw or hand out more than there is", () => {
  check(
    fc.property(fc.uint8Array({ maxLength: 80 }), (payload) => {
      const total = split(payload).reduce((sum, seen) => sum + seen[3].length / 2 + 11, 0);
      assert.ok(total <= payload.length);
    }),
    500,
  );
});

test("an aggregate of more messages than any encoder sends is refused, after those it may hold", () => {
  const empty = new Uint8Array(15);
  empty[0] = MessageType.Audio;
  for (const [count, refused] of [[4096, false], [4097, true], [500_000, true]] as const) {
    const payload = new Uint8Array(15 * count);
    for (let at = 0; at < payload.length; at += 15) payload.set(empty, at);
    let seen = 0;
    const split = () => forEachAggregated(payload, 0, 1, () => void seen++);
    if (refused) {
      assert.throws(
        split,
        (error) => error instanceof ProtocolError && error.code === "limit",
      );
    } else split();
    assert.equal(seen, 4096);
  }
});

test("a cursor is of one message stream, and knows what is left and where it is", () => {
  const cursor = new AggregateCursor(bytes(audio + video), 1000, 7);
  assert.deepEqual([cursor.messageStreamId, cursor.payload.length, cursor.left], [7, 0, 33]);
  assert.equal(cursor.next(), true);
  assert.deepEqual([cursor.left, hex(cursor.payload)], [16, "aabb"]);
  cursor.keep();
  assert.deepEqual([cursor.left, cursor.payload.length], [16, 0]);
  assert.equal(cursor.next(), true);
  assert.deepEqual([cursor.left, cursor.type, cursor.timestamp], [0, 9, 1020]);
  // The last pointer back may be cut short, or be missing.
  const cut = new AggregateCursor(bytes(audio).subarray(0, 14), 0, 7);
  assert.equal(cut.next(), true);
  assert.deepEqual([cut.left, hex(cut.payload)], [0, "aabb"]);
});
