import { test } from "node:test";
import assert from "node:assert/strict";
import {
  AmfExternal,
  amfObject,
  type AmfValue,
  decodeAmf0,
  decodeAmf3,
  encodeAmf3,
} from "../../../src/core/amf/mod.ts";
import { ProtocolError, UsageError } from "../../../src/core/errors.ts";
import { hex, toHex } from "./hex.ts";

/** A short string with its length. */
const u29s = (text: string) => {
  const bytes = new TextEncoder().encode(text);
  const head = bytes.length << 1 | 1;
  const length = head < 128 ? [head] : [head >> 7 | 0x80, head & 0x7f];
  return toHex(Uint8Array.of(...length, ...bytes));
};

function same(bytes: string, value: AmfValue): void {
  assert.deepEqual(decodeAmf3(hex(bytes)), [value]);
  assert.equal(toHex(encodeAmf3(value)), toHex(hex(bytes)));
}

for (const name of ["ArrayCollection", "ArrayList", "ObjectProxy"]) {
  const className = `flex.messaging.io.${name}`;

  test(`${className} is one value`, () => {
    same(
      `0a 07 ${u29s(className)}  09 05 01 04 01 04 02`,
      new AmfExternal(className, [[1, 2]]),
    );
  });
}

test("each message, by its name and by its alias, has the flags of so many classes and no more", () => {
  const sections = {
    "DSA": 2,
    "flex.messaging.messages.AsyncMessageExt": 2,
    "DSK": 3,
    "flex.messaging.messages.AcknowledgeMessageExt": 3,
    "DSC": 3,
    "flex.messaging.messages.CommandMessageExt": 3,
  };
  for (const [className, count] of Object.entries(sections)) {
    const flags = Array.from({ length: count }, () => [0]);
    // In a list, so that what is behind it shows where it ended.
    const list = `09 05 01  0a 07 ${u29s(className)} ${"00".repeat(count)}  04 05`;
    same(list, [new AmfExternal(className, [], flags), 5]);
  }
});

test("an AsyncMessageExt has the flags of two classes", () => {
  same(
    `0a 07 07 445341       // DSA
       23                  // AbstractMessage: body, clientId, timestamp
         04 01  06 03 63  05 41d0000000000000
       01                  // AsyncMessage: correlationId
         06 03 64`,
    new AmfExternal("DSA", [1, "c", 2 ** 30, "d"], [[0x23], [0x01]]),
  );
});

test("an AcknowledgeMessageExt has the flags of three classes and may have second flag bytes", () => {
  same(
    `0a 07 07 44534b       // DSK
       81 03               // AbstractMessage: body; clientIdBytes, messageIdBytes
         0a 0b 01 03 61 01 01
         0c 03 aa  0c 03 bb
       02                  // AsyncMessage: correlationIdBytes
         0c 03 cc
       00                  // AcknowledgeMessage: nothing`,
    new AmfExternal(
      "DSK",
      [amfObject({ a: null }), Uint8Array.of(0xaa), Uint8Array.of(0xbb), Uint8Array.of(0xcc)],
      [[0x81, 0x03], [0x02], [0x00]],
    ),
  );
});

test("a CommandMessageExt has an operation, and all seven bits of its first flags count", () => {
  const className = "flex.messaging.messages.CommandMessageExt";
  same(
    `0a 07 ${u29s(className)}
       7f 01 01 01 01 01 01 01
       00
       01 04 05`,
    new AmfExternal(className, [null, null, null, null, null, null, null, 5], [
      [0x7f],
      [0x00],
      [0x01],
    ]),
  );
});

test("reserved flags announce values too, but bit 6 does not", () => {
  same(
    "0a 07 07 445341  80 7c 01 02 03 01  00",
    new AmfExternal("DSA", [null, false, true, null], [[0x80, 0x7c], [0x00]]),
  );
});

test("the class is referred to like any other traits", () => {
  const [values] = decodeAmf3(hex(
    "09 05 01  0a 07 07 445341 00 00  0a 01 01 04 09 00",
  ));
  const expected = [
    new AmfExternal("DSA", [], [[0], [0]]),
    new AmfExternal("DSA", [9], [[1], [0]]),
  ];
  assert.deepEqual(values, expected);
  assert.deepEqual(decodeAmf3(encodeAmf3(expected)), [expected]);
});

test("an object may hold its own wrapper", () => {
  const className = "flex.messaging.io.ObjectProxy";
  const bytes = hex(`0a 07 ${u29s(className)} 0a 00`);
  const [proxy] = decodeAmf3(bytes);
  assert.ok(proxy instanceof AmfExternal);
  assert.equal(proxy.values[0], proxy);
  assert.equal(toHex(encodeAmf3(proxy)), toHex(bytes));
});

test("a class whose format is not known is refused without repeating its name, in AMF0 too", () => {
  const bytes = `0a 07 ${u29s("com.example.Secret")} 01 02 03`;
  const refused = (error: unknown) =>
    error instanceof ProtocolError && error.code === "amf" &&
    !error.message.includes("Secret");
  assert.throws(() => decodeAmf3(hex(bytes)), refused);
  assert.throws(() => decodeAmf0(hex(`11 ${bytes}`)), refused);
});

test("names that reach a prototype are not known classes", () => {
  for (const name of ["__proto__", "constructor", "toString", ""]) {
    assert.throws(() => decodeAmf3(hex(`0a 07 ${u29s(name)} 01`)), ProtocolError);
  }
});

test("endless flag bytes are refused", () => {
  const bytes = hex(`0a 07 07 445341 ${"80".repeat(1000)}`);
  assert.throws(() => decodeAmf3(bytes), /flag bytes/);
});

test("values that the flags do not announce are a UsageError", () => {
  const wrong = [
    new AmfExternal("com.example.Secret", []),
    new AmfExternal("flex.messaging.io.ArrayCollection", []),
    new AmfExternal("flex.messaging.io.ArrayCollection", [1, 2]),
    new AmfExternal("flex.messaging.io.ArrayCollection", [1], [[1]]),
    new AmfExternal("DSA", [1], [[1]]),
    new AmfExternal("DSA", [1], [[0], [0]]),
    new AmfExternal("DSA", [], [[0x80], [0]]),
    new AmfExternal("DSA", [], [[0, 0], [0]]),
  ];
  for (const value of wrong) assert.throws(() => encodeAmf3(value), UsageError);
});
