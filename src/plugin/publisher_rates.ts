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
  readonly #measured = new Map<string, Measured>();

  /** `windowMs`: over how long a rate is taken. */
  constructor(windowMs = WINDOW_MS) {
    this.#windowMs = windowMs;
  }

  /** Publishers that are measured. */
  get size(): number {
    return this.#measured.size;
  }

  /** Measures a publisher from now on, which may send `maxKbps` kilobits (1000 bits) a second. */
  add({ sessionId, app, name }: MeasuredPublish, maxKbps: number): void {
    const measured = { sessionId, app, name, maxKbps, samples: [] };
    this.#measured.set(keyOf(measured), measured);
  }

  /** Measures it no more. */
  remove(publish: MeasuredPublish): void {
    this.#measured.delete(keyOf(publish));
  }

  /** Those that have sent more than they may, over the whole window. To be called about once a second. */
  over(server: Pick<PluginServer, "stream">, now: number): MeasuredPublish[] {
    const over: MeasuredPublish[] = [];
    for (const each of this.#measured.values()) {
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

  /** Forgets all. */
  clear(): void {
    this.#measured.clear();
  }
}

function keyOf({ sessionId, app, name }: MeasuredPublish): string {
  return `${sessionId} ${app}/${name}`;
}
