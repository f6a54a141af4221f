/**
 * A recorder with a folder of its own, and the frames that it is fed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AmfEcmaArray, decodeAmf0, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { asRecord } from "../../src/core/amf/mod.ts";
import { FrameFlag, FrameKind, type MediaFrame } from "../../src/hub/mod.ts";
import { DiskQueue } from "../../src/recordings/disk_queue.ts";
import { DiskWriter } from "../../src/recordings/disk_writer.ts";
import { FlvRecording, type FlvRecordingOptions } from "../../src/recordings/flv_recording.ts";
import type { RecordedMessage, RecordingSink } from "../../src/recordings/recording_file.ts";
import type { MediaTarget } from "../../src/recordings/folder.ts";
import { mendFlv } from "../../src/recordings/mend_flv.ts";
import { FileUnderWay, type FinishedFile } from "../../src/service/record/file_under_way.ts";
import { Recorder } from "../../src/service/record/recorder.ts";
import { MediaFiles } from "../../src/storage/media_files.ts";
import { FlvReader, type FlvTag } from "./flv_reader.ts";

const METADATA = encodeAmf0("onMetaData", new AmfEcmaArray([["width", 320]]));
const frame = (kind: number, timestamp: number, flags: number, ...payload: number[]) =>
  ({ kind, timestamp, flags, payload: Uint8Array.from(payload) }) satisfies MediaFrame;
export const META = { ...frame(FrameKind.Data, 0, FrameFlag.Header), payload: METADATA };
export const AVC = frame(FrameKind.Video, 0, FrameFlag.Header, 0x17, 0, 0, 0, 0, 1);
export const AAC = frame(FrameKind.Audio, 0, FrameFlag.Header, 0xaf, 0, 0x12, 0x10);
export const key = (time: number) =>
  frame(FrameKind.Video, time, FrameFlag.Key, 0x17, 1, 0, 0, 0, 7);
export const inter = (time: number) =>
  frame(FrameKind.Video, time, FrameFlag.Inter, 0x27, 1, 0, 0, 0, 8);
export const sound = (time: number) => frame(FrameKind.Audio, time, 0, 0xaf, 1, 9);

interface SetUp {
  readonly headers?: readonly MediaFrame[];
  readonly segmentMs?: number;
  readonly segmentBytes?: number;
  /** Where the first file goes on (ms). */
  readonly start?: number;
  readonly most?: number;
  /** Whether a file of the format can hold but the headers that it began with. */
  readonly oneFormat?: boolean;
  /** Wraps the file that is written to. */
  readonly disk?: (target: MediaTarget) => MediaTarget;
}

/** A format such as MP4, of which a file has the tracks that it began with and no others. */
class OneFormat extends FlvRecording {
  readonly #known: readonly number[];

  constructor(
    sink: RecordingSink,
    options: FlvRecordingOptions,
    known: readonly MediaFrame[],
  ) {
    super(sink, options);
    this.#known = known.map(({ payload }) => payload.at(-1)!);
  }

  override write(message: RecordedMessage): ReturnType<FlvRecording["write"]> {
    const isOther = message.header && !this.#known.includes(message.payload.at(-1)!);
    return isOther ? "other-file" : super.write(message);
  }
}

/** A recorder that writes files into a folder of its own. */
export class Rig implements AsyncDisposable {
  readonly path = mkdtempSync(join(tmpdir(), "sluice-recorder-"));
  readonly folder = new MediaFiles(this.path);
  readonly finished: FinishedFile[] = [];
  readonly faults: string[] = [];
  /** Where files began on the time line of the recording (ms). */
  readonly starts: number[] = [];
  readonly budget = new DiskQueue(1e9);
  readonly files: FileUnderWay[] = [];
  readonly recorder: Recorder;
  headers: readonly MediaFrame[];
  behind = 0;

  constructor(
    {
      headers = [META, AVC, AAC],
      segmentMs = Infinity,
      segmentBytes = Infinity,
      start,
      most = 1e6,
      oneFormat = false,
      disk,
    }: SetUp = {},
  ) {
    this.headers = headers;
    const stream = { headers: () => this.headers };
    const begin = (number: number, known: readonly MediaFrame[], start: number) => {
      this.starts.push(start);
      const target = this.folder.create(`${number}.flv`).then(disk ?? ((file) => file));
      const onFault = (error: unknown) => void this.faults.push(String(error));
      const writer = new DiskWriter(target, 0, { most, budget: this.budget, onFault });
      const metadata = known.find(({ kind }) => kind === FrameKind.Data)?.payload;
      const hasVideo = known.some(({ kind }) => kind === FrameKind.Video);
      const options = { metadata, hasAudio: true, hasVideo, indexEntries: 10 };
      const file = new FileUnderWay({
        ...{ target, writer, replace: false, mend: mendFlv },
        recording: oneFormat
          ? new OneFormat(writer, options, known)
          : new FlvRecording(writer, options),
        onFinished: (done) => this.finished.push(done),
        onFailed: (error) => this.faults.push(`failed: ${error}`),
      });
      this.files.push(file);
      return file;
    };
    const onBehind = () => this.behind++;
    const limits = { segmentMs, segmentBytes, ...(start === undefined ? {} : { start }) };
    this.recorder = new Recorder(stream, { ...limits, begin, onBehind });
  }

  feed(...frames: MediaFrame[]): void {
    for (const each of frames) this.recorder.onFrame(each, each.timestamp);
  }

  async end(): Promise<void> {
    this.recorder.stop("unpublished");
    await Promise.all(this.files.map(({ ended }) => ended));
  }

  /** The tags of a file behind its metadata, as text; and the metadata. */
  read(name: string): { tags: string[]; metadata: ReadonlyMap<string, unknown>; flags?: number } {
    const reader = new FlvReader();
    reader.add(new Uint8Array(readFileSync(join(this.path, name))));
    assert.ok(reader.whole, "the file ends with a whole tag");
    const [first, ...rest] = reader.tags;
    assert.equal(first?.type, 18);
    const metadata = asRecord(decodeAmf0(first!.body)[1])!;
    return { tags: rest.map(shown), metadata, ...{ flags: reader.flags! } };
  }

  names(): string[] {
    return readdirSync(this.path).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    rmSync(this.path, { recursive: true });
  }
}

function shown({ type, timestamp, body }: FlvTag): string {
  const kind = type === 8 ? "sound" : type === 9 ? "picture" : "data";
  const packet = type !== 18 && body[1] === 0 ? " header" : body[0] === 0x17 ? " key" : "";
  return `${kind}${packet} ${timestamp}`;
}
