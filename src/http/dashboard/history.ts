/**
 * What streams measured over the last minutes, for charts and for judging whether something changed.
 *
 * @module
 */
import type { StreamSample } from "../view.ts";

/** Distance of two samples (ms). */
export const SAMPLE_MS = 2000;
/** Samples kept of each stream: five minutes. */
export const SAMPLES = 150;
/** Streams that samples are kept of; those beyond have a chart from the next free place on. */
export const MAX_HISTORIES = 1000;
/** Samples after which a stream that is not there any more is forgotten: it may come back. */
const FORGOTTEN_AFTER = 30;

/** Samples of one stream, oldest first; 0 where it had no publisher. */
export interface Recent {
  /** Bits per second. */
  readonly video: readonly number[];
  /** Bits per second. */
  readonly audio: readonly number[];
  /** Pictures per second. */
  readonly frameRate: readonly number[];
  /** Frames that slow players had lost by then. */
  readonly dropped: readonly number[];
}

/** Nothing is known. */
export const NO_HISTORY: Recent = { video: [], audio: [], frameRate: [], dropped: [] };

/** The ring of one stream. */
class Ring {
  readonly #video = new Uint32Array(SAMPLES);
  readonly #audio = new Uint32Array(SAMPLES);
  readonly #frameRate = new Float32Array(SAMPLES);
  readonly #dropped = new Uint32Array(SAMPLES);
  /** Samples ever taken. */
  #count = 0;
  /** Samples since the stream was seen. */
  unseen = 0;

  add(sample: StreamSample | undefined): void {
    const at = this.#count++ % SAMPLES;
    this.#video[at] = sample?.videoBitrate ?? 0;
    this.#audio[at] = sample?.audioBitrate ?? 0;
    this.#frameRate[at] = sample?.frameRate ?? 0;
    const before = this.#dropped[(at + SAMPLES - 1) % SAMPLES]!;
    this.#dropped[at] = sample?.droppedFrames ?? (this.#count > 1 ? before : 0);
    this.unseen = sample === undefined ? this.unseen + 1 : 0;
  }

  recent(): Recent {
    const list = (ring: Uint32Array | Float32Array) => {
      const start = this.#count % SAMPLES;
      if (this.#count <= SAMPLES) return [...ring.subarray(0, this.#count)];
      return [...ring.subarray(start), ...ring.subarray(0, start)];
    };
    return {
      video: list(this.#video),
      audio: list(this.#audio),
      frameRate: list(this.#frameRate).map((value) => Math.round(value * 10) / 10),
      dropped: list(this.#dropped),
    };
  }
}

/** Key of a stream: no name has a line break in it. */
export function streamKey({ app, name }: { readonly app: string; readonly name: string }): string {
  return `${app}\n${name}`;
}

/** The samples of all streams. */
export class SampleHistory {
  readonly #rings = new Map<string, Ring>();

  /** Streams that something is kept of. */
  get size(): number {
    return this.#rings.size;
  }

  /** Takes one sample of each stream that is there; call it every {@link SAMPLE_MS}. */
  add(samples: Iterable<StreamSample>): void {
    const absent = new Map(this.#rings);
    for (const sample of samples) {
      const key = streamKey(sample);
      absent.delete(key);
      let ring = this.#rings.get(key);
      if (ring === undefined) {
        if (this.#rings.size >= MAX_HISTORIES) continue;
        this.#rings.set(key, ring = new Ring());
      }
      ring.add(sample);
    }
    for (const [key, ring] of absent) {
      ring.add(undefined);
      if (ring.unseen > FORGOTTEN_AFTER) this.#rings.delete(key);
    }
  }

  /** What is kept of a stream. */
  recent(stream: { readonly app: string; readonly name: string }): Recent {
    return this.#rings.get(streamKey(stream))?.recent() ?? NO_HISTORY;
  }
}
