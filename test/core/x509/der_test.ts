import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import {
  bitString,
  der,
  integer,
  objectIdentifier,
  sequence,
  Tag,
  time,
} from "../../../src/core/x509/der.ts";

test("lengths are short up to 127, and else have as many bytes as they need", () => {
  const head = (length: number) => hex(der(Tag.OctetString, new Uint8Array(length)).subarray(0, 5));
  assert.equal(head(0), "0400");
  assert.equal(head(127).slice(0, 4), "047f");
  assert.equal(head(128).slice(0, 6), "048180");
  assert.equal(head(255).slice(0, 6), "0481ff");
  assert.equal(head(256).slice(0, 8), "04820100");
  assert.equal(head(65_536), "0483010000");
});

test("numbers have as few bytes as they can, and none is negative", () => {
  assert.equal(hex(integer(Uint8Array.of(0))), "020100");
  assert.equal(hex(integer(Uint8Array.of())), "020100");
  assert.equal(hex(integer(Uint8Array.of(0, 0, 5))), "020105");
  assert.equal(hex(integer(Uint8Array.of(0x7f))), "02017f");
  assert.equal(hex(integer(Uint8Array.of(0x80))), "02020080");
  assert.equal(hex(integer(Uint8Array.of(0, 0x80))), "02020080");
});

test("object identifiers are as RFC 5280 and X.690 have them", () => {
  assert.equal(hex(objectIdentifier("2.5.4.3")), "0603550403");
  assert.equal(hex(objectIdentifier("1.2.840.10045.4.3.2")), "06082a8648ce3d040302");
  assert.equal(hex(objectIdentifier("2.999.3")).slice(0, 4), "0603");
});

test("a time has two digits of the year up to 2049, and four from then on", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(2));
  const early = time("2049-12-31T23:59:59.000Z");
  assert.equal(early[0], Tag.UtcTime);
  assert.equal(text(early), "491231235959Z");
  const late = time("2050-01-01T00:00:00.000Z");
  assert.equal(late[0], Tag.GeneralizedTime);
  assert.equal(text(late), "20500101000000Z");
});

test("bits say how many of the last byte are unused, and members keep their order", () => {
  assert.equal(hex(bitString(Uint8Array.of(0x80), 7)), "03020780");
  assert.equal(
    hex(sequence(integer(Uint8Array.of(2)), integer(Uint8Array.of(1)))),
    "3006020102020101",
  );
});
