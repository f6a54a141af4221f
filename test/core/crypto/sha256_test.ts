import { test } from "node:test";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { Sha256, sha256 } from "../../../src/core/crypto/sha256.ts";
import { feedings } from "../../support/feed.ts";
import { check } from "../../support/property.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const ascii = (text: string) => new TextEncoder().encode(text);
const reference = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** NIST, "Examples with Intermediate Values" for SHA-256, and its additional test data. */
const NIST: [name: string, message: Uint8Array, digest: string][] = [
  [
    "the empty message",
    ascii(""),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  ],
  ["one block", ascii("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "two blocks",
    ascii("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  ],
  [
    "112 bytes",
    ascii(
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn" +
        "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    ),
    "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
  ],
  [
    "a million times a",
    new Uint8Array(1_000_000).fill(0x61),
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  ],
  ["0xbd", Uint8Array.of(0xbd), "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"],
  [
    "0xc98c8e55",
    Uint8Array.of(0xc9, 0x8c, 0x8e, 0x55),
    "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504",
  ],
  [
    "55 zeros",
    new Uint8Array(55),
    "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7",
  ],
  [
    "56 zeros",
    new Uint8Array(56),
    "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb",
  ],
  [
    "57 zeros",
    new Uint8Array(57),
    "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785",
  ],
  [
    "64 zeros",
    new Uint8Array(64),
    "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b",
  ],
];

for (const [name, message, digest] of NIST) {
  test(`SHA-256 of ${name} is the one NIST gives`, () => {
    assert.equal(hex(sha256(message)), digest);
  });
}

test("SHA-256 agrees with the system's at every length around the block boundaries", () => {
  for (let length = 0; length <= 260; length++) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 7 + length) & 0xff);
    assert.equal(hex(sha256(message)), reference(message), `length ${length}`);
  }
});

test("SHA-256 does not depend on how the message was cut", () => {
  const message = Uint8Array.from({ length: 1000 }, (_, i) => i * i & 0xff);
  for (const segments of feedings(message)) {
    const hash = new Sha256();
    for (const segment of segments) {
      hash.update(segment);
      segment.fill(0);
    }
    assert.equal(hex(hash.digest()), reference(message));
  }
});

test("update takes the part of the array it was told", () => {
  const message = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
  assert.equal(
    hex(new Sha256().update(message, 3, 100).update(message, 100, 290).digest()),
    reference(message.subarray(3, 290)),
  );
});

test("a hash starts over after its digest and a clone goes its own way", () => {
  const hash = new Sha256().update(ascii("discarded"));
  hash.digest();
  hash.update(ascii("ab"));
  const clone = hash.clone();
  clone.update(ascii("xyz"));
  hash.update(ascii("c"));
  assert.equal(hex(hash.digest()), reference(ascii("abc")));
  assert.equal(hex(clone.digest()), reference(ascii("abxyz")));
});

test("SHA-256 agrees with the system's on any message", () => {
  check(
    fc.property(fc.uint8Array({ maxLength: 400 }), (message) => {
      assert.equal(hex(sha256(message)), reference(message));
    }),
    300,
  );
});
