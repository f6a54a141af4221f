/**
 * The samples of one track in a fragment, in the form in which the fragment lists them: an object for each would
 * live until the fragment is written, which with a hundred recordings keeps a collector busy.
 *
 * @module
 */
import { type Sample, sampleBytes } from "../samples/sample.ts";

/** Bytes of a sample in a `trun` box: duration, size, flags, composition [ISO/IEC 14496-12 §8.8.8]. */
export const SAMPLE_ENTRY = 16;

/** sample_flags of a sample that depends on no other. */
export const SYNC_SAMPLE = 0x0200_0000;

/** sample_flags of one that depends on others, and is not the place to start decoding. */
export const NON_SYNC_SAMPLE = 0x0101_0000;

/** Samples that it has room for at first. */
const FIRST_SAMPLES = 16;

/** Samples one behind the other, appended at the end and taken from the beginning. */
export class SampleRun {
  #bytes = new Uint8Array(FIRST_SAMPLES * SAMPLE_ENTRY);
  #view = new DataView(this.#bytes.buffer);
  #count = 0;
  #size = 0;
  #start = 0;
  #last = 0;
  #end = 0;
  #firstKey = 0;
  #keyTime = 0;

  /** A run of these. */
  static of(samples: readonly Sample[]): SampleRun {
    const run = new SampleRun();
    for (const sample of samples) run.add(sample);
    return run;
  }

  /** How many there are. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of their media. */
  get size(): number {
    return this.#size;
  }

  /** Decode time of the first one, and where the last one ends (ticks); of an empty run it means nothing. */
  get start(): number {
    return this.#start;
  }

  /** See {@linkcode SampleRun.start}. */
  get end(): number {
    return this.#end;
  }

  /** Number of the first one that a decoder can start at, from 1; 0 where there is none. */
  get firstKey(): number {
    return this.#firstKey;
  }

  /** When that is presented (ticks). */
  get keyTime(): number {
    return this.#keyTime;
  }

  /**
   * Takes a sample. The one before it lasts until then, whatever it says of itself, so that no time is lost
   * between them; the last one lasts as long as it says.
   */
  add(sample: Sample): void {
    const { dts, duration, composition, key } = sample;
    const at = this.#count * SAMPLE_ENTRY;
    if (at === this.#bytes.length) this.#grow();
    const view = this.#view;
    if (at === 0) this.#start = dts;
    else view.setUint32(at - SAMPLE_ENTRY, dts - this.#last);
    const size = sampleBytes(sample);
    view.setUint32(at, duration);
    view.setUint32(at + 4, size);
    view.setUint32(at + 8, key ? SYNC_SAMPLE : NON_SYNC_SAMPLE);
    view.setInt32(at + 12, composition);
    this.#count++;
    this.#size += size;
    this.#last = dts;
    this.#end = dts + duration;
    if (!key || this.#firstKey > 0) return;
    this.#firstKey = this.#count;
    this.#keyTime = dts + composition;
  }

  #grow(): void {
    const larger = new Uint8Array(2 * this.#bytes.length);
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }

  /** Writes their entries. @returns where they end */
  write(target: Uint8Array, at: number): number {
    const length = this.#count * SAMPLE_ENTRY;
    target.set(this.#bytes.subarray(0, length), at);
    return at + length;
  }

  /** Takes the first `count` out of it, as a run of their own; the last of them lasts as long as before. */
  split(count: number): SampleRun {
    const first = new SampleRun();
    const rest = new SampleRun();
    const view = this.#view;
    let dts = this.#start;
    for (let index = 0; index < this.#count; index++) {
      const at = index * SAMPLE_ENTRY;
      const duration = view.getUint32(at);
      (index < count ? first : rest).add({
        ...{ dts, duration, composition: view.getInt32(at + 12), data: NO_DATA },
        ...{ key: view.getUint32(at + 8) === SYNC_SAMPLE, size: view.getUint32(at + 4) },
      });
      dts += duration;
    }
    this.#take(rest);
    return first;
  }

  #take(other: SampleRun): void {
    this.#bytes = other.#bytes;
    this.#view = other.#view;
    this.#count = other.#count;
    this.#size = other.#size;
    this.#start = other.#start;
    this.#last = other.#last;
    this.#end = other.#end;
    this.#firstKey = other.#firstKey;
    this.#keyTime = other.#keyTime;
  }

  /** Forgets them, to be filled again. */
  clear(): void {
    this.#count = this.#size = this.#firstKey = 0;
  }
}

const NO_DATA = new Uint8Array();
