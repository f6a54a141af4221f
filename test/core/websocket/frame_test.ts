import assert from "node:assert/strict";
import { test } from "node:test";
import { frameHeaderSize, Opcode, writeFrameHeader } from "../../../src/core/websocket/frame.ts";

/** The header of a frame as the figure of RFC 6455 §5.2 has it, by code of its own. */
function header(opcode: number, length: number): number[] {
  const first = 0b1000_0000 + opcode;
  if (length < 126) return [first, length];
  const bytes = [...length.toString(16).padStart(length < 65_536 ? 4 : 16, "0").matchAll(/../g)];
  return [first, length < 65_536 ? 126 : 127, ...bytes.map(([hex]) => parseInt(hex!, 16))];
}

test("the header of a frame has its length in 7, 16 or 64 bits, whichever is the least", () => {
  for (const length of [0, 1, 125, 126, 127, 255, 256, 65_535, 65_536, 2 ** 24 + 1, 2 ** 31 + 5]) {
    const target = new Uint8Array(16).fill(0xaa);
    const end = writeFrameHeader(target, 3, Opcode.Binary, length);
    const expected = header(2, length);
    assert.deepEqual([...target.subarray(3, end)], expected, String(length));
    assert.equal(frameHeaderSize(length), expected.length);
    assert.deepEqual([target[2], target[end]], [0xaa, 0xaa]);
  }
});

test("the unmasked frames of the specification's examples begin so", () => {
  const target = new Uint8Array(10);
  // [RFC 6455 §5.7]: "Hello" as text, 256 bytes, 64 KiB.
  assert.equal(writeFrameHeader(target, 0, Opcode.Text, 5), 2);
  assert.deepEqual([...target.subarray(0, 2)], [0x81, 0x05]);
  writeFrameHeader(target, 0, Opcode.Binary, 256);
  assert.deepEqual([...target.subarray(0, 4)], [0x82, 0x7e, 0x01, 0x00]);
  writeFrameHeader(target, 0, Opcode.Binary, 65_536);
  assert.deepEqual([...target], [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
});
