import { test } from "node:test";
import assert from "node:assert/strict";
import { UsageError } from "../../../../src/core/errors.ts";
import {
  encodedSize,
  encodeMessage,
  encodeMessageInto,
} from "../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { bytes, concat, counting, hex } from "./harness.ts";

test("a message starts with a type 0 header [RTMP 1.0 §5.3.2.2]", () => {
  const payload = counting(307);
  const expected = concat(
    bytes("04 0003e8 000133 09 3a300000"),
    payload.subarray(0, 128),
    bytes("c4"),
    payload.subarray(128, 256),
    bytes("c4"),
    payload.subarray(256),
  );
  assert.equal(hex(encodeMessage(9, 12346, 1000, payload, 4, 128)), hex(expected));
  assert.equal(expected.length, 140 + 129 + 52);
});

test("every chunk of a message with an extended timestamp carries it", () => {
  const wire = encodeMessage(9, 1, 0xfffffffe, bytes("aabbccddee"), 6, 2);
  const expected = bytes(`
    06 ffffff 000005 09 01000000 fffffffe aabb
    c6 fffffffe ccdd
    c6 fffffffe ee
  `);
  assert.equal(hex(wire), hex(expected));
});

test("the timestamp is extended from 0xFFFFFF on", () => {
  assert.equal(hex(encodeMessage(8, 1, 0xfffffe, bytes(""), 4, 128)), "04fffffe0000000801000000");
  assert.equal(
    hex(encodeMessage(8, 1, 0xffffff, bytes(""), 4, 128)),
    "04ffffff000000080100000000ffffff",
  );
});

test("each chunk stream id takes its shortest basic header, in continuations too", () => {
  const forms: [number, string, string][] = [
    [2, "02", "c2"],
    [63, "3f", "ff"],
    [64, "0000", "c000"],
    [319, "00ff", "c0ff"],
    [320, "010001", "c10001"],
    [65599, "01ffff", "c1ffff"],
  ];
  for (const [id, first, next] of forms) {
    const wire = encodeMessage(8, 0x04030201, 7, bytes("aabb"), id, 1);
    assert.equal(hex(wire), `${first}000007000002080102030${"4"}aa${next}bb`);
  }
});

test("encodedSize is what encodeMessage needs, at every edge", () => {
  for (const length of [0, 1, 127, 128, 129, 255, 256, 257, 1000]) {
    for (const id of [2, 63, 64, 319, 320, 65599]) {
      for (const time of [0, 0xfffffe, 0xffffff, 0xffffffff]) {
        for (const size of [1, 127, 128, 65536]) {
          const target = new Uint8Array(9000).fill(0xee);
          const end = encodeMessageInto(target, 5, 9, 1, time, counting(length), id, size);
          assert.equal(end - 5, encodedSize(length, time, id, size));
          assert.deepEqual([target[4], target[end]], [0xee, 0xee]);
          const alone = encodeMessage(9, 1, time, counting(length), id, size);
          assert.equal(hex(target.subarray(5, end)), hex(alone));
        }
      }
    }
  }
});

test("what the format cannot express is a UsageError and writes nothing", () => {
  const target = new Uint8Array(20);
  const calls: (() => void)[] = [
    () => encodeMessageInto(target, 0, 9, 1, 0, counting(9), 4, 128),
    () => encodeMessageInto(target, 9, 9, 1, 0, counting(0), 4, 128),
    () => encodeMessageInto(target, 0, 9, 1, 0, counting(0), 1, 128),
    () => encodeMessageInto(target, 0, 9, 1, 0, counting(0), 65600, 128),
    () => encodeMessageInto(target, 0, 9, 1, 0, counting(0), NaN, 128),
    () => encodeMessageInto(target, 0, 9, 1, 0, counting(0), 4, 0),
    () => encodeMessage(9, 1, 0, new Uint8Array(0x1000000), 4, 128),
  ];
  for (const call of calls) assert.throws(call, UsageError);
  assert.ok(target.every((byte) => byte === 0));
});
