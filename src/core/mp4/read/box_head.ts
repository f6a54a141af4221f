/**
 * Boxes of files that nobody vouches for [ISO/IEC 14496-12 §4.2]: a box is as long as it says, and no longer
 * than what it is in.
 *
 * @module
 */

/** Bytes of the longest head of a box: size, type, 64-bit size. */
export const MAX_BOX_HEAD = 16;

/** Most boxes that are looked at in one other box. */
const MAX_BOXES = 4096;

/** What stands in front of the contents of a box. */
export interface BoxHead {
  /** The four characters, one for each byte. */
  readonly type: string;
  /** Bytes of the head. */
  readonly head: number;
  /** Bytes of all of it; `Infinity` of one that goes on to the end of the file. */
  readonly size: number;
}

/** A box in bytes that are there. */
export interface FoundBox {
  readonly type: string;
  /** Its contents, without its head. */
  readonly body: Uint8Array;
}

/** Reads the head of a box at `at`; `undefined` when it is cut, or shorter than itself. */
export function readBoxHead(bytes: Uint8Array, at: number): BoxHead | undefined {
  if (at + 8 > bytes.length) return undefined;
  const type = String.fromCharCode(bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!);
  const small = number32(bytes, at);
  if (small === 0) return { type, head: 8, size: Infinity };
  if (small !== 1) return small < 8 ? undefined : { type, head: 8, size: small };
  if (at + MAX_BOX_HEAD > bytes.length) return undefined;
  const size = number64(bytes, at + 8);
  return size < MAX_BOX_HEAD ? undefined : { type, head: MAX_BOX_HEAD, size };
}

/** The boxes that stand in `bytes` from `from` on, one behind the other, as far as they are whole. */
export function* boxesIn(bytes: Uint8Array, from = 0): Generator<FoundBox> {
  let at = from;
  for (let count = 0; count < MAX_BOXES; count++) {
    const found = readBoxHead(bytes, at);
    if (found === undefined) return;
    const { type, head } = found;
    const end = found.size === Infinity ? bytes.length : at + found.size;
    if (end > bytes.length) return;
    yield { type, body: bytes.subarray(at + head, end) };
    at = end;
  }
}

/** The contents of the first box of this type; `undefined` when there is none. */
export function boxIn(bytes: Uint8Array, type: string, from = 0): Uint8Array | undefined {
  for (const box of boxesIn(bytes, from)) if (box.type === type) return box.body;
  return undefined;
}

/** An unsigned 16-bit number; 0 behind the end. */
export function number16(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
}

/** An unsigned 32-bit number; bytes behind the end are 0. */
export function number32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24 | (bytes[at + 1] ?? 0) << 16 | (bytes[at + 2] ?? 0) << 8 |
    (bytes[at + 3] ?? 0)) >>> 0;
}

/** An unsigned 64-bit number; above 2^53 it is not exact. */
export function number64(bytes: Uint8Array, at: number): number {
  return number32(bytes, at) * 2 ** 32 + number32(bytes, at + 4);
}
