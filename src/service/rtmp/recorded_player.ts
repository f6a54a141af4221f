/**
 * Plays a recording to one client: reads ahead of what it shows by what it buffers, pauses, and goes to other
 * places. What is read is shared with all who play the file.
 *
 * @module
 */
import { encodedFrames } from "./encoded_frames.ts";
import type { FrameEncoder, MediaMemory, Writer } from "../../hub/mod.ts";
import type { Clock } from "../../ports.ts";
import type { PlayedFile, PlayedMessage, PlayedPlace } from "../../recordings/played_file.ts";
import { BlockReader } from "./block_reader.ts";
import type { MediaQueue } from "./connection_writer.ts";
import type { Paced, PaceWheel } from "./pace_wheel.ts";
import { type Buffering, RecordedPace } from "./recorded_pace.ts";
import type { RecordedBlock } from "./recorded_block.ts";
import type { Expecting, RecordedBlocks } from "./recorded_blocks.ts";

/** How often what the client buffers is looked at, which may change at any time (ms). */
const LOOK_MS = 500;

/** Bytes that are handed out in one turn, give or take a block: others are served in between. */
const TURN_BYTES = 512 * 1024;

/** How often a file that grows is looked at (ms). */
const GROWTH_MS = 200;

/** The player's owner. */
export interface RecordedPlayerOwner extends Buffering {
  /** Whether the file is still being written. */
  readonly grows: boolean;
  /** There may be something to be written. */
  onReady(): void;
  /** There is, and it keeps memory until then. Not told to many in one turn. */
  onRead(): void;
  /** The client is to be told that what follows is of another place. */
  onMoved(): void;
  /** All was handed out. Told in {@link RecordedPlayer.next}. */
  onEnd(): void;
  /** The end of a file that grows was reached. */
  onDry(): void;
  /** The file cannot be read. */
  onFault(error: unknown): void;
}

/** What all who play recordings share. */
export interface RecordedShare {
  readonly clock: Clock;
  readonly memory: MediaMemory;
  readonly blocks: RecordedBlocks;
  readonly wheel: PaceWheel;
}

/** How a recording is played. */
export interface RecordedPlayerOptions {
  readonly share: RecordedShare;
  readonly file: PlayedFile;
  readonly place: PlayedPlace;
  readonly encoder: FrameEncoder;
  /** Where it is written to. */
  readonly sink: Writer;
  /** Where the play ends in the file (ms); `Infinity` for its end. */
  readonly until: number;
  /** Only the first picture, or without pictures the first sound. */
  readonly once: boolean;
  /** Most that is sent ahead of what the client shows (ms). */
  readonly maxAheadMs: number;
  /** The client's time where it begins (ms): in a playlist time goes on. */
  readonly origin: number;
  /** How much the client has still to show of what was before (ms). */
  readonly unshownMs: number;
}

/** Plays a recording. */
export class RecordedPlayer implements MediaQueue, Paced, Expecting {
  readonly #options: RecordedPlayerOptions;
  readonly #owner: RecordedPlayerOwner;
  readonly #reader: BlockReader;
  /** What is 0 for the client, on the time line of the file (ms). */
  readonly zero: number;
  /** What goes out before the file's own messages: metadata, headers. */
  #prelude: PlayedMessage[];
  readonly #pace: RecordedPace;
  /** Nothing comes before this time any more (ms, on the time line of the file). */
  #due: number;
  /** Sound before this time is left out: it is of before the picture that was sought (ms). */
  #soundFrom: number;
  /** Messages up to this time were seen already (ms). */
  #seen = -1;
  /** The latest time that was handed out (ms, on the client's time line). */
  #last = 0;
  #state: "plays" | "paused" | "ended" | "closed" = "plays";
  /** While paused, one picture is still to be shown. */
  #showsOne: boolean;
  #isReading = false;
  /** Places that the client asked for and has not been told of; the last one counts. */
  #sought: { to: number; count: number; told: boolean; seen: number } | undefined;
  #isDry = false;
  /** Messages later than this are not played (ms, on the time line of the file). */
  #until: number;
  /** The end of the file was reached, or that of the play. */
  #isOver = false;
  /** Bytes that were handed out since it waited for something. */
  #turnBytes = 0;
  /** Bytes that were handed out. */
  bytesOut = 0;

