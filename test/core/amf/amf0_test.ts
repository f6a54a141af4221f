import { test } from "node:test";
import assert from "node:assert/strict";
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
  decodeAmf0,
  encodeAmf0,
} from "../../../src/core/amf/mod.ts";
import { ProtocolError, UsageError } from "../../../src/core/errors.ts";
import { hex, toHex } from "./hex.ts";

const isAmfError = (error: unknown) => error instanceof ProtocolError && error.code === "amf";

/** Checks that `bytes` are `values`, and that `values` are written as `bytes`. */
function same(bytes: string, ...values: AmfValue[]): void {
  assert.deepEqual(decodeAmf0(hex(bytes)), values);
  assert.equal(toHex(encodeAmf0(...values)), toHex(hex(bytes)));
}

test("number, boolean, string, null and undefined [AMF0 §2.2-2.4, §2.7, §2.8]", () => {
  same("00 3ff8000000000000", 1.5);
  same("00 8000000000000000", -0);
  same("00 7ff8000000000000", NaN);
  same("01 01  01 00", true, false);
  same("02 0004 6c697665", "live");
  same("02 0000", "");
  same("05  06", null, undefined);
});

test("any byte but 0 is true", () => {
  assert.deepEqual(decodeAmf0(hex("01 ff")), [true]);
});

test("an object keeps the order of its members [AMF0 §2.5]", () => {
  same(
    `03                  // object
       0001 62  01 01    //   b: true
       0001 61  05       //   a: null
     0000 09             // end`,
    amfObject({ b: true, a: null }),
  );
});

test("of a name that occurs twice the last value counts", () => {
  assert.deepEqual(
    decodeAmf0(hex("03 0001 61 05 0001 61 01 01 0000 09")),
    [amfObject({ a: true })],
  );
});

test("a member may have an empty name, as only the end marker makes it the end", () => {
  same("03  0000 02 0001 78  0000 09", new AmfObject([["", "x"]]));
});

test("an ECMA array is read whatever count it announces [AMF0 §2.10]", () => {
  const body = "0005 7769647468 00 4084000000000000 0000 09";
  const expected = [new AmfEcmaArray([["width", 640]])];
  for (const count of ["00000000", "00000001", "00000014", "ffffffff"]) {
    assert.deepEqual(decodeAmf0(hex(`08 ${count} ${body}`)), expected);
  }
  same(`08 00000001 ${body}`, ...expected);
});

test("dense items of an ECMA array are written under their index", () => {
  assert.equal(
    toHex(encodeAmf0(new AmfEcmaArray([["k", null]], [true]))),
    toHex(hex("08 00000002  0001 30 01 01  0001 6b 05  0000 09")),
  );
});

test("a missing end marker at the end of the message ends every open object", () => {
  const nested = [amfObject({ a: amfObject({ b: 1 }) })];
  const body = "03 0001 61 03 0001 62 00 3ff0000000000000";
  assert.deepEqual(decodeAmf0(hex(body)), nested);
  for (const rest of ["00", "0000", "000009", "00000900", "0000090000"]) {
    assert.deepEqual(decodeAmf0(hex(body + rest)), nested, rest);
  }
});

test("a lone end marker behind the last value is put up with", () => {
  assert.deepEqual(decodeAmf0(hex("01 01 0000 09")), [true]);
});

test("a strict array is a JavaScript array [AMF0 §2.12]", () => {
  same("0a 00000003 05 0a 00000000 02 0001 78", [null, [], "x"]);
  // deno-lint-ignore no-sparse-arrays
  assert.equal(toHex(encodeAmf0([1, , 2])), toHex(encodeAmf0([1, undefined, 2])));
});

test("a date has milliseconds and a zone [AMF0 §2.13]", () => {
  same("0b 42724b5d4eb00000 0000", new AmfDate(1257181080320));
  same("0b 7ff8000000000000 ffc4", new AmfDate(NaN, -60));
});

test("a string of more than 65535 bytes is a long string, one of 65535 is not [AMF0 §2.14]", () => {
  const limits = { maxStringBytes: 1e6, maxTotalBytes: 1e6 };
  // The length counts bytes, two for each é.
  for (const [text, head] of [["é".repeat(32768), "0c00010000"], ["a".repeat(65535), "02ffff"]]) {
    const bytes = encodeAmf0(text!);
    assert.ok(toHex(bytes.subarray(0, 5)).startsWith(head!));
    assert.deepEqual(decodeAmf0(bytes, limits), [text]);
  }
});

test("a long string may be short", () => {
  assert.deepEqual(decodeAmf0(hex("0c 00000001 78")), ["x"]);
});

test("unsupported, XML document and typed object [AMF0 §2.15, §2.17, §2.18]", () => {
  same("0d", AMF_UNSUPPORTED);
  same("0f 00000004 3c612f3e", new AmfXml("<a/>"));
  same("10 0003 632e44 0001 61 05 0000 09", new AmfObject([["a", null]], "c.D"));
  same("10 0000 0000 09", new AmfObject([], ""));
});

