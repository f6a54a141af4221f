/**
 * All recordings of one server: which streams are recorded, and what becomes of their files.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { HubObserver, LiveStream, StreamKey } from "../../hub/mod.ts";
import type { Timer } from "../../ports.ts";
import { DiskQueue } from "../../recordings/disk_queue.ts";
import type { MediaFolder } from "../../recordings/folder.ts";
import type { RecordingLibrary } from "../../recordings/library.ts";
import type { RecordOptions } from "../../recordings/record_wish.ts";
import type { PublishRecorder, RecordRequest } from "../publish_recorder.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { Catalogue } from "./catalogue.ts";
import type { FileEnd } from "./file_under_way.ts";
import { RecordFiles } from "./files.ts";
import { mendLeftovers } from "./leftovers.ts";
import { ownPlan, type PlanSettings, plansOf, type RecordPlan, samePlan } from "./plan.ts";
import { Retained } from "./retained.ts";
import { type RetentionLimits, sweep } from "./retention.ts";
import { StreamPatterns } from "./stream_patterns.ts";
import { StreamRecording } from "./stream_recording.ts";

const logger = getLogger(["sluice", "record"]);

/** How often what was recorded is handed to the disk where no frame does (ms). */
const FLUSH_MS = 1_000;

/** How often recordings are looked at that may have to go (ms). */
const SWEEP_MS = 60_000;

/** The settings used here; see the configuration table. */
export interface RecordSettings extends PlanSettings {
  readonly streams: readonly string[];
  readonly publishers: readonly string[];
  readonly queueBytes: number;
  readonly keepMs: number;
  readonly keepBytes: number;
  readonly keepFiles: number;
}

/** What the service is made with. */
export interface RecordSurroundings
  extends Pick<Surroundings, "runtime" | "hub" | "faults" | "plugins"> {
  readonly config: RecordSettings;
  readonly folder: MediaFolder;
  /** Is told of files under way, so that they can be played. */
  readonly recordings?: RecordingLibrary | undefined;
}

