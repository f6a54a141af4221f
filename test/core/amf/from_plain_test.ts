import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  AmfDate,
  type AmfObject,
  AmfXml,
  decodeAmf0,
  encodeAmf0,
  fromPlain,
  toPlain,
} from "../../../src/core/amf/mod.ts";
import { UsageError } from "../../../src/core/errors.ts";
import { check } from "../../support/property.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_FROM_PLAIN_DEPTH = 64;
const MAX_FROM_PLAIN_NODES = 65_536;

test("JSON comes through AMF as it went in", () => {
  check(fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
    const [back] = decodeAmf0(encodeAmf0(fromPlain(value)));
    assert.equal(JSON.stringify(toPlain(back)), JSON.stringify(value));
  }));
});

test("dates, maps, bytes and AMF values have AMF types of their own", () => {
  const members = (value: unknown) => [...(fromPlain(value) as AmfObject).entries];
  assert.deepEqual(fromPlain(new Date(5)), new AmfDate(5));
  assert.deepEqual(members(new Map<string, unknown>([["a", 1], ["__proto__", null]])), [
    ["a", 1],
    ["__proto__", null],
  ]);
  const bytes = Uint8Array.of(1);
  const xml = new AmfXml("<a/>");
  assert.deepEqual(members({ bytes, xml, none: undefined }), [
    ["bytes", bytes],
    ["xml", xml],
    ["none", undefined],
  ]);
});

test("members are own ones, and __proto__ is a name like others", () => {
  const value = JSON.parse('{"__proto__": 1, "constructor": 2}');
  assert.deepEqual([...(fromPlain(value) as AmfObject).entries], [
    ["__proto__", 1],
    ["constructor", 2],
  ]);
  class Inherited {
    own = 1;
    method(): void {}
  }
  assert.deepEqual([...(fromPlain(new Inherited()) as AmfObject).entries], [["own", 1]]);
});

test("what occurs twice is written twice, not as a reference", () => {
  const shared = { a: 1 };
  const [first, second] = fromPlain([shared, shared]) as AmfObject[];
  assert.notEqual(first, second);
  assert.ok(!encodeAmf0(fromPlain([shared, shared])).includes(7));
});

test("what AMF has no word for is refused, and so is what has no end", () => {
  const circle: unknown[] = [];
  circle.push(circle);
  let deep: unknown = 1;
  for (let depth = 0; depth < MAX_FROM_PLAIN_DEPTH + 1; depth++) deep = [deep];
  for (
    const value of [() => 1, Symbol("s"), 1n, { inside: [() => 1] }, circle, deep] as unknown[]
  ) {
    assert.throws(() => fromPlain(value), UsageError);
  }
  assert.throws(() => fromPlain(new Array(MAX_FROM_PLAIN_NODES)), UsageError);
  assert.equal((fromPlain(new Array(10)) as unknown[]).length, 10, "holes are undefined");
});

test("65536 values are written, and 64 levels, and not one more", () => {
  assert.equal((fromPlain(new Array(65_535)) as unknown[]).length, 65_535, "with the array itself");
  assert.throws(() => fromPlain(new Array(65_536)), UsageError);
  const nested = (levels: number) => {
    let value: unknown = 1;
    for (let level = 0; level < levels; level++) value = [value];
    return value;
  };
  assert.ok(fromPlain(nested(64)));
  assert.throws(() => fromPlain(nested(65)), UsageError);
});
