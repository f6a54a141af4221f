/**
 * Events that wait to be sent. Those of one key go one after the other, those of several keys beside each
 * other. What fails is tried again, with longer and longer pauses of any length; an endpoint that fails
 * altogether is left alone by a breaker. What is sent is bounded in number at once and in a second, so that
 * an endpoint that comes back is not met by all that has waited for it.
 *
 * Written here rather than taken: retries of a library live as long as a promise, and these outlive the
 * process; their state belongs to the queue.
 *
 * @module
 */
import { Breaker, fullJitter } from "./breaker.ts";
import type { WebhookClock, WebhookTimer } from "./clock.ts";
import { bytesOf, type WebhookEvent } from "./event.ts";

/** How a try ended: it arrived; the endpoint does not want it; it may arrive later. */
export type Outcome = "arrived" | "refused" | "failed";

/** Pause before the second try (ms), at most; then twice as long. */
const FIRST_RETRY_MS = 1_000;
/** Longest pause (ms). */
const MOST_RETRY_MS = 60_000;
/** Failures of one event, while others arrive, after which it is given up. */
const FAILURES_ALONE = 5;
/** Requests that may be made at once before their number in a second counts. */
const BURST = 10;

/** What a queue is made with. */
export interface QueueOptions {
  readonly clock: WebhookClock;
  readonly random: () => number;
  /** Most events that wait, and bytes of them. */
  readonly maxEvents: number;
  readonly maxBytes: number;
  /** Requests at once, and in a second. */
  readonly concurrency: number;
  readonly perSecond: number;
  /** How old an event may become (ms). */
  readonly maxAgeMs: number;
  /** Sends one. Must not throw or reject. */
  send(event: WebhookEvent): Promise<Outcome>;
  /** It is not in the queue any more. */
  onDone(event: WebhookEvent): void;
  /** It is given up, and why. */
  onLost(event: WebhookEvent, why: string): void;
}

/** Events of one key. */
interface Lane {
  readonly key: string;
  readonly events: WebhookEvent[];
  /** Of the first one. */
  failures: number;
  failuresAlone: number;
  /** What had arrived in all when it failed last. */
  arrivedBefore: number;
  retry: WebhookTimer | undefined;
}

/** The events of one endpoint. */
export class EventQueue {
  readonly #options: QueueOptions;
  readonly #breaker: Breaker;
  readonly #lanes = new Map<string, Lane>();
  /** Those whose first event may be sent, the one that has waited longest first. */
  readonly #ready = new Set<Lane>();
  readonly #idle: (() => void)[] = [];
  #size = 0;
  #bytes = 0;
  #sending = 0;
  #arrived = 0;
  #running = false;
  /** When the next one may be sent, by their number in a second (ms). */
  #slot = -Infinity;
  #timer: WebhookTimer | undefined;

