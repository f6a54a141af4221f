/**
 * The samples of one fragment: where they stand in the file, and at what times [ISO/IEC 14496-12 §8.8].
 *
 * @module
 */
import { boxesIn, boxIn, number32, number64 } from "./box_head.ts";

/** Flags of `tfhd`. */
const BASE_OFFSET = 1;
const DESCRIPTION = 2;
const DURATION = 8;
const SIZE = 0x10;
const FLAGS = 0x20;
const BASE_IS_MOOF = 0x2_0000;

/** Flags of `trun`. */
const DATA_OFFSET = 1;
const FIRST_FLAGS = 4;
const OWN_DURATION = 0x100;
const OWN_SIZE = 0x200;
const OWN_FLAGS = 0x400;
const COMPOSITION = 0x800;

/** sample_is_non_sync_sample. */
const NON_SYNC = 0x1_0000;

/** Most samples of one fragment. */
const MAX_SAMPLES = 65_536;

/** What holds for the samples of a track where fragments say nothing else. */
export interface SampleDefaults {
  /** Number of the sample entry, from 1. */
  readonly description: number;
  /** Ticks. */
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** A sample of a file: where it is, and when. */
export interface FileSample {
  /** Number of the sample entry, from 1. */
  readonly description: number;
  readonly offset: number;
  readonly size: number;
  /** Ticks of the track. */
  readonly dts: number;
  /** Presentation time less decode time, in ticks. */
  readonly composition: number;
  readonly duration: number;
  readonly key: boolean;
}

/** Reads `trex`: the track, and its defaults. */
export function readTrackExtends(trex: Uint8Array): [id: number, defaults: SampleDefaults] {
  return [number32(trex, 4), {
    description: number32(trex, 8),
    duration: number32(trex, 12),
    size: number32(trex, 16),
    flags: number32(trex, 20),
  }];
}

/**
 * Hands the samples of a fragment to `take`, track by track, as far as they are said to be.
 *
 * @param moof contents of the box
 * @param offset where the box begins in the file
 * @param defaults of the tracks that are wanted, by their ids
 */
export function readFragment(
  moof: Uint8Array,
  offset: number,
  defaults: ReadonlyMap<number, SampleDefaults>,
  take: (track: number, sample: FileSample) => void,
): void {
  let left = MAX_SAMPLES;
  // Where the data of the track before ended, which is where that of the next begins if it says nothing.
  let end = offset;
  for (const { type, body } of boxesIn(moof)) {
    if (type !== "traf") continue;
    const head = boxIn(body, "tfhd");
    if (head === undefined) continue;
    const id = number32(head, 4);
    const wanted = defaults.get(id);
    const fragment = readTrackHead(head, wanted ?? NO_DEFAULTS);
    const base = fragment.base ?? (fragment.isMoof ? offset : end);
    const time = boxIn(body, "tfdt");
    let dts = time === undefined ? 0 : time[0] === 1 ? number64(time, 4) : number32(time, 4);
    let at = base;
    for (const run of boxesIn(body)) {
      if (run.type !== "trun") continue;
      const count = Math.min(left, number32(run.body, 4));
      left -= count;
      [at, dts] = readRun(run.body, count, base, at, dts, fragment.defaults, (sample) => {
        if (wanted !== undefined) take(id, sample);
      });
    }
    end = at;
  }
}

const NO_DEFAULTS: SampleDefaults = { description: 1, duration: 0, size: 0, flags: 0 };

function readTrackHead(head: Uint8Array, trackDefaults: SampleDefaults) {
  const flags = number32(head, 0) & 0xff_ffff;
  let at = 8;
  const base = (flags & BASE_OFFSET) === 0 ? undefined : number64(head, at);
  if (base !== undefined) at += 8;
  const take = (flag: number, other: number) => {
    if ((flags & flag) === 0) return other;
    at += 4;
    return number32(head, at - 4);
  };
  const defaults = {
    description: take(DESCRIPTION, trackDefaults.description),
    duration: take(DURATION, trackDefaults.duration),
    size: take(SIZE, trackDefaults.size),
    flags: take(FLAGS, trackDefaults.flags),
  };
  return { base, defaults, isMoof: (flags & BASE_IS_MOOF) !== 0 };
}

function readRun(
  run: Uint8Array,
  count: number,
  base: number,
  from: number,
  start: number,
  defaults: SampleDefaults,
  take: (sample: FileSample) => void,
): [end: number, dts: number] {
  const signed = run[0] !== 0;
  const flags = number32(run, 0) & 0xff_ffff;
  let at = 8;
  let offset = from;
  let dts = start;
  if ((flags & DATA_OFFSET) !== 0) {
    offset = base + (number32(run, at) | 0);
    at += 4;
  }
  let firstFlags: number | undefined;
  if ((flags & FIRST_FLAGS) !== 0) {
    firstFlags = number32(run, at);
    at += 4;
  }
  const entry = 4 * [OWN_DURATION, OWN_SIZE, OWN_FLAGS, COMPOSITION]
    .filter((flag) => (flags & flag) !== 0).length;
  for (let number = 0; number < count && at + entry <= run.length; number++) {
    const next = (flag: number, other: number) => {
      if ((flags & flag) === 0) return other;
      at += 4;
      return number32(run, at - 4);
    };
    const duration = next(OWN_DURATION, defaults.duration);
    const size = next(OWN_SIZE, defaults.size);
    const own = next(OWN_FLAGS, number === 0 ? firstFlags ?? defaults.flags : defaults.flags);
    const composition = next(COMPOSITION, 0);
    take({
      ...{ description: defaults.description, offset, size, dts, duration },
      composition: signed ? composition | 0 : composition,
      key: (own & NON_SYNC) === 0,
    });
    offset += size;
    dts += duration;
  }
  return [offset, dts];
}
