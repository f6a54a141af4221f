/**
 * Where the fragments of a file are and at what times they begin, so that a reader of a finished file need
 * not go through all of it: the segment index at its beginning [ISO/IEC 14496-12 §8.16.3] and the random
 * access boxes at its end [ISO/IEC 14496-12 §8.8.9].
 *
 * @module
 */
import { box, type Bytes, fullBox, u16, u32, u64, u8, zeros } from "./box.ts";
import { MOVIE_TIMESCALE } from "./init_segment.ts";
import type { PartRun } from "./part.ts";
import { SampleRun } from "./sample_run.ts";

/** Most fragments that are told apart; beyond, each two that follow one another become one. */
const MAX_FRAGMENTS = 65_535;

/** Bytes of a segment index without references, of a reference, and of the free box behind. */
const SIDX_HEAD = 40;
const SIDX_REFERENCE = 12;
const FREE_HEAD = 8;

/** Largest part of a file that one reference holds: 31 bits. */
const MAX_REFERENCE = 2 ** 31 - 1;

/** starts_with_SAP and SAP_type 1: the first sample is one to start at. */
const STARTS_WITH_KEY = 0x9000_0000;

/** A track of the file, as in the init segment. */
export interface IndexedTrack {
  readonly id: number;
  readonly format: { readonly kind: "audio" | "video"; readonly timescale: number };
}

/** One fragment, or several that follow one another. */
interface Fragment {
  readonly offset: number;
  size: number;
  /** The reference track begins here with a sample to start at. */
  readonly key: boolean;
  /** By the order of the tracks: presentation time of the first sample to start at, in ticks; or none. */
  readonly times: readonly (number | undefined)[];
  /** By the order of the tracks: its number in the fragment, from 1; and that of the track there. */
  readonly samples: readonly number[];
  readonly trafs: readonly number[];
}

/** The index of one file, which grows with it. Its memory is bounded. */
export class FragmentIndex {
  readonly #tracks: readonly IndexedTrack[];
  /** Place in the list of the track that times are told of: that of pictures, if there is one. */
  readonly #reference: number;
  #fragments: Fragment[] = [];
  /** By the order of the tracks: end of the last sample (ticks). */
  readonly #ends: number[];

  /** @param tracks of the file, in the order of its init segment */
  constructor(tracks: readonly IndexedTrack[]) {
    this.#tracks = tracks;
    this.#reference = Math.max(0, tracks.findIndex(({ format }) => format.kind === "video"));
    this.#ends = tracks.map(() => 0);
  }

