/**
 * A fragmented file as it grows: a fragment begins with each key frame, and in between where one gets long or
 * large, and at the end there is an index of them.
 *
 * @module
 */
import type { Sample } from "../samples/sample.ts";
import { FragmentIndex, indexRoom } from "./fragment_index.ts";
import { durationBytes, initSegment, type Mp4Track } from "./init_segment.ts";
import { partHeadLength, partHeadRoom, type PartRun, writePartHead } from "./part.ts";
import { SampleRun } from "./sample_run.ts";
import { Stash } from "./stash.ts";

/** Longest fragment (ms) and largest (bytes) if nothing else is said. */
const MAX_FRAGMENT_MS = 10_000;
const MAX_FRAGMENT_BYTES = 131_072;

/** References that there is room for in front of the fragments. */
const INDEX_REFERENCES = 1_000;

/** How long a fragment of sound alone is (ms). */
const SOUND_FRAGMENT_MS = 1_000;

/** Samples that the head of the first fragment has room for. */
const FIRST_SAMPLES = 64;

/** Where a file is written. */
export interface FragmentOutput {
  /** Where the next byte goes. */
  readonly position: number;
  /** Appends a copy. */
  put(bytes: Uint8Array): void;
  /** Leaves room, of zeros. @returns where it begins */
  reserve(size: number): number;
  /** Fills a part of it. */
  fill(position: number, bytes: Uint8Array): void;
  /** What is before `position` stays as it is. */
  release(position: number): void;
}

/** How a file is written. Members may be left out. */
export interface Mp4FileOptions {
  /** Time of the stream at which the file begins (ms): what is before that is no part of it. */
  readonly baseMs?: number;
  /** A fragment that gets longer is cut before the next key frame (ms). */
  readonly maxFragmentMs?: number;
  /** The same of bytes of media. */
  readonly maxFragmentBytes?: number;
  /** How many references the index at the beginning has room for; 16 bits. */
  readonly references?: number;
}

/** Bytes that take the place of others, once the file is finished. */
export interface Patch {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A track of the file. */
interface Track {
  readonly id: number;
  readonly timescale: number;
  readonly isVideo: boolean;
  readonly baseTicks: number;
  /** Samples that are in no fragment yet; of the leader they are in the fragment as they come. */
  run: SampleRun;
  /** One to be filled next, if there is. */
  spare: SampleRun | undefined;
  /** Their media, and that of a sample that follows. */
  readonly media: Stash;
}

/** The samples of a track in a fragment. */
interface FragmentPart extends PartRun {
  readonly track: Track;
}

/** A fragment whose head is not written yet. */
interface Fragment {
  readonly position: number;
  /** Bytes for its head. */
  readonly room: number;
  /** Samples of the leader whose bytes are in it, and those of them that came. */
  count: number;
  readonly run: SampleRun;
  bytes: number;
  /** All tracks, once it has all bytes that it will have, and where it ends. */
  readonly parts: FragmentPart[];
  end: number;
}

/**
 * Writes one file. The media of the leader (the first track of pictures, or else the first) goes to where it
 * will be in the file as it comes, behind room for the head of its fragment, which is written when that is
 * known; other tracks wait for the end of the fragment. A file that ends anywhere plays up to its last whole
 * fragment.
 */
export class Mp4FileWriter {
  readonly #output: FragmentOutput;
  readonly #index: FragmentIndex;
  readonly #tracks = new Map<number, Track>();
  readonly #leader: Track;
  readonly #durationAt: number;
  readonly #roomAt: number;
  readonly #room: number;
  readonly #maxMs: number;
  readonly #maxBytes: number;
  /** The fragment that is filled. */
  #open: Fragment | undefined;
  /** The one before it, while its last picture lasts. */
  #closing: Fragment | undefined;
  /** Another one is to begin. */
  #isLong = false;
  #sequence = 0;
  /** Samples that the last fragment had, and the samples and bytes of other tracks that wait. */
  #usualSamples = FIRST_SAMPLES;
  #waiting = 0;
  #heldBytes = 0;

