/**
 * Events on their way: from a hook into the queue and the file, and from there to the endpoint.
 *
 * @module
 */
import type { WebhookClock } from "./clock.ts";
import type { WebhookEvent } from "./event.ts";
import { Journal } from "./journal.ts";
import type { Message, Note, Stamp } from "./modes/mode.ts";
import type { CompleteOptions } from "./options.ts";
import { type PostAnswer, problemOf } from "./post.ts";
import { EventQueue, type Outcome } from "./queue.ts";

/** How long events are still handed over once the server stops (ms). */
const STOP_MS = 2_000;
/** The log is told of a kind of trouble once in this time (ms). */
const LOG_MS = 10_000;
/** Statuses that say of an event that it is never going to be wanted. */
const REFUSED: ReadonlySet<number> = new Set([400, 406, 410, 413, 415, 422]);

/** What is needed to hand events over. */
export interface EventsOptions {
  readonly options: CompleteOptions;
  readonly clock: WebhookClock;
  readonly random: () => number;
  readonly log: (line: string) => void;
  /** Sends one. */
  deliver(message: Message, id: string, ms: number, signal: AbortSignal): Promise<PostAnswer>;
  /** See `Mode`. */
  readonly anyAnswer: boolean;
  /** What tells that events were lost. */
  readonly lost: ((count: number, stamp: Stamp) => Note) | undefined;
}

/** The events of a server. */
export class Events {
  readonly #given: EventsOptions;
  readonly #queue: EventQueue;
  readonly #journal: Journal | undefined;
  /** What came before the file was read. */
  #early: WebhookEvent[] | undefined = [];
  #stopped = new AbortController();
  /** Events for which there was no room, and which nobody was told of yet. */
  #lost = 0;
  readonly #logged = new Map<string, { at: number; more: number }>();

  /** Nothing is read or sent yet. */
  constructor(given: EventsOptions) {
    this.#given = given;
    const { options, clock, random } = given;
    this.#queue = new EventQueue({
      clock,
      random,
      maxEvents: options.queue,
      maxBytes: options.queueMiB * 1024 * 1024,
      concurrency: options.concurrency,
      perSecond: options.perSecond,
      maxAgeMs: options.maxAgeHours * 3_600_000,
      send: (event) => this.#send(event),
      onDone: ({ id }) => {
        this.#journal?.done(id);
        this.#tellLost();
      },
      onLost: (_event, why) => this.#log("lost", `an event is given up: ${why}`),
    });
    if (options.folder === undefined) return;
    this.#journal = new Journal(
      options.folder,
      () => this.#queue.events(),
      (error) => this.#log("disk", `events cannot be written to the disk: ${messageOf(error)}`),
    );
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.size + (this.#early?.length ?? 0);
  }

  /** Takes up what the server before left, and begins to send. Rejects when the file cannot be used. */
  async start(): Promise<void> {
    this.#stopped = new AbortController();
    const left = await this.#journal?.open() ?? [];
    for (const event of left) {
      // The bound may be lower than it was.
      if (!this.#queue.add(event)) this.#noRoom(event.id);
    }
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.#add(event);
    this.#queue.start();
  }

  /** Queues an event. */
  add({ key, url, type, body }: Note, { id, at }: Stamp): void {
    const event = { id, key, at, url, type, body };
    if (this.#early === undefined) this.#add(event);
    else if (this.#early.length < this.#given.options.queue) this.#early.push(event);
    else this.#noRoom();
  }

  /** Hands over what can be handed over in a short time. What is left is in the file, or lost. */
  async stop(): Promise<void> {
    const { clock } = this.#given;
    const late = new Promise<void>((resolve) => {
      const timer = clock.after(STOP_MS, resolve);
      this.#stopped.signal.addEventListener("abort", () => timer.cancel());
    });
    await Promise.race([this.#queue.settled(), late]);
    const stopped = this.#queue.stop();
    this.#stopped.abort();
    await stopped;
    await this.#journal?.close();
    const left = this.#queue.drain();
    this.#early = [];
    if (left > 0 && this.#journal === undefined) {
      this.#given.log(`webhook: ${left} events are lost, as they are kept in no folder`);
    }
  }

  #add(event: WebhookEvent): void {
    if (!this.#queue.add(event)) return this.#noRoom();
    this.#journal?.add(event);
  }

  #noRoom(id?: string): void {
    if (id !== undefined) this.#journal?.done(id);
    this.#lost++;
    this.#log("room", "there is no room for an event: too many wait for the endpoint");
  }

  /** There is room again. */
  #tellLost(): void {
    const { lost, clock } = this.#given;
    if (this.#lost === 0 || lost === undefined) return;
    const count = this.#lost;
    const stamp = { id: crypto.randomUUID(), at: clock.wall() };
    const { key, url, type, body } = lost(count, stamp);
    const event = { ...stamp, key, url, type, body };
    if (!this.#queue.add(event)) return;
    this.#lost = 0;
    this.#journal?.add(event);
  }

  async #send(event: WebhookEvent): Promise<Outcome> {
    const { deliver, options, anyAnswer } = this.#given;
    try {
      const { signal } = this.#stopped;
      const { status } = await deliver(event, event.id, options.eventMs, signal);
      if (status >= 200 && status < (anyAnswer ? 500 : 300)) return "arrived";
      this.#log("status", `the endpoint answered an event with ${status}`);
      return REFUSED.has(status) ? "refused" : "failed";
    } catch (error) {
      if (!this.#stopped.signal.aborted) {
        this.#log("unreachable", `an event did not arrive: ${problemOf(error)}`);
      }
      return "failed";
    }
  }

  /** One line of a kind in a while, with how many there would have been. */
  #log(kind: string, text: string): void {
    const now = this.#given.clock.now();
    const last = this.#logged.get(kind);
    if (last !== undefined && now - last.at < LOG_MS) {
      last.more++;
      return;
    }
    this.#logged.set(kind, { at: now, more: 0 });
    const more = last?.more ?? 0;
    this.#given.log(`webhook: ${text}${more > 0 ? ` (and ${more} times before)` : ""}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
