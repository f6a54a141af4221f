import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  AmfObject,
  type AmfValue,
  decodeAmf0,
  decodeAmf3,
  decodeCommandBody,
  encodeAmf0,
  encodeAmf3,
} from "../../../src/core/amf/mod.ts";
import { check } from "../../support/property.ts";
import { amf0Value, amfValue } from "./arbitrary.ts";
import { toHex } from "./hex.ts";

test("AMF0 values are read as they were written", () => {
  check(
    fc.property(fc.array(amf0Value(4), { maxLength: 4 }), (values) => {
      const bytes = encodeAmf0(...values);
      const decoded = decodeAmf0(bytes);
      assert.deepEqual(decoded, values);
      assert.equal(toHex(encodeAmf0(...decoded)), toHex(bytes));
    }),
    500,
  );
});

test("AMF3 values are read as they were written", () => {
  check(
    fc.property(fc.array(amfValue(4), { maxLength: 4 }), (values) => {
      const bytes = encodeAmf3(...values);
      const decoded = decodeAmf3(bytes);
      assert.deepEqual(decoded, values);
      assert.equal(toHex(encodeAmf3(...decoded)), toHex(bytes));
    }),
    500,
  );
});

test("what is read from AMF0 with AMF3 inside is written as it was read", () => {
  const value = fc.oneof(
    amf0Value(2),
    fc.uint8Array({ maxLength: 9 }),
    amfValue(2).map((inner) => new AmfObject([["inner", inner]])),
  );
  check(
    fc.property(fc.array(value, { maxLength: 4 }), (values) => {
      // Once around, as AMF0 keeps less of an object than AMF3: no traits, no dense items.
      const decoded = decodeAmf0(encodeAmf0(...values));
      assert.deepEqual(decodeAmf0(encodeAmf0(...decoded)), decoded);
    }),
    500,
  );
});

test("the body of a command is read under every type and format byte", () => {
  const command = fc.tuple(fc.string({ unit: "grapheme", maxLength: 9 }), amf0Value(2));
  check(fc.property(command, (values) => {
    const bytes = encodeAmf0(...values);
    for (const type of [15, 17, 18, 20]) assert.deepEqual(decodeCommandBody(type, bytes), values);
    const formatted = Uint8Array.of(0, ...bytes);
    for (const type of [15, 17]) assert.deepEqual(decodeCommandBody(type, formatted), values);
  }));
});

/** A tree whose objects and arrays are taken from a small set again and again, cycles included. */
const graph = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.boolean()), { maxLength: 12 }).map(
  (edges) => {
    const nodes: (AmfObject | AmfValue[])[] = Array.from(
      { length: 6 },
      (_, i) => i % 2 === 0 ? new AmfObject() : [],
    );
    for (const [from, to, marked] of edges) {
      const owner = nodes[from]!;
      if (Array.isArray(owner)) owner.push(marked, nodes[to]);
      else owner.entries.set(`to${to}${marked}`, nodes[to]);
    }
    return nodes;
  },
);

/** The graph as a list of its objects in order of appearance, with indices for edges. */
function shape(value: AmfValue): unknown[] {
  const seen = new Map<AmfValue, number>();
  const out: unknown[] = [];
  const visit = (node: AmfValue): unknown => {
    if (typeof node !== "object" || node === null) return node;
    const index = seen.get(node);
    if (index !== undefined) return { index };
    const own = seen.size;
    seen.set(node, own);
    const items = Array.isArray(node) ? node : [...(node as AmfObject).entries].flat();
    out.push([own, Array.isArray(node), items.map(visit)]);
    return { index: own };
  };
  visit(value);
  return out;
}

test("who is who in a graph with cycles survives both formats", () => {
  check(
    fc.property(graph, (nodes) => {
      const expected = shape(nodes);
      assert.deepEqual(shape(decodeAmf0(encodeAmf0(nodes))[0]), expected);
      assert.deepEqual(shape(decodeAmf3(encodeAmf3(nodes))[0]), expected);
    }),
    300,
  );
});
