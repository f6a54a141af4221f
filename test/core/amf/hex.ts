/**
 * Bytes as annotated text.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** The bytes of `text`: hex digits, white space, and comments from `//` to the end of a line. */
export function hex(text: string): Uint8Array<ArrayBuffer> {
  const digits = text.replace(/\/\/.*$/gm, "").replace(/\s/g, "");
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Error(`Not hex: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The hex digits of `bytes`. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}
