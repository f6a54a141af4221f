import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteReader } from "../../../src/core/bytes/reader.ts";
import { ProtocolError } from "../../../src/core/errors.ts";
import { check } from "../../support/property.ts";
import { hex } from "../amf/hex.ts";

/** A reader of a view in the middle of a larger buffer. */
function reader(text: string): ByteReader {
  const bytes = hex(text);
  const buffer = new Uint8Array(bytes.length + 8).fill(0xee);
  buffer.set(bytes, 5);
  return new ByteReader(buffer.subarray(5, 5 + bytes.length), "amf");
}

test("numbers are big-endian", () => {
  const r = reader("01 0203 040506 0708090a fffe fffffffd c00c000000000000");
  assert.equal(r.u8(), 1);
  assert.equal(r.u16(), 0x0203);
  assert.equal(r.u24(), 0x040506);
  assert.equal(r.u32(), 0x0708090a);
  assert.equal(r.i16(), -2);
  assert.equal(r.i32(), -3);
  assert.equal(r.f64(), -3.5);
  assert.equal(r.remaining, 0);
  assert.equal(r.offset, 24);
});

test("unsigned numbers with the top bit set stay positive", () => {
  const r = reader("ff ffff ffffff ffffffff");
  assert.deepEqual([r.u8(), r.u16(), r.u24(), r.u32()], [0xff, 0xffff, 0xffffff, 0xffffffff]);
});

test("every read past the end is a ProtocolError with the given code and moves nothing", () => {
  const reads: [number, (r: ByteReader) => unknown][] = [
    [1, (r) => r.u8()],
    [2, (r) => r.u16()],
    [2, (r) => r.i16()],
    [3, (r) => r.u24()],
    [4, (r) => r.u32()],
    [4, (r) => r.i32()],
    [8, (r) => r.f64()],
    [5, (r) => r.bytes(5)],
    [5, (r) => r.utf8(5)],
  ];
  for (const [size, read] of reads) {
    const r = new ByteReader(new Uint8Array(size - 1), "control");
    assert.throws(
      () => read(r),
      (error) => error instanceof ProtocolError && error.code === "control",
    );
    assert.equal(r.offset, 0);
    read(new ByteReader(new Uint8Array(size), "control"));
  }
});

test("peek looks ahead without taking, and beyond the end sees nothing", () => {
  const r = reader("0102");
  assert.deepEqual([r.peek(), r.peek(1), r.peek(2)], [1, 2, undefined]);
  assert.equal(r.offset, 0);
});

test("bytes are a view of the input", () => {
  const input = hex("010203");
  const r = new ByteReader(input, "amf");
  r.u8();
  const view = r.bytes(2);
  input[1] = 9;
  assert.deepEqual([...view], [9, 3]);
});

test("invalid UTF-8 is replaced, never refused", () => {
  assert.equal(reader("61 ff 62 c3").utf8(4), "a\ufffdb\ufffd");
  check(fc.property(fc.uint8Array(), (bytes) => {
    assert.equal(typeof new ByteReader(bytes, "amf").utf8(bytes.length), "string");
  }));
});

test("a byte order mark is a character like others", () => {
  assert.equal(reader("ef bb bf 61").utf8(4), "\ufeffa");
});
