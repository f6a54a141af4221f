/**
 * Files that are written without holding up anything else. Those of `node:fs` are written by the thread that
 * runs the program, whatever they promise: a disk that stalls would stall every stream.
 *
 * @module
 */
import type { WritableFile } from "../../ports.ts";
import { deno, type DenoFile } from "./api.ts";

/** Seeks count from the beginning. */
const FROM_START = 0;

class File implements WritableFile {
  readonly #file: DenoFile;
  /** Where the next write goes by itself. */
  #position = 0;

  constructor(file: DenoFile) {
    this.#file = file;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    // No disk is asked for that.
    if (position !== this.#position) this.#file.seekSync(position, FROM_START);
    // Where it goes on behind one that failed nobody knows.
    this.#position = NaN;
    const count = await this.#file.write(bytes);
    this.#position = position + count;
    return count;
  }

  truncate(size: number): Promise<void> {
    return this.#file.truncate(size);
  }

  datasync(): Promise<void> {
    return this.#file.syncData();
  }

  // deno-lint-ignore require-await
  async close(): Promise<void> {
    this.#file.close();
  }
}

/** See {@link Runtime.openFile}. */
export async function openFile(path: string, mode?: number): Promise<WritableFile> {
  const created = mode === undefined ? {} : { createNew: true, mode };
  return new File(await deno.open(path, { read: true, write: true, ...created }));
}