  constructor(options: RecordedPlayerOptions, owner: RecordedPlayerOwner) {
    const { file, place, share, sink, encoder, once, origin, unshownMs } = options;
    this.#options = options;
    this.#owner = owner;
    this.#reader = new BlockReader(share, file, sink, encoder, place, place.time - origin);
    this.#soundFrom = this.#due = place.time;
    this.#until = options.until;
    this.zero = place.time - origin;
    this.#last = origin;
    this.#pace = new RecordedPace(share.clock, owner, options.maxAheadMs);
    this.#pace.begin(place.time, unshownMs);
    const metadata = { kind: 18, time: place.time, payload: file.metadata, media: 0 };
    this.#prelude = [metadata, ...headersOf(place)];
    this.#showsOne = once;
  }

  /** The latest time that was handed out (ms, on the time line of the file). */
  get position(): number {
    return this.#last + this.zero;
  }

  /** What is at `time` (ms, on the time line of the file) and behind it is not played. */
  endBefore(time: number): void {
    this.#until = Math.min(this.#options.until, time - 1);
  }

  /** The latest time that was handed out (ms, on the client's time line). */
  get last(): number {
    return this.#last;
  }

  /** How much was played, as far as the end (ms). */
  get played(): number {
    return this.#last - this.#options.origin;
  }

