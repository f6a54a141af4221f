/**
 * What RTMPE adds to the digest handshake: C1 and S1 hide a public key beside the digest, and what
 * follows S2 and C2 is encrypted. Nothing of it proves who the other is.
 *
 * @module
 */
import {
  GROUP_LENGTH,
  PRIVATE_KEY_LENGTH,
  publicKeyOf,
  sharedSecret,
} from "../../crypto/diffie_hellman.ts";
import { hmacSha256 } from "../../crypto/hmac_sha256.ts";
import { Rc4 } from "../../crypto/rc4.ts";
import { SHA256_LENGTH } from "../../crypto/sha256.ts";
import { PACKET_LENGTH, RANDOM_LENGTH, RANDOM_OFFSET, SIGNED_LENGTH } from "./constants.ts";
import { type DigestBase, digestOffset } from "./digest.ts";

/** The first byte of a client that asks for RTMPE, and of the answer. */
export const RTMPE_VERSION = 6;

/** Those that ask for it: 8 and 9 would also encrypt signatures, and go on with 6 when that is answered. */
export const RTMPE_VERSIONS: readonly number[] = [RTMPE_VERSION, 8, 9];

/** Where the four bytes are that point to the public key, by where those of the digest are. */
const KEY_POINTER: Readonly<Record<DigestBase, number>> = { 772: 768, 8: 1532 };
/** Where the keys that they point to can begin first. */
const KEY_START: Readonly<Record<DigestBase, number>> = { 772: RANDOM_OFFSET, 8: 772 };
/** How far behind that a key can begin. */
const KEY_RANGE = 632;
const POINTER_LENGTH = 4;
/** Bytes of a key of RC4. */
const CIPHER_KEY_LENGTH = 16;

/** Both directions of a connection. */
export interface Ciphers {
  /** For what the peer sends. */
  readonly inbound: Rc4;
  /** For what it is sent. */
  readonly outbound: Rc4;
}

/** Where the public key in the C1 or S1 `packet` begins that goes with a digest at `base`. */
export function keyOffset(packet: Uint8Array, base: DigestBase): number {
  const at = KEY_POINTER[base];
  const pointer = packet[at]! + packet[at + 1]! + packet[at + 2]! + packet[at + 3]!;
  return KEY_START[base] + pointer % KEY_RANGE;
}

/** The public key in a C1 or S1. A view. */
export function keyIn(packet: Uint8Array, base: DigestBase): Uint8Array {
  const start = keyOffset(packet, base);
  return packet.subarray(start, start + GROUP_LENGTH);
}

/**
 * Puts our public key into an S1 without its digest, at both places: FFmpeg looks at the second one
 * alone when it publishes, whatever digest it sent. The pointers are moved until the digest that
 * comes to `base` touches neither of them nor a key.
 */
export function placeKeys(s1: Uint8Array, key: Uint8Array, base: DigestBase): void {
  const random = s1.slice(RANDOM_OFFSET);
  for (let tries = 0; tries < 256; tries++) {
    const keys = ([772, 8] as const).map((base) => keyOffset(s1, base));
    for (const start of keys) s1.set(key, start);
    const digest = digestOffset(s1, base);
    const touches = (start: number, length: number) =>
      digest < start + length && start < digest + SHA256_LENGTH;
    const isClear = keys.every((start) => !touches(start, GROUP_LENGTH)) &&
      Object.values(KEY_POINTER).every((start) => !touches(start, POINTER_LENGTH));
    if (isClear) return;
    s1.set(random, RANDOM_OFFSET);
    // Steps that share no factor with the ranges reach every place.
    for (const at of [KEY_POINTER[772], KEY_POINTER[8]]) {
      s1[at] = random[at - RANDOM_OFFSET]! + tries + 1;
    }
    s1[base] = random[base - RANDOM_OFFSET]! + 7 * (tries + 1);
  }
}

/** Our key pair. */
export interface KeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** A key pair of the random bytes of a handshake: of those that no packet shows. */
export function keyPairOf(random: Uint8Array): KeyPair {
  const start = RANDOM_LENGTH + SIGNED_LENGTH;
  const privateKey = random.slice(start, start + PRIVATE_KEY_LENGTH);
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

/**
 * The ciphers of whoever has `own` with a peer that sent `peerKey`; `undefined` when that is no key.
 * Each key is made of the public key of the one who decrypts, and each stream begins behind as many
 * bytes as a packet has.
 */
export function ciphersOf(own: KeyPair, peerKey: Uint8Array): Ciphers | undefined {
  const secret = sharedSecret(own.privateKey, peerKey);
  if (secret === undefined) return undefined;
  const cipher = (receiver: Uint8Array) => {
    const rc4 = new Rc4(hmacSha256(secret, receiver).subarray(0, CIPHER_KEY_LENGTH));
    rc4.skip(PACKET_LENGTH);
    return rc4;
  };
  return { inbound: cipher(own.publicKey), outbound: cipher(peerKey) };
}
