/**
 * Log lines that peers can cause as often as they like: a few of each a second, and a count of the
 * rest.
 *
 * @module
 */
import type { Logger } from "@logtape/logtape";

/** How often a line may be repeated anew (ms). */
export const LOG_WINDOW_MS = 1000;

/** One message in its current second. */
interface Window {
  startedAt: number;
  lines: number;
  /** Times it was left out since it was last logged. */
  leftOut: number;
  level: "info" | "warn";
  last: Record<string, unknown>;
}

/**
 * Logs each message so often a second at the most. A message that was left out is logged with the
 * properties of the last time and `count`, the times it stands for, once its second is over. Messages
 * must be constants: each has a place in memory for good.
 */
export class LimitedLog {
  readonly #log: Pick<Logger, "info" | "warn">;
  readonly #perSecond: number;
  readonly #windows = new Map<string, Window>();

  constructor(log: Pick<Logger, "info" | "warn">, perSecond = 1) {
    this.#log = log;
    this.#perSecond = perSecond;
  }

  /** Logs the message now, or counts it. `now` in ms. */
  say(
    level: "info" | "warn",
    message: string,
    properties: Record<string, unknown>,
    now: number,
  ): void {
    let window = this.#windows.get(message);
    if (window === undefined) {
      window = { startedAt: -Infinity, lines: 0, leftOut: 0, level, last: properties };
      this.#windows.set(message, window);
    }
    if (now - window.startedAt >= LOG_WINDOW_MS) {
      this.#close(message, window);
      window.startedAt = now;
    }
    window.level = level;
    window.last = properties;
    if (window.lines < this.#perSecond) {
      window.lines++;
      this.#log[level](message, properties);
    } else window.leftOut++;
  }

  /** Time passes: what was left out and whose second is over is logged. Call it now and then. */
  flush(now: number): void {
    for (const [message, window] of this.#windows) {
      if (window.leftOut === 0 || now - window.startedAt < LOG_WINDOW_MS) continue;
      this.#close(message, window);
      window.startedAt = now;
    }
  }

  /** Logs what was left out, which is a line of the second that begins. */
  #close(message: string, window: Window): void {
    const { leftOut, level, last } = window;
    window.lines = leftOut > 0 ? 1 : 0;
    window.leftOut = 0;
    if (leftOut > 0) this.#log[level](message, { ...last, count: leftOut });
  }
}
