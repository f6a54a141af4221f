import { test } from "node:test";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  type AmfValue,
  decodeAmf0,
  decodeAmf3,
  decodeCommandBody,
  encodeAmf0,
  encodeAmf3,
  toPlain,
} from "../../../src/core/amf/mod.ts";
import { ProtocolError } from "../../../src/core/errors.ts";
import { hex, toHex } from "./hex.ts";

/** See test/vectors/amf/README.md. */
interface Vector {
  readonly from: string;
  readonly name: string;
  readonly reader: string;
  readonly format: 0 | 3;
  readonly hex: string;
  readonly values: unknown[];
}

const vectors: Vector[] = JSON.parse(
  readFileSync(new URL("../../vectors/amf/vectors.json", import.meta.url), "utf8"),
);

const decode = ({ format }: Vector, bytes: Uint8Array) =>
  format === 0 ? decodeAmf0(bytes) : decodeAmf3(bytes);

const encode = ({ format }: Vector, values: AmfValue[]) =>
  format === 0 ? encodeAmf0(...values) : encodeAmf3(...values);

/** What `JSON.parse` makes of the values, to compare by content alone. */
const json = (values: AmfValue[]): unknown =>
  JSON.parse(JSON.stringify(values.map((value) => toPlain(value))));

test("there are vectors of both formats", () => {
  assert.ok(vectors.filter(({ format }) => format === 0).length >= 50);
  assert.ok(vectors.filter(({ format }) => format === 3).length >= 12);
});

for (const [index, vector] of vectors.entries()) {
  const { from, name, reader } = vector;

  test(`vector ${index}, ${name} of ${from}, is read as ${reader} reads it and written back`, () => {
    const values = decode(vector, hex(vector.hex));
    assert.deepEqual(json(values), vector.values);
    assert.equal(toHex(encode(vector, values)), vector.hex);
  });
}

test("a vector cut off anywhere is a ProtocolError or fewer values", () => {
  let refused = 0;
  for (const vector of vectors) {
    const bytes = hex(vector.hex);
    for (let end = 0; end < bytes.length; end++) {
      try {
        const values = decode(vector, bytes.subarray(0, end));
        assert.ok(values.length <= vector.values.length);
      } catch (error) {
        assert.ok(error instanceof ProtocolError && error.code === "amf", String(error));
        refused++;
      }
    }
  }
  assert.ok(refused > 5000, `${refused} refused`);
});

test("AMF3 vectors mean the same behind the switch in a type 17 message", () => {
  for (const vector of vectors.filter(({ format }) => format === 3)) {
    const body = hex("00 02 0001 61 11" + vector.hex);
    const values = decodeCommandBody(17, body);
    assert.deepEqual(json(values), ["a", ...vector.values]);
  }
});
