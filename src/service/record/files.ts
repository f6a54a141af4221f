/**
 * Begins the files of recordings, and tells of them: the log, plugins, who plays them while they grow.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { describeMedia } from "../../core/media/mod.ts";
import { errorText, type Faults } from "../../faults.ts";
import {
  FrameKind,
  type LiveStream,
  type MediaFrame,
  type MediaMemory,
  type StreamKey,
} from "../../hub/mod.ts";
import type { PluginRunner, RecordedTrack } from "../../plugin/mod.ts";
import type { Runtime } from "../../ports.ts";
import type { DiskQueue } from "../../recordings/disk_queue.ts";
import { DiskWriter } from "../../recordings/disk_writer.ts";
import { recordingFolder, recordingPath } from "../../recordings/file_name.ts";
import type { MediaFolder, MediaTarget } from "../../recordings/folder.ts";
import type { RecordingLibrary } from "../../recordings/library.ts";
import type { FlvContents } from "../../recordings/mend_flv.ts";
import type { RecordedSeries } from "../../recordings/series.ts";
import { LimitedLog } from "../limited_log.ts";
import type { RecordStatus } from "../publish_recorder.ts";
import { FileUnderWay, type FinishedFile } from "./file_under_way.ts";
import { FORMATS } from "./formats.ts";
import type { RecordPlan } from "./plan.ts";

const logger = getLogger(["sluice", "record"]);

/** Most bytes that wait to be written to one file: one disk that stalls must not take what is for all. */
const FILE_QUEUE_BYTES = 8 * 1024 * 1024;

/** What files are begun with. */
export interface RecordFilesOptions {
  readonly runtime: Pick<Runtime, "clock">;
  readonly faults: Faults;
  readonly plugins: PluginRunner;
  readonly folder: MediaFolder;
  /** Is told of files under way, so that they can be played. */
  readonly recordings?: RecordingLibrary | undefined;
  /** What media in memory is counted in. */
  readonly memory: MediaMemory;
  /** Bytes that may wait to be written, of all files together. */
  readonly budget: DiskQueue;
}

/** A file that is gone on with, and what is in it. */
export interface AppendedFile {
  readonly target: MediaTarget;
  readonly contents: FlvContents;
}

/** What one file is begun for. */
export interface NewFile {
  readonly stream: LiveStream;
  readonly plan: RecordPlan;
  /** From 1, in its recording. */
  readonly number: number;
  readonly headers: readonly MediaFrame[];
  /** Where it begins on the time line of its recording (ms). */
  readonly start: number;
  /** The recording, for those who play it. */
  readonly series: RecordedSeries | undefined;
  readonly appended?: AppendedFile | undefined;
  /** Whoever asked for it is told. */
  readonly tell: (status: RecordStatus) => void;
  /** It has a place, under which it can be found once it is finished. */
  readonly onPlace: (file: string) => void;
}

/** The files of one server. */
export class RecordFiles {
  readonly #options: RecordFilesOptions;
  readonly #log = new LimitedLog(logger);
  /** Files that are being finished, and whatever else has to be over before the server is. */
  readonly #ending = new Set<Promise<void>>();

  constructor(options: RecordFilesOptions) {
    this.#options = options;
  }

