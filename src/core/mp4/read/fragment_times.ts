/**
 * Where the fragments of a file are, as its indexes say: hints, which nobody vouches for
 * [ISO/IEC 14496-12 §8.8.10, §8.16.3].
 *
 * @module
 */
import { boxesIn, number16, number32, number64 } from "./box_head.ts";

/** Where a fragment may be. */
export interface FragmentHint {
  /** Seconds on the time line of the track, before edits. */
  readonly time: number;
  /** Of its `moof` box in the file. */
  readonly offset: number;
}

/** The fragments with samples of this track to start at, from the contents of `mfra`. */
export function readRandomAccess(
  mfra: Uint8Array,
  track: number,
  timescale: number,
): FragmentHint[] {
  const hints: FragmentHint[] = [];
  for (const { type, body } of boxesIn(mfra)) {
    if (type !== "tfra" || number32(body, 4) !== track) continue;
    const wide = body[0] === 1;
    const sizes = number32(body, 8);
    const numbers = 3 + (sizes >> 4 & 3) + (sizes >> 2 & 3) + (sizes & 3);
    const entry = (wide ? 16 : 8) + numbers;
    const count = Math.min(number32(body, 12), Math.floor((body.length - 16) / entry));
    for (let number = 0, at = 16; number < count; number++, at += entry) {
      const time = wide ? number64(body, at) : number32(body, at);
      const offset = wide ? number64(body, at + 8) : number32(body, at + 4);
      hints.push({ time: time / timescale, offset });
    }
  }
  return hints;
}

/**
 * The fragments of `sidx`, from the contents of the box. Times are presentation times.
 *
 * @param end where the box ends in the file
 */
export function readSegmentIndex(sidx: Uint8Array, end: number): FragmentHint[] {
  const timescale = number32(sidx, 8);
  if (timescale === 0) return [];
  const wide = sidx[0] !== 0;
  let time = wide ? number64(sidx, 12) : number32(sidx, 12);
  let offset = end + (wide ? number64(sidx, 20) : number32(sidx, 16));
  const first = wide ? 32 : 24;
  const count = Math.min(number16(sidx, first - 2), Math.floor((sidx.length - first) / 12));
  const hints: FragmentHint[] = [];
  for (let number = 0, at = first; number < count; number++, at += 12) {
    const size = number32(sidx, at);
    // One of other indexes says nothing of fragments.
    if (size >= 2 ** 31) return [];
    hints.push({ time: time / timescale, offset });
    time += number32(sidx, at + 4);
    offset += size;
  }
  return hints;
}
