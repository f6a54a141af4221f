/**
 * Server-sent events of what happens. Nobody has a queue: who watches has a place in the ring of the
 * newest events, reads on from there when it takes more, and is cut off once its place is lost.
 *
 * @module
 */
import type { ActivityListener } from "../../plugin/mod.ts";
import type { Clock, Timer } from "../../ports.ts";
import { EventRing } from "./ring.ts";

/** Readers at once. */
export const MAX_READERS = 64;
/** Most text of one write, about (UTF-16 units). */
const MAX_WRITE = 64 * 1024;
/** Most events that one write looks at, those included that are not wanted. */
const MAX_LOOKS = 500;
/** A reader that was sent nothing for so long is sent a comment, so that no proxy gives it up (ms). */
export const QUIET_MS = 15_000;

/** What the feed needs. */
export interface EventFeedOptions {
  readonly clock: Clock;
  /** Stands for this run of the server in ids of events: who comes from another one has missed some. */
  readonly run: string;
  /** Events that are kept. */
  readonly kept?: number;
}

/** Which events are wanted: types such as `stream.live`, or the word before the dot; all if `undefined`. */
export type Wanted = ReadonlySet<string> | undefined;

/** One who reads. */
interface Reader {
  /** Number of the event that it is sent next. */
  next: number;
  readonly wanted: Wanted;
  /** What it missed, to be told first. */
  missed: boolean;
  /** Waits for events. */
  wake: (() => void) | undefined;
  /** It waits since the last round of comments. */
  quiet: boolean;
  comment: boolean;
  over: boolean;
  /** Ends its answer, whatever of it was not taken. */
  cut(): void;
}

const encoder = new TextEncoder();

/** The events of one server. */
export class EventFeed {
  readonly #clock: Clock;
  readonly #run: string;
  readonly #ring: EventRing;
  readonly #readers = new Set<Reader>();
  #timer: Timer | undefined;
  #closed = false;

  constructor({ clock, run, kept }: EventFeedOptions) {
    this.#clock = clock;
    this.#run = run;
    this.#ring = new EventRing(kept);
  }

  /** How many read. */
  get readers(): number {
    return this.#readers.size;
  }

  /** Something happened. */
  readonly tell: ActivityListener = (type, about) => {
    this.#ring.add({ type, at: new Date(this.#clock.wall()).toISOString(), about });
    const { first } = this.#ring;
    for (const reader of this.#readers) {
      if (reader.next < first) this.#end(reader, true);
      else reader.wake?.();
    }
  };

  /** Ends the answers that are read now: who may come back has missed nothing. */
  cut(): void {
    for (const reader of this.#readers) this.#end(reader, false);
  }

  /** Ends all answers. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.cut();
  }

  /** Whether `id` is one of this feed's or could be one of another run. */
  static isId(id: string): boolean {
    return /^[0-9a-f]{1,32}-\d{1,15}$/.test(id);
  }

  /**
   * The events from now on, or those behind the one with the id `after`.
   *
   * @returns `undefined` when there are too many who read
   */
  read(wanted: Wanted, after?: string): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (this.#readers.size >= MAX_READERS || this.#closed) return undefined;
    const { next, missed } = this.#placeOf(after);
    const reader: Reader = {
      ...{ next, wanted, missed, wake: undefined, quiet: false, comment: false, over: false },
      cut: () => {},
    };
    this.#readers.add(reader);
    this.#schedule();
    return new ReadableStream({
      start: (controller) => {
        reader.cut = () => controller.error(new Error("It read too slowly"));
        // So that the client knows that it is connected.
        controller.enqueue(encoder.encode(": sluice\n\n"));
      },
      // One write at a time: nothing is queued for who is slow.
      pull: async (controller) => {
        const text = await this.#textFor(reader);
        if (text === undefined) {
          if (!reader.over) this.#end(reader, false);
          // It may have been cut off.
          if (controller.desiredSize !== null) controller.close();
        } else controller.enqueue(encoder.encode(text));
      },
      cancel: () => this.#end(reader, false),
    }, { highWaterMark: 0 });
  }

  #placeOf(after: string | undefined): { next: number; missed: boolean } {
    const { first, last } = this.#ring;
    if (after === undefined) return { next: last + 1, missed: false };
    const [run, number] = [after.split("-")[0], Number(after.split("-")[1])];
    // Of another run everything is new, and what happened in between is not known.
    if (run !== this.#run || number > last) return { next: first, missed: true };
    return number + 1 < first ? { next: first, missed: true } : { next: number + 1, missed: false };
  }

  /** What a reader is sent next, once there is something; `undefined` when it is over. */
  async #textFor(reader: Reader): Promise<string | undefined> {
    for (;;) {
      if (reader.over || this.#closed) return undefined;
      let text = reader.missed ? `event: missed\ndata: {}\n\n` : "";
      reader.missed = false;
      const end = reader.next + MAX_LOOKS;
      while (reader.next <= this.#ring.last && reader.next < end && text.length < MAX_WRITE) {
        text += this.#textOf(reader.next++, reader.wanted);
      }
      if (text !== "") return text;
      if (reader.comment) {
        reader.comment = false;
        return ":\n\n";
      }
      if (reader.next <= this.#ring.last) {
        // Many that are not wanted: others have their turn.
        await new Promise<void>((resolve) => this.#clock.after(0, resolve));
        continue;
      }
      reader.quiet = false;
      await new Promise<void>((resolve) => reader.wake = resolve);
      reader.wake = undefined;
    }
  }

  #textOf(number: number, wanted: Wanted): string {
    const event = this.#ring.get(number);
    if (event === undefined) return "";
    const { type, at, about } = event;
    const isWanted = wanted === undefined || wanted.has(type) || wanted.has(type.split(".")[0]!);
    if (!isWanted) return "";
    const data = () => JSON.stringify({ type, at, ...about });
    // JSON has no line break of its own.
    return event.text ??= `event: ${type}\nid: ${this.#run}-${number}\ndata: ${data()}\n\n`;
  }

  #end(reader: Reader, cut: boolean): void {
    if (reader.over) return;
    reader.over = true;
    this.#readers.delete(reader);
    if (cut) reader.cut();
    reader.wake?.();
    if (this.#readers.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Sends comments to who waits since the round before. */
  #schedule(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = this.#clock.after(QUIET_MS, () => {
      this.#timer = undefined;
      for (const reader of this.#readers) {
        if (reader.quiet && reader.wake !== undefined) {
          reader.comment = true;
          reader.wake();
        } else reader.quiet = true;
      }
      if (this.#readers.size > 0) this.#schedule();
    });
  }
}
