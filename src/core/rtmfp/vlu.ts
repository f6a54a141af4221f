/**
 * Numbers of variable length [RFC 7016 §2.1.2]: seven bits a byte, the most significant first, and a
 * set high bit where more follow.
 *
 * @module
 */

/** Bytes that `value`, a whole number from 0 to 2^53 - 1, takes. */
export function vluLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

/** Writes `value` to `target` at `at`. Returns the offset after it. */
export function writeVlu(target: Uint8Array, at: number, value: number): number {
  const end = at + vluLength(value);
  let rest = value;
  for (let to = end - 1; to >= at; to--) {
    target[to] = rest % 128 | (to === end - 1 ? 0 : 0x80);
    rest = Math.floor(rest / 128);
  }
  return end;
}
