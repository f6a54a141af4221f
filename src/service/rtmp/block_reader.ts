/**
 * Where one player is in a recording, and the bytes of it that are handed to it next: those of the shared
 * blocks where they are right for it, else copies of them with its own times and message stream id.
 *
 * @module
 */
import { type FrameEncoder, MediaBuffer, type MediaMemory, type Writer } from "../../hub/mod.ts";
import type { PlayedFile, Stand } from "../../recordings/played_file.ts";
import { restamp } from "./frame_encoder.ts";
import { BlockFlag, LONG_TIME_MS, type RecordedBlock } from "./recorded_block.ts";
import type { Expecting, RecordedBlocks, WantedBlock } from "./recorded_blocks.ts";

/** Most bytes that are copied for one write, give or take a message: they are kept for a player alone. */
const MAX_COPY_BYTES = 64 * 1024;

/** What is to be left out, and where to stop. */
export interface Cut {
  /** Messages later than this do not go out now (ms, on the time line of the file). */
  readonly to: number;
  /** Sound before this time is left out: it is of before the picture that was sought (ms). */
  readonly soundFrom: number;
  /** Messages up to this time were seen already (ms). */
  readonly seen: number;
  /** Whether it stops behind the first message that is shown. */
  readonly once: boolean;
}

/** What is handed out. */
export interface Handed {
  readonly bytes: Uint8Array;
  /** The latest time of it (ms, on the time line of the file). */
  readonly time: number;
  /** Whether something is shown of it. */
  readonly shown: boolean;
}

/** Reads the blocks of a file for one player. */
export class BlockReader {
  #encoder: FrameEncoder;
  readonly #file: PlayedFile;
  readonly #blocks: RecordedBlocks;
  readonly #memory: MediaMemory;
  readonly #sink: Writer;
  /** What is 0 for the client (ms, on the time line of the file). */
  readonly #zero: number;
  /** What is taken off the times of blocks when they are encoded (ms): nothing, so that all share them. */
  #encodedZero = 0;
  #stand: Stand;
  #index = 0;
  /** A block that was read for it, until something was taken of it: it cannot be forgotten before. */
  #fresh: RecordedBlock | undefined;
  /** What was handed out last, which a write may be under way of. */
  #handed: MediaBuffer | undefined;
  #isOpen = true;

  /** @param zero what is 0 for the client (ms, on the time line of the file) */
  constructor(
    { blocks, memory }: { readonly blocks: RecordedBlocks; readonly memory: MediaMemory },
    file: PlayedFile,
    sink: Writer,
    encoder: FrameEncoder,
    stand: Stand,
    zero: number,
  ) {
    this.#file = file;
    this.#blocks = blocks;
    this.#memory = memory;
    this.#sink = sink;
    this.#encoder = encoder;
    this.#zero = zero;
    this.#stand = stand;
    blocks.enter(file);
  }

  /** Goes on with other bytes of the same messages. */
  encodeWith(encoder: FrameEncoder): void {
    this.rest();
    this.#encoder = encoder;
  }

  get encoder(): FrameEncoder {
    return this.#encoder;
  }

  /** Keeps nothing of what was read: it may be long until it goes on. */
  rest(): void {
    this.#setFresh(undefined);
  }

  /** Goes on from another place. */
  goTo(stand: Stand): void {
    this.#setFresh(undefined);
    this.#stand = stand;
    this.#index = 0;
  }

  /** Reads and keeps nothing any more, but what a write is under way of. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#setFresh(undefined);
    this.#blocks.leave(this.#file);
    // Nobody tells of it any more when that write is over.
    if (this.#sink.busy) this.#handed?.orphan(this.#sink);
    else this.#handed?.unpin();
    this.#handed = undefined;
  }

  /** What was handed out has been written. */
  written(): void {
    this.#hand(undefined);
  }

