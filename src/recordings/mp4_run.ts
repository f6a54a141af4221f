/**
 * Some seconds of an MP4 file: its samples by time, of all tracks, and where they stand. Nothing of the media.
 *
 * @module
 */
import type { CodedMessages } from "../core/mp4/read/coded_message.ts";
import type { FileSample } from "../core/mp4/read/fragment.ts";
import type { MovieTrack } from "./mp4_movie.ts";

/** Composition times have 24 bits (ms). */
const MAX_COMPOSITION = 2 ** 23 - 1;

/** Highest time of a sample (ms): it has to fit into 32 bits. */
const MAX_TIME = 2 ** 32 - 1;

/** A sample while a run is made. */
interface Gathered {
  readonly time: number;
  readonly composition: number;
  readonly offset: number;
  readonly size: number;
  readonly key: boolean;
  readonly track: number;
  readonly description: number;
}

/** Samples in the order in which they are sent. */
export class Mp4Run {
  readonly count: number;
  /** Behind the last byte of all of them. */
  readonly end: number;
  readonly #times: Uint32Array;
  readonly #compositions: Int32Array;
  readonly #offsets: Float64Array;
  readonly #sizes: Uint32Array;
  readonly #tracks: Uint8Array;
  /** The number of the sample entry, and in the lowest bit whether one can start there. */
  readonly #descriptions: Uint16Array;

  constructor(samples: readonly Gathered[]) {
    const { length } = samples;
    this.count = length;
    this.#times = Uint32Array.from(samples, ({ time }) => time);
    this.#compositions = Int32Array.from(samples, ({ composition }) => composition);
    this.#offsets = Float64Array.from(samples, ({ offset }) => offset);
    this.#sizes = Uint32Array.from(samples, ({ size }) => size);
    this.#tracks = Uint8Array.from(samples, ({ track }) => track);
    this.#descriptions = Uint16Array.from(
      samples,
      ({ description, key }) => description << 1 | (key ? 1 : 0),
    );
    this.end = samples.reduce((end, { offset, size }) => Math.max(end, offset + size), 0);
  }

  /** Milliseconds. */
  time(at: number): number {
    return this.#times[at]!;
  }

  /** Milliseconds. */
  composition(at: number): number {
    return this.#compositions[at]!;
  }

  offset(at: number): number {
    return this.#offsets[at]!;
  }

  size(at: number): number {
    return this.#sizes[at]!;
  }

  /** Place of its track in the movie. */
  track(at: number): number {
    return this.#tracks[at]!;
  }

  /** The number of its sample entry, from 1. */
  description(at: number): number {
    return this.#descriptions[at]! >> 1;
  }

  isKey(at: number): boolean {
    return (this.#descriptions[at]! & 1) !== 0;
  }

  /** The last sample of a track at or before `time` (ms) that one can start at; -1 when there is none. */
  lastKey(track: number, time: number): number {
    let found = -1;
    for (let at = 0; at < this.count && this.#times[at]! <= time; at++) {
      if (this.#tracks[at] === track && this.isKey(at)) found = at;
    }
    return found;
  }

  /** The time of the last sample of a track, or of all; -1 when there is none. */
  lastTime(track?: number): number {
    for (let at = this.count - 1; at >= 0; at--) {
      if (track === undefined || this.#tracks[at] === track) return this.#times[at]!;
    }
    return -1;
  }
}

/** A run, and what is read behind it. */
export interface LoadedRun {
  readonly run: Mp4Run;
  /** The place of the next one; `undefined` when there is none. */
  readonly next: number | undefined;
}

/** Puts a run together from the samples of tracks. */
export class RunBuilder {
  readonly #tracks: readonly MovieTrack[];
  readonly #base: number;
  readonly #samples: Gathered[] = [];
  /** The earliest time before the base is taken off (ms); `Infinity` without samples. */
  earliest = Infinity;
  /** Behind the last byte of all samples. */
  end = 0;

  /** @param base what is taken off all times (ms) */
  constructor(tracks: readonly MovieTrack[], base: number) {
    this.#tracks = tracks;
    this.#base = base;
  }

  /** Adds a sample of the track at this place in the movie, if it can be played. */
  add(track: number, sample: FileSample): void {
    const { timescale, shift, messages } = this.#tracks[track]!;
    const { description, offset, size, dts } = sample;
    // In a damaged file it may stand before its beginning, where no disk reads.
    if (messages[description - 1] === undefined || size === 0 || !(offset >= 0)) return;
    const start = dts * 1000 / timescale + shift;
    this.earliest = Math.min(this.earliest, start);
    this.end = Math.max(this.end, offset + size);
    const time = Math.round(start - this.#base);
    if (!(time <= MAX_TIME)) return;
    const shown = Math.round(
      (dts + sample.composition) * 1000 / timescale + shift - this.#base,
    );
    const composition = Math.max(-MAX_COMPOSITION, Math.min(MAX_COMPOSITION, shown - time));
    const known = { offset, size, key: sample.key, track, description };
    this.#samples.push({ time: Math.max(0, time), composition, ...known });
  }

  /** The run: by time, and pictures before sound of the same. */
  build(): Mp4Run {
    const isSound = (track: number) => this.#tracks[track]!.kind === "audio" ? 1 : 0;
    this.#samples.sort((one, other) =>
      one.time - other.time || isSound(one.track) - isSound(other.track)
    );
    return new Mp4Run(this.#samples);
  }
}

/** What makes messages of a sample. */
export function messagesOf(
  tracks: readonly MovieTrack[],
  run: Mp4Run,
  at: number,
): CodedMessages {
  return tracks[run.track(at)]!.messages[run.description(at) - 1]!;
}

/** For each track the number of the sample entry that holds from a sample on: the first where none tells. */
export function descriptionsAt(
  tracks: readonly MovieTrack[],
  run: Mp4Run | undefined,
  from: number,
): number[] {
  const descriptions = tracks.map(() => 0);
  for (let at = from; run !== undefined && at < run.count; at++) {
    descriptions[run.track(at)] ||= run.description(at);
  }
  return descriptions.map((said, track) =>
    said || tracks[track]!.messages.findIndex((one) => one !== undefined) + 1
  );
}
