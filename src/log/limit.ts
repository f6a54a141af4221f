/**
 * Bounds how often one cause may be logged.
 *
 * @module
 */

/** Most causes that are told apart; the rest share one bound. */
const MAX_CAUSES = 500;
/** How long a bound counts (ms). */
const WINDOW_MS = 1000;

/** Lines of one cause that were left out. */
export interface LeftOut {
  readonly cause: string;
  readonly lines: number;
}

interface Window {
  startedAt: number;
  lines: number;
  leftOut: number;
}

/** So many lines a second of each cause; the rest are counted. */
export class LogLimit {
  readonly #perSecond: number;
  readonly #windows = new Map<string, Window>();
  /** Causes of which lines were left out that nobody was told of. */
  readonly #owing = new Map<string, Window>();

  /** `perSecond` 0 is no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Whether a line of `cause` may be written at `now` (ms). */
  admits(cause: string, now: number): boolean {
    if (this.#perSecond === 0) return true;
    let window = this.#windows.get(cause);
    if (window === undefined) {
      if (this.#windows.size >= MAX_CAUSES) cause = "other";
      window = this.#windows.get(cause) ?? { startedAt: now, lines: 0, leftOut: 0 };
      this.#windows.set(cause, window);
    }
    // A clock that was set back begins a new second too.
    if (now - window.startedAt >= WINDOW_MS || now < window.startedAt) {
      window.startedAt = now;
      window.lines = 0;
    }
    if (window.lines < this.#perSecond) {
      window.lines++;
      return true;
    }
    window.leftOut++;
    this.#owing.set(cause, window);
    return false;
  }

  /** What was left out in seconds that are over by `now`; each line is told once. */
  takeLeftOut(now: number): LeftOut[] {
    if (this.#owing.size === 0) return [];
    const told: LeftOut[] = [];
    for (const [cause, window] of this.#owing) {
      if (now - window.startedAt < WINDOW_MS && now >= window.startedAt) continue;
      told.push({ cause, lines: window.leftOut });
      window.leftOut = 0;
      this.#owing.delete(cause);
    }
    return told;
  }
}
