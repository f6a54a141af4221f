/**
 * Text at the beginning of binary data.
 *
 * @module
 */

/** Whether `bytes` begin with the characters of `text`, which are ASCII, or have them at an offset. */
export function startsWith(bytes: Uint8Array, text: string, offset = 0): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[offset + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
