/**
 * Parts of a fragmented file: `moof` and `mdat` [ISO/IEC 14496-12 §8.8], [ISO/IEC 23000-19 §7.3].
 *
 * @module
 */
import type { Sample } from "../samples/sample.ts";
import { SAMPLE_ENTRY, SampleRun } from "./sample_run.ts";

/** The samples of one track in a part. */
export interface PartTrack {
  /** track_ID, as in the init segment. */
  readonly id: number;
  /** In decoding order; a track without any is left out. */
  readonly samples: readonly Sample[];
  /** See {@linkcode PartRun}. */
  readonly baseTicks?: number;
}

/** The same without their media. */
export interface PartRun {
  readonly id: number;
  readonly run: SampleRun;
  /** Subtracted from all decode times (ticks): where a file begins in its stream; 0 if left out. */
  readonly baseTicks?: number;
}

/** Bytes of the boxes around samples. */
const MOOF_HEAD = 8 + 16;
const TRAF_HEAD = 8 + 16 + 20 + 20;
const MDAT_HEAD = 8;

/** Types of boxes as numbers. */
const MOOF = 0x6d6f6f66;
const MFHD = 0x6d666864;
const TRAF = 0x74726166;
const TFHD = 0x74666864;
const TFDT = 0x74666474;
const TRUN = 0x7472756e;
const MDAT = 0x6d646174;

/** tfhd: offsets count from the beginning of the moof box. */
const DEFAULT_BASE_IS_MOOF = 0x02_0000;

/** trun, version 1 with signed composition offsets: data offset, duration, size, flags, composition. */
const TRUN_FLAGS = 0x0100_0f01;

/** Bytes in front of the media of a part for so many tracks and samples, if each track has one at least. */
export function partHeadRoom(tracks: number, samples: number): number {
  return MOOF_HEAD + MDAT_HEAD + TRAF_HEAD * tracks + SAMPLE_ENTRY * samples;
}

/** Bytes in front of the media of a part: its `moof`, and the head of its `mdat`. */
export function partHeadLength(tracks: readonly PartRun[]): number {
  let length = MOOF_HEAD + MDAT_HEAD;
  for (const { run: { count } } of tracks) {
    if (count > 0) length += TRAF_HEAD + SAMPLE_ENTRY * count;
  }
  return length;
}

/**
 * One part: all there is of it in one array, for which the media is copied once.
 *
 * @param sequence sequence_number, above that of the part before
 */
export function encodePart(
  sequence: number,
  tracks: readonly PartTrack[],
): Uint8Array<ArrayBuffer> {
  const runs = tracks.map(({ id, samples, baseTicks = 0 }) => ({
    ...{ id, baseTicks, run: SampleRun.of(samples) },
  }));
  const head = partHeadLength(runs);
  const media = runs.reduce((sum, { run }) => sum + run.size, 0);
  const bytes = new Uint8Array(head + media);
  writePartHead(bytes, 0, sequence, runs);
  let data = head;
  for (const { samples } of tracks) {
    for (let index = 0; index < samples.length; index++) {
      const coded = samples[index]!.data;
      bytes.set(coded, data);
      data += coded.length;
    }
  }
  return bytes;
}

/**
 * Writes what stands in front of the media of a part, which follows track by track. A track begins at the
 * decode time of its first sample.
 *
 * @param offset where {@linkcode partHeadLength} bytes are written
 * @param gap bytes between that and the media, which are of no use
 */
export function writePartHead(
  bytes: Uint8Array,
  offset: number,
  sequence: number,
  tracks: readonly PartRun[],
  gap = 0,
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset);
  const head = partHeadLength(tracks);
  const moof = head - MDAT_HEAD;
  view.setUint32(0, moof);
  view.setUint32(4, MOOF);
  view.setUint32(8, 16);
  view.setUint32(12, MFHD);
  view.setUint32(16, 0);
  view.setUint32(20, sequence);
  let at = MOOF_HEAD;
  let data = head + gap;
  for (const { id, run, baseTicks = 0 } of tracks) {
    const { count: length } = run;
    if (length === 0) continue;
    view.setUint32(at, TRAF_HEAD + SAMPLE_ENTRY * length);
    view.setUint32(at + 4, TRAF);
    view.setUint32(at + 8, 16);
    view.setUint32(at + 12, TFHD);
    view.setUint32(at + 16, DEFAULT_BASE_IS_MOOF);
    view.setUint32(at + 20, id);
    view.setUint32(at + 24, 20);
    view.setUint32(at + 28, TFDT);
    view.setUint32(at + 32, 0x0100_0000); // version 1: 64 bits
    const start = Math.max(0, run.start - baseTicks);
    view.setUint32(at + 36, Math.floor(start / 2 ** 32));
    view.setUint32(at + 40, start >>> 0);
    view.setUint32(at + 44, 20 + SAMPLE_ENTRY * length);
    view.setUint32(at + 48, TRUN);
    view.setUint32(at + 52, TRUN_FLAGS);
    view.setUint32(at + 56, length);
    view.setUint32(at + 60, data);
    at = run.write(bytes, offset + at + TRAF_HEAD) - offset;
    data += run.size;
  }
  view.setUint32(at, MDAT_HEAD + data - head);
  view.setUint32(at + 4, MDAT);
}