/** Records streams. */
export class RecordService implements Service, HubObserver, PublishRecorder {
  readonly #surroundings: RecordSurroundings;
  readonly #patterns: StreamPatterns;
  readonly #publishers: StreamPatterns;
  readonly #retained: Retained;
  readonly #limits: RetentionLimits;
  readonly #queue: DiskQueue;
  readonly #files: RecordFiles;
  readonly #recordings = new Map<LiveStream, readonly StreamRecording[]>();
  /** What the control API lists and removes. */
  readonly catalogue: Catalogue;
  #flushTimer: Timer | undefined;
  #sweepTimer: Timer | undefined;
  #isSweeping = false;
  #isNoting = false;
  /** It is known what was recorded before the server began; never rejects. */
  #restored: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(surroundings: RecordSurroundings) {
    const { config, hub, folder } = surroundings;
    this.#surroundings = surroundings;
    this.#patterns = new StreamPatterns(config.streams);
    this.#publishers = new StreamPatterns(config.publishers);
    this.#retained = new Retained(this.#patterns, this.#publishers);
    const { memory } = hub.registry;
    this.#queue = new DiskQueue(config.queueBytes, {
      memory,
      after: (ms, call) => void surroundings.runtime.clock.after(ms, call),
    });
    this.#files = new RecordFiles({ ...surroundings, budget: this.#queue, memory });
    this.catalogue = new Catalogue(folder, () => this.#all());
    this.#limits = {
      ageMs: config.keepMs || Infinity,
      bytes: config.keepBytes || Infinity,
      count: config.keepFiles || Infinity,
    };
    hub.observe(this);
  }

  start(): void {
    this.#restored = this.#restore();
    this.#files.track(this.#restored);
    this.#flushSoon();
    this.#sweepSoon(0);
    const { folder, plugins } = this.#surroundings;
    const mending = mendLeftovers({
      ...{ folder, plugins },
      streamOf: (path) => this.#retained.streamOf(path),
      stopping: () => this.#stopping,
      onFault: (what, error) => this.#files.fault(what, error),
    });
    this.#files.track(mending);
  }

  // Who is recorded

  onLive(stream: LiveStream): void {
    if (stream.publisher?.info.fromNode !== true && this.#patterns.has(stream)) {
      this.#record(stream, plansOf(this.#surroundings.config, "settings"));
    }
  }

  onPublish(stream: LiveStream, { type, wish, tell }: RecordRequest): void {
    const { config } = this.#surroundings;
    if (wish === false) this.#end(stream, "stopped");
    else if (wish !== undefined && wish !== "asked") {
      this.#record(stream, plansOf(config, "plugin", wish === true ? {} : wish));
    }
    if (type === "live") return;
    const isAllowed = wish !== false && (wish === "asked" || this.#publishers.has(stream));
    if (isAllowed) this.#record(stream, [ownPlan(type)], tell);
    else if (!this.isRecorded(stream)) tell("NoAccess");
  }

  onEnded(stream: LiveStream, reason: string): void {
    this.#end(stream, reason === "shutdown" ? "shutdown" : "unpublished");
  }

  onFault(error: unknown): void {
    this.#surroundings.faults.count("record", error);
  }

  /** Whether a stream is recorded in any way. */
  isRecorded(stream: LiveStream): boolean {
    return this.#recordings.has(stream);
  }

  /**
   * Records a stream from now on, as an operator says.
   *
   * @returns `false` when that is done already; `undefined` when there is no such stream, or the server stops
   */
  record(key: StreamKey, options: RecordOptions): boolean | undefined {
    const stream = this.#surroundings.hub.registry.get(key);
    if (stream?.publisher === undefined || this.#stopping) return undefined;
    if (this.isRecorded(stream)) return false;
    this.#record(stream, plansOf(this.#surroundings.config, "api", options));
    return true;
  }

  /** Ends the recordings of a stream. @returns `false` when there is none */
  stopRecording(key: StreamKey): boolean {
    const stream = this.#surroundings.hub.registry.get(key);
    return stream !== undefined && this.#end(stream, "stopped");
  }

  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    this.#flushTimer?.cancel();
    this.#sweepTimer?.cancel();
    this.#queue.hurry();
    for (const stream of [...this.#recordings.keys()]) this.#end(stream, "shutdown");
    this.#note();
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = this.#surroundings.runtime.clock.after(limitMs, resolve);
    await Promise.race([this.#files.ended(), late]);
    timer.cancel();
  }

  *#all(): Iterable<StreamRecording> {
    for (const recordings of this.#recordings.values()) yield* recordings;
  }

  /** Records a stream in these ways: those that it is recorded in already go on, others of its kind end. */
  #record(
    stream: LiveStream,
    plans: readonly RecordPlan[],
    tell: StreamRecording["tell"] = () => {},
  ): void {
    if (this.#stopping) return;
    const known = this.#recordings.get(stream) ?? [];
    const isOwn = plans.some(({ own }) => own !== undefined);
    const kept = known.filter(({ plan }) =>
      (plan.own !== undefined) !== isOwn || plans.some((wanted) => samePlan(plan, wanted))
    );
    const added = plans
      .filter((wanted) => !kept.some(({ plan }) => samePlan(plan, wanted)))
      .map((plan) => this.#make(stream, plan));
    this.#recordings.set(stream, [...kept, ...added]);
    this.#retained.add(stream, isOwn);
    for (const recording of known) if (!kept.includes(recording)) recording.stop("stopped");
    for (const recording of [...kept, ...added]) {
      if (isOwn && recording.plan.own) recording.tell = tell;
    }
    for (const recording of added) recording.begin();
  }

  #make(stream: LiveStream, plan: RecordPlan): StreamRecording {
    const { folder, runtime } = this.#surroundings;
    const { app, name } = stream;
    return new StreamRecording({
      ...{ stream, plan, folder, files: this.#files },
      now: () => runtime.clock.now(),
      onBehind: () =>
        logger.warn("disk is behind: frames are left out of a recording", { app, name }),
    });
  }

  #end(stream: LiveStream, why: FileEnd): boolean {
    const recordings = this.#recordings.get(stream);
    if (recordings === undefined) return false;
    this.#recordings.delete(stream);
    for (const recording of recordings) recording.stop(why);
    return true;
  }

  // What is done from time to time

  #flushSoon(): void {
    const { clock } = this.#surroundings.runtime;
    this.#flushTimer = clock.after(FLUSH_MS, () => {
      const now = clock.now();
      for (const recording of this.#all()) recording.flush(now);
      this.#queue.tick();
      this.#note();
      this.#flushSoon();
    });
  }

  async #restore(): Promise<void> {
    try {
      this.#retained.restore(await this.#surroundings.folder.notes?.load() ?? []);
    } catch (error) {
      this.#files.fault("notes", error);
    }
  }

  /** Keeps for the next time which streams were recorded that no pattern names. */
  #note(): void {
    if (this.#retained.hasChanged && !this.#isNoting) this.#files.track(this.#saveNotes());
  }

  async #saveNotes(): Promise<void> {
    this.#isNoting = true;
    await this.#restored;
    this.#retained.hasChanged = false;
    try {
      await this.#surroundings.folder.notes?.save(this.#retained.lines);
    } catch (error) {
      this.#files.fault("notes", error);
    } finally {
      this.#isNoting = false;
    }
  }

  #sweepSoon(ms: number): void {
    const { clock } = this.#surroundings.runtime;
    this.#sweepTimer = clock.after(ms, () => {
      if (!this.#isSweeping) this.#files.track(this.#sweep());
      this.#sweepSoon(SWEEP_MS);
    });
  }

  async #sweep(): Promise<void> {
    const { folder, runtime } = this.#surroundings;
    this.#isSweeping = true;
    await this.#restored;
    try {
      const isRecording = (path: string) => this.#retained.has(path);
      for (const { path } of await sweep(folder, this.#limits, runtime.clock.wall(), isRecording)) {
        logger.info("recording removed", { file: path });
      }
    } catch (error) {
      this.#files.fault("sweep", error);
    } finally {
      this.#isSweeping = false;
    }
  }
}
