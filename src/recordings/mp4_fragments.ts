/**
 * The fragments of an MP4 file: one is read when it is played, and found by an index, which is a hint, or by
 * halving the file.
 *
 * @module
 */
import { KeyFrames } from "../core/flv/key_frames.ts";
import { MAX_BOX_HEAD, number32, readBoxHead } from "../core/mp4/read/box_head.ts";
import { readFragment } from "../core/mp4/read/fragment.ts";
import {
  type FragmentHint,
  readRandomAccess,
  readSegmentIndex,
} from "../core/mp4/read/fragment_times.ts";
import { BoxWindow } from "./box_window.ts";
import type { MediaSource } from "./folder.ts";
import type { Movie } from "./mp4_movie.ts";
import { type Mp4Run, RunBuilder } from "./mp4_run.ts";
import { RunCache } from "./run_cache.ts";

/** Largest head of a fragment, and largest index, in bytes. */
const MAX_MOOF_BYTES = 2 * 1024 * 1024;
const MAX_INDEX_BYTES = 4 * 1024 * 1024;

/** Most places of an index that are kept. */
const MAX_HINTS = 8_192;

/** Boxes that are looked at for the next fragment. */
const MAX_BOXES_BETWEEN = 64;

/** Bytes that are searched for a fragment at a time, and at most. */
const SEARCH_BYTES = 256 * 1024;
const MAX_SEARCH_BYTES = 64 * 1024 * 1024;

/** Where halving ends, in bytes, and after how many halves. */
const NEAR_BYTES = 1024 * 1024;
const MAX_HALVES = 48;

/** A fragment that was read. */
export interface ReadFragment {
  readonly run: Mp4Run;
  /** Where its `moof` begins. */
  readonly offset: number;
  /** Where the next may begin. */
  readonly next: number;
}

/** The fragments of one file. */
export class Mp4Fragments {
  readonly #source: MediaSource;
  readonly #movie: Movie;
  /** Place of the track that seeks go by. */
  readonly #lead: number;
  readonly #grows: () => boolean;
  readonly #cache = new RunCache<ReadFragment>();
  #hints = new KeyFrames(2);
  /** What is taken off all times (ms). */
  base = 0;

  /** @param grows whether the file is still being written: fragments that are cut will be whole */
  constructor(source: MediaSource, movie: Movie, lead: number, grows: () => boolean) {
    this.#source = source;
    this.#movie = movie;
    this.#lead = lead;
    this.#grows = grows;
  }

  /** Reads the indexes, and finds out what time the file begins at. @returns whether there is a fragment */
  async open(): Promise<boolean> {
    const first = await this.#read(this.#movie.end);
    if (first === undefined) return false;
    this.base = Number.isFinite(first.builder.earliest) ? first.builder.earliest : 0;
    const hints = await this.#readHints();
    const { shift } = this.#movie.tracks[this.#lead]!;
    this.#hints = new KeyFrames(MAX_HINTS);
    for (const { time, offset } of hints) {
      this.#hints.add(Math.round(time * 1000 + shift - this.base), offset);
    }
    return true;
  }

