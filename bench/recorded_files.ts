/**
 * Recordings that benchmarks write, as the recorder does.
 *
 * @module
 */
import { closeSync, openSync, writeSync } from "node:fs";
import type { RecordingSink } from "../src/recordings/recording_file.ts";

/** A decoder configuration of AVC, as the body of a video message. */
export const VIDEO_HEADER: Uint8Array = Uint8Array.from(
  ("17000000000164001fffe1001a6764001facd9405005bb0110000003001000000303c0f18319600100" +
    "0468ef8fcbfdf8f800").match(/../g)!,
  (byte) => parseInt(byte, 16),
);

/** Bytes that are gathered before they are written. */
const PIECE = 4 * 1024 * 1024;

/** A file that is written in pieces. */
export class FileSink implements RecordingSink {
  readonly path: string;
  position = 0;
  readonly room = Infinity;
  readonly #file: number;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "w");
  }

  put(bytes: Uint8Array): void {
    this.#pending.push(bytes.slice());
    this.#pendingBytes += bytes.length;
    this.position += bytes.length;
    this.flush();
  }

  reserve(size: number): number {
    this.put(new Uint8Array(size));
    return this.position - size;
  }

  fill(position: number, bytes: Uint8Array): void {
    this.overwrite(bytes, position);
  }

  release(): void {}

  flush(): void {
    if (this.#pendingBytes < PIECE) return;
    this.#write();
  }

  #write(): void {
    const bytes = new Uint8Array(this.#pendingBytes);
    let at = 0;
    for (const piece of this.#pending) {
      bytes.set(piece, at);
      at += piece.length;
    }
    writeSync(this.#file, bytes, 0, bytes.length, this.position - bytes.length);
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  overwrite(bytes: Uint8Array, position: number): void {
    this.#write();
    writeSync(this.#file, bytes, 0, bytes.length, position);
  }

  close(): void {
    this.#write();
    closeSync(this.#file);
  }
}
