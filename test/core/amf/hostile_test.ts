import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AmfObject,
  type AmfValue,
  COMMAND_AMF_LIMITS,
  decodeAmf0,
  decodeAmf3,
  decodeCommandBody,
  encodeAmf0,
  encodeAmf3,
  toPlain,
} from "../../../src/core/amf/mod.ts";
import { ProtocolError } from "../../../src/core/errors.ts";
import { cpuMs } from "../../support/cpu.ts";
import { check } from "../../support/property.ts";
import { amf0Value, amfValue, POISON } from "./arbitrary.ts";
import { hex } from "./hex.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_AMF_DEPTH = 256;

/** Milliseconds a single decoding may take here; it takes about one, but the machine may be busy. */
const PATIENCE = 250;

/** Limits that let anything through that a message of 16 MiB can hold. */
const NO_LIMITS = {
  maxDepth: Infinity,
  maxNodes: Infinity,
  maxStringBytes: Infinity,
  maxTotalBytes: Infinity,
};

/** `unit` repeated to at least `length` bytes. */
function repeat(unit: string, length: number): Uint8Array {
  const bytes = hex(unit);
  const all = new Uint8Array(Math.ceil(length / bytes.length) * bytes.length);
  for (let at = 0; at < all.length; at += bytes.length) all.set(bytes, at);
  return all;
}

/** Checks that `decode` throws a ProtocolError with `code` and soon. */
function refuses(code: string, decode: () => unknown, note = ""): void {
  const start = cpuMs();
  assert.throws(
    decode,
    (error) => error instanceof ProtocolError && error.code === code,
    note,
  );
  const took = cpuMs() - start;
  assert.ok(took < PATIENCE, `${note} took ${took} ms`);
}

/** How each format opens something inside something, again and again. */
const NESTINGS:
  readonly (readonly [string, string, (bytes: Uint8Array, limits?: object) => unknown])[] = [
    ["AMF0 objects", "03 0001 61", decodeAmf0],
    ["AMF0 ECMA arrays", "08 00000001 0001 61", decodeAmf0],
    ["AMF0 strict arrays", "0a 00000001", decodeAmf0],
    ["AMF0 typed objects", "10 0000 0001 61", decodeAmf0],
    ["AMF3 arrays", "09 03 01", decodeAmf3],
    ["AMF3 named arrays", "09 01 03 61", decodeAmf3],
    ["AMF3 objects", "0a 0b 01 03 61", decodeAmf3],
    ["AMF3 object vectors", "10 03 00 01", decodeAmf3],
    ["AMF3 dictionary keys", "11 03 00", decodeAmf3],
    ["AMF3 dictionary values", "11 03 00 01", decodeAmf3],
    [
      "AMF3 wrappers",
      "0a 07 43 666c65782e6d6573736167696e672e696f2e4172726179436f6c6c656374696f6e",
      decodeAmf3,
    ],
  ];

for (const [what, unit, decode] of NESTINGS) {
  test(`${what} nested 18 to 1,000,000 deep are refused at the limit`, () => {
    const size = hex(unit).length;
    for (const depth of [18, 1000, 5000, 1_000_000]) {
      const bytes = repeat(unit, depth * size);
      refuses("limit", () => decode(bytes), `${depth} deep`);
      assert.throws(() => decode(bytes, { maxTotalBytes: Infinity }), /nested more than 16 deep/);
    }
    // The hard limit holds whatever is asked for.
    const million = repeat(unit, 1_000_000 * size);
    refuses("limit", () => decode(million, NO_LIMITS), "a million deep, without limits");
  });
}

test("16 objects inside each other are read, in AMF3 inside AMF0 too", () => {
  const end = "0000 09";
  assert.equal(decodeAmf0(hex("03 0001 61".repeat(15) + "03" + end.repeat(16))).length, 1);
  assert.equal(
    decodeAmf0(hex("0a 00000001".repeat(8) + "11" + "09 03 01".repeat(8) + "01")).length,
    1,
  );
  refuses(
    "limit",
    () => decodeAmf0(hex("0a 00000001".repeat(8) + "11" + "09 03 01".repeat(9) + "01")),
  );
});

test("depth counts what is open, not what is closed", () => {
  const lists = Array.from({ length: 1000 }, () => []);
  assert.deepEqual(decodeAmf0(encodeAmf0(lists)), [lists]);
  assert.deepEqual(decodeAmf3(encodeAmf3(lists)), [lists]);
});

