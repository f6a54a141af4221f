import { test } from "node:test";
import assert from "node:assert/strict";
import {
  AMF_UNSUPPORTED,
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfObject,
  amfObject,
  type AmfValue,
  AmfVector,
  AmfXml,
  decodeAmf3,
  encodeAmf3,
} from "../../../src/core/amf/mod.ts";
import { ProtocolError, UsageError } from "../../../src/core/errors.ts";
import { hex, toHex } from "./hex.ts";

const isAmfError = (error: unknown) => error instanceof ProtocolError && error.code === "amf";
const isLimitError = (error: unknown) => error instanceof ProtocolError && error.code === "limit";

/** Checks that `bytes` are `values`, and that `values` are written as `bytes`. */
function same(bytes: string, ...values: AmfValue[]): void {
  assert.deepEqual(decodeAmf3(hex(bytes)), values);
  assert.equal(toHex(encodeAmf3(...values)), toHex(hex(bytes)));
}

test("undefined, null, false and true [AMF3 §3.2-3.5]", () => {
  same("00 01 02 03", undefined, null, false, true);
});

test("integers have 29 bits in one to four bytes [AMF3 §1.3.1, §3.6]", () => {
  // The ends of each range of the table in §1.3.1, then the signed ones.
  same("04 00", 0);
  same("04 7f", 0x7f);
  same("04 81 00", 0x80);
  same("04 ff 7f", 0x3fff);
  same("04 81 80 00", 0x4000);
  same("04 ff ff 7f", 0x1fffff);
  same("04 80 c0 80 00", 0x200000);
  same("04 bf ff ff ff", 0xfffffff);
  same("04 ff ff ff ff", -1);
  same("04 c0 80 80 00", -0x10000000);
});

test("a number that is no 29-bit integer is a double [AMF3 §3.7]", () => {
  same("05 41b0000000000000", 0x10000000);
  same("05 c1b0000001000000", -0x10000001);
  same("05 3fe0000000000000", 0.5);
  same("05 8000000000000000", -0);
  same("05 7ff8000000000000", NaN);
});

test("a string that occurred is referred to, the empty one never [AMF3 §1.3.2]", () => {
  same("06 01  06 03 61  06 01  06 03 62  06 00  06 02", "", "a", "", "b", "a", "b");
});

test("member and class names share the table of strings", () => {
  same(
    `0a 0b 03 43    // object of class "C", string 0
       03 6b 06 00  //   k (string 1): "C"
     01
     06 02          // "k"`,
    new AmfObject([["k", "C"]], "C"),
    "k",
  );
});

test("XML is text of either kind [AMF3 §3.9, §3.13]", () => {
  same("07 09 3c612f3e", new AmfXml("<a/>", "document"));
  same("0b 09 3c622f3e", new AmfXml("<b/>", "e4x"));
  // Its text is not in the table of strings.
  assert.throws(() => decodeAmf3(hex("0b 03 78 06 00")), isAmfError);
});

test("a date is milliseconds [AMF3 §3.10]", () => {
  same("08 01 42724b5d4eb00000", new AmfDate(1257181080320));
});

test("an array has named items, then dense ones [AMF3 §3.11]", () => {
  same("09 01 01", []);
  same("09 05 01 04 01 02", [1, false]);
  same(
    `09 05          // two dense items
       03 61 04 07  //   a: 7
     01             // no more names
     03 02`,
    new AmfEcmaArray([["a", 7]], [true, false]),
  );
  // deno-lint-ignore no-sparse-arrays
  assert.equal(toHex(encodeAmf3([1, , 2])), toHex(encodeAmf3([1, undefined, 2])));
});

test("an ECMA array without names is read back as a JavaScript array", () => {
  assert.deepEqual(decodeAmf3(encodeAmf3(new AmfEcmaArray([], [1]))), [[1]]);
});

