/**
 * An RTMP service that records into a folder of its own, without a port.
 *
 * @module
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Plugin,
  RecordedContext,
  RecordFailedContext,
  RecordStartContext,
} from "../../src/plugin/mod.ts";
import type { MediaFolder } from "../../src/recordings/folder.ts";
import { RecordService, type RecordSettings } from "../../src/service/record/mod.ts";
import { MediaFiles } from "../../src/storage/media_files.ts";
import { FlvReader } from "./flv_reader.ts";
import { Rig, type RigClient, type SETTINGS } from "./rtmp_service.ts";

/** The settings of `record` if a test says nothing else. */
const RECORD: RecordSettings = {
  streams: [],
  publishers: [],
  format: "flv",
  file: "{number}",
  segmentMs: 0,
  segmentBytes: 0,
  queueBytes: 1e8,
  keepMs: 0,
  keepBytes: 0,
  keepFiles: 0,
};

/** What a test sets up. */
export interface RecordSetUp {
  readonly record?: Partial<RecordSettings>;
  readonly settings?: Partial<typeof SETTINGS>;
  readonly plugins?: readonly Plugin[];
  /** Puts files into the folder before the server begins; there are folders for `live/other`. */
  readonly fill?: (folder: string) => void;
  /** Wraps the folder that is written to. */
  readonly disk?: (folder: MediaFolder) => MediaFolder;
}

/** A server that records. */
export class RecordRig implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), "sluice-records-"));
  readonly rig: Rig;
  readonly service: RecordService;
  readonly started: RecordStartContext[] = [];
  readonly recorded: RecordedContext[] = [];
  readonly failed: RecordFailedContext[] = [];

  constructor(
    { record = {}, settings = {}, plugins = [], disk = (folder) => folder, fill }: RecordSetUp,
  ) {
    if (fill !== undefined) {
      mkdirSync(join(this.path, "live", "other"), { recursive: true });
      fill(this.path);
    }
    const folder = disk(new MediaFiles(this.path));
    const witness: Plugin = {
      name: "recorded",
      onRecordStart: (context) => void this.started.push(context),
      onRecorded: (context) => void this.recorded.push(context),
      onRecordFailed: (context) => void this.failed.push(context),
    };
    const recorder: NonNullable<(typeof SETTINGS)["recorder"]> = (parts) =>
      new RecordService({ ...parts, folder, config: { ...RECORD, ...record } });
    this.rig = new Rig({ ...settings, recorder }, ...plugins, witness);
    this.service = this.rig.recorder!;
    this.service.start();
  }

  /** A client that publishes, with what it was told so far. */
  publish(name = "test", type = "live"): RigClient {
    const client = this.rig.client().connected();
    client.publish(1, name, type);
    return client;
  }

  /** Waits until something is so. */
  async until(is: () => boolean): Promise<void> {
    for (let turn = 0; turn < 3_000; turn++) {
      if (is()) return;
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error(`not so: ${is}`);
  }

  /** All files, hidden ones included. */
  files(): string[] {
    return readdirSync(this.path, { recursive: true }).map(String)
      .filter((name) => statSync(join(this.path, name)).isFile()).sort();
  }

  /** The times of sound and pictures in an FLV file, headers left out. */
  times(file: string): number[] {
    const reader = new FlvReader();
    reader.add(new Uint8Array(readFileSync(join(this.path, file))));
    if (!reader.whole) throw new Error(`${file} is not whole`);
    return reader.tags.filter(({ type, body }) => type !== 18 && body[1] !== 0)
      .map(({ timestamp }) => timestamp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop(2_000);
    await this.rig.stop(0);
    rmSync(this.path, { recursive: true });
  }
}
