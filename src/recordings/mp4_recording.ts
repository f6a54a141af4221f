/**
 * A recording as fragmented MP4: one fragment from each key frame to the next, so that a crash loses the last
 * one and no more, and an index of them at the end.
 *
 * @module
 */
import { Mp4FileWriter } from "../core/mp4/mod.ts";
import {
  type Sample,
  type SampleHandler,
  type SampleProblem,
  SampleReader,
  type SampleTrack,
} from "../core/samples/mod.ts";
import type { RecordedMessage, RecordingFile, RecordingSink } from "./recording_file.ts";

/** How long a file waits for tracks that have no header, and so show with their first frame only (ms). */
const TRACKS_MS = 1_000;

/** The same in bytes. */
const TRACKS_BYTES = 1024 * 1024;

/** Bytes of boxes around the media of a fragment, with room to spare: 16 a sample, and some for each track. */
const FRAGMENT_HEAD = 128 * 1024;

/** A picture that lasts longer than this is a hole (ms): the file is to show it as one. */
const MAX_PICTURE_MS = 10_000;

/** A file of MP4 under way. */
export class Mp4Recording implements RecordingFile, SampleHandler {
  readonly #sink: RecordingSink;
  readonly #reader: SampleReader;
  readonly #onProblem: (problem: SampleProblem) => void;
  #writer: Mp4FileWriter | undefined;
  /** Samples that came before it was known which tracks there are. */
  #waiting: [track: number, sample: Sample][] = [];
  #waitingBytes = 0;
  /** A track came, or changed, that the file was not begun with. */
  #hasOther = false;
  #duration = 0;

  /** What of the media that is held was counted. */
  #counted = 0;
  readonly #count: (bytes: number) => void;

  /**
   * @param onProblem a track cannot be held in MP4; told once for each
   * @param count is told how many bytes of media more are held, or fewer
   */
  constructor(
    sink: RecordingSink,
    onProblem: (problem: SampleProblem) => void,
    count: (bytes: number) => void = () => {},
  ) {
    this.#sink = sink;
    this.#count = count;
    this.#onProblem = onProblem;
    this.#reader = new SampleReader(this, { maxGapMs: MAX_PICTURE_MS });
  }

  get duration(): number {
    return this.#duration;
  }

  write({ kind, time, payload, key, header }: RecordedMessage): "taken" | "full" | "other-file" {
    if (kind === 18) return "taken";
    if (this.#held + payload.length + FRAGMENT_HEAD > this.#sink.room) return "full";
    if (this.#writer === undefined && this.#waitingBytes > 0) {
      if (time >= TRACKS_MS || this.#waitingBytes >= TRACKS_BYTES) this.#begin();
    }
    this.#reader.push(kind, time % 2 ** 32, payload, key);
    this.#countHeld(this.#held);
    if (!header) this.#duration = Math.max(this.#duration, time);
    return this.#hasOther ? "other-file" : "taken";
  }

  /** Bytes of media that are in no fragment yet. */
  get #held(): number {
    return this.#writer?.pendingBytes ?? this.#waitingBytes;
  }

  #countHeld(held: number): void {
    if (held === this.#counted) return;
    this.#count(held - this.#counted);
    this.#counted = held;
  }

  close(): void {
    this.#countHeld(0);
  }

  finish(): void {
    this.#reader.flush();
    if (this.#writer === undefined && this.#waitingBytes > 0) this.#begin();
    if (this.#writer === undefined) return;
    const { end, patches } = this.#writer.finish();
    // Without room it has no index, and plays all the same.
    if (!this.#append(end)) return;
    for (const { position, bytes } of patches) this.#sink.overwrite(bytes, position);
  }

  onTrack(): void {
    if (this.#writer !== undefined) this.#hasOther = true;
  }

  onSample({ id }: SampleTrack, sample: Sample): void {
    if (this.#writer !== undefined) return this.#push(id, sample);
    this.#waiting.push([id, sample]);
    this.#waitingBytes += sample.data.length;
  }

  onProblem(problem: SampleProblem): void {
    this.#onProblem(problem);
  }

  #begin(): void {
    this.#writer = new Mp4FileWriter(this.#reader.tracks);
    this.#append(this.#writer.head);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const [track, sample] of waiting) this.#push(track, sample);
  }

  #push(track: number, sample: Sample): void {
    const fragment = this.#writer!.push(track, sample);
    if (fragment !== undefined) this.#append(fragment);
  }

  #append(bytes: Uint8Array): boolean {
    const target = this.#sink.append(bytes.length);
    target?.set(bytes);
    return target !== undefined;
  }
}