  /** It sends nothing yet. */
  constructor(options: QueueOptions) {
    this.#options = options;
    const { clock, random } = options;
    this.#breaker = new Breaker({
      clock,
      random,
      firstMs: 2 * FIRST_RETRY_MS,
      mostMs: MOST_RETRY_MS,
    });
  }

  /** Events that wait or are on their way. */
  get size(): number {
    return this.#size;
  }

  /** All of them, those of each key in their order. */
  *events(): IterableIterator<WebhookEvent> {
    for (const { events } of this.#lanes.values()) yield* events;
  }

  /** @returns whether there was room for it */
  add(event: WebhookEvent): boolean {
    const { maxEvents, maxBytes } = this.#options;
    const bytes = bytesOf(event);
    if (this.#size >= maxEvents || this.#bytes + bytes > maxBytes) return false;
    this.#size++;
    this.#bytes += bytes;
    let lane = this.#lanes.get(event.key);
    if (lane === undefined) {
      const { key } = event;
      lane = {
        key,
        events: [],
        failures: 0,
        failuresAlone: 0,
        arrivedBefore: 0,
        retry: undefined,
      };
      this.#lanes.set(key, lane);
    }
    if (lane.events.push(event) === 1) this.#ready.add(lane);
    this.#pump();
    return true;
  }

  /** Begins to send. */
  start(): void {
    this.#running = true;
    this.#pump();
  }

  /** Resolves once nothing is left, or nothing can be sent for now. */
  async settled(): Promise<void> {
    while (this.#size > 0 && !this.#breaker.open) {
      await new Promise<void>((resolve) => this.#idle.push(resolve));
    }
  }

  /** Sends no more, and resolves once nothing is on its way. What is left stays. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    for (const lane of this.#lanes.values()) {
      if (lane.retry !== undefined) this.#ready.add(lane);
      lane.retry?.cancel();
      lane.retry = undefined;
    }
    while (this.#sending > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Forgets what is left. @returns how many that were */
  drain(): number {
    const left = this.#size;
    this.#lanes.clear();
    this.#ready.clear();
    this.#size = this.#bytes = 0;
    return left;
  }

  #pump(): void {
    if (!this.#running || this.#timer !== undefined) return;
    const { clock, concurrency, perSecond } = this.#options;
    const gap = 1000 / perSecond;
    for (const lane of this.#ready) {
      if (this.#sending >= concurrency) return;
      const now = clock.now();
      const slot = Math.max(this.#slot, now - BURST * gap);
      if (slot > now) return this.#later(slot - now);
      if (!this.#breaker.enter()) {
        const { waitMs } = this.#breaker;
        if (waitMs !== undefined) this.#later(waitMs);
        return;
      }
      this.#slot = slot + gap;
      this.#ready.delete(lane);
      this.#sending++;
      void this.#send(lane, lane.events[0]!);
    }
  }

  /** Goes on in `ms`. */
  #later(ms: number): void {
    this.#timer = this.#options.clock.after(Math.max(1, ms), () => {
      this.#timer = undefined;
      this.#pump();
    });
  }

  async #send(lane: Lane, event: WebhookEvent): Promise<void> {
    const { clock, maxAgeMs, send, onLost } = this.#options;
    if (clock.wall() - event.at > maxAgeMs) {
      this.#breaker.gaveUp();
      onLost(event, "it is too old");
      this.#remove(lane, event);
    } else {
      const outcome = await send(event);
      if (outcome !== "failed") {
        this.#breaker.succeeded();
        this.#arrived++;
        if (outcome === "refused") onLost(event, "the endpoint does not want it");
        this.#remove(lane, event);
      } else if (!this.#running) {
        // Given up because all is: no fault of the endpoint.
        this.#breaker.gaveUp();
        this.#ready.add(lane);
      } else {
        this.#breaker.failed();
        this.#failed(lane, event);
      }
    }
    this.#sending--;
    for (const tell of this.#idle.splice(0)) tell();
    this.#pump();
  }

  #failed(lane: Lane, event: WebhookEvent): void {
    // Others arrive: the endpoint works, and fails for this one.
    if (this.#arrived > lane.arrivedBefore && lane.failures > 0) lane.failuresAlone++;
    lane.arrivedBefore = this.#arrived;
    if (lane.failuresAlone >= FAILURES_ALONE) {
      this.#options.onLost(event, "the endpoint takes others, and not this one");
      return this.#remove(lane, event);
    }
    const { clock, random } = this.#options;
    const ms = fullJitter(lane.failures++, FIRST_RETRY_MS, MOST_RETRY_MS, random);
    lane.retry = clock.after(ms, () => {
      lane.retry = undefined;
      this.#ready.add(lane);
      this.#pump();
    });
  }

  /** The first event of a lane is done with. */
  #remove(lane: Lane, event: WebhookEvent): void {
    lane.events.shift();
    lane.failures = lane.failuresAlone = 0;
    this.#size--;
    this.#bytes -= bytesOf(event);
    if (lane.events.length > 0) this.#ready.add(lane);
    else this.#lanes.delete(lane.key);
    this.#options.onDone(event);
  }
}
