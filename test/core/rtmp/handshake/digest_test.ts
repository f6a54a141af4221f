import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CLIENT_DIGEST_KEY,
  CLIENT_KEY,
  SERVER_DIGEST_KEY,
  SERVER_KEY,
} from "../../../../src/core/rtmp/handshake/constants.ts";
import {
  digestOffset,
  findDigest,
  insertDigest,
  isSigned,
  sign,
} from "../../../../src/core/rtmp/handshake/digest.ts";
import { check } from "../../../support/property.ts";
import { noise } from "./harness.ts";
import { digestAt, digestBases, isSignedFor } from "./oracle.ts";

/** Pointer bytes, and how far behind the pointer's end the digest starts. */
const POINTERS: [pointer: number[], distance: number][] = [
  [[0, 0, 0, 0], 0],
  [[255, 255, 217, 0], 727],
  [[255, 255, 217, 1], 0],
  [[255, 255, 255, 255], 292],
];

for (const base of [8, 772] as const) {
  for (const [pointer, distance] of POINTERS) {
    test(`pointer ${pointer} at base ${base} puts the digest ${distance} bytes behind it`, () => {
      const packet = noise(1536);
      packet.set(pointer, base);
      assert.equal(digestOffset(packet, base), base + 4 + distance);
      const digest = insertDigest(packet, SERVER_DIGEST_KEY, base);
      assert.deepEqual(digestBases(packet, "server"), [base]);
      assert.deepEqual(digestAt(packet, base), digest);
      assert.deepEqual(findDigest(packet, SERVER_DIGEST_KEY), { base, digest });
    });
  }

  test(`a digest at base ${base} proves wrong once any one bit of the packet has changed`, () => {
    const packet = noise(1536);
    insertDigest(packet, CLIENT_DIGEST_KEY, base);
    check(
      fc.property(fc.nat(1535), fc.nat(7), (at, bit) => {
        const changed = packet.slice();
        changed[at] ^= 1 << bit;
        assert.equal(findDigest(changed, CLIENT_DIGEST_KEY), undefined);
      }),
    );
  });
}

test("the keys are 30 and 36 readable bytes and 32 more", () => {
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(text(CLIENT_DIGEST_KEY), "Genuine Adobe Flash Player 001");
  assert.equal(text(SERVER_DIGEST_KEY), "Genuine Adobe Flash Media Server 001");
  assert.equal(CLIENT_KEY.length, 62);
  assert.equal(SERVER_KEY.length, 68);
});

test("a packet of noise has no digest", () => {
  assert.equal(findDigest(noise(1536), CLIENT_DIGEST_KEY), undefined);
});

test("a found digest does not change with the packet it was found in", () => {
  const packet = noise(1536);
  const digest = insertDigest(packet, CLIENT_DIGEST_KEY, 8).slice();
  const found = findDigest(packet, CLIENT_DIGEST_KEY)!;
  packet.fill(0);
  assert.deepEqual(found.digest, digest);
});

test("a signature answers one digest under one key", () => {
  const packet = noise(1536);
  const digest = noise(32, 8);
  sign(packet, SERVER_KEY, digest);
  assert.equal(isSignedFor(packet, "server", digest), true);
  assert.equal(isSigned(packet, SERVER_KEY, digest), true);
  assert.equal(isSigned(packet, CLIENT_KEY, digest), false);
  assert.equal(isSigned(packet, SERVER_KEY, noise(32, 9)), false);
  packet[1503] ^= 1;
  assert.equal(isSigned(packet, SERVER_KEY, digest), false);
});
