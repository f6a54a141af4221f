import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject, decodeCommandBody } from "../../../src/core/amf/mod.ts";
import { ProtocolError } from "../../../src/core/errors.ts";
import { hex } from "./hex.ts";

const isLimit = (error: unknown) => error instanceof ProtocolError && error.code === "limit";

/** "connect", 1, { app: "x" } in AMF0. */
const CONNECT = "02 0007 636f6e6e656374  00 3ff0000000000000  03 0003 617070 02 0001 78 0000 09";
const CONNECTED = ["connect", 1, amfObject({ app: "x" })];

test("types 20 and 18 are AMF0 from the first byte", () => {
  assert.deepEqual(decodeCommandBody(20, hex(CONNECT)), CONNECTED);
  assert.deepEqual(decodeCommandBody(18, hex(CONNECT)), CONNECTED);
  // A number first, as some cameras put it, is no format byte.
  assert.deepEqual(decodeCommandBody(18, hex("00 0000000000000000 02 0001 78")), [0, "x"]);
});

test("types 17 and 15 have a format byte in front, or leave it out", () => {
  for (const type of [17, 15]) {
    assert.deepEqual(decodeCommandBody(type, hex(`00 ${CONNECT}`)), CONNECTED);
    assert.deepEqual(decodeCommandBody(type, hex(CONNECT)), CONNECTED);
  }
});

test("in types 17 and 15 a single value may be AMF3, and then it is AMF0 again", () => {
  const bytes = hex("00 02 0001 78 11 04 07 00 3ff0000000000000 11 0a 0b 01 03 61 03 01");
  assert.deepEqual(decodeCommandBody(17, bytes), ["x", 7, 1, amfObject({ a: true })]);
});

test("in type 17 the name too may be behind the switch to AMF3", () => {
  assert.deepEqual(decodeCommandBody(17, hex("00 11 06 03 78 05")), ["x", null]);
  assert.deepEqual(decodeCommandBody(17, hex("11 06 03 78 05")), ["x", null]);
});

test("a body that is AMF3 all through is read, with and without format byte", () => {
  const amf3 = "06 03 78 04 01 01 06 00";
  for (const type of [17, 15]) {
    assert.deepEqual(decodeCommandBody(type, hex(amf3)), ["x", 1, null, "x"]);
    assert.deepEqual(decodeCommandBody(type, hex(`00 ${amf3}`)), ["x", 1, null, "x"]);
  }
});

test("a first byte 0 that begins a double is no format byte", () => {
  assert.deepEqual(decodeCommandBody(15, hex("00 3ff0000000000000 02 0001 78")), [1, "x"]);
});

test("an empty body and a lone format byte are no values", () => {
  for (const type of [15, 17, 18, 20]) {
    assert.deepEqual(decodeCommandBody(type, new Uint8Array()), []);
  }
  assert.deepEqual(decodeCommandBody(17, Uint8Array.of(0)), []);
});

test("a command may be 64 KiB long and its strings 16 KiB, data 256 KiB", () => {
  const strings = (length: number, count: number) =>
    hex(`02 ${length.toString(16).padStart(4, "0")} ${"61".repeat(length)}`.repeat(count));
  for (const type of [17, 20]) {
    assert.equal(decodeCommandBody(type, strings(16 * 1024, 3)).length, 3);
    assert.throws(() => decodeCommandBody(type, strings(16 * 1024 + 1, 1)), isLimit);
    assert.equal(decodeCommandBody(type, strings(1021, 64)).length, 64);
    assert.throws(() => decodeCommandBody(type, strings(1022, 64)), isLimit);
  }
  for (const type of [15, 18]) {
    assert.equal(decodeCommandBody(type, strings(65533, 4)).length, 4);
    assert.throws(() => decodeCommandBody(type, strings(65534, 4)), isLimit);
  }
});

test("limits can be given one by one", () => {
  assert.throws(() => decodeCommandBody(20, hex(CONNECT), { maxNodes: 3 }), isLimit);
  assert.deepEqual(decodeCommandBody(20, hex(CONNECT), { maxNodes: 4 }), CONNECTED);
  assert.throws(() => decodeCommandBody(20, hex(CONNECT), { maxDepth: 0 }), isLimit);
  assert.throws(() => decodeCommandBody(20, hex(CONNECT), { maxStringBytes: 6 }), isLimit);
  assert.throws(() => decodeCommandBody(20, hex(CONNECT), { maxTotalBytes: 31 }), isLimit);
});

test("values nest 16 deep; a command has 2048 of them, data 4096", () => {
  // Strict arrays of one item each, around a null.
  const nested = (depth: number) => hex("0a 00000001".repeat(depth) + "05");
  const many = (count: number) => new Uint8Array(count).fill(5);
  for (const [type, nodes] of [[20, 2048], [17, 2048], [18, 4096], [15, 4096]] as const) {
    assert.equal(decodeCommandBody(type, nested(16)).length, 1);
    assert.throws(() => decodeCommandBody(type, nested(17)), isLimit);
    assert.equal(decodeCommandBody(type, many(nodes)).length, nodes);
    assert.throws(() => decodeCommandBody(type, many(nodes + 1)), isLimit);
  }
});