test("a reference is the very object it refers to [AMF0 §2.9]", () => {
  const bytes = `
    03                       // 0: object
      0001 61 0a 00000001    // 1:   a: strict array
        08 00000000 000009   // 2:     ECMA array
      0001 62 07 0001        //      b: reference to 1
    0000 09
    10 0001 43 0000 09       // 3: typed object
    07 0003  07 0002  07 0000`;
  const values = decodeAmf0(hex(bytes));
  const [object, typed, third, second, first] = values;
  assert.ok(object instanceof AmfObject && typed instanceof AmfObject);
  const list = object.get("a");
  assert.ok(Array.isArray(list));
  assert.equal(object.get("b"), list);
  assert.deepEqual([third === typed, second === list[0], first === object], [true, true, true]);
  assert.equal(toHex(encodeAmf0(...values)), toHex(hex(bytes)));
});

test("strings, dates and XML do not count for references", () => {
  const values = decodeAmf0(hex(
    "0b 0000000000000000 0000  0f 00000000  02 0000  03 0000 09  07 0000",
  ));
  assert.equal(values[4], values[3]);
  assert.ok(values[4] instanceof AmfObject);
});

test("an object that holds itself is read and written", () => {
  const bytes = hex("03 0004 73656c66 07 0000 0000 09");
  const [value] = decodeAmf0(bytes);
  assert.ok(value instanceof AmfObject);
  assert.equal(value.get("self"), value);
  assert.equal(toHex(encodeAmf0(value)), toHex(bytes));
});

test("a reference to what has not begun yet is refused", () => {
  for (const bytes of ["07 0000", "03 0001 61 07 0001 0000 09", "0a 00000000 07 ffff"]) {
    assert.throws(() => decodeAmf0(hex(bytes)), isAmfError);
  }
});

test("markers without a body of their own begin no value: 04, 09, 0e and all above 11", () => {
  for (let marker = 0; marker < 256; marker++) {
    if (marker <= 0x11 && ![0x04, 0x09, 0x0e].includes(marker)) continue;
    // Enough zeros for any body.
    const bytes = new Uint8Array(32);
    bytes[0] = marker;
    assert.throws(() => decodeAmf0(bytes), isAmfError, `marker ${marker}`);
  }
});

test("the switch to AMF3 is for one value, with tables of its own [AMF0 §3.1]", () => {
  const values = decodeAmf0(hex(`
    03 0000 09               // AMF0 object 0
    11 09 03 01 06 03 78     // AMF3 array 0 of "x", string 0
    11 09 03 01 06 03 79     // AMF3 array 0 of "y", string 0
    02 0001 7a               // AMF0 again
    07 0000`));
  assert.deepEqual(values, [new AmfObject(), ["x"], ["y"], "z", new AmfObject()]);
  assert.equal(values[4], values[0]);
  // A string of the first is none of the second.
  assert.throws(() => decodeAmf0(hex("11 06 03 78  11 06 00")), isAmfError);
});

test("what AMF0 has no type for goes out as AMF3", () => {
  same("11 0c 05 0102", Uint8Array.of(1, 2));
  same("11 0b 03 78", new AmfXml("x", "e4x"));
  same("11 0d 03 01 00000007", new AmfVector(Int32Array.of(7), true));
  same("11 11 03 00 04 01 03", new AmfDictionary([[1, true]]));
  same(
    "11 0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e 09 01 01",
    new AmfExternal("flex.messaging.io.ArrayCollection", [[]]),
  );
  same("03 0001 62 11 0c 01 0000 09", amfObject({ b: new Uint8Array() }));
});

test("what is no AMF value is a UsageError", () => {
  const wrong: unknown[] = [1n, Symbol(), () => 1, {}, new Map(), new Date(), /x/];
  for (const value of wrong) {
    assert.throws(() => encodeAmf0(value as AmfValue), UsageError);
    assert.throws(() => encodeAmf0([value as AmfValue]), UsageError);
  }
});

test("a name of more than 65535 bytes is a UsageError", () => {
  encodeAmf0(new AmfObject([["x".repeat(65535), 1]]));
  assert.throws(() => encodeAmf0(new AmfObject([["x".repeat(65536), 1]])), UsageError);
  assert.throws(() => encodeAmf0(new AmfObject([], "x".repeat(65536))), UsageError);
});

test("what is nested too deep is a UsageError, not a stack overflow", () => {
  let value: AmfValue = [];
  for (let i = 1; i < 100_000; i++) value = i % 2 ? [value] : amfObject({ value });
  assert.throws(() => encodeAmf0(value), UsageError);
});

test("objects beyond the 65536th are written again, not referred to", () => {
  const many: AmfValue[] = Array.from({ length: 65_536 }, () => []);
  const last: AmfValue[] = [true];
  const bytes = encodeAmf0(many, last, last, many[65_534]);
  assert.equal(toHex(bytes.subarray(-17)), "0a000000010101" + "0a000000010101" + "07ffff");
});

test("no bytes are no values", () => {
  assert.deepEqual(decodeAmf0(new Uint8Array()), []);
  assert.equal(encodeAmf0().length, 0);
});

test("an array of more items than there are bytes is refused before any of them is read", () => {
  // More nulls than values may be: with so many items they would be too much, not cut off.
  const nulls = (count: number) =>
    hex(`0a ${count.toString(16).padStart(8, "0")}${"05".repeat(3000)}`);
  assert.throws(() => decodeAmf0(nulls(3001)), isAmfError);
  assert.throws(
    () => decodeAmf0(nulls(3000)),
    (error) => error instanceof ProtocolError && error.code === "limit",
  );
});
