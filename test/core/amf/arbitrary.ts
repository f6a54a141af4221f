/**
 * Random AMF values for property tests.
 *
 * @module
 */

import fc from "fast-check";
import {
  AMF_UNSUPPORTED,
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  type AmfValue,
  AmfVector,
  AmfXml,
} from "../../../src/core/amf/mod.ts";

/** Names that are dangerous as keys of a plain object. */
export const POISON = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "then",
  "toJSON",
  "length",
];

/** Well-formed text, as only that survives UTF-8. */
const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom(...POISON));

/** AMF3 cannot write an empty name. */
const name = text.map((value) => value || "_");

const number = fc.oneof(
  fc.double(),
  fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
  // Where AMF3 changes from one length or type to the next.
  fc.constantFrom(-0, 127, 128, 16383, 16384, 2097151, 2097152, 2 ** 28 - 1, 2 ** 28, -(2 ** 28)),
);

const leaf: fc.Arbitrary<AmfValue> = fc.oneof(
  number,
  text,
  fc.boolean(),
  fc.constantFrom(null, undefined),
);

/** Values without others inside that only AMF3 has, or that are the same in both. */
const special: fc.Arbitrary<AmfValue> = fc.oneof(
  fc.double().map((ms) => new AmfDate(ms)),
  fc.tuple(text, fc.constantFrom("document" as const, "e4x" as const))
    .map(([xml, kind]) => new AmfXml(xml, kind)),
  fc.uint8Array({ maxLength: 20 }),
  fc.tuple(
    fc.oneof(
      fc.int32Array({ maxLength: 4 }),
      fc.uint32Array({ maxLength: 4 }),
      fc.float64Array({ maxLength: 4 }),
    ),
    fc.boolean(),
  ).map(([items, fixed]) => new AmfVector(items.slice(), fixed)),
);

/** Entries with distinct names. */
function entries(value: fc.Arbitrary<AmfValue>, least = 0): fc.Arbitrary<[string, AmfValue][]> {
  return fc.uniqueArray(fc.tuple(name, value), {
    selector: ([key]) => key,
    minLength: least,
    maxLength: 4,
  });
}

/** An object of a class, its first members sealed. */
function typed(value: fc.Arbitrary<AmfValue>): fc.Arbitrary<AmfObject> {
  return fc.tuple(entries(value), name, fc.nat(4), fc.boolean()).map(
    ([members, className, count, dynamic]) => {
      const sealed = members.slice(0, count).map(([key]) => key);
      const traits = { sealed, dynamic: dynamic || members.length > sealed.length };
      return new AmfObject(members, className, traits);
    },
  );
}

/** Any value of AMF3, at most `depth` objects and arrays inside each other. */
export function amfValue(depth: number): fc.Arbitrary<AmfValue> {
  if (depth === 0) return fc.oneof(leaf, special);
  const inner = amfValue(depth - 1);
  const items = fc.array(inner, { maxLength: 4 });
  return fc.oneof(
    { weight: 2, arbitrary: leaf },
    special,
    items,
    entries(inner).map((members) => new AmfObject(members)),
    typed(inner),
    fc.tuple(entries(inner, 1), items).map(([named, dense]) => new AmfEcmaArray(named, dense)),
    fc.tuple(items, fc.boolean(), text).map(([all, fixed, of]) => new AmfVector(all, fixed, of)),
    fc.tuple(fc.array(fc.tuple(inner, inner), { maxLength: 3 }), fc.boolean())
      .map(([pairs, weak]) => new AmfDictionary(pairs, weak)),
    inner.map((value) => new AmfExternal("flex.messaging.io.ObjectProxy", [value])),
    fc.tuple(inner, inner).map(([a, b]) => new AmfExternal("DSA", [a, b], [[0x04], [0x01]])),
  );
}

/** Any value of AMF0 without the switch to AMF3, at most `depth` deep. */
export function amf0Value(depth: number): fc.Arbitrary<AmfValue> {
  const flat = fc.oneof(
    leaf,
    fc.constant(AMF_UNSUPPORTED),
    fc.tuple(fc.double(), fc.integer({ min: -720, max: 720 }))
      .map(([ms, zone]) => new AmfDate(ms, zone)),
    text.map((xml) => new AmfXml(xml)),
  );
  if (depth === 0) return flat;
  const inner = amf0Value(depth - 1);
  const members = fc.uniqueArray(fc.tuple(text, inner), { selector: ([key]) => key, maxLength: 4 });
  return fc.oneof(
    { weight: 2, arbitrary: flat },
    fc.array(inner, { maxLength: 4 }),
    fc.tuple(members, fc.option(text, { nil: undefined }))
      .map(([all, className]) => new AmfObject(all, className)),
    members.map((all) => new AmfEcmaArray(all)),
  );
}