  /**
   * Writes the beginning of the file.
   *
   * @param tracks at least one; the file holds these in these formats, and no others
   * @param output a file that is empty
   */
  constructor(tracks: readonly Mp4Track[], output: FragmentOutput, options: Mp4FileOptions = {}) {
    const { baseMs = 0, references = INDEX_REFERENCES } = options;
    this.#output = output;
    const init = initSegment(tracks, { durationMs: 0 });
    const room = indexRoom(references);
    output.put(init.bytes);
    output.put(room);
    this.#durationAt = init.durationAt;
    this.#roomAt = init.bytes.length;
    this.#room = room.length;
    this.#index = new FragmentIndex(tracks);
    for (const { id, format: { kind, timescale } } of tracks) {
      const baseTicks = Math.round(baseMs * timescale / 1000);
      const track = { id, timescale, isVideo: kind === "video", baseTicks };
      this.#tracks.set(id, {
        ...track,
        run: new SampleRun(),
        spare: undefined,
        media: new Stash(),
      });
    }
    const all = [...this.#tracks.values()];
    this.#leader = all.find(({ isVideo }) => isVideo) ?? all[0]!;
    this.#maxBytes = options.maxFragmentBytes ?? MAX_FRAGMENT_BYTES;
    this.#maxMs = options.maxFragmentMs ?? MAX_FRAGMENT_MS;
    if (!this.#leader.isVideo) this.#maxMs = Math.min(this.#maxMs, SOUND_FRAGMENT_MS);
  }

  /** Bytes of media that wait in memory of their own. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How long the file is without what is in no fragment yet (ms). */
  get durationMs(): number {
    return this.#index.durationMs;
  }

  /**
   * Takes the bytes of a frame, whose sample follows without them: of a track one is taken at most that has not
   * followed.
   *
   * @returns `false` when the file does not have that track
   */
  take(id: number, frame: Uint8Array, key: boolean): boolean {
    const track = this.#tracks.get(id);
    if (track === undefined) return false;
    if (track === this.#leader) this.#append(frame, key);
    else this.#stash(track, frame);
    return true;
  }

  /** Takes a sample. One of a track that the file does not have is left out. */
  push(id: number, sample: Sample): void {
    const track = this.#tracks.get(id);
    if (track === undefined) return;
    if (sample.size === undefined) {
      if (sample.dts < track.baseTicks) return;
      if (track === this.#leader) this.#lookAtTime(sample);
      this.take(id, sample.data, sample.key);
    } else if (track === this.#leader) this.#lookAtTime(sample);
    if (track !== this.#leader) {
      track.run.add(sample);
      this.#waiting++;
      return;
    }
    const fragment = this.#closing ?? this.#open!;
    fragment.run.add(sample);
    if (fragment === this.#closing) this.#complete();
  }

  #stash(track: Track, media: Uint8Array): void {
    track.media.add(media);
    this.#heldBytes += media.length;
  }

  #lookAtTime({ dts }: Sample): void {
    const run = this.#open?.run;
    if (run === undefined || run.count === 0) return;
    this.#isLong ||= (dts - run.start) * 1000 / this.#leader.timescale >= this.#maxMs;
  }

  /** Puts media of the leader into the fragment under way, or begins another one. */
  #append(media: Uint8Array, key: boolean): void {
    const { length } = media;
    const open = this.#open;
    if (open !== undefined && open.count > 0) {
      const isKey = key && this.#leader.isVideo;
      const samples = open.count + 1 + this.#waiting;
      const isFull = open.bytes + length + this.#heldBytes > this.#maxBytes ||
        partHeadRoom(this.#tracks.size, samples) > open.room;
      if (isKey || isFull || this.#isLong) this.cut();
    }
    const fragment = this.#open ??= this.#begin();
    this.#output.put(media);
    fragment.count++;
    fragment.bytes += length;
  }

  #begin(): Fragment {
    this.#isLong = false;
    const samples = Math.max(this.#usualSamples + (this.#usualSamples >> 2), this.#waiting) + 4;
    const room = partHeadRoom(this.#tracks.size, samples);
    const position = this.#output.reserve(room);
    const run = nextRun(this.#leader);
    return { position, room, count: 0, run, bytes: 0, parts: [], end: 0 };
  }

  /** Ends the fragment under way, with all that waits of other tracks. */
  cut(): void {
    if (this.#closing !== undefined) return;
    const fragment = this.#open ?? (this.#waiting > 0 ? this.#begin() : undefined);
    if (fragment === undefined) return;
    this.#open = undefined;
    const leader = this.#leader;
    const { id, baseTicks } = leader;
    fragment.parts.push({ id, baseTicks, run: fragment.run, track: leader });
    let left = fragment.count;
    for (const track of this.#tracks.values()) {
      if (track === leader) continue;
      const run = this.#takeOf(track, left, fragment.room);
      left += run.count;
      this.#output.put(track.media.first(run.size));
      track.media.drop(run.size);
      this.#heldBytes -= run.size;
      fragment.bytes += run.size;
      this.#waiting -= run.count;
      fragment.parts.push({ id: track.id, baseTicks: track.baseTicks, run, track });
    }
    this.#usualSamples = left;
    fragment.end = this.#output.position;
    this.#closing = fragment;
    this.#complete();
  }

  /** The samples of a track that a fragment has room for behind so many others. */
  #takeOf(track: Track, others: number, room: number): SampleRun {
    const { run } = track;
    let { count } = run;
    while (count > 0 && partHeadRoom(this.#tracks.size, others + count) > room) count--;
    if (count < run.count) return run.split(count);
    track.run = nextRun(track);
    return run;
  }

  /** Writes the head of the fragment that has all its bytes, if all its samples have come. */
  #complete(): void {
    const fragment = this.#closing!;
    const { position, run, count, room, parts, end } = fragment;
    if (run.count < count) return;
    this.#closing = undefined;
    const length = partHeadLength(parts);
    if (length > scratch.length) scratch = new Uint8Array(2 * length);
    const head = scratch.subarray(0, length);
    writePartHead(head, 0, ++this.#sequence, parts, room - length);
    this.#output.fill(position, head);
    this.#output.release(end);
    this.#index.add(position, end - position, parts);
    for (const { track, run } of parts) {
      run.clear();
      track.spare = run;
    }
  }

  /** Ends the file, of which all samples have come. @returns what is to be written into its beginning */
  finish(): readonly Patch[] {
    while (this.#closing === undefined && (this.#open !== undefined || this.#waiting > 0)) {
      this.cut();
    }
    this.#output.put(this.#index.randomAccess());
    return [
      { position: this.#durationAt, bytes: durationBytes(this.#index.durationMs) },
      { position: this.#roomAt, bytes: this.#index.segmentIndex(this.#room) },
    ];
  }
}

/** A run to be filled. */
function nextRun(track: Track): SampleRun {
  const run = track.spare ?? new SampleRun();
  track.spare = undefined;
  return run;
}

/** Where heads are made, one after the other. */
let scratch = new Uint8Array(4096);
