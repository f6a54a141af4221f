/**
 * Frames of WebSocket from a server, which does not mask them [RFC 6455 §5.2].
 *
 * @module
 */

/** What a frame carries [RFC 6455 §11.8]. */
export const Opcode = { Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/** The bit of the first byte that says: the message ends with this frame. */
const FIN = 0x80;
/** Up to here the length is in the second byte. */
const SHORT = 125;
/** In place of a length: it follows in 16 bits, or in 64. */
const IN_16_BITS = 126;
const IN_64_BITS = 127;

/** Bytes before a payload of so many bytes: 2, 4 or 10. */
export function frameHeaderSize(length: number): number {
  return length <= SHORT ? 2 : length < 65_536 ? 4 : 10;
}

/**
 * Writes the header of a frame that is a message of its own.
 *
 * @param opcode one of {@linkcode Opcode}
 * @param length bytes of the payload, below 2^32
 * @returns the offset behind it, where the payload goes
 */
export function writeFrameHeader(
  target: Uint8Array,
  offset: number,
  opcode: number,
  length: number,
): number {
  target[offset] = FIN | opcode;
  if (length <= SHORT) {
    target[offset + 1] = length;
    return offset + 2;
  }
  if (length < 65_536) {
    target[offset + 1] = IN_16_BITS;
    target[offset + 2] = length >> 8;
    target[offset + 3] = length;
    return offset + 4;
  }
  target[offset + 1] = IN_64_BITS;
  target.fill(0, offset + 2, offset + 6);
  target[offset + 6] = length >> 24;
  target[offset + 7] = length >> 16;
  target[offset + 8] = length >> 8;
  target[offset + 9] = length;
  return offset + 10;
}
