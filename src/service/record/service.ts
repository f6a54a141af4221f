/**
 * All recordings of one server: which streams are recorded, and what becomes of their files.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { errorText } from "../../faults.ts";
import type { HubObserver, LiveStream, MediaFrame } from "../../hub/mod.ts";
import type { Timer } from "../../ports.ts";
import { DiskWriter, type WriteBudget } from "../../recordings/disk_writer.ts";
import type { MediaFolder, MediaTarget } from "../../recordings/folder.ts";
import type { RecordingLibrary } from "../../recordings/library.ts";
import { LimitedLog } from "../limited_log.ts";
import type { Service, Surroundings } from "../surroundings.ts";
import { type FileEnd, FileUnderWay, type FinishedFile } from "./file_under_way.ts";
import { recordingPath } from "./file_name.ts";
import { formatOf, FORMATS } from "./formats.ts";
import { Recorder } from "./recorder.ts";
import { type RetentionLimits, sweep } from "./retention.ts";
import { StreamPatterns } from "./stream_patterns.ts";

const logger = getLogger(["sluice", "record"]);

/** How often what was recorded is handed to the disk where no frame does (ms). */
const FLUSH_MS = 1_000;

/** How often recordings are looked at that may have to go (ms). */
const SWEEP_MS = 60_000;

/** Most bytes that wait to be written to one file: one disk that stalls must not take what is for all. */
const FILE_QUEUE_BYTES = 8 * 1024 * 1024;

/** The settings used here; see the configuration table. */
export interface RecordSettings {
  readonly streams: readonly string[];
  readonly format: "flv" | "mp4";
  readonly file: string;
  readonly segmentMs: number;
  readonly segmentBytes: number;
  readonly queueBytes: number;
  readonly keepMs: number;
  readonly keepBytes: number;
  readonly keepFiles: number;
}

/** What the service is made with. */
export interface RecordSurroundings extends Pick<Surroundings, "runtime" | "hub" | "faults"> {
  readonly config: RecordSettings;
  readonly folder: MediaFolder;
  /** Is told of files under way, so that they can be played. */
  readonly recordings?: RecordingLibrary | undefined;
}

/** A stream that is recorded. */
interface Recording {
  readonly recorder: Recorder;
  /** Takes no frames any more. */
  readonly leave: () => void;
}

/** Records streams. */
export class RecordService implements Service, HubObserver {
  readonly #surroundings: RecordSurroundings;
  readonly #patterns: StreamPatterns;
  readonly #budget: WriteBudget;
  readonly #limits: RetentionLimits;
  readonly #log = new LimitedLog(logger);
  readonly #recordings = new Map<LiveStream, Recording>();
  /** Files that are being finished. */
  readonly #ending = new Set<Promise<void>>();
  #flushTimer: Timer | undefined;
  #sweepTimer: Timer | undefined;
  #isSweeping = false;
  #stopping = false;

