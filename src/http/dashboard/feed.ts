/**
 * Server-sent events for the dashboard: the whole server, again and again, made once for all who watch.
 *
 * Each event holds everything, so nobody has to have seen the one before: who is too slow misses some,
 * and who comes back needs to be told nothing. What one more watcher costs is a promise and a write.
 *
 * @module
 */
import type { Clock, Timer } from "../../ports.ts";
import type { Slices } from "../slices.ts";
import type { ServerView } from "../view.ts";
import { SAMPLE_MS, SampleHistory } from "./history.ts";
import { chartsOf, type RtmpPorts, type Snapshot, snapshotOf } from "./snapshot.ts";

/** Watchers at once. */
export const MAX_WATCHERS = 64;

/** What the feed needs. */
export interface FeedOptions {
  readonly server: ServerView;
  readonly slices: Slices;
  readonly clock: Clock;
  /** The ports of RTMP, once they are known. */
  readonly ports: () => RtmpPorts;
  /** Is told that a snapshot could not be made. Must not throw. */
  readonly onError: (error: unknown) => void;
}

/** One who watches. */
interface Watcher {
  /** Number of the snapshot it was sent last; 0 before the first one. */
  seen: number;
  /** Waits for a newer one. */
  wake: (() => void) | undefined;
  /** It left, or everything is over. */
  over: boolean;
}

const encoder = new TextEncoder();

/** The events of one server. */
export class DashboardFeed {
  readonly #options: FeedOptions;
  readonly #history = new SampleHistory();
  readonly #watchers = new Set<Watcher>();
  #timer: Timer | undefined;
  #closed = false;
  /** Snapshots made so far. */
  #number = 0;
  #snapshot: Snapshot | undefined;
  #bytes: Uint8Array<ArrayBuffer> | undefined;
  /** The same with what was measured before, for who begins with this one. */
  #first: Uint8Array<ArrayBuffer> | undefined;
  #making: Promise<void> | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** Measures from now on, whether anybody watches or not. */
  start(): void {
    this.#schedule();
  }

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Ends the events that are read now. */
  cut(): void {
    for (const watcher of this.#watchers) this.#end(watcher);
  }

  /** Ends all events. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.cut();
  }

  /** The events for one more watcher; `undefined` when there are too many. */
  watch(): ReadableStream<Uint8Array<ArrayBuffer>> | undefined {
    if (this.#watchers.size >= MAX_WATCHERS || this.#closed) return undefined;
    const watcher: Watcher = { seen: 0, wake: undefined, over: false };
    this.#watchers.add(watcher);
    return new ReadableStream({
      // One event at a time: nothing is queued for who is slow.
      pull: async (controller) => {
        const bytes = await this.#next(watcher);
        if (bytes === undefined) controller.close();
        else controller.enqueue(bytes);
      },
      cancel: () => this.#end(watcher),
    }, { highWaterMark: 0 });
  }

  /** The newest event that it has not seen; `undefined` when it is over. */
  async #next(watcher: Watcher): Promise<Uint8Array<ArrayBuffer> | undefined> {
    // The one from when nobody watched is old.
    if (watcher.seen === 0 && this.#bytes === undefined) await this.#make();
    while (!watcher.over && (watcher.seen === this.#number || this.#bytes === undefined)) {
      await new Promise<void>((resolve) => watcher.wake = resolve);
    }
    if (watcher.over) return undefined;
    const bytes = watcher.seen === 0 ? this.#firstEvent() : this.#bytes;
    watcher.seen = this.#number;
    return bytes;
  }

  #firstEvent(): Uint8Array<ArrayBuffer> {
    if (this.#first === undefined) {
      const charts = event("charts", this.#number, chartsOf(this.#snapshot!, this.#history));
      this.#first = encoder.encode(charts + event("state", this.#number, this.#snapshot));
    }
    return this.#first;
  }

  #end(watcher: Watcher): void {
    watcher.over = true;
    this.#watchers.delete(watcher);
    watcher.wake?.();
    if (this.#watchers.size > 0) return;
    this.#snapshot = this.#bytes = this.#first = undefined;
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#options.clock.after(SAMPLE_MS, () => {
      try {
        this.#history.add(this.#options.server.samples());
      } catch (error) {
        this.#options.onError(error);
      }
      this.#schedule();
      if (this.#watchers.size > 0) void this.#make();
    });
  }

  /** Makes a snapshot, or waits for the one that is being made; never rejects. */
  #make(): Promise<void> {
    return this.#making ??= this.#build().finally(() => this.#making = undefined);
  }

  async #build(): Promise<void> {
    const { server, slices, clock, ports, onError } = this.#options;
    try {
      const at = new Date(clock.wall()).toISOString();
      const snapshot = await snapshotOf(server, this.#history, slices, ports(), at);
      if (this.#watchers.size === 0) return;
      this.#snapshot = snapshot;
      this.#bytes = encoder.encode(event("state", this.#number + 1, snapshot));
      this.#first = undefined;
      this.#number++;
    } catch (error) {
      return onError(error);
    }
    for (const watcher of this.#watchers) {
      watcher.wake?.();
      watcher.wake = undefined;
    }
  }
}

/** One event [HTML §9.2.6]. JSON has no line break of its own. */
function event(name: string, id: number, data: unknown): string {
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
