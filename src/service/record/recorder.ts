/**
 * Records one stream: cuts it into files at key frames, and leaves out what the disk has no time for.
 *
 * It takes frames in the turn in which they come and never waits: a disk that stalls or fails is met with
 * a bounded queue, and neither the publisher nor a player notices.
 *
 * @module
 */
import { FrameFlag, FrameKind, type FrameTap, type MediaFrame } from "../../hub/mod.ts";
import { RecordingClock } from "../../recordings/recording_clock.ts";
import type { RecordedMessage } from "../../recordings/recording_file.ts";
import type { FileEnd, FileUnderWay } from "./file_under_way.ts";

/** How long sound waits for the key frame that a file of a stream with pictures begins with (ms). */
const KEY_FRAME_WAIT_MS = 10_000;

/** Sound that came no longer before the key frame than this is recorded (ms). */
const HELD_MS = 500;

/** Most pieces of it. */
const MAX_HELD = 64;

/** How long what was recorded may wait to be written (ms): so much is lost at most when power fails. */
const FLUSH_MS = 1_000;

/** The stream that is recorded, as far as a recorder sees it. */
export interface RecordedStream {
  /** Headers and stored data, as one who joins now needs them. */
  headers(): readonly MediaFrame[];
}

/** How a stream is cut into files. */
export interface RecorderOptions {
  /** A file ends at the first key frame behind so many milliseconds; `Infinity` if it need not. */
  readonly segmentMs: number;
  /** The same of bytes. */
  readonly segmentBytes: number;
  /** Begins a file. `number` counts from 1; `start` is where on the time line of the recording (ms). */
  readonly begin: (
    number: number,
    headers: readonly MediaFrame[],
    start: number,
  ) => FileUnderWay;
  /** Where the first file goes on (ms); 0 if left out, as in a new one. */
  readonly start?: number;
  /** The disk is behind: messages are left out up to the next key frame. Told once for each recording. */
  readonly onBehind: () => void;
}

function isShortlyBefore(sound: MediaFrame, key: MediaFrame): boolean {
  const ms = (key.timestamp - sound.timestamp) | 0;
  return ms <= HELD_MS && ms >= -HELD_MS;
}

/** Records a stream from now on. */
export class Recorder implements FrameTap {
  /** Who comes back in time goes on in the same file. */
  readonly stays = true;
  /** What is shown while the publisher is away is none of the recording. */
  readonly ownOnly = true;
  readonly #stream: RecordedStream;
  readonly #options: RecorderOptions;
  #time: RecordingClock;
  /** That of the file before, which says when the next one begins. */
  #before: RecordingClock | undefined;
  #file: FileUnderWay | undefined;
  #number = 0;
  /** Where the file began on the time line of the recording (ms). */
  #start = 0;
  /** Sound that waits for the key frame that a file begins with: encoders often send some before it. */
  #held: MediaFrame[] = [];
  /** When it began to wait for a key frame (ms). */
  #waitsSince: number | undefined;
  /** The disk was behind, or the file is new: sound and pictures wait for a key frame. */
  #skips = false;
  #toldBehind = false;
  #flushedAt = 0;
  /** How much of the file had been handed on to the disk by then. */
  #handed = 0;
  /** Why it takes nothing any more. */
  #ended: FileEnd | undefined;
  /** Messages that were left out because the disk was behind. */
  omitted = 0;

  constructor(stream: RecordedStream, options: RecorderOptions) {
    this.#stream = stream;
    this.#options = options;
    this.#time = new RecordingClock(options.start);
  }

  /** The file under way. */
  get file(): FileUnderWay | undefined {
    return this.#file;
  }

