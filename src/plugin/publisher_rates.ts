/**
 * Finds publishers that send more than they may: for plugins that set a limit.
 *
 * @module
 */
import type { PluginServer } from "./plugin_server.ts";

/** Over how long a rate is taken (ms): key frames and a burst at the start are within it. */
const WINDOW_MS = 10_000;
/** Samples that are kept of a publisher. */
const MAX_SAMPLES = 16;

/** What is measured. */
export interface MeasuredPublish {
  /** Who publishes. */
  readonly sessionId: string;
  /** Application. */
  readonly app: string;
  /** Public name in the application. */
  readonly name: string;
}

interface Measured extends MeasuredPublish {
  readonly maxKbps: number;
  readonly samples: { readonly at: number; readonly bytes: number }[];
}

/** Measures publishers, a sample for each call of {@link PublisherRates.over}. */
export class PublisherRates {
  readonly #windowMs: number;
  /** By session, its publishes by their paths. */
  readonly #measured = new Map<string, Map<string, Measured>>();

  /** `windowMs`: over how long a rate is taken. */
  constructor(windowMs = WINDOW_MS) {
    this.#windowMs = windowMs;
  }

  /** Publishers that are measured. */
  get size(): number {
    let size = 0;
    for (const { size: own } of this.#measured.values()) size += own;
    return size;
  }

  /** Measures a publisher from now on, which may send `maxKbps` kilobits (1000 bits) a second. */
  add({ sessionId, app, name }: MeasuredPublish, maxKbps: number): void {
    const own = this.#measured.get(sessionId) ?? new Map<string, Measured>();
    this.#measured.set(sessionId, own);
    own.set(`${app}/${name}`, { sessionId, app, name, maxKbps, samples: [] });
  }

  /** Measures it no more. */
  remove({ sessionId, app, name }: MeasuredPublish): void {
    const own = this.#measured.get(sessionId);
    if (own?.delete(`${app}/${name}`) && own.size === 0) this.#measured.delete(sessionId);
  }

  /**
   * A session is over: to be called in `onDisconnect`. What was let in and refused by somebody else has no end of
   * its own.
   */
  forget(sessionId: string): void {
    this.#measured.delete(sessionId);
  }

  /** Those that have sent more than they may, over the whole window. To be called about once a second. */
  over(server: Pick<PluginServer, "stream">, now: number): MeasuredPublish[] {
    const over: MeasuredPublish[] = [];
    for (const each of this.#all()) {
      const { app, name, sessionId, samples, maxKbps } = each;
      const stream = server.stream(app, name);
      // It may not have begun yet, or another one has taken the name over.
      if (stream?.publisher?.sessionId !== sessionId) continue;
      const newest = { at: now, bytes: stream.bytesIn };
      samples.push(newest);
      // The newest one that is old enough is what is compared with.
      while (samples.length > 2 && now - samples[1]!.at >= this.#windowMs) samples.shift();
      if (samples.length > MAX_SAMPLES) samples.splice(1, 1);
      const [oldest] = samples;
      const ms = now - oldest!.at;
      if (ms >= this.#windowMs && (newest.bytes - oldest!.bytes) * 8 / ms > maxKbps) {
        over.push(each);
      }
    }
    return over;
  }

  *#all(): IterableIterator<Measured> {
    for (const own of this.#measured.values()) yield* own.values();
  }

  /** Forgets all. */
  clear(): void {
    this.#measured.clear();
  }
}
