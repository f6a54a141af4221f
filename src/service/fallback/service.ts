/**
 * What is shown to viewers while the publishers of their streams are away.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { errorText } from "../../faults.ts";
import { type HubObserver, keyOf, type LiveStream, type StreamEnd } from "../../hub/mod.ts";
import type { Timer } from "../../ports.ts";
import type { NotOpened, OpenRecording, RecordingName } from "../../recordings/library.ts";
import { StreamPatterns } from "../record/stream_patterns.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { FallbackStream } from "./fallback_stream.ts";
import { type FallbackRule, keyOfPath } from "./rule.ts";

const log = getLogger(["sluice", "fallback"]);

/** How often streams without their publishers are looked at (ms). */
const TICK_MS = 1000;

/** Streams that something is shown in at once; of others the publishers are waited for. */
export const MAX_FALLBACKS = 1000;

/** The settings used here; see the configuration table. */
export interface FallbackSettings {
  readonly rules: readonly FallbackRule[];
  /** How long a publisher that was lost may take to come back (ms). */
  readonly windowMs: number;
  /** How long nobody may watch (ms). */
  readonly idleMs: number;
}

/** What the service is made with. */
export interface FallbackSurroundings extends Pick<Surroundings, "hub" | "faults"> {
  readonly config: FallbackSettings;
  readonly runtime: Pick<Surroundings["runtime"], "clock">;
  /** Opens files; `undefined` where there is no folder of media. */
  readonly recordings:
    | { open(file: RecordingName): Promise<OpenRecording | NotOpened> }
    | undefined;
}

/** Shows something in place of publishers that are away. */
export class FallbackService implements Service, HubObserver {
  readonly #surroundings: FallbackSurroundings;
  readonly #rules: readonly { readonly patterns: StreamPatterns; readonly rule: FallbackRule }[];
  readonly #streams = new Set<FallbackStream>();
  /** By the keys of streams that may stand for them. */
  readonly #byBackup = new Map<string, Set<FallbackStream>>();
  #timer: Timer | undefined;
  #stopping = false;

  constructor(surroundings: FallbackSurroundings) {
    this.#surroundings = surroundings;
    this.#rules = surroundings.config.rules.map((rule) => ({
      patterns: new StreamPatterns([rule.pattern]),
      rule,
    }));
    // Nobody is told where nothing could be shown.
    if (this.#rules.length > 0) surroundings.hub.observe(this);
  }

  onLeft(stream: LiveStream, reason: StreamEnd): void {
    if (this.#stopping || !stream.watched || this.#streams.size >= MAX_FALLBACKS) return;
    const found = this.#rules.find(({ patterns, rule }) =>
      patterns.has(stream) && (reason === "lost" || !rule.lostOnly)
    );
    if (found === undefined) return;
    const { hub, runtime: { clock }, config } = this.#surroundings;
    const made = new FallbackStream({
      ...{ stream, hub, clock, windowMs: config.windowMs, idleMs: config.idleMs },
      sources: found.rule.sources,
      open: (path) => this.#open(path),
      onOver: () => this.#forget(made),
      onFault: (error) => this.onFault(error),
    });
    this.#streams.add(made);
    for (const key of made.backups.keys()) {
      this.#byBackup.set(key, (this.#byBackup.get(key) ?? new Set()).add(made));
    }
    this.#tickSoon();
  }

  onLive(stream: LiveStream): void {
    for (const one of this.#byBackup.get(keyOf(stream)) ?? []) one.choose();
  }

  onFault(error: unknown): void {
    this.#surroundings.faults.count("relay", error);
    log.error("internal error", { error: errorText(error) });
  }

  #forget(stream: FallbackStream): void {
    this.#streams.delete(stream);
    for (const key of stream.backups.keys()) {
      const others = this.#byBackup.get(key);
      others?.delete(stream);
      if (others?.size === 0) this.#byBackup.delete(key);
    }
  }

  #open(path: string): Promise<OpenRecording | NotOpened> {
    const { recordings } = this.#surroundings;
    if (recordings === undefined) return Promise.resolve("missing");
    const dot = path.lastIndexOf(".");
    const container = path.endsWith(".flv") ? "flv" : "mp4";
    return recordings.open({ ...keyOfPath(path.slice(0, dot)), container });
  }

  #tickSoon(): void {
    if (this.#streams.size === 0) return;
    const { clock } = this.#surroundings.runtime;
    this.#timer ??= clock.after(TICK_MS, () => {
      this.#timer = undefined;
      const now = clock.now();
      for (const stream of [...this.#streams]) {
        try {
          stream.tick(now);
        } catch (error) {
          this.onFault(error);
        }
      }
      this.#tickSoon();
    });
  }

  /** Ends all of them: their streams are over by now. */
  stop(): void {
    this.#stopping = true;
    this.#timer?.cancel();
    for (const stream of [...this.#streams]) stream.close();
  }
}