  async #readHints(): Promise<FragmentHint[]> {
    const { size } = this.#source;
    const { tracks, end } = this.#movie;
    const { id, timescale } = tracks[this.#lead]!;
    const window = new BoxWindow(this.#source);
    // At the end stands how long the random access boxes are.
    const tail = number32(await window.bytes(Math.max(0, size - 4), 4), 0);
    if (tail >= 24 && tail <= Math.min(size, MAX_INDEX_BYTES)) {
      const box = await window.box(size - tail, size);
      if (box?.type === "mfra" && box.end === size) {
        const hints = readRandomAccess(
          await window.bytes(box.start, box.end - box.start),
          id,
          timescale,
        );
        if (hints.length > 0) return hints;
      }
    }
    for await (const box of window.boxes(end, size, MAX_BOXES_BETWEEN)) {
      if (box.type === "moof" || box.type === "mdat") break;
      if (box.type !== "sidx" || box.size > MAX_INDEX_BYTES) continue;
      return readSegmentIndex(await window.bytes(box.start, box.end - box.start), box.end);
    }
    return [];
  }

  /**
   * Reads the fragment that begins at `from`, or the first one behind it; `undefined` when there is none, or
   * none that is whole yet.
   */
  read(from: number): Promise<ReadFragment | undefined> {
    return this.#cache.get(from, async () => {
      const found = await this.#read(from);
      return found && { run: found.builder.build(), offset: found.offset, next: found.next };
    });
  }

  async #read(from: number) {
    const source = this.#source;
    const window = new BoxWindow(source);
    for await (const box of window.boxes(from, source.size, MAX_BOXES_BETWEEN)) {
      if (box.type !== "moof") continue;
      const { start, end, head } = box;
      if (end - start > MAX_MOOF_BYTES || end - start + head !== box.size) return undefined;
      const offset = start - head;
      const builder = this.#gather(await window.bytes(start, end - start), offset);
      if (builder.end > source.size && this.#grows()) return undefined;
      return { builder, offset, next: await this.#behindMedia(window, end) };
    }
    return undefined;
  }

  /** Behind the media of a fragment whose `moof` ends at `end`, if what is behind it was read already. */
  async #behindMedia(window: BoxWindow, end: number): Promise<number> {
    if (!window.has(end, MAX_BOX_HEAD)) return end;
    const box = await window.box(end, this.#source.size);
    // Of one that is cut off, or goes on to the end of the file, more may come.
    return box?.type === "mdat" && box.end === box.start - box.head + box.size ? box.end : end;
  }

  #gather(moof: Uint8Array, offset: number): RunBuilder {
    const { tracks } = this.#movie;
    const places = new Map(tracks.map(({ id }, place) => [id, place]));
    const builder = new RunBuilder(tracks, this.base);
    const defaults = new Map(tracks.map((track) => [track.id, track.defaults]));
    const { size } = this.#source;
    readFragment(moof, offset, defaults, (id, sample) => {
      // What is cut off, by a crash for instance, is left out, unless it is still to come.
      if (sample.offset + sample.size > size && !this.#grows()) return;
      builder.add(places.get(id)!, sample);
    });
    return builder;
  }

  /** A fragment that begins at or before `time` (ms), near to it; the first one where there is none. */
  async before(time: number): Promise<ReadFragment | undefined> {
    const hint = this.#hints.before(time);
    const hinted = hint === undefined ? undefined : await this.#leadAt(hint.offset, time);
    if (hinted !== undefined && hinted.offset === hint!.offset) return hinted;
    let low = await this.read(this.#movie.end);
    let high = this.#source.size;
    for (let half = 0; low !== undefined && half < MAX_HALVES; half++) {
      if (high - low.offset <= NEAR_BYTES) break;
      const middle = low.offset + Math.floor((high - low.offset) / 2);
      const found = await this.#search(middle, high);
      const fragment = found === undefined ? undefined : await this.#leadAt(found, time);
      if (fragment === undefined || fragment.offset >= high) high = middle;
      else low = fragment;
    }
    return low;
  }

  /** The fragment at `offset`, if one can begin to play in it at or before `time`. */
  async #leadAt(offset: number, time: number): Promise<ReadFragment | undefined> {
    const fragment = await this.read(offset);
    const first = fragment && firstTime(fragment.run, this.#lead);
    return first !== undefined && first >= 0 && first <= time ? fragment : undefined;
  }

  /** The last fragments of the file, as far as one of them is known. */
  async last(): Promise<ReadFragment | undefined> {
    const { size } = this.#source;
    const hint = this.#hints.at(this.#hints.size - 1);
    const hinted = hint === undefined ? undefined : await this.read(hint.offset);
    if (hinted !== undefined) return hinted;
    const { end } = this.#movie;
    for (let length = SEARCH_BYTES; length <= MAX_SEARCH_BYTES; length *= 4) {
      const from = Math.max(end, size - length);
      let last: ReadFragment | undefined;
      for (let at: number | undefined = from; at !== undefined;) {
        at = await this.#search(at, size);
        if (at === undefined) break;
        const found: ReadFragment | undefined = await this.read(at);
        last = found ?? last;
        at = found?.next ?? at + 8;
      }
      if (last !== undefined || from === end) return last;
    }
    return undefined;
  }

  /** The first place from `from` on, before `end`, where a fragment seems to begin. */
  async #search(from: number, end: number): Promise<number | undefined> {
    const window = new Uint8Array(SEARCH_BYTES);
    const most = Math.min(end, from + MAX_SEARCH_BYTES);
    for (let at = from; at < most; at += SEARCH_BYTES - 16) {
      const bytes = window.subarray(0, await this.#source.read(window, at));
      for (let found = bytes.indexOf(0x6d, 4); found >= 0; found = bytes.indexOf(0x6d, found + 1)) {
        if (isFragmentAt(bytes, found - 4) && at + found - 4 < most) return at + found - 4;
      }
      if (bytes.length < SEARCH_BYTES) return undefined;
    }
    return undefined;
  }
}

/** A `moof`, which always begins with `mfhd`. */
function isFragmentAt(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 5] !== 0x6f || bytes[at + 6] !== 0x6f || bytes[at + 7] !== 0x66) return false;
  const head = readBoxHead(bytes, at);
  return head !== undefined && head.size <= MAX_MOOF_BYTES &&
    readBoxHead(bytes, at + head.head)?.type === "mfhd";
}

/** The time of the first sample of a track (ms); -1 when there is none. */
export function firstTime(run: Mp4Run, track: number): number {
  for (let at = 0; at < run.count; at++) if (run.track(at) === track) return run.time(at);
  return -1;
}
