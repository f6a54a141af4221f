/**
 * One stream recorded in one way: the tap that does it, and what can be said of it.
 *
 * @module
 */
import type { LiveStream } from "../../hub/mod.ts";
import { recordingFolder } from "../../recordings/file_name.ts";
import type { MediaFolder } from "../../recordings/folder.ts";
import { reopenFlv } from "../../recordings/reopen_flv.ts";
import type { RecordedSeries } from "../../recordings/series.ts";
import type { RecordStatus } from "../publish_recorder.ts";
import type { FileEnd } from "./file_under_way.ts";
import type { AppendedFile, RecordFiles } from "./files.ts";
import type { RecordPlan } from "./plan.ts";
import { Recorder } from "./recorder.ts";

/** How much later than the end of a file its next message is (ms): a picture of 25 a second. */
const APPEND_GAP_MS = 40;

/** What a recording is begun with. */
export interface StreamRecordingOptions {
  readonly stream: LiveStream;
  readonly plan: RecordPlan;
  readonly files: RecordFiles;
  readonly folder: MediaFolder;
  /** The clock (ms). */
  readonly now: () => number;
  /** The disk is behind; told once. */
  readonly onBehind: () => void;
}

/** A stream that is recorded. */
export class StreamRecording {
  readonly stream: LiveStream;
  readonly plan: RecordPlan;
  readonly #options: StreamRecordingOptions;
  #recorder: Recorder | undefined;
  #leave = () => {};
  /** What is played of it while it goes on; another one where its disk failed and takes it again. */
  #series: RecordedSeries | undefined;
  /** Whoever asked for it; another one may have come since. */
  tell: (status: RecordStatus) => void = () => {};
  /** As the file under way will be called; `undefined` while there is none. */
  file: string | undefined;
  /** Why it was stopped. */
  #ended: FileEnd | undefined;

  constructor(options: StreamRecordingOptions) {
    this.#options = options;
    this.stream = options.stream;
    this.plan = options.plan;
  }

  /** Takes frames from now on; where a file is gone on with, once it is open. */
  begin(): void {
    if (this.plan.own === "append") this.#options.files.track(this.#beginAppending());
    else this.#begin(undefined);
  }

  /** The last time of the file under way (ms). */
  get durationMs(): number {
    return this.#recorder?.file?.duration ?? 0;
  }

  /** Bytes of the file under way. */
  get bytes(): number {
    return this.#recorder?.file?.bytes ?? 0;
  }

  /** Messages that were left out because the disk was behind. */
  get omitted(): number {
    return this.#recorder?.omitted ?? 0;
  }

  /** Hands on to the disk what was recorded a while ago. */
  flush(now: number): void {
    this.#recorder?.flushOld(now);
  }

  /** Ends it, and its file. */
  stop(why: FileEnd): void {
    this.#ended = why;
    this.#leave();
    this.#recorder?.stop(why);
    this.#series?.end();
  }

  #begin(appended: AppendedFile | undefined): void {
    const { stream, plan, files, onBehind, now } = this.#options;
    let unused = appended;
    const recorder = new Recorder(stream, {
      segmentMs: plan.segmentMs || Infinity,
      segmentBytes: plan.segmentBytes || Infinity,
      start: appended === undefined ? 0 : appended.contents.duration + APPEND_GAP_MS,
      begin: (number, headers, start) => {
        if (this.#series?.hasEnded !== false) {
          this.#series = files.beginSeries(stream, start);
        }
        const series = this.#series;
        const parts = { stream, plan, number, headers, start, series, appended: unused };
        unused = undefined;
        this.file = undefined;
        return files.begin({
          ...parts,
          tell: (status) => this.tell(status),
          onPlace: (file) => this.file = file,
        });
      },
      onBehind,
    });
    this.#recorder = recorder;
    this.#leave = stream.tap(recorder, now());
    // Without a single frame the file is as it was.
    if (appended === undefined) return;
    const leave = this.#leave;
    this.#leave = () => {
      leave();
      if (unused !== undefined) files.track(this.#giveBack(unused));
      unused = undefined;
    };
  }

  async #beginAppending(): Promise<void> {
    const { folder, files, stream } = this.#options;
    const path = `${recordingFolder(stream)}.flv`;
    try {
      const target = await folder.resume(path);
      if (target === undefined) {
        if (this.#ended === undefined) this.#begin(undefined);
        return;
      }
      let appended: AppendedFile;
      try {
        appended = { target, contents: await reopenFlv(target) };
      } catch (error) {
        // It is left as it was.
        await target.finish(false);
        throw error;
      }
      if (this.#ended === undefined && stream.live) this.#begin(appended);
      else await target.finish(false);
    } catch (error) {
      files.refused(stream, this.plan, path, error);
      this.tell("Failed");
    }
  }

  async #giveBack({ target }: AppendedFile): Promise<void> {
    try {
      await target.finish(false);
    } catch (error) {
      this.#options.files.fault(target.path, error);
    }
  }
}
