/** RC4, against RFC 6229 and what OpenSSL makes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rc4 } from "../../../src/core/crypto/rc4.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const ascii = (text: string) => new TextEncoder().encode(text);

/** The key stream of 01 02 03 04 05 [RFC 6229 §2], by where it begins. */
const STREAM: readonly [at: number, bytes: string][] = [
  [0, "b2396305f03dc027ccc3524a0a1118a8"],
  [1536, "d8729db41882259bee4f825325f5a130"],
];

test("the key stream is that of RFC 6229, also behind what is skipped", () => {
  for (const [at, expected] of STREAM) {
    const rc4 = new Rc4(Uint8Array.of(1, 2, 3, 4, 5));
    rc4.skip(at);
    const bytes = new Uint8Array(16);
    rc4.apply(bytes, bytes);
    assert.equal(hex(bytes), expected);
  }
});

test("text is encrypted as by OpenSSL, in any cuts, and comes back with the same key", () => {
  const text = ascii("Plaintext");
  const whole = new Uint8Array(text.length);
  new Rc4(ascii("Key")).apply(text, whole);
  assert.equal(hex(whole), "bbf316e8d940af0ad3");
  const cut = new Rc4(ascii("Key"));
  const bytes = text.map((byte) => {
    const one = Uint8Array.of(byte);
    cut.apply(one, one);
    return one[0]!;
  });
  assert.deepEqual(bytes, whole);
  new Rc4(ascii("Key")).apply(whole, whole);
  assert.deepEqual(whole, text);
});

test("a key may have as many bytes as there are states", () => {
  const key = Uint8Array.from({ length: 256 }, (_, index) => index);
  const [one, other] = [new Uint8Array(256), new Uint8Array(256)];
  new Rc4(key).apply(one, one);
  key[255] = 0;
  new Rc4(key).apply(other, other);
  assert.notDeepEqual(one, other);
});