test("the deepest nesting of all can be read and written", () => {
  const limits = { maxDepth: 1e9 };
  const amf0 = hex("0a 00000001".repeat(MAX_AMF_DEPTH - 1) + "0a 00000000");
  assert.deepEqual(encodeAmf0(...decodeAmf0(amf0, limits)), amf0);
  const amf3 = hex("09 03 01".repeat(MAX_AMF_DEPTH - 1) + "09 01 01");
  assert.deepEqual(encodeAmf3(...decodeAmf3(amf3, limits)), amf3);
});

test("counts that the bytes cannot hold are refused before anything is allocated", () => {
  const amf0 = ["0a ffffffff", "0a ffffffff 05 05", "0c ffffffff 61", "0f ffffffff"];
  for (const bytes of amf0) refuses("amf", () => decodeAmf0(hex(bytes), NO_LIMITS), bytes);
  assert.throws(() => decodeAmf0(hex("0a ffffffff 05 05")), /4294967295 items in 2 bytes/);
  const amf3 = [
    "09 ffffffff 01 01",
    "0a ffffff f3 01",
    "06 ffffffff",
    "07 ffffffff",
    "0b ffffffff",
    "0c ffffffff",
    "0d ffffffff 00",
    "0e ffffffff 00 00000000",
    "0f ffffffff 00",
    "10 ffffffff 00 01",
    "11 ffffffff 00",
  ];
  for (const bytes of amf3) refuses("amf", () => decodeAmf3(hex(bytes), NO_LIMITS), bytes);
});

test("a count that lies within the message is refused too", () => {
  const zeros = "00".repeat(100);
  refuses("amf", () => decodeAmf3(hex(`0d 83 01 00 ${zeros}`)));
  refuses("amf", () => decodeAmf3(hex(`0f 41 00 ${zeros}`)));
  refuses("amf", () => decodeAmf3(hex(`11 81 01 00 ${zeros}`)));
});

test("16 MiB of one-byte values are refused by length, or after the number that is allowed", () => {
  const nulls = repeat("05", 16 * 2 ** 20);
  refuses("limit", () => decodeAmf0(nulls));
  refuses("limit", () => decodeAmf0(nulls, { maxTotalBytes: 1e9 }));
  refuses("limit", () => decodeCommandBody(18, nulls, { maxTotalBytes: 1e9 }));
  const falses = repeat("01", 16 * 2 ** 20);
  refuses("limit", () => decodeAmf3(falses, { maxTotalBytes: 1e9 }));
});

test("2048 values are read, one more is not", () => {
  assert.equal(decodeAmf0(repeat("05", 2048)).length, 2048);
  refuses("limit", () => decodeAmf0(repeat("05", 2049)));
  // What the AMF3 inside takes is taken from the same account.
  assert.equal(decodeAmf0(repeat("11 01", 2 * 2048)).length, 2048);
  refuses("limit", () => decodeAmf0(repeat("11 01", 2 * 2049)));
  refuses("limit", () => decodeAmf0(hex("05".repeat(1000) + "11 09 90 33 01" + "01".repeat(1049))));
});

test("an ECMA array without end is refused, or ends with the message", () => {
  const member = "0001 61 00 3ff0000000000000";
  refuses("limit", () => decodeAmf0(hex("08 ffffffff" + member.repeat(3000))));
  const [array] = decodeAmf0(hex("08 ffffffff" + member.repeat(1000)));
  assert.equal((array as AmfObject).get("a"), 1);
});

test("a class of many sealed members costs no more than its bytes", () => {
  // 16000 names, then objects of that class that are cut off.
  const names = "03 61".repeat(16_000);
  const bytes = hex(`09 07 01 0a ${toU29(16_000 << 4 | 3)} 01 ${names} ${"01".repeat(1000)}`);
  refuses("amf", () => decodeAmf3(bytes, { maxNodes: 1e9, maxTotalBytes: 1e9 }));
});

function toU29(value: number): string {
  return [value >> 22 | 0x80, value >> 15 | 0x80, value >> 8 | 0x80, value]
    .map((byte) => (byte & 0xff).toString(16).padStart(2, "0")).join("");
}

test("reference loops are read, and neither writer nor JSON runs in circles", () => {
  const loops: [
    string,
    (bytes: Uint8Array) => AmfValue[],
    (...values: AmfValue[]) => Uint8Array,
  ][] = [
    ["03 0001 61 07 0000 0000 09", decodeAmf0, encodeAmf0],
    ["0a 00000002 0a 00000001 07 0000 07 0001", decodeAmf0, encodeAmf0],
    ["11 09 05 01 09 00 0a 0b 01 03 61 09 00 01", decodeAmf0, encodeAmf3],
    ["0a 0b 01 03 61 0a 00 01", decodeAmf3, encodeAmf3],
    ["11 05 00 11 00 01 01 11 00", decodeAmf3, encodeAmf3],
  ];
  for (const [bytes, decode, encode] of loops) {
    const values = decode(hex(bytes));
    JSON.stringify(toPlain(values));
    assert.ok(encode(...values).length < 100);
  }
});

