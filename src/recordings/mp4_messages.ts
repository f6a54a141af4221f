/**
 * The messages of a block of an MP4 file: samples in the order in which they are sent, whose media is read with
 * one read for each piece of the file in which they lie together. Tracks may stand far from one another.
 *
 * @module
 */
import { MAX_HEAD } from "../core/mp4/read/coded_message.ts";
import { MediaFlag } from "../core/media/mod.ts";
import type { MediaSource } from "./folder.ts";
import type { MovieTrack } from "./mp4_movie.ts";
import { messagesOf, type Mp4Run } from "./mp4_run.ts";
import type { PlayedMessage } from "./played_file.ts";
import { borrow, giveBack } from "./scratch.ts";

/** Largest sample that is played, in bytes: messages of RTMP have 24 bits for it. */
const MAX_SAMPLE = 2 ** 24 - 64;

/** Bytes between two samples that are read for nothing rather than by a read more, and in one block. */
const MAX_GAP = 16 * 1024;
const MAX_GAPS = 32 * 1024;

/** Most samples of a block, however short. */
const BLOCK_SAMPLES = 256;

/** A piece of the file that is read at once. */
interface Piece {
  readonly start: number;
  end: number;
  /** Where it is in the room. */
  at: number;
  /** What there was of it. */
  read: number;
}

const NONE: Uint8Array = new Uint8Array(0);

/** Behind the last sample of the block of about `blockBytes` that begins with sample `from` of a run. */
export function blockEndIn(run: Mp4Run, from: number, blockBytes: number): number {
  let bytes = 0;
  for (let at = 0; at < from; at++) bytes += run.size(at);
  const end = (Math.floor(bytes / blockBytes) + 1) * blockBytes;
  let at = from;
  do bytes += run.size(at++); while (at < run.count && bytes < end && at % BLOCK_SAMPLES !== 0);
  return at;
}

/** Hands the messages of the samples from `from` to `to` of a run to `take`. */
export async function readSamples(
  source: MediaSource,
  tracks: readonly MovieTrack[],
  run: Mp4Run,
  from: number,
  to: number,
  take: (message: PlayedMessage) => void,
): Promise<void> {
  const pieces = piecesOf(run, from, to);
  // There are many of them: one is used for all.
  const taken = { kind: 0, time: 0, payload: NONE, media: 0 };
  let size = 0;
  let longest = 0;
  for (const piece of pieces) {
    piece.at = size;
    size += piece.end - piece.start;
  }
  for (let at = from; at < to; at++) longest = Math.max(longest, run.size(at));
  const room = borrow(size);
  const message = borrow(Math.min(longest, MAX_SAMPLE) + MAX_HEAD);
  try {
    await Promise.all(pieces.map(async (piece) => {
      const { at, start, end } = piece;
      piece.read = await source.read(room.subarray(at, at + end - start), start);
    }));
    for (let at = from; at < to; at++) {
      const header = headerBefore(tracks, run, at);
      if (header !== undefined) take(header);
      const offset = run.offset(at);
      const length = run.size(at);
      const piece = pieces.findLast(({ start }) => start <= offset);
      // It is too large, or cut off, or stands behind the end.
      if (piece === undefined || offset + length > piece.start + piece.read) continue;
      const coded = messagesOf(tracks, run, at);
      const payload = coded.frame(run.isKey(at), run.composition(at), length, message);
      const start = piece.at + offset - piece.start;
      payload.set(room.subarray(start, start + length), payload.length - length);
      const key = coded.kind === 9 && run.isKey(at) ? MediaFlag.Key : 0;
      const media = key | (coded.multitrack ? MediaFlag.Multitrack : 0);
      taken.kind = coded.kind;
      taken.time = run.time(at);
      taken.payload = payload;
      taken.media = media;
      take(taken);
    }
  } finally {
    giveBack(room);
    giveBack(message);
  }
}

/** By place, none of them within another. */
function piecesOf(run: Mp4Run, from: number, to: number): Piece[] {
  const order: number[] = [];
  for (let at = from; at < to; at++) if (run.size(at) <= MAX_SAMPLE) order.push(at);
  order.sort((one, other) => run.offset(one) - run.offset(other));
  const pieces: Piece[] = [];
  let gaps = MAX_GAPS;
  for (const at of order) {
    const start = run.offset(at);
    const end = start + run.size(at);
    const last = pieces.at(-1);
    const gap = last === undefined ? Infinity : Math.max(0, start - last.end);
    if (gap <= Math.min(MAX_GAP, gaps)) {
      gaps -= gap;
      last!.end = Math.max(last!.end, end);
    } else pieces.push({ start, end, at: 0, read: 0 });
  }
  return pieces;
}

/** The sequence header that a sample needs which is coded otherwise than those before it in its track. */
function headerBefore(
  tracks: readonly MovieTrack[],
  run: Mp4Run,
  at: number,
): PlayedMessage | undefined {
  const track = run.track(at);
  // Of one kind only are nearly all.
  if (tracks[track]!.messages.length < 2) return undefined;
  let before = at - 1;
  while (before >= 0 && run.track(before) !== track) before--;
  if (before >= 0 && run.description(before) === run.description(at)) return undefined;
  const { kind, header: payload, multitrack } = messagesOf(tracks, run, at);
  if (payload === undefined) return undefined;
  const media = MediaFlag.SequenceHeader | (multitrack ? MediaFlag.Multitrack : 0);
  return { kind, time: run.time(at), payload, media };
}
