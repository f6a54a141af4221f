/**
 * The digest handshake, which the specification leaves out: C1 and S1 hide an HMAC of themselves
 * at a place their own random bytes point to, and C2 and S2 end in an HMAC that answers it.
 *
 * @module
 */

import { HmacSha256, hmacSha256 } from "../../crypto/hmac_sha256.ts";
import { SHA256_LENGTH } from "../../crypto/sha256.ts";
import { PACKET_LENGTH, SIGNED_LENGTH } from "./constants.ts";

/**
 * Where the four bytes are that point to the digest. 8 belongs to packets with the digest in the
 * first half, 772 to those that have it in the second, behind an RTMPE public key.
 */
export type DigestBase = 8 | 772;

/** A digest that proved right. */
export interface FoundDigest {
  readonly base: DigestBase;
  /** A copy of the 32 bytes. */
  readonly digest: Uint8Array;
}

/** How far behind its base a digest can start, less the four bytes of the pointer. */
const DIGEST_RANGE = 728;

/** Where the digest of the C1 or S1 `packet` starts if it has one at `base`. */
export function digestOffset(packet: Uint8Array, base: DigestBase): number {
  const pointer = packet[base] + packet[base + 1] + packet[base + 2] + packet[base + 3];
  return base + 4 + pointer % DIGEST_RANGE;
}

/** Finds the digest that `key` makes in the C1 or S1 `packet`, at base 772 first, as servers do. */
export function findDigest(packet: Uint8Array, key: Uint8Array): FoundDigest | undefined {
  return findDigestAt(packet, key, 772) ?? findDigestAt(packet, key, 8);
}

/** Writes the digest that `key` makes into the otherwise finished C1 or S1 `packet`; returns it. */
export function insertDigest(packet: Uint8Array, key: Uint8Array, base: DigestBase): Uint8Array {
  const offset = digestOffset(packet, base);
  const digest = digestAround(packet, key, offset);
  packet.set(digest, offset);
  return digest;
}

/** Ends the C2 or S2 `packet` in the signature that answers the peer's `digest` under `key`. */
export function sign(packet: Uint8Array, key: Uint8Array, digest: Uint8Array): void {
  packet.set(signature(packet, key, digest), SIGNED_LENGTH);
}

/** Whether the C2 or S2 `packet` ends in the signature that answers our `digest` under `key`. */
export function isSigned(packet: Uint8Array, key: Uint8Array, digest: Uint8Array): boolean {
  return contains(packet, SIGNED_LENGTH, signature(packet, key, digest));
}

function findDigestAt(
  packet: Uint8Array,
  key: Uint8Array,
  base: DigestBase,
): FoundDigest | undefined {
  const offset = digestOffset(packet, base);
  const digest = digestAround(packet, key, offset);
  return contains(packet, offset, digest) ? { base, digest } : undefined;
}

/** The HMAC of all of `packet` but the 32 bytes at `offset`. */
function digestAround(packet: Uint8Array, key: Uint8Array, offset: number): Uint8Array {
  return new HmacSha256(key)
    .update(packet, 0, offset)
    .update(packet, offset + SHA256_LENGTH, PACKET_LENGTH)
    .digest();
}

function signature(packet: Uint8Array, key: Uint8Array, digest: Uint8Array): Uint8Array {
  return new HmacSha256(hmacSha256(key, digest)).update(packet, 0, SIGNED_LENGTH).digest();
}

/** Leaks by its time where the first difference is, which helps nobody: the keys are public. */
function contains(packet: Uint8Array, offset: number, expected: Uint8Array): boolean {
  return expected.every((byte, i) => packet[offset + i] === byte);
}
