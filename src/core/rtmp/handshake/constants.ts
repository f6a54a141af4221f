/**
 * Lengths, versions and keys of the handshake. The keys are public: every Flash player carried
 * them, so a digest proves what program speaks and nothing about who.
 *
 * @module
 */

import { SHA256_LENGTH } from "../../crypto/sha256.ts";

/** The version of plain RTMP in C0 and S0 [RTMP 1.0 §5.2.2]. */
export const RTMP_VERSION = 3;

/** Bytes in each of C1, S1, C2 and S2 [RTMP 1.0 §5.2.3]. */
export const PACKET_LENGTH = 1536;

/** Bytes in C0 and C1 together: what the server must have before it answers. */
export const HELLO_LENGTH = 1 + PACKET_LENGTH;

/** Bytes of a signed C2 or S2 in front of its signature. */
export const SIGNED_LENGTH = PACKET_LENGTH - SHA256_LENGTH;

/** Random bytes either side needs for its two packets and a private key, rounded up. */
export const HANDSHAKE_RANDOM_LENGTH = 3072;

/** Where the random part of a packet starts, behind two 32-bit fields. */
export const RANDOM_OFFSET = 8;

/** Bytes of a packet that are random or an echo of random bytes. */
export const RANDOM_LENGTH = PACKET_LENGTH - RANDOM_OFFSET;

/**
 * S1[4..7] of a digest handshake. Players verify S1 and S2 only when the first of these bytes is
 * 3 or more, and take 0 for the simple handshake.
 */
export const SERVER_PRODUCT_VERSION = 0x04050001;

/** C1[4..7] of a digest handshake: Flash Player 10.0.45.2. */
export const CLIENT_PRODUCT_VERSION = 0x0a002d02;

/** What both keys have behind their readable part. */
const SECRET = "f0eec24a8068bee82e00d0d1029e7e576eec5d2d29806fab93b8e636cfeb31ae";

/** Signs S2, 68 bytes. */
export const SERVER_KEY = key("Genuine Adobe Flash Media Server 001");

/** Signs C2, 62 bytes. */
export const CLIENT_KEY = key("Genuine Adobe Flash Player 001");

/** Makes the digest in S1: the readable part of {@link SERVER_KEY}, 36 bytes. */
export const SERVER_DIGEST_KEY = SERVER_KEY.subarray(0, -SHA256_LENGTH);

/** Makes the digest in C1: the readable part of {@link CLIENT_KEY}, 30 bytes. */
export const CLIENT_DIGEST_KEY = CLIENT_KEY.subarray(0, -SHA256_LENGTH);

function key(name: string): Uint8Array {
  const bytes = new Uint8Array(name.length + SHA256_LENGTH);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  for (let i = 0; i < SHA256_LENGTH; i++) {
    bytes[name.length + i] = Number.parseInt(SECRET.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}
