/**
 * Plays an MP4 file from one place on: reads the media of one track a few samples at a time, since tracks may
 * stand far from one another.
 *
 * @module
 */
import { MediaFlag } from "../core/media/mod.ts";
import type { MediaSource } from "./folder.ts";
import type { MovieTrack } from "./mp4_movie.ts";
import { descriptionsAt, type LoadedRun, messagesOf } from "./mp4_run.ts";
import type { PlayedMessage, PlayedMessages } from "./played_file.ts";

/** Bytes that are read at a time of pictures, and of sound. */
const PICTURE_BYTES = 32 * 1024;
const SOUND_BYTES = 8 * 1024;

/** Largest sample that is played, in bytes: messages of RTMP have 24 bits for it. */
const MAX_SAMPLE = 2 ** 24 - 64;

/** Bytes of the file, read for one track. */
interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

/** What is read from. */
export interface RunSource {
  readonly source: MediaSource;
  readonly tracks: readonly MovieTrack[];
  /** A run by its place; `undefined` when there is nothing more, for now or for good. */
  load(place: number): Promise<LoadedRun | undefined>;
}

/** What one player gets of a file. */
export class Mp4Messages implements PlayedMessages {
  readonly #file: RunSource;
  /** Place of the run that is played, or is to be read. */
  #place: number | undefined;
  #loaded: LoadedRun | undefined;
  /** The next sample of the run. */
  #at: number;
  /** By track, what was read for it. */
  readonly #pieces: (Piece | undefined)[] = [];
  /** By track, the number of the sample entry whose header was sent. */
  #described: number[] | undefined;

  constructor(file: RunSource, place: number, index: number) {
    this.#file = file;
    this.#place = place;
    this.#at = index;
  }

  next(): PlayedMessage | undefined {
    const run = this.#loaded?.run;
    if (run === undefined || this.#at >= run.count) return undefined;
    const { tracks } = this.#file;
    const at = this.#at;
    const track = run.track(at);
    const time = run.time(at);
    const coded = messagesOf(tracks, run, at);
    const multitrack = coded.multitrack ? MediaFlag.Multitrack : 0;
    this.#described ??= descriptionsAt(tracks, run, at);
    if (this.#described[track] !== run.description(at)) {
      this.#described[track] = run.description(at);
      const payload = coded.header;
      const media = MediaFlag.SequenceHeader | multitrack;
      if (payload !== undefined) return { kind: coded.kind, time, payload, media };
    }
    const offset = run.offset(at);
    const size = run.size(at);
    const piece = this.#pieces.find((one) =>
      one !== undefined && offset >= one.start && offset + size <= one.start + one.bytes.length
    );
    if (piece === undefined) return undefined;
    this.#at++;
    const key = coded.kind === 9 && run.isKey(at);
    const payload = coded.frame(run.isKey(at), run.composition(at), size);
    const from = offset - piece.start;
    payload.set(piece.bytes.subarray(from, from + size), payload.length - size);
    return { kind: coded.kind, time, payload, media: multitrack | (key ? MediaFlag.Key : 0) };
  }

  async read(): Promise<boolean> {
    const loaded = this.#loaded;
    if (loaded === undefined || this.#at >= loaded.run.count) return await this.#readRun();
    await this.#readMedia(loaded);
    return true;
  }

  async #readRun(): Promise<boolean> {
    const before = this.#loaded;
    const place = before === undefined ? this.#place : before.next;
    if (place === undefined) return false;
    let found = await this.#file.load(place);
    if (found === undefined) {
      // One under way may have grown.
      await this.#file.source.refresh();
      found = await this.#file.load(place);
    }
    if (found === undefined) return false;
    this.#loaded = found;
    if (before !== undefined) this.#at = 0;
    return true;
  }

  async #readMedia({ run }: LoadedRun): Promise<void> {
    const at = this.#at;
    const track = run.track(at);
    const offset = run.offset(at);
    const size = run.size(at);
    if (size > MAX_SAMPLE) {
      this.#at++;
      return;
    }
    const isVideo = this.#file.tracks[track]!.kind === "video";
    const wanted = Math.max(size, isVideo ? PICTURE_BYTES : SOUND_BYTES);
    // Behind the last sample of the run is nothing that is wanted soon.
    const bytes = new Uint8Array(Math.min(wanted, run.end - offset));
    const count = await this.#file.source.read(bytes, offset);
    this.#pieces[track] = { start: offset, bytes: bytes.subarray(0, count) };
    // It is cut off, or stands behind the end.
    if (count < size) this.#at++;
  }
}