test("an object has sealed and dynamic members as its traits say [AMF3 §3.12]", () => {
  same("0a 0b 01 03 61 01 01", amfObject({ a: null }));
  same(
    `0a 23              // two sealed members, not dynamic
       05 4344          //   class "CD"
       03 61 03 62      //   a, b
       04 01 03         //   1, true`,
    new AmfObject([["a", 1], ["b", true]], "CD", { sealed: ["a", "b"], dynamic: false }),
  );
  same(
    `0a 1b              // one sealed member, dynamic
       03 43 03 61      //   class "C", a
       01               //   a: null
       03 62 02 01      //   b: false, no more`,
    new AmfObject([["a", null], ["b", false]], "C", { sealed: ["a"], dynamic: true }),
  );
  same("0a 03 01", new AmfObject([], undefined, { sealed: [], dynamic: false }));
});

test("traits that occurred are referred to", () => {
  const traits = { sealed: ["a"], dynamic: false };
  same(
    `0a 13 03 43 03 61 04 01  // traits 0: class C with a
     0a 0b 01 01              // traits 1: dynamic, no class
     0a 01 04 02              // traits 0 again
     0a 05 01                 // traits 1 again`,
    new AmfObject([["a", 1]], "C", traits),
    new AmfObject(),
    new AmfObject([["a", 2]], "C", traits),
    new AmfObject(),
  );
});

test("a sealed member may have an empty name", () => {
  same("0a 13 01 01 03", new AmfObject([["", true]], undefined, { sealed: [""], dynamic: false }));
});

test("members that the traits do not name are written as dynamic ones", () => {
  const traits = { sealed: ["a"], dynamic: false };
  const bytes = encodeAmf3(new AmfObject([["b", 1]], "C", traits));
  // A sealed member the object has not is undefined.
  assert.equal(toHex(bytes), toHex(hex("0a 1b 03 43 03 61 00 03 62 04 01 01")));
});

test("a byte array is bytes of its own, not a view of the message [AMF3 §3.14]", () => {
  same("0c 07 010203", Uint8Array.of(1, 2, 3));
  const input = hex("0c 07 010203");
  const [bytes] = decodeAmf3(input);
  input.fill(0xff);
  assert.deepEqual(bytes, Uint8Array.of(1, 2, 3));
  assert.equal((bytes as Uint8Array).buffer.byteLength, 3);
});

test("vectors of int, uint, double and objects [AMF3 §3.15]", () => {
  same("0d 05 00 ffffffff 7fffffff", new AmfVector(Int32Array.of(-1, 0x7fffffff)));
  same("0e 03 01 ffffffff", new AmfVector(Uint32Array.of(0xffffffff), true));
  same("0f 03 00 3fe0000000000000", new AmfVector(Float64Array.of(0.5)));
  same("10 05 01 03 43 01 04 05", new AmfVector([null, 5], true, "C"));
  same("10 01 00 01", new AmfVector([]));
});

test("a dictionary has keys of any type [AMF3 §3.16]", () => {
  same(
    `11 05 01           // two pairs, weak keys
       06 03 61 04 01   //   "a": 1
       0a 0b 01 01 03   //   {}: true`,
    new AmfDictionary([["a", 1], [new AmfObject(), true]], true),
  );
});

test("every complex type counts for object references, in order of appearance [AMF3 §2.2]", () => {
  const values: AmfValue[] = [
    new AmfObject(),
    [],
    new AmfDate(0),
    new AmfXml("x"),
    new AmfXml("y", "e4x"),
    Uint8Array.of(1),
    new AmfVector(Int32Array.of(1)),
    new AmfVector([]),
    new AmfDictionary(),
  ];
  const twice = encodeAmf3(...values, ...values);
  const references = "0a00 0902 0804 0706 0b08 0c0a 0d0c 100e 1110".replaceAll(" ", "");
  assert.ok(toHex(twice).endsWith(references));
  const decoded = decodeAmf3(twice);
  assert.deepEqual(decoded.slice(0, 9), values);
  for (let i = 0; i < 9; i++) assert.equal(decoded[i], decoded[i + 9]);
});

