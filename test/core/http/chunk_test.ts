import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CHUNK_END_SIZE,
  chunkHeaderSize,
  LAST_CHUNK,
  writeChunkEnd,
  writeChunkHeader,
} from "../../../src/core/http/chunk.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test("a chunk stands behind its length in hexadecimal, and a line ends behind both", () => {
  for (const length of [1, 9, 10, 15, 16, 255, 256, 4095, 65_536, 2 ** 24 - 1, 2 ** 32 - 1]) {
    const target = new Uint8Array(16).fill(0x5f);
    const end = writeChunkHeader(target, 2, length);
    assert.equal(text(target.subarray(2, end)), `${length.toString(16)}\r\n`);
    assert.equal(chunkHeaderSize(length), end - 2);
    assert.equal(text(target.subarray(end)).replaceAll("_", ""), "");
  }
  const target = new Uint8Array(4);
  assert.equal(writeChunkEnd(target, 1), 1 + CHUNK_END_SIZE);
  assert.deepEqual([...target], [0, 13, 10, 0]);
});

test("the body ends with a chunk of no bytes", () => {
  assert.equal(text(LAST_CHUNK), "0\r\n\r\n");
});
