/**
 * Text at the beginning of binary data.
 *
 * @module
 */

/** Whether `bytes` begin with the characters of `text`, which are ASCII. */
export function startsWith(bytes: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[index] !== text.charCodeAt(index)) return false;
  }
  return true;
}
