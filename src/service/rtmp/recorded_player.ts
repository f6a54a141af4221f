/**
 * Plays a recording to one client: reads ahead of what it shows by what it buffers, pauses, and goes to other
 * places. No more is in memory than one read and what is made of it.
 *
 * @module
 */
import { MediaFlag } from "../../core/media/mod.ts";
import {
  type FrameEncoder,
  FrameFlag,
  FrameKind,
  LEFT_OUT,
  type MediaFrame,
} from "../../hub/mod.ts";
import type { Clock, Timer } from "../../ports.ts";
import {
  isHeader,
  type PlayedFile,
  type PlayedMessage,
  type PlayedMessages,
  type PlayedPlace,
} from "../../recordings/played_file.ts";
import type { MediaQueue } from "./connection_writer.ts";

/** What of it is made for one write, in bytes; a message is never cut. */
const BATCH_BYTES = 64 * 1024;

/**
 * Time between two writes of media that is not yet due, as a share of what the client buffers, and the most of
 * it (ms): few large writes and reads cost much less than many.
 */
const GATHER_SHARE = 0.25;
const MOST_GATHERED_MS = 250;

/** How often a file that grows is looked at (ms). */
const GROWTH_MS = 200;

/** What a client is taken to buffer that does not say it, and the least (ms). */
const USUAL_BUFFER_MS = 1_000;
const LEAST_BUFFER_MS = 100;

/** The player's owner. */
export interface RecordedPlayerOwner {
  /** What the client buffers (ms), 0 if it did not say. */
  readonly bufferMs: number;
  /** Whether the file is still being written. */
  readonly grows: boolean;
  /** There may be something to be written. */
  onReady(): void;
  /** The client is to be told that what follows is of another place. */
  onMoved(): void;
  /** All was handed out. Told in {@link RecordedPlayer.next}. */
  onEnd(): void;
  /** The end of a file that grows was reached. */
  onDry(): void;
  /** The file cannot be read. */
  onFault(error: unknown): void;
}

/** How a recording is played. */
export interface RecordedPlayerOptions {
  readonly clock: Clock;
  readonly file: PlayedFile;
  readonly place: PlayedPlace;
  readonly encoder: FrameEncoder;
  /** Where the play ends in the file (ms); `Infinity` for its end. */
  readonly until: number;
  /** Only the first picture, or without pictures the first sound. */
  readonly once: boolean;
  /** Most that is sent ahead of what the client shows (ms). */
  readonly maxAheadMs: number;
}

/** Plays a recording. */
export class RecordedPlayer implements MediaQueue {
  readonly #options: RecordedPlayerOptions;
  readonly #owner: RecordedPlayerOwner;
  #encoder: FrameEncoder;
  /** What is 0 for the client, on the time line of the file (ms). */
  readonly #zero: number;
  #messages: PlayedMessages;
  /** What goes out before the file's own messages: metadata, headers. */
  #prelude: PlayedMessage[];
  /** A message whose time has not come. */
  #held: PlayedMessage | undefined;
  /** Time that was played at {@link #since} (ms). */
  #from: number;
  #since: number;
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
  /** All that was read was handed out. */
  #isHungry = false;
  /** Places that the client asked for and has not been told of; the last one counts. */
  #sought: { to: number; count: number; told: boolean; seen: number } | undefined;
  #isDry = false;
  /** The end of the file was reached, or that of the play. */
  #isOver = false;
  #timer: Timer | undefined;
  /** Bytes that were handed out. */
  bytesOut = 0;

  constructor(options: RecordedPlayerOptions, owner: RecordedPlayerOwner) {
    const { file, place, clock, encoder, once } = options;
    this.#options = options;
    this.#owner = owner;
    this.#encoder = encoder;
    this.#zero = this.#from = this.#soundFrom = place.time;
    this.#since = clock.now();
    this.#messages = file.from(place);
    const metadata = { kind: 18, time: place.time, payload: file.metadata, media: 0 };
    this.#prelude = [metadata, ...headersOf(place)];
    this.#showsOne = once;
  }

