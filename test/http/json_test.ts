import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../src/http/json.ts";
import { check } from "../support/property.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_JSON_DEPTH = 32;
const MAX_JSON_VALUES = 16_384;

const TWICE = { name: "SyntaxError", message: "The body gives a key twice" };
const NOT_JSON = { name: "SyntaxError", message: "The body is not JSON" };
const DEEP = { name: "SyntaxError", message: "The body is nested more than 32 deep" };
const MANY = { name: "SyntaxError", message: "The body holds more than 16384 values" };

test("what JSON.parse reads is read in the same way, as long as no key comes twice", () => {
  check(fc.property(fc.json({ maxDepth: 5 }), (text) => {
    const value: unknown = JSON.parse(text);
    // What is written again has each key once.
    const again = JSON.stringify(value);
    assert.deepEqual(parseJson(again), value);
  }));
});

test("a key that an object gives twice is refused, however it is written and wherever it is", () => {
  for (
    const text of [
      `{"a":1,"a":2}`,
      `{"a":1,"b":{},"a":2}`,
      `{"a":1,"b":["x","a"],"a":2}`,
      `[{"b":{"a":1,"a":1}}]`,
      String.raw`{"a":1,"\u0061":2}`,
      String.raw`{"\\":1,"\\":2}`,
      String.raw`{"\"":1,"\"":2}`,
      `{"":1,"":2}`,
      `{"__proto__":1,"__proto__":2}`,
      `{ "a" : 1 , "a" : 2 }`,
    ]
  ) assert.throws(() => parseJson(text), TWICE, text);
});

test("the same key in two objects, and a text that looks like a key, are none given twice", () => {
  for (
    const text of [
      `[{"a":1},{"a":2}]`,
      `{"a":{"a":{"a":1}}}`,
      `{"a":"a","b":"a"}`,
      `{"a":["a","a"]}`,
      `{"a":"\\"a\\":1,\\"a\\":2"}`,
      String.raw`{"a\\":1,"a":2}`,
      String.raw`{"]":1,"}":2,"[":3,"{":4}`,
      `{"a":1,"A":2}`,
    ]
  ) assert.deepEqual(parseJson(text), JSON.parse(text), text);
});

test("what is no JSON is refused without repeating it", () => {
  for (
    const text of ["", "{", "hunter2", `{"a":}`, `"`, `"\\`, "]", `{"a" 1}`, "1 2", `{"\\x":1}`]
  ) {
    assert.throws(() => parseJson(text), NOT_JSON, text);
  }
});

test("lists and objects may nest 32 deep, whatever brackets are in texts", () => {
  assert.equal(MAX_JSON_DEPTH, 32);
  for (const [open, close] of [["[", "]"], [`{"a":`, "}"]] as const) {
    const nested = (depth: number) => `${open.repeat(depth)}"[{"${close.repeat(depth)}`;
    assert.doesNotThrow(() => parseJson(nested(32)));
    assert.throws(() => parseJson(nested(33)), DEEP);
    assert.throws(() => parseJson(open.repeat(100_000)), DEEP);
  }
  // One behind the other is no depth.
  assert.doesNotThrow(() => parseJson(`[${"[],{},".repeat(100)}0]`));
});

test("there may be 16384 values, brackets and what follows a comma counted", () => {
  assert.equal(MAX_JSON_VALUES, 16_384);
  const list = (commas: number) => `[${"0,".repeat(commas)}0]`;
  // The list itself counts as one.
  assert.doesNotThrow(() => parseJson(list(16_382)));
  assert.throws(() => parseJson(list(16_383)), MANY);
});