  /** Resolves once all that has begun to end has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#ending]);
  }

  /** Is waited for by {@link ended}; never rejects. */
  track(work: Promise<void>): void {
    this.#ending.add(work);
    work.finally(() => this.#ending.delete(work));
  }

  /** Counts and logs a fault of the disk. What it says of a path is the disk's own, and for the log. */
  fault(what: string, error: unknown): void {
    const { faults, runtime } = this.#options;
    faults.count("record", error);
    const properties = { stream: what, error: errorText(error) };
    this.#log.say("warn", "recording failed", properties, runtime.clock.now());
  }

  /** A file cannot be gone on with. */
  refused({ app, name }: StreamKey, { format }: RecordPlan, file: string, error: unknown): void {
    this.fault(`${app}/${name}`, error);
    const { plugins } = this.#options;
    plugins.recordFailed({ app, name, file, format, error: errorText(error) });
  }

  /** A recording begins, which can be played while it goes on; `undefined` where nothing is played. */
  beginSeries({ app, name }: StreamKey, zero: number): RecordedSeries | undefined {
    return this.#options.recordings?.begin({ app, name }, zero);
  }

  /** Begins a file. */
  begin(file: NewFile): FileUnderWay {
    const { stream, plan, number, headers, series, appended, tell, onPlace } = file;
    const { folder, runtime, plugins, budget } = this.#options;
    const { app, name } = stream;
    const start = runtime.clock.wall();
    const { begin, extension, mend } = FORMATS[plan.format];
    const path = plan.own === undefined
      ? recordingPath(plan.file, { app, name, start, number })
      : recordingFolder(stream);
    let place = path === undefined ? "" : path + extension;
    const about = { app, name, format: plan.format, start };
    const target: Promise<MediaTarget> = path === undefined
      ? Promise.reject(new Error(`The name of a file of ${app}/${name} would be too long`))
      : appended === undefined
      ? folder.create(place)
      : Promise.resolve(appended.target);
    let failed = false;
    const onFailed = (error: unknown) => {
      if (failed) return;
      failed = true;
      this.fault(`${app}/${name}`, error);
      const { format } = plan;
      plugins.recordFailed({ app, name, file: place, format, error: errorText(error) });
      // Who plays it gets what is whole, and is not kept waiting for more.
      series?.end();
      tell("Failed");
    };
    const writer = new DiskWriter(target, appended?.contents.size ?? 0, {
      most: FILE_QUEUE_BYTES,
      budget,
      onFault: onFailed,
    });
    const part = series?.begin(number, file.start);
    let finished: string | undefined;
    target.then((opened) => {
      place = opened.path;
      onPlace(place);
      part?.onOpen(opened);
      logger.info("recording", { app, name, file: place });
      plugins.recordStart({ ...about, file: place });
      tell("Start");
    }, () => {});
    const onProblem = (problem: string) =>
      logger.warn("not all can be recorded", { app, name, file: place, problem });
    const { segmentMs } = plan;
    let tracks: readonly RecordedTrack[] = [];
    return new FileUnderWay({
      ...{ target, writer, mend, replace: plan.own !== undefined && number === 1 },
      recording: begin(writer, {
        ...{ headers, segmentMs, onProblem, contents: appended?.contents },
        count: (bytes) => this.#options.memory.count(bytes),
      }),
      onEnding: (ended) => {
        tracks = tracksOf(stream);
        this.track(ended);
        // Who plays it is told that this was all once all of it can be read.
        ended.finally(() => part?.onEnd(finished));
      },
      onFinished: (done) => {
        this.#onFinished({ app, name }, done);
        const { path, duration: durationMs, bytes, why: reason } = done;
        finished = path;
        plugins.recorded({ ...about, file: path, durationMs, bytes, tracks, reason });
        if (!failed) tell("Stop");
      },
      onFailed,
    });
  }

  #onFinished({ app, name }: StreamKey, file: FinishedFile): void {
    const { path, duration, bytes, why } = file;
    logger.info("recorded", { app, name, file: path, ms: duration, bytes, why });
  }
}

function tracksOf({ description }: LiveStream): RecordedTrack[] {
  const tracks: RecordedTrack[] = [];
  for (const kind of [FrameKind.Video, FrameKind.Audio]) {
    for (const { id, header, sample } of description.tracks(kind)) {
      const said = kind === FrameKind.Video
        ? describeMedia({ videoHeader: header?.payload, lastVideo: sample }).video
        : describeMedia({ audioHeader: header?.payload, lastAudio: sample }).audio;
      if (said === undefined) continue;
      tracks.push({ kind: kind === FrameKind.Video ? "video" : "audio", id, codec: said.codec });
    }
  }
  return tracks;
}
