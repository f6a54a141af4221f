/**
 * One file that is recorded: what is in it, and how it is finished.
 *
 * @module
 */
import type { DiskWriter } from "../../recordings/disk_writer.ts";
import type { RecordEnd } from "../../plugin/mod.ts";
import type { MediaTarget } from "../../recordings/folder.ts";
import type { RecordedMessage, RecordingFile } from "../../recordings/recording_file.ts";

/** Why a file ended. */
export type FileEnd = Exclude<RecordEnd, "crash">;

/** What is told of a finished file. */
export interface FinishedFile {
  /** In the folder of media. */
  readonly path: string;
  /** Milliseconds. */
  readonly duration: number;
  readonly bytes: number;
  readonly why: FileEnd;
}

/** What a file under way is made of. */
export interface FileParts {
  readonly target: Promise<MediaTarget>;
  readonly writer: DiskWriter;
  readonly recording: RecordingFile;
  /** Whether it takes the place of a file of its name. */
  readonly replace: boolean;
  /** It is being finished until that resolves; it never rejects. */
  readonly onEnding?: (ended: Promise<void>) => void;
  /** It is a finished file. */
  readonly onFinished: (file: FinishedFile) => void;
  /** It could not be finished. What is there of it stays hidden, and is mended by {@link mend}. */
  readonly onFailed: (error: unknown) => void;
  /** Makes a file that ends anywhere one that ends with its last whole message. */
  readonly mend: (target: MediaTarget) => Promise<{ duration: number; size: number }>;
}

/** A file under way. */
export class FileUnderWay {
  readonly #parts: FileParts;
  /** Resolves once it is finished, or could not be. */
  ended: Promise<void> | undefined;

  constructor(parts: FileParts) {
    this.#parts = parts;
  }

  /** The last time so far (ms). */
  get duration(): number {
    return this.#parts.recording.duration;
  }

  /** Bytes so far, those included that wait to be written. */
  get bytes(): number {
    return this.#parts.writer.position;
  }

  /** Bytes that were handed on to be written. */
  get handed(): number {
    return this.#parts.writer.handed;
  }

  /** Whether the disk failed. */
  get failed(): boolean {
    return this.#parts.writer.failed;
  }

  write(message: RecordedMessage): "taken" | "full" | "other-file" {
    return this.#parts.recording.write(message);
  }

  flush(): void {
    this.#parts.writer.flush();
  }

  /** Finishes it behind what is still to be written. */
  end(why: FileEnd): void {
    if (this.ended !== undefined) return;
    this.ended = this.#end(why).catch(this.#parts.onFailed);
    this.#parts.onEnding?.(this.ended);
  }

  async #end(why: FileEnd): Promise<void> {
    const { target, writer, recording, replace, onFinished, mend } = this.#parts;
    if (!writer.failed) recording.finish();
    recording.close?.();
    await writer.idle();
    const file = await target;
    let { duration } = recording;
    let size = writer.position;
    let path: string;
    try {
      if (writer.failed) ({ duration, size } = await mend(file));
      path = await file.finish(replace);
    } catch (error) {
      await file.leave().catch(() => {});
      throw error;
    }
    onFinished({ path, duration, bytes: size, why: writer.failed ? "disk" : why });
  }
}