  constructor(surroundings: RecordSurroundings) {
    const { config, hub } = surroundings;
    this.#surroundings = surroundings;
    this.#patterns = new StreamPatterns(config.streams);
    this.#budget = { most: config.queueBytes, bytes: 0 };
    this.#limits = {
      ageMs: config.keepMs || Infinity,
      bytes: config.keepBytes || Infinity,
      count: config.keepFiles || Infinity,
    };
    hub.observe(this);
  }

  start(): void {
    this.#flushSoon();
    this.#sweepSoon(0);
    this.#track(this.#mendLeftovers().catch((error) => this.#onDiskFault("mend", error)));
  }

  onLive(stream: LiveStream): void {
    if (this.#patterns.has(stream)) this.record(stream);
  }

  onEnded(stream: LiveStream, reason: string): void {
    this.stopRecording(stream, reason === "shutdown" ? "shutdown" : "unpublished");
  }

  onFault(error: unknown): void {
    this.#surroundings.faults.count("record", error);
  }

  /** Records a stream from now on. @returns `false` when that is done already, or the server stops */
  record(stream: LiveStream): boolean {
    if (this.#stopping || this.#recordings.has(stream)) return false;
    const { config, runtime } = this.#surroundings;
    const recorder = new Recorder(stream, {
      segmentMs: config.segmentMs || Infinity,
      segmentBytes: config.segmentBytes || Infinity,
      begin: (number, headers) => this.#begin(stream, number, headers),
      onBehind: () =>
        logger.warn("disk is behind: frames are left out of a recording", {
          app: stream.app,
          name: stream.name,
        }),
    });
    const leave = stream.tap(recorder, runtime.clock.now());
    this.#recordings.set(stream, { recorder, leave });
    return true;
  }

  /** Ends the recording of a stream. @returns `false` when there is none */
  stopRecording(stream: LiveStream, why: FileEnd): boolean {
    const recording = this.#recordings.get(stream);
    if (recording === undefined) return false;
    this.#recordings.delete(stream);
    recording.leave();
    recording.recorder.stop(why);
    return true;
  }

  async stop(limitMs: number): Promise<void> {
    this.#stopping = true;
    this.#flushTimer?.cancel();
    this.#sweepTimer?.cancel();
    for (const stream of [...this.#recordings.keys()]) this.stopRecording(stream, "shutdown");
    let timer: Timer | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = this.#surroundings.runtime.clock.after(limitMs, resolve);
    });
    await Promise.race([Promise.all([...this.#ending]), limit]);
    timer?.cancel();
  }

  #begin(stream: LiveStream, number: number, headers: readonly MediaFrame[]): FileUnderWay {
    const { config, folder, runtime, recordings } = this.#surroundings;
    const { app, name } = stream;
    const path = recordingPath(config.file, { app, name, start: runtime.clock.wall(), number });
    const { begin, extension, mend } = FORMATS[config.format];
    const file = path === undefined ? "" : path + extension;
    const target: Promise<MediaTarget> = path === undefined
      ? Promise.reject(new Error(`The name of a file of ${app}/${name} would be too long`))
      : folder.create(file);
    const writer = new DiskWriter(target, 0, {
      most: FILE_QUEUE_BYTES,
      budget: this.#budget,
      onFault: (error) => this.#onDiskFault(`${app}/${name}`, error),
    });
    const { segmentMs } = config;
    const onProblem = (problem: string) =>
      logger.warn("not all can be recorded", { app, name, file, problem });
    let forget = () => {};
    target.then((file) => forget = recordings?.began({ app, name }, file) ?? forget, () => {});
    logger.info("recording", { app, name, file });
    return new FileUnderWay({
      ...{ target, writer, mend, replace: false },
      recording: begin(writer, { headers, segmentMs, onProblem }),
      onEnding: (ended) => {
        this.#track(ended);
        // Who plays it is told that this was all once all of it can be read.
        ended.finally(() => forget());
      },
      onFinished: (done) => this.#onFinished(stream, done),
      onFailed: (error) => this.#onDiskFault(`${app}/${name}`, error),
    });
  }

  #onFinished({ app, name }: Pick<LiveStream, "app" | "name">, file: FinishedFile): void {
    const { path, duration, bytes, why } = file;
    logger.info("recorded", { app, name, file: path, ms: duration, bytes, why });
  }

  /** What it says of a path is the disk's own, and for the log. */
  #onDiskFault(what: string, error: unknown): void {
    this.#surroundings.faults.count("record", error);
    const properties = { stream: what, error: errorText(error) };
    const now = this.#surroundings.runtime.clock.now();
    this.#log.say("warn", "recording failed", properties, now);
  }

  #track(ended: Promise<void>): void {
    this.#ending.add(ended);
    ended.finally(() => this.#ending.delete(ended));
  }

  /** Finishes what a crash left under way. */
  async #mendLeftovers(): Promise<void> {
    const isOurs = (path: string) => formatOf(path) !== undefined;
    for await (const target of this.#surroundings.folder.leftovers(isOurs)) {
      try {
        const { duration, size } = await formatOf(target.path)!.mend(target);
        if (size === 0) await target.discard();
        else {
          const path = await target.finish(false);
          logger.info("recording mended", { file: path, ms: duration, bytes: size });
        }
      } catch (error) {
        await target.leave().catch(() => {});
        this.#onDiskFault(target.path, error);
      }
      if (this.#stopping) return;
    }
  }

  #flushSoon(): void {
    const { clock } = this.#surroundings.runtime;
    this.#flushTimer = clock.after(FLUSH_MS, () => {
      const now = clock.now();
      for (const { recorder } of this.#recordings.values()) recorder.flush(now);
      this.#flushSoon();
    });
  }

  #sweepSoon(ms: number): void {
    const { clock } = this.#surroundings.runtime;
    this.#sweepTimer = clock.after(ms, () => {
      if (!this.#isSweeping) this.#track(this.#sweep());
      this.#sweepSoon(SWEEP_MS);
    });
  }

  async #sweep(): Promise<void> {
    const { folder, runtime } = this.#surroundings;
    this.#isSweeping = true;
    try {
      // In the folder of a stream that is recorded: others are of whoever put them there.
      const isRecording = (path: string) => {
        const [file, name, ...app] = path.split("/").reverse();
        return formatOf(file!) !== undefined && name !== undefined &&
          this.#patterns.has({ app: app.reverse().join("/"), name });
      };
      for (const { path } of await sweep(folder, this.#limits, runtime.clock.wall(), isRecording)) {
        logger.info("recording removed", { file: path });
      }
    } catch (error) {
      this.#onDiskFault("sweep", error);
    } finally {
      this.#isSweeping = false;
    }
  }
}
