/**
 * Makes a recording in MP4 that ends anywhere, as after a crash, one that ends with its last whole fragment.
 *
 * @module
 */
import type { MediaSource, MediaTarget } from "./folder.ts";

/** Most boxes that are looked at: two a fragment. */
const MAX_BOXES = 10_000_000;

/** Bytes of the longest head of a box: size, type, 64-bit size. */
const BOX_HEAD = 16;

const MOOV = 0x6d6f6f76;
const MOOF = 0x6d6f6f66;
const MDAT = 0x6d646174;

/**
 * Cuts a file behind its last whole fragment.
 *
 * @returns its bytes, 0 if there is no fragment; how long it lasts is not looked for, and 0
 */
export async function mendMp4(
  target: MediaTarget,
): Promise<{ duration: number; size: number; modified: number }> {
  const source = await target.read();
  const { modified } = source;
  let size: number;
  try {
    size = await endOfFragments(source);
  } finally {
    await source.close();
  }
  if (size > 0) await target.truncate(size);
  return { duration: 0, size, modified };
}

async function endOfFragments(source: MediaSource): Promise<number> {
  const head = new Uint8Array(BOX_HEAD);
  const view = new DataView(head.buffer);
  let hasMovie = false;
  let before = 0;
  let end = 0;
  for (let position = 0, count = 0; count < MAX_BOXES; count++) {
    const read = await source.read(head, position);
    if (read < 8) break;
    const type = view.getUint32(4);
    let size = view.getUint32(0);
    if (size === 1 && read === BOX_HEAD) size = Number(view.getBigUint64(8));
    if (size < 8 || position + size > source.size) break;
    position += size;
    hasMovie ||= type === MOOV;
    if (hasMovie && type === MDAT && before === MOOF) end = position;
    before = type;
  }
  return end;
}