  /** How long the file is by its longest track (ms). */
  get durationMs(): number {
    return Math.max(
      0,
      ...this.#tracks.map(({ format }, index) =>
        this.#ends[index]! * MOVIE_TIMESCALE / format.timescale
      ),
    );
  }

  /**
   * Takes note of a fragment.
   *
   * @param offset of its moof box in the file
   * @param size of all of it in bytes
   * @param parts what it was made of
   */
  add(offset: number, size: number, parts: readonly PartRun[]): void {
    const times: (number | undefined)[] = [];
    const samples: number[] = [];
    const trafs: number[] = [];
    let key = false;
    for (let index = 0; index < this.#tracks.length; index++) {
      const { id } = this.#tracks[index]!;
      let traf = 0;
      let part: PartRun | undefined;
      for (const one of parts) {
        if (one.run.count > 0) traf++;
        if (one.id !== id) continue;
        part = one;
        break;
      }
      const { run, baseTicks = 0 } = part ?? NO_PART;
      times.push(run.firstKey > 0 ? Math.max(0, run.keyTime - baseTicks) : undefined);
      samples.push(run.firstKey);
      trafs.push(run.count > 0 ? traf : 0);
      if (run.count > 0) this.#ends[index] = Math.max(this.#ends[index]!, run.end - baseTicks);
      if (index === this.#reference) key = run.firstKey === 1;
    }
    const before = this.#fragments.at(-1);
    // What goes on with a group of pictures that began before is reached through its beginning.
    if (before !== undefined && times[this.#reference] === undefined) before.size += size;
    else this.#fragments.push({ offset, size, key, times, samples, trafs });
    if (this.#fragments.length > MAX_FRAGMENTS) this.#fragments = joinedBy(2, this.#fragments);
  }

  /** `mfra`, for the end of the file. */
  randomAccess(): Uint8Array<ArrayBuffer> {
    const tables = this.#tracks.map(({ id }, index) => {
      const entries: Bytes[] = [];
      for (const { offset, times, samples, trafs } of this.#fragments) {
        const time = times[index];
        if (time === undefined) continue;
        // Numbers of one byte for the track, of four for the sample.
        entries.push([
          ...u64(time),
          ...u64(offset),
          ...u8(trafs[index]!),
          1,
          ...u32(samples[index]!),
        ]);
      }
      const lengthSizes = 3;
      return fullBox("tfra", 1, 0, u32(id), u32(lengthSizes), u32(entries.length), ...entries);
    });
    const size = 8 + tables.reduce((sum, { length }) => sum + length, 0) + 16;
    return box("mfra", ...tables, fullBox("mfro", 0, 0, u32(size)));
  }

  /**
   * `sidx`, filled up to the room that was left for it by {@linkcode indexRoom} in front of the first
   * fragment. Where there is no room for all fragments, several become one.
   *
   * @param room bytes
   */
  segmentIndex(room: number): Uint8Array<ArrayBuffer> {
    const most = Math.max(1, Math.floor((room - SIDX_HEAD - FREE_HEAD) / SIDX_REFERENCE));
    const all = this.#referenced();
    const fragments = joinedBy(Math.ceil(all.length / most), all);
    const filler = room - SIDX_HEAD - SIDX_REFERENCE * fragments.length - FREE_HEAD;
    // In front of the first one there may be fragments without the track.
    const skipped = all.length === 0 ? 0 : all[0]!.offset - this.#fragments[0]!.offset;
    const index = this.#reference;
    const track = this.#tracks[index]!;
    const end = this.#ends[index]!;
    const references = fragments.flatMap(({ size, key, times }, number) => {
      const next = fragments[number + 1]?.times[index] ?? Math.max(end, times[index]!);
      return [
        u32(Math.min(size, MAX_REFERENCE)),
        u32(Math.max(0, next - times[index]!)),
        u32(key ? STARTS_WITH_KEY : 0),
      ];
    });
    const sidx = fullBox(
      "sidx",
      1,
      0,
      ...[u32(track.id), u32(track.format.timescale)],
      ...[u64(fragments[0]?.times[index] ?? 0), u64(FREE_HEAD + filler + skipped)],
      ...[u16(0), u16(fragments.length), ...references],
    );
    const bytes = new Uint8Array(room);
    bytes.set(sidx);
    bytes.set(box("free", zeros(filler)), sidx.length);
    return bytes;
  }

  /** Those in which the reference track begins anew; what has none of it is part of the one before. */
  #referenced(): Fragment[] {
    const fragments: Fragment[] = [];
    for (const fragment of this.#fragments) {
      const before = fragments.at(-1);
      if (fragment.times[this.#reference] !== undefined) fragments.push({ ...fragment });
      else if (before !== undefined) before.size += fragment.size;
    }
    return fragments;
  }
}

/** A track that has no samples in a fragment. */
const NO_PART: Omit<PartRun, "id"> = { run: new SampleRun() };

/** A free box in front of the first fragment, to be overwritten with an index of so many references. */
export function indexRoom(references: number): Uint8Array<ArrayBuffer> {
  return box("free", zeros(SIDX_HEAD + SIDX_REFERENCE * references));
}

/** Each so many as one. */
function joinedBy(count: number, fragments: readonly Fragment[]): Fragment[] {
  if (count <= 1) return [...fragments];
  const result: Fragment[] = [];
  for (const [index, fragment] of fragments.entries()) {
    if (index % count === 0) result.push({ ...fragment });
    else result.at(-1)!.size += fragment.size;
  }
  return result;
}
