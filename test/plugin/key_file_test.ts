/** Secret keys of publishers: how they look, and what is kept of them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as v from "valibot";
import {
  hashOfKey,
  hashOfSaid,
  KEY_BYTES,
  KEY_ID_BYTES,
  KeyFile,
  keyOf,
  MAX_KEYS,
} from "../../src/plugin/key_file.ts";

test("a key is its random bits in base32, as other programs write it", () => {
  assert.deepEqual([KEY_BYTES, KEY_ID_BYTES], [20, 4]);
  const bytes = Uint8Array.from({ length: 20 }, (_, index) => 1 + 12 * index);
  assert.equal(keyOf(bytes), "sk-aegrsjjrhvevkylnpgczdhnjwxa43wpf");
  assert.equal(keyOf(new Uint8Array(20).fill(255)), `sk-${"7".repeat(32)}`);
  assert.equal(keyOf(new Uint8Array(5)), "sk-aaaaaaaa");
});

test("what is kept is the SHA-256 of its UTF-8", () => {
  const hash = "d34123f53f17b1b5f71dc3dee289194a3b084fef3e3541f7612236d1b5e44c65";
  assert.equal(hashOfKey("sk-é1"), hash);
  assert.equal(hashOfSaid("sk-é1"), hash);
});

test("nothing, and what is too long for a key, is not looked up", () => {
  assert.equal(hashOfSaid(""), undefined);
  assert.equal(hashOfSaid("x")?.length, 64);
  assert.equal(hashOfSaid("x".repeat(256))?.length, 64);
  assert.equal(hashOfSaid("x".repeat(257)), undefined);
});

test("each member of a key is checked at its bounds", () => {
  const key = { id: "studio", hash: "0a".repeat(32), name: "demo" };
  const reads = (more: object) => v.safeParse(KeyFile, { keys: [{ ...key, ...more }] }).success;
  const pairs: [good: object, bad: object][] = [
    [{}, { id: "" }],
    [{ id: "a.b-C_9" }, { id: "a b" }],
    [{ id: "x".repeat(64) }, { id: "x".repeat(65) }],
    [{}, { hash: "0A".repeat(32) }],
    [{}, { hash: "0a".repeat(31) }],
    [{ name: "a" }, { name: "a/b" }],
    [{ app: "live" }, { app: 5 }],
    [{ maxKbps: 1 }, { maxKbps: 0 }],
    [{ maxKbps: 8000 }, { maxKbps: 1.5 }],
    [{ onePublisher: false }, { onePublisher: "no" }],
    [{ addresses: Array(1000).fill("::1") }, { addresses: Array(1001).fill("::1") }],
    [{ addresses: ["10.0.0.0/8"] }, { addresses: ["10.0.0"] }],
    [{ expires: "2027-01-31T12:00:00Z" }, { expires: "31.1.2027" }],
    [{ expires: "2027-01-31" }, { expires: "x 2027-01-31" }],
    [{ created: "2027-01-31" }, { created: "2027-13-31" }],
    [{}, { more: 1 }],
  ];
  for (const [good, bad] of pairs) {
    assert.equal(reads(good), true, JSON.stringify(good));
    assert.equal(reads(bad), false, JSON.stringify(bad));
  }
  // To read so many takes seconds.
  assert.equal(MAX_KEYS, 100_000);
});
