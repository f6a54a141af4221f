import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteReader } from "../../../src/core/bytes/reader.ts";
import { ByteWriter, utf8 } from "../../../src/core/bytes/writer.ts";
import { check } from "../../support/property.ts";
import { toHex } from "../amf/hex.ts";

test("numbers are big-endian, signed ones in two's complement", () => {
  const w = new ByteWriter();
  w.u8(1);
  w.u16(0x0203);
  w.u24(0x040506);
  w.u32(0x0708090a);
  w.u16(-2);
  w.u32(-3);
  w.f64(-3.5);
  assert.equal(w.length, 24);
  assert.equal(toHex(w.finish()), "01020304050607" + "08090afffefffffffd" + "c00c000000000000");
});

test("what is written can grow to any size and is handed out in exactly its length", () => {
  const part = Uint8Array.from({ length: 1000 }, (_, i) => i);
  const w = new ByteWriter();
  for (let i = 0; i < 100; i++) {
    w.u8(i);
    w.bytes(part);
  }
  const all = w.finish();
  assert.equal(all.length, 100_100);
  assert.equal(all.buffer.byteLength, 100_100);
  for (let i = 0; i < 100; i++) {
    assert.equal(all[i * 1001], i);
    assert.deepEqual(all.subarray(i * 1001 + 1, (i + 1) * 1001), part);
  }
});

test("what was handed out does not change with what is written later", () => {
  const w = new ByteWriter();
  w.u8(1);
  const first = w.finish();
  w.u8(2);
  assert.deepEqual([...first], [1]);
  assert.deepEqual([...w.finish()], [1, 2]);
});

test("a reader reads what a writer wrote", () => {
  const numbers = fc.tuple(
    fc.nat(0xff),
    fc.nat(0xffff),
    fc.nat(0xffffff),
    fc.nat(0xffffffff),
    fc.double(),
    fc.string({ unit: "grapheme" }),
  );
  check(fc.property(numbers, ([a, b, c, d, e, text]) => {
    const w = new ByteWriter();
    w.u8(a);
    w.u16(b);
    w.u24(c);
    w.u32(d);
    w.f64(e);
    w.bytes(utf8(text));
    const r = new ByteReader(w.finish(), "amf");
    assert.deepEqual([r.u8(), r.u16(), r.u24(), r.u32(), r.f64()], [a, b, c, d, e]);
    assert.equal(r.utf8(r.remaining), text);
  }));
});

test("a lone surrogate becomes U+FFFD", () => {
  assert.equal(toHex(utf8("a\ud800")), "61efbfbd");
});