test("objects that double with every level are written once each", () => {
  // 15 levels, each an array of the one below, twice: 2^15 leaves for who follows them all.
  let value: AmfValue = ["leaf"];
  for (let i = 0; i < 15; i++) value = [value, value];
  for (const [encode, decode] of [[encodeAmf0, decodeAmf0], [encodeAmf3, decodeAmf3]] as const) {
    const bytes: Uint8Array = encode(value);
    assert.ok(bytes.length < 200);
    const start = cpuMs();
    assert.ok(JSON.stringify(toPlain(decode(bytes)[0])).length < 100_000);
    assert.ok(cpuMs() - start < PATIENCE);
  }
});

test("names that reach a prototype are members like others, in both formats", () => {
  const before = Reflect.ownKeys(Object.prototype);
  const value = new AmfObject(
    POISON.map((name) => [name, new AmfObject([["polluted", name]], name)]),
    "__proto__",
    { sealed: POISON.slice(0, 3), dynamic: true },
  );
  for (const decoded of [decodeAmf3(encodeAmf3(value))[0], decodeAmf0(encodeAmf0(value))[0]]) {
    assert.ok(decoded instanceof AmfObject);
    assert.deepEqual([...decoded.entries.keys()], POISON);
    assert.equal((decoded.get("__proto__") as AmfObject).get("polluted"), "__proto__");
    assert.equal(Object.getPrototypeOf(decoded), AmfObject.prototype);
    assert.equal(decoded.get("missing"), undefined);
  }
  assert.deepEqual(Reflect.ownKeys(Object.prototype), before);
  assert.equal(Reflect.get({}, "polluted"), undefined);
});

test("invalid UTF-8 in strings, names and classes is read as U+FFFD", () => {
  const [text, object] = decodeAmf0(hex("02 0003 61ff62 10 0001 80 0001 c3 05 0000 09"));
  assert.equal(text, "a\ufffdb");
  assert.ok(object instanceof AmfObject);
  assert.deepEqual([object.className, ...object.entries.keys()], ["\ufffd", "\ufffd"]);
  assert.deepEqual(decodeAmf3(hex("06 07 61ff62 0b 03 ff"))[0], "a\ufffdb");
});

/** Random bytes, half of them small enough to be markers, counts and lengths. */
const noise = fc.uint8Array({ maxLength: 400 }).chain((bytes) =>
  fc.array(fc.boolean(), { minLength: bytes.length, maxLength: bytes.length }).map((small) =>
    bytes.map((byte, i) => small[i] ? byte % 0x13 : byte)
  )
);

/** Valid bodies with a few bytes changed, or cut. */
const mutated = fc.tuple(
  fc.oneof(
    fc.array(amf0Value(3), { maxLength: 3 }).map((values) => encodeAmf0(...values)),
    fc.array(amfValue(3), { maxLength: 3 }).map((values) => encodeAmf3(...values)),
  ),
  fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
  fc.nat(),
).map(([bytes, changes, cut]) => {
  if (bytes.length === 0) return bytes;
  for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
  return bytes.subarray(0, bytes.length - (cut % 2 ? cut % bytes.length : 0));
});

for (const [what, arbitrary] of [["random bytes", noise], ["damaged bodies", mutated]] as const) {
  test(`${what} are values or a ProtocolError, in bounded time, whatever reads them`, () => {
    let read = 0;
    check(
      fc.property(arbitrary, (bytes) => {
        for (
          const decode of [
            () => decodeAmf0(bytes),
            () => decodeAmf3(bytes),
            () => decodeCommandBody(17, bytes),
            () => decodeCommandBody(15, bytes),
          ]
        ) {
          const start = cpuMs();
          try {
            const values = decode();
            read++;
            JSON.stringify(values.map((value) => toPlain(value)));
          } catch (error) {
            assert.ok(error instanceof ProtocolError, String(error));
            assert.ok(error.code === "amf" || error.code === "limit");
          }
          assert.ok(cpuMs() - start < PATIENCE);
        }
      }),
      2000,
    );
    assert.ok(read > 0);
  });
}

test("what is read of random bytes can be written again as AMF0", () => {
  check(
    fc.property(fc.oneof(noise, mutated), (bytes) => {
      let values: AmfValue[];
      try {
        values = decodeAmf0(bytes);
      } catch {
        return;
      }
      // Within the limits of what was read, so that it can be relayed.
      decodeAmf0(encodeAmf0(...values), { ...COMMAND_AMF_LIMITS, maxStringBytes: 1e6 });
    }),
    2000,
  );
});
