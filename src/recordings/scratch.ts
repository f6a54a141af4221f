/**
 * Room for what is read of files and made into something else at once: many read at the same time, and each
 * for a moment only, so that a few arrays serve all of them and nothing is left to be collected.
 *
 * @module
 */

/** Bytes of each: what is read at once, nearly always. */
const BYTES = 128 * 1024;

/** Most that wait to be used again. */
const MOST = 16;

const spare: Uint8Array[] = [];

/** At least `bytes` bytes, whose contents are anything. */
export function borrow(bytes: number): Uint8Array {
  return bytes > BYTES ? new Uint8Array(bytes) : spare.pop() ?? new Uint8Array(BYTES);
}

/** Nobody reads it any more, nor writes to it. */
export function giveBack(room: Uint8Array): void {
  if (room.length === BYTES && spare.length < MOST) spare.push(room);
}