  onFrame(frame: MediaFrame, now: number): void {
    if (this.#ended !== undefined) return;
    const isHeader = (frame.flags & FrameFlag.Header) !== 0;
    const isKey = (frame.flags & FrameFlag.Key) !== 0;
    if (this.#file?.failed === true) this.#end("disk");
    if (this.#ended !== undefined) return;
    if (this.#file === undefined || this.#skips) {
      // Those that are known are written when the file begins, or goes on.
      if (isHeader || !this.#mayBegin(frame, isKey, now)) return this.#leaveOut(frame, isHeader);
      if (!this.#resume(frame, now)) return this.#leaveOut(frame, false);
    } else if (isKey && !isHeader && this.#isFull(this.#file, frame, now)) {
      this.#next("segment");
      if (!this.#resume(frame, now)) return this.#leaveOut(frame, false);
    }
    this.#write(frame, isKey, isHeader, now);
    this.flushOld(now);
  }

  onPublish(): void {
    if (this.#ended === "disk") {
      // It may have room again.
      this.#ended = undefined;
      this.#time.break();
      this.#beginClock();
      this.#held = [];
    }
    this.#time.break();
    // What follows has headers of its own, and pictures that refer to none before.
    if (this.#file !== undefined) this.#skips = true;
    this.#waitsSince = undefined;
  }

  onUnpublish(now: number): void {
    this.flush(now);
  }

  onFault(): void {
    this.stop("fault");
  }

  /** Hands what was recorded on to the disk. */
  flush(now: number): void {
    this.#file?.flush();
    this.#flushedAt = now;
    this.#handed = this.#file?.handed ?? 0;
  }

  /** The same, if nothing was handed on for a while: of most streams large pieces go by themselves. */
  flushOld(now: number): void {
    const handed = this.#file?.handed ?? 0;
    if (handed !== this.#handed) {
      this.#handed = handed;
      this.#flushedAt = now;
    } else if (now - this.#flushedAt >= FLUSH_MS) this.flush(now);
  }

  /** Ends the recording, and with it the file. What comes afterwards is passed over. */
  stop(why: FileEnd): void {
    if (this.#ended === undefined || this.#ended === "disk") this.#end(why);
  }

  #end(why: FileEnd): void {
    this.#ended = why;
    const file = this.#file;
    this.#file = undefined;
    file?.end(why);
  }

  #leaveOut({ kind, timestamp, payload, flags }: MediaFrame, isHeader: boolean): void {
    if (this.#toldBehind && !isHeader) this.omitted++;
    if (this.#file !== undefined || isHeader || kind !== FrameKind.Audio) return;
    if (this.#held.length >= MAX_HELD) this.#held.shift();
    this.#held.push({ kind, timestamp, payload: payload.slice(), flags });
  }

  /** Whether a file can begin, or go on behind a hole, with this frame. */
  #mayBegin({ kind }: MediaFrame, isKey: boolean, now: number): boolean {
    if (isKey) return true;
    if (kind === FrameKind.Data) return false;
    const hasVideo = kind === FrameKind.Video ||
      this.#stream.headers().some((header) => header.kind === FrameKind.Video);
    if (!hasVideo) return true;
    this.#waitsSince ??= now;
    return kind === FrameKind.Audio && now - this.#waitsSince >= KEY_FRAME_WAIT_MS;
  }

  #isFull({ bytes }: FileUnderWay, { timestamp }: MediaFrame, now: number): boolean {
    const { segmentMs, segmentBytes } = this.#options;
    return bytes >= segmentBytes || this.#time.of(timestamp, now) >= segmentMs;
  }

  /** Ends the file, so that another one begins. */
  #next(why: FileEnd): void {
    this.#file!.end(why);
    this.#file = undefined;
    this.#beginClock();
  }

  #beginClock(): void {
    this.#before = this.#time;
    this.#time = new RecordingClock();
  }

  /** Begins a file, or goes on behind a hole: with all headers. @returns whether there is room */
  #resume(frame: MediaFrame, now: number): boolean {
    const headers = this.#stream.headers();
    const isNew = this.#file === undefined;
    const held = isNew ? this.#held.filter((sound) => isShortlyBefore(sound, frame)) : [];
    this.#held = [];
    const { timestamp } = held[0] ?? frame;
    if (this.#before !== undefined) this.#start += this.#before.of(timestamp, now);
    this.#before = undefined;
    this.#file ??= this.#options.begin(++this.#number, headers, this.#start);
    const time = this.#time.of(timestamp, now);
    for (const { kind, payload } of headers) {
      if (this.#put({ kind, time, payload, key: false, header: true })) continue;
      // What goes on has headers that this file cannot hold: another one begins here.
      return this.#file === undefined && !isNew && this.#resume(frame, now);
    }
    for (const sound of held) this.#write(sound, false, false, now);
    this.#skips = false;
    this.#waitsSince = undefined;
    return true;
  }

  #write(frame: MediaFrame, key: boolean, header: boolean, now: number): void {
    const { kind, payload, timestamp } = frame;
    // Headers have the time of what went before; a leap is found in what they are followed by.
    const time = header ? this.#time.end : this.#time.of(timestamp, now);
    this.#put({ kind, time, payload, key, header });
  }

  /** Writes a message. @returns `false` when it is left out: behind it there may be no file any more */
  #put(message: RecordedMessage): boolean {
    const written = this.#file!.write(message);
    if (written === "taken") return true;
    if (written === "other-file") {
      // It begins with the next key frame, and with the headers that are known by then.
      this.#next("changed");
      return false;
    }
    this.#skips = true;
    this.omitted++;
    if (!this.#toldBehind) this.#options.onBehind();
    this.#toldBehind = true;
    return false;
  }
}
