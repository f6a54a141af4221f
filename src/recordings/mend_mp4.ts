/**
 * Makes a recording in MP4 that ends anywhere, as after a crash, one that is finished: it ends with its last
 * whole fragment, and has its duration and its index.
 *
 * @module
 */
import { durationBytes, FragmentIndex, SampleRun } from "../core/mp4/mod.ts";
import { boxesIn, boxIn, number32 } from "../core/mp4/read/box_head.ts";
import { readFragment, type SampleDefaults } from "../core/mp4/read/fragment.ts";
import type { MediaSource, MediaTarget } from "./folder.ts";

/** Most boxes that are looked at: two a fragment. */
const MAX_BOXES = 10_000_000;

/** Largest box that is read as a whole: what this server writes is less. */
const MAX_READ = 4 * 1024 * 1024;

/** Bytes of the longest head of a box: size, type, 64-bit size. */
const BOX_HEAD = 16;

/** Least room that an index is written into. */
const MIN_ROOM = 64;

const MOOV = 0x6d6f6f76;
const MOOF = 0x6d6f6f66;
const MDAT = 0x6d646174;
const FREE = 0x66726565;

/** Fragments say it of each of their samples. */
const DEFAULTS: SampleDefaults = { description: 1, duration: 0, size: 0, flags: 0 };

/** No media is looked at. */
const NO_DATA = new Uint8Array(0);

/** What is in a file. */
interface Contents {
  /** Where its last whole fragment ends; 0 if it has none. */
  end: number;
  /** `undefined` in a file of others. */
  index: FragmentIndex | undefined;
  /** Where its length and its index are to be written. */
  durationAt: number;
  roomAt: number;
  room: number;
}

/**
 * Mends a file. One that this server did not write is cut, and gets no index.
 *
 * @returns how long it lasts (ms), its bytes, 0 if there is no fragment, and when it was written to before (ms
 * since 1970)
 */
export async function mendMp4(
  target: MediaTarget,
): Promise<{ duration: number; size: number; modified: number }> {
  const source = await target.read();
  const { modified } = source;
  let contents: Contents;
  try {
    contents = await readContents(source);
  } finally {
    await source.close();
  }
  const { end, index, durationAt, roomAt, room } = contents;
  if (end === 0) return { duration: 0, size: 0, modified };
  await target.truncate(end);
  if (index === undefined || room < MIN_ROOM) return { duration: 0, size: end, modified };
  const random = index.randomAccess();
  await target.write(random, end);
  await target.write(index.segmentIndex(room), roomAt);
  if (durationAt > 0) await target.write(durationBytes(index.durationMs), durationAt);
  return { duration: Math.round(index.durationMs), size: end + random.length, modified };
}

async function readContents(source: MediaSource): Promise<Contents> {
  const contents: Contents = { end: 0, index: undefined, durationAt: 0, roomAt: 0, room: 0 };
  const head = new Uint8Array(BOX_HEAD);
  const view = new DataView(head.buffer);
  let hasMovie = false;
  let tracks: readonly Track[] = [];
  let before = 0;
  let fragment: { readonly offset: number; readonly body: Uint8Array | undefined } | undefined;
  for (let position = 0, count = 0; count < MAX_BOXES; count++) {
    const read = await source.read(head, position);
    if (read < 8) break;
    const type = view.getUint32(4);
    let size = view.getUint32(0);
    if (size === 1 && read === BOX_HEAD) size = Number(view.getBigUint64(8));
    if (size < 8 || position + size > source.size) break;
    const end = position + size;
    if (type === MOOV) {
      hasMovie = true;
      const body = await bodyAt(source, position, size);
      tracks = body === undefined ? [] : tracksOf(body);
      if (tracks.length > 0) contents.index = new FragmentIndex(tracks);
      contents.durationAt = body === undefined ? 0 : durationPlace(body, position + 8);
    } else if (type === FREE && before === MOOV) {
      [contents.roomAt, contents.room] = [position, size];
    } else if (type === MOOF) {
      fragment = { offset: position, body: await bodyAt(source, position, size) };
    } else if (hasMovie && type === MDAT && before === MOOF) {
      contents.end = end;
      const { offset, body } = fragment!;
      if (body === undefined) contents.index = undefined;
      else contents.index?.add(offset, end - offset, partsOf(body, offset, tracks));
    }
    before = type;
    position = end;
  }
  return contents;
}

/** What is in a box, without its head; `undefined` when it is too large. */
async function bodyAt(
  source: MediaSource,
  position: number,
  size: number,
): Promise<Uint8Array | undefined> {
  if (size > MAX_READ) return undefined;
  const body = new Uint8Array(size - 8);
  return await source.read(body, position + 8) === body.length ? body : undefined;
}

/** A track, as the index knows it. */
interface Track {
  readonly id: number;
  readonly format: { readonly kind: "audio" | "video"; readonly timescale: number };
}

function tracksOf(moov: Uint8Array): Track[] {
  const tracks: Track[] = [];
  for (const { type, body } of boxesIn(moov)) {
    if (type !== "trak") continue;
    const media = boxIn(body, "mdia");
    const [tkhd, mdhd] = [boxIn(body, "tkhd"), media && boxIn(media, "mdhd")];
    const hdlr = media && boxIn(media, "hdlr");
    if (tkhd === undefined || mdhd === undefined || hdlr === undefined) return [];
    const timescale = number32(mdhd, mdhd[0] === 1 ? 20 : 12);
    if (timescale === 0) return [];
    const kind = number32(hdlr, 8) === 0x76696465 ? "video" : "audio";
    tracks.push({ id: number32(tkhd, tkhd[0] === 1 ? 20 : 12), format: { kind, timescale } });
  }
  return tracks;
}

/** Where in the file its length is written, as 64 bits; 0 where there is no place for it. */
function durationPlace(moov: Uint8Array, offset: number): number {
  const mvex = boxIn(moov, "mvex");
  const mehd = mvex && boxIn(mvex, "mehd");
  if (mehd === undefined || mehd[0] !== 1 || mehd.length < 12) return 0;
  return offset + (mehd.byteOffset - moov.byteOffset) + 4;
}

function partsOf(moof: Uint8Array, offset: number, tracks: readonly Track[]) {
  const runs = new Map(tracks.map(({ id }) => [id, new SampleRun()]));
  const defaults = new Map(tracks.map(({ id }) => [id, DEFAULTS]));
  readFragment(moof, offset, defaults, (id, { dts, composition, duration, key, size }) => {
    runs.get(id)?.add({ dts, composition, duration, key, data: NO_DATA, size });
  });
  return [...runs].map(([id, run]) => ({ id, run }));
}
