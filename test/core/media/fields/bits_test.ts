import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { BitReader, removeEmulationPrevention } from "../../../../src/core/media/fields/bits.ts";
import { check } from "../../../support/property.ts";
import { hex, toHex } from "../../amf/hex.ts";
import { addEmulationPrevention, bytesOfBits } from "../vectors.ts";

/** A reader of the bits written as text. */
const readerOf = (bits: string) => new BitReader(bytesOfBits(bits));

/** The Exp-Golomb code of a number: as many zeros as there are digits behind the first of n + 1. */
function expGolomb(value: number): string {
  const digits = (value + 1).toString(2);
  return "0".repeat(digits.length - 1) + digits;
}

test("unsigned Exp-Golomb codes are those of H.264 table 9-2", () => {
  const table: [string, number][] = [
    ["1", 0],
    ["010", 1],
    ["011", 2],
    ["00100", 3],
    ["00101", 4],
    ["00110", 5],
    ["00111", 6],
    ["0001000", 7],
    ["0001001", 8],
    ["0001010", 9],
  ];
  for (const [code, value] of table) {
    const reader = readerOf(code);
    assert.equal(reader.ue(), value, code);
    assert.equal(reader.failed, false);
  }
});

test("signed Exp-Golomb codes are those of H.264 table 9-3", () => {
  const reader = readerOf([0, 1, 2, 3, 4, 5, 6].map(expGolomb).join(""));
  const values = Array.from({ length: 7 }, () => reader.se());
  assert.deepEqual(values, [0, 1, -1, 2, -2, 3, -3]);
});

test("any numbers written as bits and codes are read back", () => {
  const item = fc.oneof(
    fc.record({ kind: fc.constant("ue"), value: fc.nat(0xfffffffe), size: fc.constant(0) }),
    fc.integer({ min: 1, max: 32 }).chain((size) =>
      fc.record({
        kind: fc.constant("bits"),
        value: fc.integer({ min: 0, max: 2 ** size - 1 }),
        size: fc.constant(size),
      })
    ),
  );
  check(fc.property(fc.array(item, { maxLength: 20 }), (items) => {
    const text = items.map(({ kind, value, size }) =>
      kind === "ue" ? expGolomb(value) : value.toString(2).padStart(size, "0")
    );
    const reader = readerOf(text.join(""));
    const read = items.map(({ kind, size }) => kind === "ue" ? reader.ue() : reader.bits(size));
    assert.deepEqual(read, items.map(({ value }) => value));
    assert.equal(reader.failed, false);
    assert.ok(reader.remaining < 8);
  }));
});

test("behind the end there are zeros, and the reader says that it failed", () => {
  const reader = new BitReader(hex("ff"));
  assert.equal(reader.bits(8), 255);
  assert.equal(reader.failed, false);
  assert.equal(reader.bits(4), 0);
  assert.equal(reader.failed, true);
  assert.equal(reader.ue(), 0);
  assert.equal(reader.remaining, 0);
});

test("skipping to the end is no failure, skipping past it is", () => {
  const reader = new BitReader(hex("ff ff"));
  reader.skip(16);
  assert.equal(reader.failed, false);
  reader.skip(1);
  assert.equal(reader.failed, true);
});

test("a code with more zeros than a number has bits fails", () => {
  const reader = new BitReader(hex("0000000000 ff"));
  assert.equal(reader.ue(), 0);
  assert.equal(reader.failed, true);
  assert.equal(readerOf(expGolomb(2 ** 32 - 2)).ue(), 2 ** 32 - 2);
});

test("align moves to the next byte, and nowhere from the beginning of one", () => {
  const reader = new BitReader(hex("80 7f 01"));
  reader.align();
  assert.equal(reader.bit(), 1);
  reader.align();
  assert.equal(reader.bits(8), 0x7f);
  reader.align();
  assert.equal(reader.bits(8), 1);
});

test("emulation prevention bytes are removed where they prevent something, and only there", () => {
  const cases = [
    ["000003", "0000"],
    ["00000301", "000001"],
    ["0000030000030000", "000000000000"],
    ["00000303", "000003"],
    ["000300", "000300"],
    ["030003", "030003"],
    ["00000003", "000000"],
    ["", ""],
  ] as const;
  for (const [nal, rbsp] of cases) {
    assert.equal(toHex(removeEmulationPrevention(hex(nal))), rbsp, nal);
  }
});

test("a payload escaped by the rules comes back", () => {
  const bytes = fc.uint8Array({ max: 4, maxLength: 60 });
  check(fc.property(bytes, (rbsp) => {
    const nal = Uint8Array.from(addEmulationPrevention(rbsp));
    assert.equal(toHex(removeEmulationPrevention(nal)), toHex(rbsp));
  }));
});
