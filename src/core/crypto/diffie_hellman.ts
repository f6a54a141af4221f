/**
 * The key exchange of Diffie and Hellman in the group of 1024 bits of RTMPE [RFC 2409 §6.2].
 *
 * In whole numbers of any size: what both runtimes have in common of this group is either missing, or
 * tests the prime at each call for 75 ms. Its time tells about the exponent, which is used once.
 *
 * @module
 */

/** Bytes of a public key and of a shared secret. */
export const GROUP_LENGTH = 128;

/** Bytes of a private key: twice the strength of the group. */
export const PRIVATE_KEY_LENGTH = 32;

/** 2^1024 - 2^960 - 1 + 2^64 * (floor(2^894 pi) + 129093). */
const PRIME = BigInt(
  "0xffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74" +
    "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437" +
    "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed" +
    "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff",
);
const GENERATOR = 2n;

/** The public key of a private one of {@link PRIVATE_KEY_LENGTH} random bytes. */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  return bytesOf(power(GENERATOR, numberOf(privateKey)));
}

/**
 * What both sides come to. Keys from which anybody could tell the secret (0, 1, the prime less one, and
 * what is not below the prime) give `undefined`.
 */
export function sharedSecret(privateKey: Uint8Array, peerKey: Uint8Array): Uint8Array | undefined {
  const peer = numberOf(peerKey);
  if (peer < 2n || peer > PRIME - 2n) return undefined;
  return bytesOf(power(peer, numberOf(privateKey)));
}

/** `base` to the power of `exponent`, in the group. */
function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (const bit of exponent.toString(2)) {
    result = result * result % PRIME;
    if (bit === "1") result = result * base % PRIME;
  }
  return result;
}

function numberOf(bytes: Uint8Array): bigint {
  let hex = "0x";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(hex);
}

/** Padded in front: one key in 256 is a byte shorter. */
function bytesOf(number: bigint): Uint8Array {
  const hex = number.toString(16).padStart(2 * GROUP_LENGTH, "0");
  return Uint8Array.from(
    { length: GROUP_LENGTH },
    (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}