  /** The latest time that was handed out (ms, on the client's time line). */
  get last(): number {
    return this.#last;
  }

  /** How much was played, as far as the end (ms). */
  get played(): number {
    return this.#last;
  }

  fallOut(): void {}

  encodeWith(encoder: FrameEncoder): void {
    this.#encoder = encoder;
  }

  /** Hands out nothing any more. */
  pause(): void {
    if (this.#state !== "closed") this.#state = "paused";
    this.#timer?.cancel();
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
    if (seen === undefined || seen === this.#last) this.#begin(this.#last + this.#zero);
    else if (isBehind && seen + this.#zero >= this.#soundFrom) this.#move(seen, false, seen);
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
    this.#timer?.cancel();
    this.#held = undefined;
    this.#isOver = false;
    const count = (this.#sought?.count ?? 0) + (told ? 1 : 0);
    this.#sought = { to, count, told, seen: seen < 0 ? -1 : seen + this.#zero };
    this.#read();
  }

  /** Nothing is read or handed out any more. */
  close(): void {
    this.#state = "closed";
    this.#timer?.cancel();
    this.#held = undefined;
    this.#prelude = [];
  }

  #begin(time: number): void {
    this.#from = time;
    this.#since = this.#options.clock.now();
  }

  next(): Uint8Array | undefined {
    const shows = this.#state === "plays" || this.#state === "paused" && this.#showsOne;
    if (!shows || this.#sought !== undefined || this.#isReading) return undefined;
    this.#isHungry = false;
    const bytes = this.#batch();
    // Not before: what was lent goes with the next read.
    if (this.#isHungry) this.#read();
    if (bytes !== undefined) {
      this.bytesOut += bytes.length;
      return bytes;
    }
    if (this.#isOver) this.#end();
    return undefined;
  }

  #end(): void {
    this.#state = "ended";
    this.#owner.onEnd();
  }

  /** What is due, written into one array. Messages are lent, and nothing is read meanwhile. */
  #batch(): Uint8Array | undefined {
    const encoder = this.#encoder;
    const frames: MediaFrame[] = [];
    let size = 0;
    while (size < BATCH_BYTES && !this.#isOver) {
      const message = this.#take();
      if (message === undefined) break;
      const frame = this.#frameOf(message);
      if (frame === undefined) continue;
      frames.push(frame);
      size += encoder.size(frame);
      if (this.#showsOne && this.#isShown(message)) {
        this.#showsOne = false;
        if (this.#options.once) this.#isOver = true;
        if (this.#state !== "plays") break;
      }
    }
    if (frames.length === 0) return undefined;
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const frame of frames) {
      // Again, because it tells the encoder which frame it is.
      encoder.flags(frame);
      const length = encoder.size(frame);
      encoder.encode(frame, bytes, at);
      if (encoder.variant !== undefined) encoder.vary?.(bytes, at, encoder.variant);
      at += length;
    }
    return bytes;
  }

  /** The next message whose time has come. Otherwise whoever will bring it is on the way. */
  #take(): PlayedMessage | undefined {
    const first = this.#prelude.shift();
    if (first !== undefined) return first;
    const message = this.#held ?? this.#messages.next();
    this.#held = undefined;
    if (message === undefined) {
      this.#isHungry = true;
      return undefined;
    }
    if (message.time > this.#options.until) {
      this.#isOver = true;
      return undefined;
    }
    const early = message.time - this.#horizon();
    if (early <= 0 || this.#showsOne) return message;
    this.#held = message;
    this.#wait(Math.max(early, Math.min(this.#ahead() * GATHER_SHARE, MOST_GATHERED_MS)));
    return undefined;
  }

  /** Up to which time messages may go out (ms). */
  #horizon(): number {
    return this.#from + this.#options.clock.now() - this.#since + this.#ahead();
  }

  /** How far ahead of what is shown it is sent (ms). */
  #ahead(): number {
    const buffer = Math.max(LEAST_BUFFER_MS, this.#owner.bufferMs || USUAL_BUFFER_MS);
    return Math.min(buffer, this.#options.maxAheadMs);
  }

  #wait(ms: number): void {
    this.#timer?.cancel();
    // What it buffers may change meanwhile.
    const most = Math.min(Math.max(1, ms), MOST_GATHERED_MS);
    this.#timer = this.#options.clock.after(most, () => this.#owner.onReady());
  }

  #isShown({ kind, media, payload }: PlayedMessage): boolean {
    if (payload.length === 0 || isHeader(media)) return false;
    return this.#options.file.hasVideo ? kind === FrameKind.Video : kind === FrameKind.Audio;
  }

  /** What is sent of a message; `undefined` when it is left out. */
  #frameOf({ kind, time, payload, media }: PlayedMessage): MediaFrame | undefined {
    if (time <= this.#seen) return undefined;
    if (kind === FrameKind.Audio && time < this.#soundFrom && !isHeader(media)) return undefined;
    const encoder = this.#encoder;
    if (!encoder.accepts(kind)) return undefined;
    const wire = Math.max(0, time - this.#zero);
    const multitrack = (media & MediaFlag.Multitrack) === 0 ? 0 : FrameFlag.Multitrack;
    const flags = multitrack | (isHeader(media) ? FrameFlag.Header : 0);
    const frame = { kind, timestamp: wire % 2 ** 32, payload, flags };
    if (encoder.flags(frame) === LEFT_OUT) return undefined;
    this.#last = Math.max(this.#last, wire);
    return frame;
  }

  /** Reads on, or looks for the place that is sought; one at a time. Never rejects. */
  #read(): void {
    if (this.#isReading || this.#state === "closed") return;
    this.#isReading = true;
    const work = this.#sought === undefined ? this.#readOn() : this.#find();
    work.catch((error) => {
      if (this.#state === "closed") return;
      this.close();
      this.#owner.onFault(error);
    }).finally(() => {
      this.#isReading = false;
      if (this.#state === "closed") return;
      if (this.#sought !== undefined) this.#read();
      else this.#owner.onReady();
    });
  }

  async #readOn(): Promise<void> {
    const grows = this.#owner.grows;
    if (await this.#messages.read()) {
      this.#isDry = false;
    } else if (!grows) {
      this.#isOver = true;
    } else {
      if (!this.#isDry) this.#owner.onDry();
      this.#isDry = true;
      // A timer of its own: whoever pauses or seeks stops the other.
      await new Promise<void>((resolve) => {
        this.#options.clock.after(GROWTH_MS, resolve);
      });
    }
  }

  async #find(): Promise<void> {
    const sought = this.#sought!;
    const { file } = this.#options;
    if (this.#owner.grows) {
      await file.source.refresh();
      await file.measure();
    }
    const place = await file.place(sought.to + this.#zero);
    // Another one was asked for meanwhile, which counts.
    if (this.#sought !== sought || this.#isClosed) return;
    this.#sought = undefined;
    this.#messages = file.from(place);
    this.#prelude = sought.told ? headersOf(place) : [];
    this.#seen = sought.seen;
    this.#begin(sought.told ? place.time : sought.seen);
    this.#isDry = false;
    if (!sought.told) return;
    this.#soundFrom = place.time;
    this.#last = Math.max(0, place.time - this.#zero);
    this.#showsOne = this.#state === "paused" || this.#options.once;
    for (let told = 0; told < sought.count; told++) this.#owner.onMoved();
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }
}

function headersOf({ headers, time }: PlayedPlace): PlayedMessage[] {
  return headers.map((header) => ({ ...header, time }));
}