  /** How much of what was handed out the client has still to show (ms), if it shows it as it comes. */
  get unshownMs(): number {
    return Math.max(0, this.#last + this.zero - this.#pace.shown);
  }

  fallOut(): void {}

  encodeWith(encoder: FrameEncoder): void {
    this.#reader.encodeWith(encoder);
  }

  /** Hands out nothing any more. */
  pause(): void {
    if (this.#state !== "closed") this.#state = "paused";
    this.#stopWaiting();
  }

  /**
   * Goes on behind what the client has.
   *
   * @param seen the time of the last message that it kept (ms); else all that was handed out
   */
  resume(seen: number | undefined): void {
    if (this.#state !== "paused") return;
    this.#state = "plays";
    // It is on the way to another place, and what it had was of the old one.
    if (this.#sought !== undefined) return;
    const isBehind = seen !== undefined && seen < this.#last;
    if (seen === undefined || seen === this.#last) this.#pace.begin(this.#last + this.zero);
    else if (isBehind && seen + this.zero >= this.#soundFrom) this.#move(seen, false, seen);
    else this.seek(seen);
    this.#owner.onReady();
  }

  /** Goes to another place (ms, on the client's time line), and tells the client when it is there. */
  seek(to: number): void {
    this.#move(to, true, -1);
  }

  #move(to: number, told: boolean, seen: number): void {
    if (this.#state === "closed") return;
    if (this.#state === "ended") this.#state = "plays";
    this.#stopWaiting();
    this.#isOver = false;
    const count = (this.#sought?.count ?? 0) + (told ? 1 : 0);
    this.#sought = { to, count, told, seen: seen < 0 ? -1 : seen + this.zero };
    this.#read();
  }

  /** Nothing is read or handed out any more. */
  close(): void {
    this.#state = "closed";
    this.#stopWaiting();
    this.#reader.close();
  }

  fault(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#owner.onFault(error);
  }

  /** Its time has come: what is there goes out, else it is read first. */
  wake(): void {
    // Whoever is being written to is asked when that is over.
    if (!this.#shows || this.#isReading || this.#options.sink.busy) return;
    this.#turnBytes = 0;
    this.#options.share.blocks.leaveOut(this);
    if (this.#waits()) return;
    const isThere = this.#isOver || this.#reader.block(this.#owner.grows) !== undefined;
    if (isThere) this.#owner.onReady();
    else this.#read();
  }

  get #shows(): boolean {
    return this.#state === "plays" || this.#state === "paused" && this.#showsOne;
  }

  next(): Uint8Array | undefined {
    this.#reader.written();
    while (this.#shows && this.#sought === undefined && !this.#isReading) {
      if (this.#prelude.length > 0) {
        const bytes = encodedFrames(this.#reader.encoder, this.#prelude.splice(0), this.zero);
        if (bytes !== undefined) return this.#count(bytes);
      }
      if (this.#isOver) return this.#end();
      if (this.#waits()) return undefined;
      const block = this.#reader.block(this.#owner.grows);
      if (block === undefined) return this.#read();
      const bytes = this.#take(block);
      if (bytes !== undefined) return this.#count(bytes);
    }
    this.#reader.rest();
    return undefined;
  }

  #count(bytes: Uint8Array): Uint8Array {
    this.bytesOut += bytes.length;
    this.#turnBytes += bytes.length;
    return bytes;
  }

  #end(): undefined {
    this.#state = "ended";
    this.#owner.onEnd();
  }

  /** Whether it waits for its time, or for others to be served. */
  #waits(): boolean {
    const early = this.#showsOne ? 0 : this.#due - this.#pace.due;
    if (early <= 0 && this.#turnBytes < TURN_BYTES) return false;
    this.#options.share.wheel.wait(this, Math.min(early, LOOK_MS));
    this.#reader.expect(this.#owner.grows, this);
    return true;
  }

  /** Who comes to it a little later takes it now, so that it is read once. */
  onBlock({ latest }: RecordedBlock): void {
    if (!this.#shows || this.#options.sink.busy || !this.#pace.isNear(latest)) return;
    this.#due = this.#pace.due;
    this.#stopWaiting();
    this.#owner.onReady();
  }

  #stopWaiting(): void {
    this.#options.share.wheel.cancel(this);
    this.#options.share.blocks.leaveOut(this);
  }

  /** The next bytes of the block that it is in, if some are due. */
  #take(block: RecordedBlock): Uint8Array | undefined {
    const until = this.#until;
    const reader = this.#reader;
    if (reader.timeIn(block)! > until) {
      this.#isOver = true;
      return undefined;
    }
    const { latest } = block;
    const to = Math.min(until, this.#showsOne ? Infinity : this.#pace.to(latest));
    const once = this.#showsOne;
    const handed = reader.take(block, { to, soundFrom: this.#soundFrom, seen: this.#seen, once });
    const next = reader.timeIn(block);
    if (next === undefined) this.#due = latest;
    else if (next > to) this.#due = next;
    if (handed === undefined) return undefined;
    this.#last = Math.max(this.#last, handed.time - this.zero);
    if (handed.shown) {
      this.#showsOne = false;
      if (this.#options.once) this.#isOver = true;
    }
    return handed.bytes;
  }

  /** Reads on, or looks for the place that is sought; one at a time. Never rejects. */
  #read(): undefined {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    const work = this.#sought === undefined ? this.#readOn() : this.#find();
    work.then(this.#onRead, this.#onFault);
  }

  readonly #onRead = (found: "alone" | "together" | "none"): void => {
    this.#isReading = false;
    this.#turnBytes = 0;
    if (this.#isClosed) return;
    if (this.#sought !== undefined) this.#read();
    else if (found === "alone") this.#owner.onRead();
    else if (found === "together") this.#owner.onReady();
  };

  readonly #onFault = (error: unknown): void => {
    this.#isReading = false;
    this.fault(error);
  };

  /** @returns whether there may be something to be written now, and for whom besides */
  async #readOn(): Promise<"alone" | "together" | "none"> {
    const grows = this.#owner.grows;
    const found = await this.#reader.load(grows);
    if (found !== "none") {
      this.#isDry = false;
      return found;
    }
    if (!grows) {
      this.#isOver = true;
      return "alone";
    }
    if (this.#isClosed) return "none";
    if (!this.#isDry) this.#owner.onDry();
    this.#isDry = true;
    this.#options.share.wheel.wait(this, GROWTH_MS);
    return "none";
  }

  async #find(): Promise<"together"> {
    const sought = this.#sought!;
    const { file } = this.#options;
    if (this.#owner.grows) await file.measure();
    const place = await file.place(sought.to + this.zero);
    // Another one was asked for meanwhile, which counts.
    if (this.#sought !== sought || this.#isClosed) return "together";
    this.#sought = undefined;
    this.#reader.goTo(place);
    this.#prelude = sought.told ? headersOf(place) : [];
    this.#seen = sought.seen;
    this.#pace.begin(sought.told ? place.time : sought.seen);
    this.#due = place.time;
    this.#isDry = false;
    if (!sought.told) return "together";
    this.#soundFrom = place.time;
    this.#last = Math.max(0, place.time - this.zero);
    this.#showsOne = this.#state === "paused" || this.#options.once;
    for (let told = 0; told < sought.count; told++) this.#owner.onMoved();
    return "together";
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }
}

function headersOf({ headers, time }: PlayedPlace): PlayedMessage[] {
  return headers.map((header) => ({ ...header, time }));
}
