/**
 * When pushed media goes out to the players: at once while the process has little to do, merged over
 * a short window when it has much. One write to each player per window is what fan-out costs.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Clock, Timer } from "../ports.ts";

/** How long media may be held back to merge writes: never, by load, or a fixed time in ms. */
export type Latency = "lowest" | "auto" | number;

/** Reads a latency as it stands in the configuration: `lowest`, `auto` or a number of ms. */
export function parseLatency(text: string): Latency {
  return text === "lowest" || text === "auto" ? text : Number(text);
}

/** What is paced: a live stream. */
export interface PacedStream {
  readonly app: string;
  readonly playerCount: number;
  /** Hands what was pushed to the players. */
  flush(now: number): void;
}

/** Settings of a {@link FanoutPacer}. */
export interface PacerSettings {
  /** For every application that is not in `appLatency`. */
  readonly latency: Latency;
  /** By application. */
  readonly appLatency: ReadonlyMap<string, Latency>;
  /** The longest window that `auto` chooses (ms). */
  readonly autoWindowMs: number;
}

/**
 * Writes a second, were nothing merged, up to which nothing is held back. A write costs some 15 µs
 * of CPU, so this is about 4 % of a core; at {@link MANY_WRITES} the window is at its longest.
 */
export const FEW_WRITES = 2500;
/** Writes a second, were nothing merged, from which on the window is at its longest. */
export const MANY_WRITES = 10_000;
/**
 * Writes a second that are really made, over which even the longest window is stretched: one core
 * makes hardly more, and a process that cannot keep up serves everybody late.
 */
export const MOST_WRITES = 60_000;
/** How many times its longest an `auto` window becomes at the most. */
export const MAX_STRETCH = 4;
/** How often the demand is measured (ms). */
const MEASURE_MS = 250;

/** Lets pushed streams out. */
export class FanoutPacer {
  readonly #settings: PacerSettings;
  readonly #clock: Clock;
  /** Streams with something to hand out, and since when the wait is over. */
  readonly #due = new Map<PacedStream, number>();
  /** When each stream was last let out. */
  readonly #flushedAt = new WeakMap<PacedStream, number>();
  #timer: Timer | undefined;
  #wakeAt = Infinity;
  /** Writes that would have been made since `#measuredAt`. */
  #demand = 0;
  /** Writes made since then. */
  #made = 0;
  #stretch = 1;
  #measuredAt: number;
  #writesPerSecond = 0;

  constructor(settings: PacerSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#measuredAt = clock.now();
  }

  /** The window that `auto` stands for right now (ms). */
  get autoWindow(): number {
    const excess = (this.#writesPerSecond - FEW_WRITES) / (MANY_WRITES - FEW_WRITES);
    return Math.max(0, Math.min(1, excess)) * this.#settings.autoWindowMs * this.#stretch;
  }

  #window(stream: PacedStream): number {
    const latency = this.#settings.appLatency.get(stream.app) ?? this.#settings.latency;
    if (latency === "auto") return this.autoWindow;
    return latency === "lowest" ? 0 : latency;
  }

  /** Media was pushed into `stream`: it goes out now, or when its window is over. */
  pushed(stream: PacedStream, now: number): void {
    this.#measure(stream.playerCount, now);
    if (this.#due.has(stream)) return;
    const window = this.#window(stream);
    const at = window === 0 ? now : (this.#flushedAt.get(stream) ?? -Infinity) + window;
    if (at <= now) return this.#flush(stream, now);
    this.#due.set(stream, at);
    this.#wake(at, now);
  }

  #flush(stream: PacedStream, now: number): void {
    this.#flushedAt.set(stream, now);
    this.#made += stream.playerCount;
    stream.flush(now);
  }

  #measure(writes: number, now: number): void {
    this.#demand += writes;
    const ms = now - this.#measuredAt;
    if (ms < MEASURE_MS) return;
    const rate = this.#demand * 1000 / ms;
    this.#writesPerSecond += (rate - this.#writesPerSecond) / 2;
    // Down again no faster than by a fifth, so that it does not swing.
    const load = this.#made * 1000 / ms / MOST_WRITES;
    this.#stretch = Math.max(1, Math.min(MAX_STRETCH, this.#stretch * Math.max(0.8, load)));
    this.#demand = this.#made = 0;
    this.#measuredAt = now;
  }

  #wake(at: number, now: number): void {
    if (at >= this.#wakeAt) return;
    this.#timer?.cancel();
    this.#wakeAt = at;
    this.#timer = this.#clock.after(Math.max(0, at - now), this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#wakeAt = Infinity;
    const now = this.#clock.now();
    let next = Infinity;
    for (const [stream, at] of this.#due) {
      // A timer may fire a little early; half a millisecond is not worth another one.
      if (at > now + 0.5) {
        if (at < next) next = at;
        continue;
      }
      this.#due.delete(stream);
      try {
        this.#flush(stream, now);
      } catch (error) {
        getLogger(["sluice", "rtmp"]).error("internal error while sending", { error });
      }
    }
    if (next < Infinity) this.#wake(next, now);
  };
}
