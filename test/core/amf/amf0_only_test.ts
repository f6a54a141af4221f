import assert from "node:assert/strict";
import { test } from "node:test";
import {
  amf0Only,
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
  encodeAmf3,
} from "../../../src/core/amf/mod.ts";

/** A handler name in AMF0, then a value in AMF3 behind the switch to it. */
function switched(value: AmfValue): Uint8Array {
  return Uint8Array.of(...encodeAmf0("onMetaData"), 0x11, ...encodeAmf3(value));
}

/** What an AMF0 player reads of it. */
function read(value: AmfValue): AmfValue {
  const bytes = amf0Only(switched(value))!;
  assert.equal(amf0Only(bytes), bytes, "nothing in it is AMF3 any more");
  const [handler, read] = decodeAmf0(bytes);
  assert.equal(handler, "onMetaData");
  return read;
}

test("values in AMF3 become the same values in AMF0", () => {
  const values: AmfValue[] = [
    amfObject({ width: 640, height: 360.5, title: "case", live: true, none: null }),
    new AmfEcmaArray([["a", 1]]),
    [1, "two", [false]],
    new AmfObject([["x", 1]], "Point"),
    new AmfDate(1e12),
    new AmfXml("<a/>"),
    -(2 ** 28),
    "text",
  ];
  for (const value of values) assert.deepEqual(read(value), decodeAmf0(encodeAmf0(value))[0]);
});

test("what AMF0 has no type for becomes what is nearest, or null", () => {
  const point = amfObject({ x: 1 });
  const cases: [AmfValue, AmfValue][] = [
    [Uint8Array.of(1, 2), null],
    [new AmfVector(Int32Array.of(1, -2)), [1, -2]],
    [new AmfVector(Float64Array.of(1.5)), [1.5]],
    [new AmfVector([point], false, "Point"), [point]],
    [new AmfDictionary([["a", 1], [7, 2], [point, 3]]), new AmfObject([["a", 1], ["7", 2]])],
    [new AmfXml("<a/>", "e4x"), new AmfXml("<a/>")],
    [new AmfExternal("flex.messaging.io.ArrayCollection", [[1, 2]]), [1, 2]],
  ];
  for (const [value, expected] of cases) {
    const bytes = amf0Only(switched(amfObject({ value })))!;
    const object = decodeAmf0(bytes)[1] as AmfObject;
    assert.deepEqual(encodeAmf0(object.get("value")), encodeAmf0(expected));
    assert.equal(amf0Only(bytes), bytes);
  }
});

test("an object within itself ends, and one that occurs twice is written twice", () => {
  const loop = amfObject({ name: "loop" });
  loop.entries.set("self", loop);
  assert.deepEqual(read(loop), amfObject({ name: "loop", self: null }));
  const twin = amfObject({ x: 1 });
  const bytes = amf0Only(switched([twin, twin]))!;
  assert.deepEqual(decodeAmf0(bytes)[1], [twin, twin]);
  assert.ok(!bytes.includes(0x07), "no reference");
});

test("pure AMF0 stays as it came, with the byte of the switch in it or without", () => {
  for (const value of ["\u0011", 17, amfObject({ "\u0011": "\u0011" }), "plain"]) {
    const body = encodeAmf0("onTextData", value);
    assert.equal(amf0Only(body), body);
  }
  const junk = Uint8Array.of(2, 0, 1, 65, 0xfe, 0x11, 9);
  assert.equal(amf0Only(junk), junk, "what nobody can read is not judged");
});

test("AMF3 that is cut off, unknown, too deep or too large once written out is not passed on", () => {
  const whole = switched(amfObject({ a: "b" }));
  assert.equal(amf0Only(whole.subarray(0, whole.length - 3)), undefined);
  const unknown = [0x11, 0x0a, 0x07, 0x05, 0x41, 0x42];
  assert.equal(amf0Only(Uint8Array.of(...encodeAmf0("h"), ...unknown)), undefined);
  let deep: AmfValue = 1;
  for (let depth = 0; depth < 40; depth++) deep = [deep];
  assert.equal(amf0Only(switched(deep)), undefined);
  let wide: AmfValue = [1, 1, 1, 1];
  for (let depth = 0; depth < 10; depth++) wide = [wide, wide, wide, wide];
  assert.equal(amf0Only(switched(wide)), undefined, "a million values in a few bytes");
  const text = "x".repeat(4000);
  assert.equal(amf0Only(switched(Array(2000).fill(text))), undefined, "8 MB in 8 KB");
});

/** An array in AMF3 of `count` values: the first one is written out, the others refer to it. */
function repeated(first: readonly number[], reference: readonly number[], count: number) {
  const others = Array.from({ length: count - 1 }, () => reference).flat();
  return Uint8Array.of(0x11, 0x09, count << 1 | 1, 0x01, ...first, ...others);
}

test("references may become four values and sixteen characters for each byte, and not one more", () => {
  // An array of eight nulls, and references to it: 51 of them are 115 bytes and 460 values.
  const nulls = [0x09, 8 << 1 | 1, 0x01, ...new Array<number>(8).fill(0x01)];
  const values = (count: number) => repeated(nulls, [0x09, 0x02], count);
  assert.deepEqual([values(51).length, values(52).length], [115, 117]);
  const [copy] = decodeAmf0(amf0Only(values(51))!, { maxNodes: 1000 });
  assert.equal((copy as AmfValue[]).flat().length, 408);
  assert.equal(amf0Only(values(52)), undefined);
  // A text of 56 letters: 40 of them are 140 bytes and 2240 letters.
  const text = [0x06, 56 << 1 | 1, ...new Array<number>(56).fill(0x61)];
  const texts = (count: number) => repeated(text, [0x06, 0x00], count);
  assert.deepEqual([texts(40).length, texts(41).length], [140, 142]);
  assert.equal((decodeAmf0(amf0Only(texts(40))!)[0] as string[]).join("").length, 2240);
  assert.equal(amf0Only(texts(41)), undefined);
  // XML is text too.
  const xml = [0x0b, ...text.slice(1)];
  const documents = (count: number) => amf0Only(repeated(xml, [0x0b, 0x02], count));
  assert.deepEqual([documents(40) === undefined, documents(41)], [false, undefined]);
});
