import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AMF_UNSUPPORTED,
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  amfObject,
  type AmfValue,
  AmfVector,
  AmfXml,
  toPlain,
} from "../../../src/core/amf/mod.ts";
import { toPlainList } from "../../../src/core/amf/plain.ts";
import { check } from "../../support/property.ts";
import { amfValue } from "./arbitrary.ts";

const json = (value: unknown, limits = {}) => JSON.stringify(toPlain(value, limits));

test("every kind of value has its JSON", () => {
  const cases: [AmfValue, string][] = [
    [1.5, "1.5"],
    [true, "true"],
    ["x", `"x"`],
    [null, "null"],
    [undefined, "null"],
    [NaN, "null"],
    [-Infinity, "null"],
    [AMF_UNSUPPORTED, "null"],
    [new AmfDate(5, 60), "5"],
    [new AmfDate(NaN), "null"],
    [new AmfXml("<a/>"), `"<a/>"`],
    [Uint8Array.of(1, 2), `{"byteLength":2}`],
    [[1, [undefined]], "[1,[null]]"],
    [new AmfObject([["a", 1]], "C"), `{"a":1}`],
    [new AmfEcmaArray([["k", 2]], ["d"]), `{"0":"d","k":2}`],
    [new AmfVector(Float64Array.of(0.5, NaN)), "[0.5,null]"],
    [new AmfVector([amfObject({})]), "[{}]"],
    [new AmfDictionary([[[1], "v"]]), `[[[1],"v"]]`],
    [new AmfExternal("C", [1]), `{"className":"C","values":[1]}`],
  ];
  for (const [value, expected] of cases) assert.equal(json(value), expected);
});

test("what is no AMF value is null", () => {
  for (const value of [1n, Symbol(), () => 1, new Map([["a", 1]]), { a: 1 }]) {
    assert.equal(toPlain(value), null);
  }
});

test("names that reach a prototype are plain data", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "toJSON", "then"];
  const before = Reflect.ownKeys(Object.prototype).length;
  const value = new AmfObject(names.map((name) => [name, amfObject({ polluted: true })]));
  const plain = toPlain(value) as Record<string, unknown>;
  assert.equal(Object.getPrototypeOf(plain), null);
  assert.deepEqual(Object.keys(plain), names);
  assert.equal(
    JSON.stringify(plain),
    `{${names.map((name) => `"${name}":{"polluted":true}`).join(",")}}`,
  );
  assert.equal(Reflect.ownKeys(Object.prototype).length, before);
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

test("a cycle is cut, but what merely occurs twice is not", () => {
  const object = amfObject({ a: 1 });
  object.entries.set("self", object);
  object.entries.set("list", [object]);
  assert.equal(json(object), `{"a":1,"self":null,"list":[null]}`);
  const shared = [1];
  assert.equal(json([shared, shared]), "[[1],[1]]");
});

test("what is too deep is null", () => {
  assert.equal(json([[[1]]], { maxDepth: 2 }), "[[null]]");
  let value: AmfValue = [];
  for (let i = 0; i < 100_000; i++) value = [value];
  assert.equal(json(value), "[".repeat(16) + "null" + "]".repeat(16));
});

test("what is too many is left out", () => {
  assert.equal(json([1, 2, 3, 4], { maxNodes: 3 }), "[1,2]");
  assert.equal(json([[1, 2], [3]], { maxNodes: 4 }), "[[1,2]]");
  assert.equal(json(amfObject({ a: 1, b: 2 }), { maxNodes: 2 }), `{"a":1}`);
});

test("long strings are cut, and all text together is bounded", () => {
  assert.equal(json("abcdef", { maxStringLength: 3 }), `"abc…"`);
  assert.equal(json(["abc", "def", "ghi"], { maxTextLength: 4 }), `["abc","d…",""]`);
  const long = "x".repeat(16_000);
  assert.ok(json(Array.from({ length: 1000 }, () => long))!.length < 300_000);
});

test("a string is not cut inside of a character", () => {
  assert.equal(json("ab🎥", { maxStringLength: 3 }), `"ab…"`);
  assert.equal(json("ab🎥c", { maxStringLength: 4 }), `"ab🎥…"`);
});

test("any value becomes JSON", () => {
  check(fc.property(amfValue(3), (value) => {
    JSON.parse(json(value)!);
  }));
});

test("values, texts and depth have bounds where none are given", () => {
  const many = (count: number) => JSON.parse(json(Array.from({ length: count }, () => 1))!).length;
  // The list itself is a value too.
  assert.deepEqual([many(4095), many(4096)], [4095, 4095]);
  const text = (length: number) => JSON.parse(json("x".repeat(length))!) as string;
  assert.equal(text(4096), "x".repeat(4096));
  assert.equal(text(4097), "x".repeat(4096) + "…");
  const texts = JSON.parse(json(Array.from({ length: 66 }, () => "x".repeat(4096)))!) as string[];
  const lengths = texts.map((one) => one.length);
  assert.deepEqual(lengths.slice(0, 64), Array(64).fill(4096));
  assert.deepEqual(lengths.slice(64), [0, 0]);
});

test("of a list it is told how many values were converted, those inside of others too", () => {
  assert.equal(toPlainList([]).nodes, 0);
  assert.equal(toPlainList([1, "a"]).nodes, 2);
  assert.equal(toPlainList([[1, 2], 3]).nodes, 4);
});