test("an object takes its place in the table before what it holds", () => {
  const bytes = hex(`
    09 03 01            // object 0: array
      0a 0b 01          // object 1
        03 61 09 00     //   a: object 0
        03 62 0a 02     //   b: object 1
        03 63 09 01 01  //   c: object 2
        03 64 09 04     //   d: object 2
      01`);
  const [outer] = decodeAmf3(bytes);
  assert.ok(Array.isArray(outer));
  const [inner] = outer;
  assert.ok(inner instanceof AmfObject);
  assert.equal(inner.get("a"), outer);
  assert.equal(inner.get("b"), inner);
  assert.equal(inner.get("c"), inner.get("d"));
  assert.equal(toHex(encodeAmf3(outer)), toHex(bytes));
});

test("vectors and dictionaries may hold themselves", () => {
  for (const bytes of ["10 03 00 01 10 00", "11 03 00 11 00 11 00", "09 01 03 61 09 00 01"]) {
    const [value] = decodeAmf3(hex(bytes));
    assert.equal(toHex(encodeAmf3(value)), toHex(hex(bytes)));
  }
});

test("references beyond the tables are refused", () => {
  for (const bytes of ["06 00", "09 00", "0a 00", "0a 01", "0c 02", "06 03 61 06 02"]) {
    assert.throws(() => decodeAmf3(hex(bytes)), isAmfError, bytes);
  }
});

test("markers above 11 begin no value", () => {
  for (let marker = 0x12; marker < 256; marker++) {
    const bytes = new Uint8Array(32).fill(1);
    bytes[0] = marker;
    assert.throws(() => decodeAmf3(bytes), isAmfError, `marker ${marker}`);
  }
});

test("unsupported is written as undefined", () => {
  assert.equal(toHex(encodeAmf3(AMF_UNSUPPORTED)), "00");
});

test("what AMF3 cannot say is a UsageError", () => {
  const wrong: unknown[] = [1n, () => 1, {}, new Date(), new Float32Array(1)];
  for (const value of wrong) assert.throws(() => encodeAmf3(value as AmfValue), UsageError);
  // An empty name ends the members.
  assert.throws(() => encodeAmf3(new AmfObject([["", 1]])), UsageError);
  assert.throws(() => encodeAmf3(new AmfEcmaArray([["", 1]])), UsageError);
});

test("what is nested too deep is a UsageError, not a stack overflow", () => {
  let value: AmfValue = [];
  for (let i = 1; i < 100_000; i++) value = i % 2 ? [value] : new AmfDictionary([[value, i]]);
  assert.throws(() => encodeAmf3(value), UsageError);
});

test("a count of more items than the bytes could hold is refused before any of them is read", () => {
  // U29 of 5 items as a count is 0b.
  const cases: [what: string, bytes: string, least: number][] = [
    ["an array", "09 0b 01", 5],
    ["an object vector", "10 0b 00 01", 5],
    ["a dictionary", "11 0b 00", 10],
    ["an int vector", "0d 0b 00", 20],
    ["a uint vector", "0e 0b 00", 20],
    ["a double vector", "0f 0b 00", 40],
    // Five sealed members, not dynamic: 5 << 4 | 3.
    ["the names of a class", "0a 53 01", 5],
  ];
  for (const [what, head, least] of cases) {
    // A lone value would be read in any case: what is there is of no use.
    const bytes = hex(`${head} ${"01".repeat(least - 1)}`);
    assert.throws(() => decodeAmf3(bytes), /^ProtocolError: AMF3 count of 5 items in /, what);
    const enough = hex(`${head} ${"01".repeat(least)}`);
    try {
      decodeAmf3(enough);
    } catch (error) {
      assert.doesNotMatch(String(error), /AMF3 count of/, what);
    }
  }
});

test("a body, the values in it and its texts are bounded as they are told to be", () => {
  const four = encodeAmf3([1, "text", 2]);
  const bounds = { maxTotalBytes: four.length, maxNodes: 4, maxStringBytes: 4, maxDepth: 1 };
  assert.deepEqual(decodeAmf3(four, bounds), [[1, "text", 2]]);
  for (const [name, value] of Object.entries(bounds)) {
    assert.throws(() => decodeAmf3(four, { ...bounds, [name]: value - 1 }), isLimitError, name);
  }
});
