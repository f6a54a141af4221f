/**
 * A fragmented file as it grows: one fragment from each key frame to the next, and at the end an index of them.
 *
 * @module
 */
import { joined } from "../bytes/join.ts";
import type { Sample } from "../samples/sample.ts";
import { FragmentIndex, indexRoom } from "./fragment_index.ts";
import { durationBytes, initSegment, type Mp4Track } from "./init_segment.ts";
import { encodePart, type PartTrack } from "./part.ts";

/** Longest fragment (ms) and largest (bytes) if nothing else is said. */
const MAX_FRAGMENT_MS = 10_000;
const MAX_FRAGMENT_BYTES = 4_194_304;

/** References that there is room for in front of the fragments. */
const INDEX_REFERENCES = 1_000;

/** How long a fragment of sound alone is (ms). */
const SOUND_FRAGMENT_MS = 1_000;

/** How a file is written. Members may be left out. */
export interface Mp4FileOptions {
  /** Time of the stream at which the file begins (ms): what is before that is no part of it. */
  readonly baseMs?: number;
  /** A fragment that gets longer is cut before the next key frame (ms). */
  readonly maxFragmentMs?: number;
  /** The same of bytes of media, which are all that is kept in memory. */
  readonly maxFragmentBytes?: number;
  /** How many references the index at the beginning has room for; 16 bits. */
  readonly references?: number;
}

/** Bytes that take the place of others, once the file is finished. */
export interface Patch {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A track and its samples that are in no fragment yet. */
interface Pending {
  readonly id: number;
  readonly timescale: number;
  readonly isVideo: boolean;
  readonly baseTicks: number;
  samples: Sample[];
}

/**
 * Makes the bytes of one file, in this order: {@linkcode head}, what {@linkcode push} returns, what
 * {@linkcode finish} returns. A file that ends anywhere plays up to its last whole fragment.
 */
export class Mp4FileWriter {
  /** The beginning of the file. */
  readonly head: Uint8Array;
  readonly #index: FragmentIndex;
  readonly #pending: readonly Pending[];
  /** The track whose samples say where fragments begin: that of pictures, if there is one. */
  readonly #leader: Pending;
  readonly #durationAt: number;
  readonly #roomAt: number;
  readonly #maxMs: number;
  readonly #maxBytes: number;
  #position: number;
  #sequence = 0;
  #bytes = 0;

  /** @param tracks at least one; the file holds these in these formats, and no others */
  constructor(tracks: readonly Mp4Track[], options: Mp4FileOptions = {}) {
    const { baseMs = 0, references = INDEX_REFERENCES } = options;
    const init = initSegment(tracks, { durationMs: 0 });
    this.head = joined([init.bytes, indexRoom(references)]);
    this.#durationAt = init.durationAt;
    this.#roomAt = init.bytes.length;
    this.#position = this.head.length;
    this.#index = new FragmentIndex(tracks);
    this.#pending = tracks.map(({ id, format: { kind, timescale } }) => ({
      ...{ id, timescale, isVideo: kind === "video", samples: [] },
      baseTicks: Math.round(baseMs * timescale / 1000),
    }));
    this.#leader = this.#pending.find(({ isVideo }) => isVideo) ?? this.#pending[0]!;
    this.#maxBytes = options.maxFragmentBytes ?? MAX_FRAGMENT_BYTES;
    this.#maxMs = options.maxFragmentMs ?? MAX_FRAGMENT_MS;
    if (!this.#leader.isVideo) this.#maxMs = Math.min(this.#maxMs, SOUND_FRAGMENT_MS);
  }

  /** Bytes of media that are in no fragment yet. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /** How long the file is without what is in no fragment yet (ms). */
  get durationMs(): number {
    return this.#index.durationMs;
  }

  /**
   * Takes a sample, which is kept until its fragment is made.
   *
   * @param id that of its track; of a track that the file does not have it is left out
   * @returns the fragment that ends before it, if one does
   */
  push(id: number, sample: Sample): Uint8Array | undefined {
    const track = this.#pending.find((one) => one.id === id);
    if (track === undefined || sample.dts < track.baseTicks) return undefined;
    let fragment: Uint8Array | undefined;
    const isFull = this.#bytes + sample.data.length > this.#maxBytes && this.#bytes > 0;
    if (track === this.#leader) {
      const first = track.samples[0];
      const ms = first === undefined ? 0 : (sample.dts - first.dts) * 1000 / track.timescale;
      const begins = track.isVideo && sample.key && first !== undefined;
      if (begins || ms >= this.#maxMs || isFull) fragment = this.#cut(sample.dts / track.timescale);
    } else if (isFull) {
      fragment = this.#cut(Infinity);
    }
    track.samples.push(sample);
    this.#bytes += sample.data.length;
    return fragment;
  }

  /** The end of the file, and what is to be written into its beginning. */
  finish(): { readonly end: Uint8Array; readonly patches: readonly Patch[] } {
    const last = this.#cut(Infinity) ?? new Uint8Array(0);
    const room = this.head.length - this.#roomAt;
    return {
      end: joined([last, this.#index.randomAccess()]),
      patches: [
        { position: this.#durationAt, bytes: durationBytes(this.#index.durationMs) },
        { position: this.#roomAt, bytes: this.#index.segmentIndex(room) },
      ],
    };
  }

  /** A fragment of all samples before a time (s). */
  #cut(end: number): Uint8Array | undefined {
    const parts: PartTrack[] = this.#pending.map((track) => {
      const { id, timescale, baseTicks, samples } = track;
      const found = samples.findIndex(({ dts }) => dts / timescale >= end);
      const count = found < 0 ? samples.length : found;
      const taken = samples.slice(0, count);
      track.samples = samples.slice(count);
      for (const { data } of taken) this.#bytes -= data.length;
      return { id, baseTicks, samples: taken };
    });
    if (parts.every(({ samples }) => samples.length === 0)) return undefined;
    const fragment = encodePart(++this.#sequence, parts);
    this.#index.add(this.#position, fragment.length, parts);
    this.#position += fragment.length;
    return fragment;
  }
}