  /** The block that it is in, if it is there. */
  block(grows: boolean): RecordedBlock | undefined {
    for (;;) {
      const block = this.#fresh ?? this.#blocks.peek(this.#wanted(grows));
      if (block === undefined) return undefined;
      const isLong = block.isLong || block.latest - this.#zero >= LONG_TIME_MS;
      if (isLong && this.#zero !== this.#encodedZero) {
        this.#encodedZero = this.#zero;
        this.#setFresh(undefined);
      } else if (this.#index < block.count) return block;
      else this.goTo(block.next);
    }
  }

  /**
   * Reads the block that it is in.
   *
   * @returns whether it was read for this player alone, or also for others; or `none` when there is none
   * @throws what the disk throws
   */
  async load(grows: boolean): Promise<"alone" | "together" | "none"> {
    const stand = this.#stand;
    const load = this.#blocks.load(this.#wanted(grows));
    const block = await load.read;
    if (!this.#isOpen || stand !== this.#stand) block?.unpin();
    else this.#setFresh(block);
    if (block === undefined) return "none";
    return load.waiting === 1 ? "alone" : "together";
  }

  /** Tells `who` when the next block was read for another player. */
  expect(grows: boolean, who: Expecting): void {
    if (this.#index === 0) this.#blocks.expect(this.#wanted(grows), who);
  }

  #wanted(grows: boolean): WantedBlock {
    const { encoder } = this;
    return { file: this.#file, stand: this.#stand, encoder, zero: this.#encodedZero, grows };
  }

  #setFresh(block: RecordedBlock | undefined): void {
    this.#fresh?.unpin();
    this.#fresh = block;
  }

  /** The time of its next message, if that is of `block` (ms, on the time line of the file). */
  timeIn(block: RecordedBlock): number | undefined {
    return this.#stand === block.next ? undefined : block.times[this.#index];
  }

  /** The next bytes out of `block`, in which it is; `undefined` when nothing of it goes out up to `cut.to`. */
  take(block: RecordedBlock, cut: Cut): Handed | undefined {
    const { times, flags, ends, count } = block;
    const most = this.#mostBytes(block);
    let index = this.#index;
    while (index < count && times[index]! <= cut.to && isLeftOut(block, index, cut)) index++;
    const first = index;
    const from = block.startOf(first);
    let time = 0;
    let shown = false;
    while (index < count && times[index]! <= cut.to && !shown) {
      if (isLeftOut(block, index, cut)) break;
      if (index > first && ends[index]! - from > most) break;
      time = Math.max(time, times[index]!);
      if (cut.once) shown = (flags[index]! & BlockFlag.Shown) !== 0;
      index++;
    }
    const view = this.#view(block, first, index);
    if (index === count) this.goTo(block.next);
    else {
      this.#index = index;
      // It is likely to be kept for all, and who waits for his client should keep nothing.
      this.#setFresh(undefined);
    }
    return view && { bytes: view, time, shown };
  }

  /** Whether the bytes of a block are those that it is sent. */
  #isAsSent({ zero }: RecordedBlock): boolean {
    return zero === this.#zero && this.encoder.variant === undefined;
  }

  #mostBytes(block: RecordedBlock): number {
    if (this.#isAsSent(block)) return Infinity;
    // Where others need the memory, a message at a time.
    return this.#memory.tight ? 0 : MAX_COPY_BYTES;
  }

  #view(block: RecordedBlock, first: number, end: number): Uint8Array | undefined {
    const from = block.startOf(first);
    const to = end === first ? from : block.ends[end - 1]!;
    if (from === to) return undefined;
    if (this.#isAsSent(block)) {
      this.#hand(block);
      return block.bytes.subarray(from, to);
    }
    const copy = new MediaBuffer(this.#memory, to - from);
    const view = copy.bytes.subarray(0, to - from);
    view.set(block.bytes.subarray(from, to));
    const { variant } = this.encoder;
    const shift = this.#zero - block.zero;
    for (let index = first, start = 0; index < end; index++) {
      const behind = block.ends[index]! - from;
      if (behind > start) {
        if (shift !== 0) restamp(view, start, Math.max(0, block.times[index]! - this.#zero));
        if (variant !== undefined) this.encoder.vary!(view, start, variant);
      }
      start = behind;
    }
    this.#hand(copy);
    copy.drop();
    return view;
  }

  #hand(buffer: MediaBuffer | undefined): void {
    if (buffer === this.#handed) return;
    buffer?.pin();
    this.#handed?.unpin();
    this.#handed = buffer;
  }
}

function isLeftOut({ times, flags }: RecordedBlock, index: number, cut: Cut): boolean {
  const time = times[index]!;
  if (time <= cut.seen) return true;
  const facts = flags[index]!;
  return time < cut.soundFrom && (facts & BlockFlag.Sound) !== 0 &&
    (facts & BlockFlag.Header) === 0;
}
