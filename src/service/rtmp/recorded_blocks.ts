/**
 * The blocks of recordings that were read a moment ago, for all who play them: each is read and encoded once
 * for those who come to it while it is kept.
 *
 * @module
 */
import type { FrameEncoder, MediaMemory } from "../../hub/mod.ts";
import type { PlayedFile, Stand } from "../../recordings/played_file.ts";
import { BlockWriter, type RecordedBlock } from "./recorded_block.ts";

/** Most bytes of blocks that are kept, and the share of the memory of media. */
const MOST_BYTES = 4 * 1024 * 1024;
const MEMORY_SHARE = 1 / 16;

/** Most blocks that are kept, however short. */
const MOST_BLOCKS = 1024;

/** Blocks that are read at the same time; others wait. */
const AT_ONCE = 8;

/** Which block is wanted. */
export interface WantedBlock {
  readonly file: PlayedFile;
  readonly stand: Stand;
  readonly encoder: FrameEncoder;
  /** What is taken off the times of its messages (ms). */
  readonly zero: number;
  /** Whether the file is still being written. */
  readonly grows: boolean;
}

/** A block that is being read, for so many. */
export interface BlockLoad {
  readonly read: Promise<RecordedBlock | undefined>;
  waiting: number;
}

/** Somebody who will need a block soon. */
export interface Expecting {
  /** It is there: whoever may take it now does so, and waits no more. */
  onBlock(block: RecordedBlock): void;
}

/** Those who play a file. */
interface UsedFile {
  readonly id: number;
  users: number;
}

/** What was read of the recordings of a server. */
export class RecordedBlocks {
  readonly #memory: MediaMemory;
  readonly #most: number;
  readonly #files = new Map<PlayedFile, UsedFile>();
  /** By their keys; those that were wanted last come last. */
  readonly #kept = new Map<string, RecordedBlock>();
  readonly #loads = new Map<string, BlockLoad>();
  /** Those who wait for their time to go on with a block, by its key. */
  readonly #expected = new Map<string, Set<Expecting>>();
  readonly #expecting = new Map<Expecting, string>();
  /** Told one by one that they may read. */
  readonly #queue: (() => void)[] = [];
  #reading = 0;
  #ids = 0;
  #bytes = 0;

  constructor(memory: MediaMemory) {
    this.#memory = memory;
    this.#most = Math.min(MOST_BYTES, memory.limit * MEMORY_SHARE);
  }

  /** Bytes of blocks that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Somebody plays `file`, until {@link leave}. */
  enter(file: PlayedFile): void {
    const used = this.#files.get(file);
    if (used === undefined) this.#files.set(file, { id: ++this.#ids, users: 1 });
    else used.users++;
  }

  /** Somebody does so no longer. Of a file that nobody plays nothing is kept. */
  leave(file: PlayedFile): void {
    const used = this.#files.get(file);
    if (used === undefined || --used.users > 0) return;
    this.#files.delete(file);
    const prefix = `${used.id} `;
    for (const [key, block] of this.#kept) if (key.startsWith(prefix)) this.#forget(key, block);
  }

  /** The block, if it is kept. */
  peek(wanted: WantedBlock): RecordedBlock | undefined {
    const key = this.#keyOf(wanted);
    const block = this.#kept.get(key);
    if (block === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, block);
    return block;
  }

  /**
   * Reads the block, once for all who ask meanwhile. It is pinned for who asks.
   *
   * @returns what resolves to `undefined` when there is nothing there, for now or for good, and rejects with
   * what the disk throws
   */
  load(wanted: WantedBlock): BlockLoad {
    const key = this.#keyOf(wanted);
    const under = this.#loads.get(key);
    if (under !== undefined) {
      under.waiting++;
      return under;
    }
    const load: BlockLoad = { read: this.#load(key, wanted), waiting: 1 };
    this.#loads.set(key, load);
    return load;
  }

  /** Tells `who` when the block was read for somebody else, until {@link leaveOut}. */
  expect(wanted: WantedBlock, who: Expecting): void {
    this.leaveOut(who);
    const key = this.#keyOf(wanted);
    this.#expecting.set(who, key);
    const together = this.#expected.get(key);
    if (together === undefined) this.#expected.set(key, new Set([who]));
    else together.add(who);
  }

  /** `who` expects nothing any more. */
  leaveOut(who: Expecting): void {
    const key = this.#expecting.get(who);
    if (key === undefined) return;
    this.#expecting.delete(who);
    const together = this.#expected.get(key)!;
    together.delete(who);
    if (together.size === 0) this.#expected.delete(key);
  }

  async #load(key: string, wanted: WantedBlock): Promise<RecordedBlock | undefined> {
    if (this.#reading >= AT_ONCE) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#reading++;
    const { file, stand, encoder, zero, grows } = wanted;
    const writer = new BlockWriter(encoder, file.hasVideo, zero);
    try {
      const end = await file.read(stand, writer.take);
      const block = writer.finish(this.#memory, end);
      if (block === undefined) return undefined;
      for (let count = this.#loads.get(key)!.waiting; count > 0; count--) block.pin();
      const isKept = this.#files.has(file) && !this.#memory.tight && (end!.isFull || !grows);
      if (isKept) this.#keep(key, block);
      else block.drop();
      if (isKept) { for (const who of this.#expected.get(key) ?? []) who.onBlock(block); }
      return block;
    } finally {
      this.#loads.delete(key);
      writer.close();
      const next = this.#queue.shift();
      if (next === undefined) this.#reading--;
      else next();
    }
  }

  #keep(key: string, block: RecordedBlock): void {
    this.#kept.set(key, block);
    this.#bytes += block.bytes.length;
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes <= this.#most && this.#kept.size <= MOST_BLOCKS) break;
      this.#forget(oldest, old);
    }
  }

  #forget(key: string, block: RecordedBlock): void {
    this.#kept.delete(key);
    this.#bytes -= block.bytes.length;
    block.drop();
  }

  /** Keeps nothing: others need the memory. */
  clear(): void {
    for (const [key, block] of this.#kept) this.#forget(key, block);
  }

  #keyOf({ file, stand, encoder, zero }: WantedBlock): string {
    const { part = 0, offset, index = 0 } = stand;
    return `${this.#files.get(file)?.id} ${encoder.key} ${zero} ${part} ${offset} ${index}`;
  }
}
