/**
 * The formats of recordings: how a file begins, and how one that ends anywhere is mended.
 *
 * @module
 */
import type { SampleProblem } from "../../core/samples/mod.ts";
import { FrameKind, type MediaFrame } from "../../hub/mod.ts";
import { FlvRecording } from "../../recordings/flv_recording.ts";
import type { MediaTarget } from "../../recordings/folder.ts";
import { type FlvContents, mendFlv } from "../../recordings/mend_flv.ts";
import { mendMp4 } from "../../recordings/mend_mp4.ts";
import { Mp4Recording } from "../../recordings/mp4_recording.ts";
import { RECORD_FORMATS, type RecordFormat } from "../../recordings/record_wish.ts";
import type { RecordingFile, RecordingSink } from "../../recordings/recording_file.ts";

/** Key frames that an index has room for in a file that is not cut: two hours of one every two seconds. */
const INDEX_ENTRIES = 3_600;

/** Shortest distance of key frames that an index is laid out for (ms). */
const KEY_FRAME_MS = 500;

/** What a file is begun with. */
export interface FileBeginning {
  /** Headers and stored data of the stream. */
  readonly headers: readonly MediaFrame[];
  /** How long it will be about (ms); 0 if nobody knows. */
  readonly segmentMs: number;
  /** What is in the file already that is gone on with. */
  readonly contents?: FlvContents | undefined;
  /** Is told how many bytes of media more are held in memory, or fewer. */
  readonly count: (bytes: number) => void;
  /** A track cannot be held in this format, in words. */
  readonly onProblem: (problem: string) => void;
}

/** A file that was mended. */
export interface MendedFile {
  /** How long it lasts (ms). */
  readonly duration: number;
  /** Bytes. */
  readonly size: number;
  /** When it was last written to before (ms since 1970). */
  readonly modified: number;
}

/** A format. */
export interface RecordingFormat {
  /** What its files end with, the dot included. */
  readonly extension: string;
  begin(sink: RecordingSink, beginning: FileBeginning): RecordingFile;
  /**
   * Makes a file that ends anywhere one that ends with its last whole message.
   *
   * @returns how long it lasts (ms), and its bytes; 0 if it has no media
   */
  mend(target: MediaTarget): Promise<MendedFile>;
}

const flv: RecordingFormat = {
  extension: ".flv",
  begin(sink, { headers, segmentMs, contents }) {
    const has = (kind: number) => headers.some((header) => header.kind === kind);
    const indexEntries = segmentMs > 0
      ? Math.min(INDEX_ENTRIES, Math.ceil(segmentMs / KEY_FRAME_MS) + 16)
      : INDEX_ENTRIES;
    const metadata = headers.find(({ kind }) => kind === FrameKind.Data)?.payload;
    return new FlvRecording(sink, {
      ...{ metadata, indexEntries, contents },
      hasAudio: has(FrameKind.Audio),
      hasVideo: has(FrameKind.Video),
    });
  },
  mend: mendFlv,
};

const mp4: RecordingFormat = {
  extension: ".mp4",
  begin(sink, { onProblem, count }) {
    const told = ({ kind, trackId, problem }: SampleProblem) =>
      onProblem(`${kind} track ${trackId}: ${problem}`);
    return new Mp4Recording(sink, told, count);
  },
  mend: mendMp4,
};

/** All of them, by the names that the settings know. */
export const FORMATS: Readonly<Record<RecordFormat, RecordingFormat>> = { flv, mp4 };

/** The format of a file by its name. */
export function formatOf(path: string): RecordFormat | undefined {
  return RECORD_FORMATS.find((format) => path.endsWith(FORMATS[format].extension));
}
