/**
 * Bytes as people read them.
 *
 * @module
 */

/** Two hexadecimal digits a byte, in lower case. */
export function hex(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
