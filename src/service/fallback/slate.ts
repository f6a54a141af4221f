/**
 * A file that is shown again and again, at the pace at which it was made and on one time line.
 *
 * @module
 */
import { MediaFlag } from "../../core/media/mod.ts";
import { FrameKind, type MediaMemory } from "../../hub/mod.ts";
import { BUFFER_OVERHEAD } from "../../hub/media_memory.ts";
import type { OpenRecording } from "../../recordings/library.ts";
import type { PlayedMessage, Stand } from "../../recordings/played_file.ts";
import type { Clock, Timer } from "../../ports.ts";

/** How often what is due is shown (ms). */
export const SLATE_TICK_MS = 40;
/** How far it is read ahead (ms). */
const AHEAD_MS = 400;
/** Most that is kept of it (bytes, messages), beside one block. */
const MAX_KEPT_BYTES = 1024 * 1024;
/** See {@link MAX_KEPT_BYTES}. */
const MAX_KEPT = 1000;
/** A file that lasts less is shown as if it lasted so long (ms). */
const LEAST_ROUND_MS = 200;
/** The last picture lasts no longer than this (ms). */
const MOST_GAP_MS = 200;
/** A longer hole in a file is passed over (ms). */
const MOST_HOLE_MS = 2000;
/** How long a disk may take to read on while there is nothing left to be shown (ms). */
export const MOST_READ_MS = 5000;
/** With what is due by more than this (ms) time was lost, and is not made up for. */
const MOST_LATE_MS = 2000;

/** A message that waits for its time. */
interface Kept {
  readonly kind: number;
  readonly time: number;
  readonly payload: Uint8Array;
}

/** Who shows it. */
export interface SlateSink {
  /** A message that is due. */
  onMessage(kind: number, timestamp: number, payload: Uint8Array, now: number): void;
  /** It cannot be shown on: the file is empty, or its disk fails. Called once. */
  onFailed(reason: unknown): void;
}

/** A file that is shown. */
export class Slate {
  readonly #opened: OpenRecording;
  readonly #clock: Clock;
  readonly #sink: SlateSink;
  readonly #memory: Pick<MediaMemory, "count" | "tight">;
  #queue: Kept[] = [];
  #keptBytes = 0;
  #stand: Stand | undefined;
  #reading = false;
  /** When something was shown last, or nothing had to be read (ms). */
  #movedAt = 0;
  /** When it began (ms of the clock), and which time of it this round began with. */
  #startedAt = 0;
  #roundAt = 0;
  /** The newest time of this round, and the step to it. */
  #last = 0;
  #gap = SLATE_TICK_MS;
  #inRound = 0;
  #timer: Timer | undefined;
  #over = false;

  /**
   * @param opened is closed with it
   * @param memory what waits to be shown is counted there
   */
  constructor(
    opened: OpenRecording,
    clock: Clock,
    sink: SlateSink,
    memory: Pick<MediaMemory, "count" | "tight">,
  ) {
    this.#opened = opened;
    this.#clock = clock;
    this.#sink = sink;
    this.#memory = memory;
  }

  /** Begins to show it. */
  start(): void {
    if (this.#over) return;
    this.#startedAt = this.#movedAt = this.#clock.now();
    this.#round();
    this.#tick();
  }

  /** Shows it no more. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#queue = [];
    this.#count(-this.#keptBytes);
    this.#opened.close();
  }

  #fail(reason: unknown): void {
    if (this.#over) return;
    this.close();
    this.#sink.onFailed(reason);
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#timer = this.#clock.after(SLATE_TICK_MS, () => this.#tick());
    try {
      this.#show(now);
    } catch (error) {
      return this.#fail(error);
    }
    if (this.#over) return;
    // Another source may have something that can be shown.
    if (!this.#reading || this.#queue.length > 0) this.#movedAt = now;
    else if (now - this.#movedAt >= MOST_READ_MS) {
      return this.#fail(new Error("its disk does not answer"));
    }
    this.#fill();
  }

  #show(now: number): void {
    const first = this.#queue[0];
    if (first !== undefined && now - this.#startedAt - first.time > MOST_LATE_MS) {
      this.#startedAt = now - first.time;
    }
    let shown = 0;
    for (const { kind, time, payload } of this.#queue) {
      if (time > now - this.#startedAt) break;
      shown++;
      this.#count(-heldBy(payload));
      this.#sink.onMessage(kind, time >>> 0, payload, now);
      // Whoever shows it may have had enough.
      if (this.#over) return;
    }
    this.#queue.splice(0, shown);
  }

  get #isAhead(): boolean {
    const last = this.#queue.at(-1);
    if (last === undefined) return false;
    // Where memory is short it is read from one tick to the next.
    const least = this.#memory.tight ? SLATE_TICK_MS : AHEAD_MS;
    return this.#queue.length >= MAX_KEPT || this.#keptBytes >= MAX_KEPT_BYTES ||
      last.time - (this.#clock.now() - this.#startedAt) >= least;
  }

  #count(bytes: number): void {
    this.#keptBytes += bytes;
    this.#memory.count(bytes);
  }

  /** The file begins, again. */
  #round(): void {
    this.#stand = undefined;
    this.#last = this.#inRound = 0;
    this.#keep({ kind: FrameKind.Data, time: 0, payload: this.#opened.file.metadata, media: 0 });
  }

  /** Reads on, unless that is under way. */
  #fill(): void {
    if (this.#reading || this.#isAhead) return;
    this.#reading = true;
    this.#read().then(
      () => void (this.#reading = false),
      (error) => this.#fail(error),
    );
  }

  async #read(): Promise<void> {
    const { file } = this.#opened;
    if (this.#stand === undefined) {
      const place = await file.place(0);
      for (const header of place.headers) this.#keep({ ...header, time: 0 });
      this.#stand = place;
    }
    while (!this.#over && !this.#isAhead) {
      const end = await file.read(this.#stand, (message) => this.#take(message));
      if (end !== undefined) this.#stand = end.next;
      else if (this.#inRound === 0) return this.#fail(new Error("there is nothing in it"));
      else {
        this.#roundAt += Math.max(LEAST_ROUND_MS, this.#last + this.#gap);
        return this.#round();
      }
    }
  }

  #take(message: PlayedMessage): void {
    const isPicture = message.kind === FrameKind.Video &&
      (message.media & (MediaFlag.SequenceHeader | MediaFlag.EndOfSequence)) === 0;
    if (message.kind !== FrameKind.Data) this.#inRound++;
    if (isPicture && message.time > this.#last) {
      this.#gap = Math.min(MOST_GAP_MS, message.time - this.#last);
    }
    // The end of one round would have decoders begin anew with each.
    if ((message.media & MediaFlag.EndOfSequence) !== 0) return;
    const hole = message.time - this.#last;
    if (hole > MOST_HOLE_MS) this.#roundAt -= hole - this.#gap;
    this.#last = Math.max(this.#last, message.time);
    this.#keep(message);
  }

  #keep({ kind, time, payload }: PlayedMessage): void {
    // It was being read as it was closed: nobody would give it back.
    if (this.#over) return;
    this.#count(heldBy(payload));
    this.#queue.push({ kind, time: this.#roundAt + time, payload: payload.slice() });
  }
}

/** What a message takes while it waits (bytes). */
function heldBy({ length }: Uint8Array): number {
  return length + BUFFER_OVERHEAD;
}
