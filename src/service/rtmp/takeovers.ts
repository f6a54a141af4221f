/**
 * Notices encoders that take a name from each other again and again: each believes that its
 * connection broke and comes back, and nobody sees anything for long.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { LiveStream } from "../../hub/mod.ts";

const log = getLogger(["sluice", "rtmp"]);

/** Takeovers of one name within {@link TAKEOVER_WINDOW_MS} that are no accident. */
export const MANY_TAKEOVERS = 4;

/** How long a takeover is remembered (ms); encoders wait some seconds before they come back. */
export const TAKEOVER_WINDOW_MS = 120_000;

interface Record {
  /** When the last takeovers were, at the most {@link MANY_TAKEOVERS} of them (ms). */
  readonly at: number[];
  said: boolean;
}

/** The takeovers of all streams of a server. */
export class Takeovers {
  readonly #records = new WeakMap<LiveStream, Record>();

  /** A publisher of `stream` was replaced by one of another connection. `now` in ms. */
  noted(stream: LiveStream, now: number): void {
    let record = this.#records.get(stream);
    if (record === undefined) this.#records.set(stream, record = { at: [], said: false });
    const { at } = record;
    // After a quiet time it is another story.
    if (now - (at.at(-1) ?? now) > TAKEOVER_WINDOW_MS) record.said = false;
    at.push(now);
    if (at.length > MANY_TAKEOVERS) at.shift();
    const many = at.length === MANY_TAKEOVERS && now - at[0]! <= TAKEOVER_WINDOW_MS;
    if (!many || record.said) return;
    record.said = true;
    const { app, name } = stream;
    log.warn(
      "publishers replace each other again and again: use one name each, or publishPolicy reject",
      { app, name, takeovers: MANY_TAKEOVERS, seconds: Math.round((now - at[0]!) / 1000) },
    );
  }
}
