/**
 * Some messages of a recording that follow one another, encoded once for all who play it.
 *
 * @module
 */
import {
  type FrameEncoder,
  FrameKind,
  LEFT_OUT,
  MediaBuffer,
  type MediaMemory,
} from "../../hub/mod.ts";
import {
  type BlockEnd,
  isHeader,
  type PlayedMessage,
  type Stand,
} from "../../recordings/played_file.ts";
import { frameInto } from "./encoded_frames.ts";
import { borrow, giveBack } from "../../recordings/scratch.ts";

/** Room for a block, nearly always (bytes). */
const USUAL_BYTES = 256 * 1024;

/** From this time on messages have their time in each chunk, and more bytes than others (ms) [RTMP 1.0 §5.3.1.3]. */
export const LONG_TIME_MS = 0xff_ffff;

/** What the columns of a block take for each message, and what a block takes beside its bytes. */
const MESSAGE_BYTES = 24;
const BLOCK_OVERHEAD = 512;

/** Facts about a message of a block. */
export const BlockFlag = {
  /** It says how to decode what follows. */
  Header: 1,
  Sound: 2,
  /** A picture, or where there are none sound: something to be shown. */
  Shown: 4,
} as const;

/** Messages of a recording. */
export class RecordedBlock extends MediaBuffer {
  readonly next: Stand;
  /** What was taken off the times of its messages (ms). */
  readonly zero: number;
  /** Whether one of its messages has its time in each chunk. */
  readonly isLong: boolean;
  /** The latest time of its messages (ms, on the time line of the file). */
  readonly latest: number;
  /** Per message: the offset behind it, its time in the file (ms), its {@link BlockFlag}s. */
  readonly ends: readonly number[];
  readonly times: readonly number[];
  readonly flags: readonly number[];

  constructor(memory: MediaMemory, written: BlockWriter, next: Stand) {
    super(memory, written.length);
    this.bytes.set(written.bytes);
    this.next = next;
    this.zero = written.zero;
    this.isLong = written.isLong;
    this.latest = written.latest;
    this.ends = written.ends;
    this.times = written.times;
    this.flags = written.flags;
    this.countMore(BLOCK_OVERHEAD + this.ends.length * MESSAGE_BYTES);
  }

  /** How many messages there are; those that are left out of the encoding have no bytes. */
  get count(): number {
    return this.ends.length;
  }

  /** Where a message begins. */
  startOf(index: number): number {
    return index === 0 ? 0 : this.ends[index - 1]!;
  }
}

const NONE: Uint8Array = new Uint8Array(0);

/** Writes the messages of a block. */
export class BlockWriter {
  readonly zero: number;
  readonly ends: number[] = [];
  readonly times: number[] = [];
  readonly flags: number[] = [];
  isLong = false;
  latest = 0;
  length = 0;
  readonly #frame = { kind: 0, timestamp: 0, payload: NONE, flags: 0 };
  readonly #encoder: FrameEncoder;
  readonly #hasVideo: boolean;
  /** Borrowed with the first message: until then the disk is waited for. */
  #room: Uint8Array = NONE;

  /** @param zero what is taken off the times of all messages (ms) */
  constructor(encoder: FrameEncoder, hasVideo: boolean, zero: number) {
    this.#encoder = encoder;
    this.#hasVideo = hasVideo;
    this.zero = zero;
  }

  /** What was written. */
  get bytes(): Uint8Array {
    return this.#room.subarray(0, this.length);
  }

  /** Takes the next message. */
  readonly take = (message: PlayedMessage): void => {
    const { kind, time } = message;
    this.times.push(time);
    this.latest = Math.max(this.latest, time);
    this.flags.push(this.#flagsOf(message));
    const encoder = this.#encoder;
    const frame = this.#frame;
    frameInto(frame, message, this.zero);
    if (encoder.accepts(kind) && encoder.flags(frame) !== LEFT_OUT) {
      const end = this.length + encoder.size(frame);
      if (end > this.#room.length) this.#grow(end);
      encoder.encode(frame, this.#room, this.length);
      this.length = end;
      if (time - this.zero >= LONG_TIME_MS) this.isLong = true;
    }
    this.ends.push(this.length);
  };

  #flagsOf({ kind, media, payload }: PlayedMessage): number {
    const sound = kind === FrameKind.Audio ? BlockFlag.Sound : 0;
    if (isHeader(media)) return sound | BlockFlag.Header;
    const shown = this.#hasVideo ? FrameKind.Video : FrameKind.Audio;
    return sound | (kind === shown && payload.length > 0 ? BlockFlag.Shown : 0);
  }

  #grow(size: number): void {
    const before = this.#room;
    this.#room = borrow(Math.max(size, USUAL_BYTES, 2 * before.length));
    this.#room.set(before.subarray(0, this.length));
    giveBack(before);
  }

  /** @returns the block; `undefined` when nothing was taken */
  finish(memory: MediaMemory, end: BlockEnd | undefined): RecordedBlock | undefined {
    return end && new RecordedBlock(memory, this, end.next);
  }

  /** Nothing is written any more. */
  close(): void {
    giveBack(this.#room);
  }
}
