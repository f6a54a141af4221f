/**
 * Opening files to write them, by `node:fs` where a runtime does it no better.
 *
 * @module
 */
import { open } from "node:fs/promises";

/** A file that is written. */
export interface WrittenFile {
  /** Writes some of `bytes` at `position`. @returns how many it was */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Cuts it off, so that it is `size` bytes long. */
  truncate(size: number): Promise<void>;
  /** Resolves once what was written is on the disk. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** Opens a file, and makes it where `mode` is given: then it must not be there yet. */
export type FileOpener = (path: string, mode?: number) => Promise<WrittenFile>;

/** By `node:fs`. */
export const openByNode: FileOpener = async (path, mode) => {
  const file = await open(path, mode === undefined ? "r+" : "wx+", mode);
  return {
    write: async (bytes, position) =>
      (await file.write(bytes, 0, bytes.length, position)).bytesWritten,
    truncate: (size) => file.truncate(size),
    datasync: () => file.datasync(),
    close: () => file.close(),
  };
};
