/**
 * What a client speaks, by its first byte.
 *
 * @module
 */

/** What may come to a port. */
export type Kind = "rtmp" | "tls" | "http";

/** The content type of a record with a ClientHello [RFC 8446 §5.1]. RTMP has no such version. */
const HANDSHAKE = 0x16;

/** What begins so: HTTP with the letters of a method, TLS with a handshake, RTMP with a version. */
export function kindOf(first: number): Kind {
  if (first === HANDSHAKE) return "tls";
  // What is nothing at all goes to RTMP too, which says so and ends it.
  return first >= 0x41 && first <= 0x5a ? "http" : "rtmp";
}
