import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeUserControl,
  encodeUserControl,
  type UserControl,
  UserControlEvent,
} from "../../../../src/core/rtmp/message/user_control.ts";
import { check } from "../../../support/property.ts";
import { bytes, hex } from "../chunk/harness.ts";

const proof = Uint8Array.from({ length: 42 }, (_, i) => i);

/** Events with their bodies [RTMP 1.0 §7.1.7]. */
const cases: [UserControl, string][] = [
  [{ event: 0, streamId: 1 }, "0000 00000001"],
  [{ event: 1, streamId: 0xffffffff }, "0001 ffffffff"],
  [{ event: 2, streamId: 1 }, "0002 00000001"],
  [{ event: 3, streamId: 1, bufferMs: 36_000_000 }, "0003 00000001 02255100"],
  [{ event: 4, streamId: 1 }, "0004 00000001"],
  [{ event: 6, time: 0x80000000 }, "0006 80000000"],
  [{ event: 7, time: 0x01020304 }, "0007 01020304"],
  [{ event: 26 }, "001a"],
  [{ event: 27, proof }, `001b ${hex(proof)}`],
  [{ event: 31, streamId: 1 }, "001f 00000001"],
  [{ event: 32, streamId: 1 }, "0020 00000001"],
];

test("every known event has its body, both ways", () => {
  for (const [message, body] of cases) {
    assert.equal(hex(encodeUserControl(message)), body.replaceAll(" ", ""));
    assert.deepEqual(decodeUserControl(bytes(body)), message);
    assert.deepEqual(decodeUserControl(bytes(body + "ff")), message, "bytes after it are ignored");
  }
});

test("a body cut anywhere is undefined", () => {
  for (const [, body] of cases) {
    const whole = bytes(body);
    for (let length = 0; length < whole.length; length++) {
      assert.equal(decodeUserControl(whole.subarray(0, length)), undefined);
    }
  }
});

test("unknown events are undefined", () => {
  for (const body of ["0005 00000001", "0008 00000001", "0022 00000001", "0100 00000001"]) {
    assert.equal(decodeUserControl(bytes(body + "00000000")), undefined);
  }
});

test("no bytes make it throw", () => {
  check(fc.property(fc.uint8Array({ maxLength: 50 }), (body) => void decodeUserControl(body)), 500);
});

test("events have the numbers of RTMP 1.0 §7.1.7, and those that programs have added", () => {
  assert.deepEqual({ ...UserControlEvent }, {
    StreamBegin: 0,
    StreamEof: 1,
    StreamDry: 2,
    SetBufferLength: 3,
    StreamIsRecorded: 4,
    PingRequest: 6,
    PingResponse: 7,
    SwfVerifyRequest: 26,
    SwfVerifyResponse: 27,
    BufferEmpty: 31,
    BufferReady: 32,
  });
});
