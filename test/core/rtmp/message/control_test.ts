import { test } from "node:test";
import assert from "node:assert/strict";
import { ProtocolError, UsageError } from "../../../../src/core/errors.ts";
import {
  applyPeerBandwidth,
  BandwidthLimit,
  decodeAbort,
  decodeAcknowledgement,
  decodeSetChunkSize,
  decodeSetPeerBandwidth,
  decodeWindowAckSize,
  encodeAbort,
  encodeAcknowledgement,
  encodeSetChunkSize,
  encodeSetPeerBandwidth,
  encodeWindowAckSize,
} from "../../../../src/core/rtmp/message/control.ts";

const u8 = (...numbers: number[]) => Uint8Array.from(numbers);

function isControl(error: unknown): boolean {
  return error instanceof ProtocolError && error.code === "control";
}

test("control bodies are big-endian [RTMP 1.0 §5.4]", () => {
  assert.deepEqual(encodeSetChunkSize(4096), u8(0, 0, 0x10, 0));
  assert.deepEqual(encodeAbort(65599), u8(0, 1, 0, 0x3f));
  assert.deepEqual(encodeAcknowledgement(0xfffffffe), u8(0xff, 0xff, 0xff, 0xfe));
  assert.deepEqual(encodeWindowAckSize(2_500_000), u8(0, 0x26, 0x25, 0xa0));
  assert.deepEqual(
    encodeSetPeerBandwidth(2_500_000, BandwidthLimit.Dynamic),
    u8(0, 0x26, 0x25, 0xa0, 2),
  );
});

test("control bodies decode, with bytes after them ignored", () => {
  assert.equal(decodeSetChunkSize(u8(0, 0, 0x10, 0)), 4096);
  assert.equal(decodeAbort(u8(0, 1, 0, 0x3f, 9)), 65599);
  assert.equal(decodeAcknowledgement(u8(0xff, 0xff, 0xff, 0xfe)), 0xfffffffe);
  assert.equal(decodeWindowAckSize(u8(0x80, 0, 0, 0, 1, 2)), 0x80000000);
  assert.deepEqual(decodeSetPeerBandwidth(u8(0, 0x26, 0x25, 0xa0, 1)), {
    windowSize: 2_500_000,
    limitType: 1,
  });
});

test("short control bodies are a ProtocolError", () => {
  const decoders = [decodeSetChunkSize, decodeAbort, decodeAcknowledgement, decodeWindowAckSize];
  for (const decode of decoders) {
    for (const length of [0, 1, 2, 3]) {
      assert.throws(() => decode(new Uint8Array(length).fill(1)), isControl);
    }
  }
  assert.throws(() => decodeSetPeerBandwidth(u8(0, 0, 1, 0)), isControl);
});

test("the error of a short control body names the message", () => {
  const cases = [
    [decodeSetChunkSize, /^Set Chunk Size /],
    [decodeAbort, /^Abort /],
    [decodeAcknowledgement, /^Acknowledgement /],
    [decodeWindowAckSize, /^Window Acknowledgement Size /],
    [decodeSetPeerBandwidth, /^Set Peer Bandwidth /],
  ] as const;
  for (const [decode, message] of cases) assert.throws(() => decode(u8(0)), { message });
});

test("chunk sizes are 1..2^31-1 and act as 0xFFFFFF at most", () => {
  assert.equal(decodeSetChunkSize(u8(0, 0, 0, 1)), 1);
  assert.equal(decodeSetChunkSize(u8(0, 0xff, 0xff, 0xff)), 0xffffff);
  assert.equal(decodeSetChunkSize(u8(1, 0, 0, 0)), 0xffffff);
  assert.equal(decodeSetChunkSize(u8(0x7f, 0xff, 0xff, 0xff)), 0xffffff);
  assert.throws(() => decodeSetChunkSize(u8(0, 0, 0, 0)), isControl);
  assert.throws(() => decodeSetChunkSize(u8(0x80, 0, 0, 1)), isControl);
  assert.deepEqual(encodeSetChunkSize(1), u8(0, 0, 0, 1));
  assert.deepEqual(encodeSetChunkSize(0x7fffffff), u8(0x7f, 0xff, 0xff, 0xff));
  for (const size of [0, -1, 1.5, NaN, 2 ** 31]) {
    assert.throws(() => encodeSetChunkSize(size), UsageError);
  }
});

test("an unknown limit type is a ProtocolError", () => {
  assert.throws(() => decodeSetPeerBandwidth(u8(0, 0, 1, 0, 3)), isControl);
});

test("acknowledgements count modulo 2^32", () => {
  assert.equal(decodeAcknowledgement(encodeAcknowledgement(2 ** 32 + 5)), 5);
  assert.equal(decodeAcknowledgement(encodeAcknowledgement(2 ** 40 - 1)), 2 ** 32 - 1);
});

test("peer bandwidth changes the window by its limit type [RTMP 1.0 §5.4.5]", () => {
  const { Hard, Soft, Dynamic } = BandwidthLimit;
  const hard = { windowSize: 10, limitType: Hard };
  const soft = { windowSize: 10, limitType: Soft };
  const next = (windowSize: number, limitType: 0 | 1 | 2) => ({ windowSize, limitType });
  assert.equal(applyPeerBandwidth(10, undefined, next(20, Hard)), 20);
  assert.equal(applyPeerBandwidth(10, undefined, next(20, Soft)), 10);
  assert.equal(applyPeerBandwidth(10, undefined, next(5, Soft)), 5);
  assert.equal(applyPeerBandwidth(10, hard, next(20, Dynamic)), 20);
  assert.equal(applyPeerBandwidth(10, soft, next(20, Dynamic)), 10);
  assert.equal(applyPeerBandwidth(10, undefined, next(20, Dynamic)), 10);
});
