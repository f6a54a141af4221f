/**
 * A recording as fragmented MP4: a fragment begins with each key frame, and as often in between as a piece for
 * the disk is full. So nothing is held but one piece, its pictures are copied once, to where they are written
 * from, and a crash loses that piece and no more. An index of them is at the end.
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

/**
 * How long a file waits for tracks that have no header, and so show with their first frame only (ms); and where
 * there are pictures and sound already, behind which there are seldom more.
 */
const TRACKS_MS = 1_000;
const MORE_TRACKS_MS = 100;

/** The same in bytes. */
const TRACKS_BYTES = 1024 * 1024;

/** Bytes that there must be room for beside a message: those of the boxes of a fragment. */
const FRAGMENT_HEAD = 32 * 1024;

/** Most bytes that wait for a picture that does not come. */
const MAX_HELD = 512 * 1024;

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
  #hasVideo = false;
  #hasAudio = false;
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
      const waitMs = this.#hasVideo && this.#hasAudio ? MORE_TRACKS_MS : TRACKS_MS;
      if (time >= waitMs || this.#waitingBytes >= TRACKS_BYTES) this.#begin();
    }
    this.#reader.push(kind, time % 2 ** 32, payload, key);
    if (this.#held > MAX_HELD && this.#writer !== undefined) {
      this.#reader.flush();
      this.#writer.cut();
    }
    this.#countHeld(this.#held);
    if (!header) this.#duration = Math.max(this.#duration, time);
    return this.#hasOther ? "other-file" : "taken";
  }

  /** Bytes of media that wait elsewhere than in the sink's memory. */
  get #held(): number {
    return this.#writer?.heldBytes ?? this.#waitingBytes;
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
    for (const { position, bytes } of this.#writer.finish()) this.#sink.overwrite(bytes, position);
  }

  onTrack({ format }: SampleTrack): void {
    if (format.kind === "video") this.#hasVideo = true;
    else this.#hasAudio = true;
    if (this.#writer !== undefined) this.#hasOther = true;
  }

  take({ id }: SampleTrack, picture: Uint8Array, key: boolean): boolean {
    return this.#writer?.take(id, picture, key) === true;
  }

  onSample({ id }: SampleTrack, sample: Sample): void {
    if (this.#writer !== undefined) return this.#writer.push(id, sample);
    this.#waiting.push([id, sample]);
    this.#waitingBytes += sample.data.length;
  }

  onProblem(problem: SampleProblem): void {
    this.#onProblem(problem);
  }

  #begin(): void {
    // A picture that waits for the next one has been copied, and is to come before it.
    this.#reader.flush();
    const writer = this.#writer = new Mp4FileWriter(this.#reader.tracks, this.#sink);
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const [track, sample] of waiting) writer.push(track, sample);
  }
}
