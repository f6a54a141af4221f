/**
 * When pushed media goes out to the players: at once while the process has little to do, merged over
 * a short window when it has much. One write to each player per window is what fan-out costs.
 *
 * @module
 */
import type { HubClock, HubTimer } from "../clock.ts";
import { HalfTurns } from "./half_turns.ts";
import type { Half } from "./halves.ts";

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
  /** Whether it has pictures, for which its sound may wait. */
  readonly hasVideo: boolean;
  /** Pictures pushed so far, whatever it starts at. */
  readonly pictures: number;
  /** When its newest key frame came, on the clock of `pushed`. */
  readonly keyAt: number | undefined;
  /** Hands what was pushed to the players; of those in step to one half, if there is a `half`. */
  flush(now: number, half?: Half): void;
}

/** The longest window that `auto` chooses, unless configured (ms). */
export const AUTO_WINDOW_MS = 25;

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
/**
 * How long sound waits for the next picture (ms) while `auto` holds media back at all: a picture of
 * 24 a second, and a little. Nobody needs the sound before the picture, and when they go together
 * the picture need not wait for a window that the sound began.
 */
export const SOUND_WAIT_MS = 45;
/** With more players of a stream than this a picture waits for the next one: see {@link HalfTurns}. */
export const CROWD = 500;
/**
 * How many times the window of `auto` it may wait: 35 ms by default, for pictures of 30 a second, of
 * which two go with a write, and of more.
 */
export const CROWD_STRETCH = 1.4;
/** How much longer a picture waits for one that comes late (ms). */
export const CROWD_LATE_MS = 5;
/** How often the demand is measured (ms). */
const MEASURE_MS = 250;

/** What the pacer knows of a stream. */
interface Pace {
  /** When it was last let out. */
  flushedAt: number;
  /** Its pictures when it was last looked at. */
  pictures: number;
  /** Whose turn it is, with a crowd of players. */
  readonly turns: HalfTurns;
}

/** Lets pushed streams out. */
export class FanoutPacer {
  readonly #settings: PacerSettings;
  readonly #clock: HubClock;
  readonly #onFault: (error: unknown) => void;
  /** Streams with something to hand out, and since when the wait is over. */
  readonly #due = new Map<PacedStream, number>();
  readonly #paces = new WeakMap<PacedStream, Pace>();
  #timer: HubTimer | undefined;
  #wakeAt = Infinity;
  /** Writes that would have been made since `#measuredAt`. */
  #demand = 0;
  /** Writes made since then. */
  #made = 0;
  #stretch = 1;
  #measuredAt: number;
  #writesPerSecond = 0;

  /** `onFault` is told of a stream that could not be let out; it must not throw. */
  constructor(
    settings: PacerSettings,
    clock: HubClock,
    onFault: (error: unknown) => void = () => {},
  ) {
    this.#settings = settings;
    this.#onFault = onFault;
    this.#clock = clock;
    this.#measuredAt = clock.now();
  }

  /** The window that `auto` stands for right now (ms). */
  get autoWindow(): number {
    const excess = (this.#writesPerSecond - FEW_WRITES) / (MANY_WRITES - FEW_WRITES);
    return Math.max(0, Math.min(1, excess)) * this.#settings.autoWindowMs * this.#stretch;
  }

  /** Media was pushed into `stream`: it goes out now, or when its window is over. */
  pushed(stream: PacedStream, now: number): void {
    this.#measure(stream.playerCount, now);
    const pace = this.#pace(stream);
    const isNew = stream.pictures !== pace.pictures;
    pace.pictures = stream.pictures;
    if (isNew) pace.turns.picture(now);
    const holdMs = this.#holdMs(stream);
    if (pace.turns.areShort(now, holdMs)) {
      return this.#pushedToCrowd(stream, pace.turns, isNew, holdMs, now);
    }
    const at = this.#dueAt(stream, pace.flushedAt, isNew || !stream.hasVideo, now);
    const due = this.#due.get(stream);
    if (due !== undefined && due <= at) return;
    if (at <= now) return this.#flush(stream, now);
    this.#due.set(stream, at);
    this.#wake(at, now);
  }

  #pace(stream: PacedStream): Pace {
    let pace = this.#paces.get(stream);
    if (pace === undefined) {
      pace = { flushedAt: -Infinity, pictures: 0, turns: new HalfTurns() };
      this.#paces.set(stream, pace);
    }
    return pace;
  }

  /** How long its pictures may wait for each other (ms): not at all, but with a crowd of players. */
  #holdMs({ app, hasVideo, playerCount }: PacedStream): number {
    const latency = this.#settings.appLatency.get(app) ?? this.#settings.latency;
    const { autoWindow } = this;
    const isCrowd = latency === "auto" && hasVideo && playerCount > CROWD;
    return isCrowd && autoWindow >= this.#settings.autoWindowMs ? autoWindow * CROWD_STRETCH : 0;
  }

  /** Lets a picture out to the half whose turn it is; for the others it waits for the next one. */
  #pushedToCrowd(
    stream: PacedStream,
    turns: HalfTurns,
    isNew: boolean,
    holdMs: number,
    now: number,
  ): void {
    // A key frame is large: what waited for it is late already, and nothing else shall be.
    if (isNew && stream.keyAt === now) return this.#flush(stream, now);
    const half = isNew ? turns.next(now, holdMs) : undefined;
    if (half !== undefined) this.#flush(stream, now, half);
    // Sound goes with the picture that its half gets next.
    const due = turns.heldSince + holdMs + CROWD_LATE_MS;
    const at = isNew ? due : Math.min(due, now + 2 * holdMs);
    if (!isNew && (this.#due.get(stream) ?? Infinity) <= at) return;
    this.#due.set(stream, at);
    this.#wake(at, now);
  }

  #dueAt(stream: PacedStream, flushedAt: number, picture: boolean, now: number): number {
    const latency = this.#settings.appLatency.get(stream.app) ?? this.#settings.latency;
    if (latency === "lowest") return now;
    if (latency !== "auto") return flushedAt + latency;
    const { autoWindow } = this;
    if (autoWindow === 0) return now;
    const soundWait = Math.min(1, autoWindow / this.#settings.autoWindowMs) * SOUND_WAIT_MS;
    return Math.max(flushedAt + autoWindow, picture ? 0 : now + soundWait);
  }

  #flush(stream: PacedStream, now: number, half?: Half): void {
    this.#due.delete(stream);
    const pace = this.#pace(stream);
    pace.flushedAt = now;
    if (half === undefined) pace.turns.flushed();
    this.#made += half === undefined ? stream.playerCount : stream.playerCount / 2;
    try {
      stream.flush(now, half);
    } catch (error) {
      // Neither whoever pushed nor the streams that are let out next have a part in it.
      this.#onFault(error);
    }
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
      this.#flush(stream, now);
    }
    if (next < Infinity) this.#wake(next, now);
  };
}
