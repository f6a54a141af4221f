/**
 * Writes small files as a whole: under another name first, so that nobody sees half of one.
 *
 * @module
 */
import { rename, unlink } from "node:fs/promises";
import type { FileOpener, WrittenFile } from "./written_file.ts";

/** How a file is written. */
export interface WholeFileOptions {
  /** By files of this kind. */
  readonly open: FileOpener;
  /** Its name until it is whole; what has it is of a time before. */
  readonly temporary: string;
  /** Its rights. */
  readonly mode: number;
  /** Whether it is there only once it is on the disk. */
  readonly isSynced?: boolean;
}

/** Writes `chunks` to `path`, and puts it in the place of what was there. @throws what the disk throws */
export async function writeWhole(
  path: string,
  chunks: readonly Uint8Array[],
  { open, temporary, mode, isSynced = false }: WholeFileOptions,
): Promise<void> {
  try {
    const file = await openNew(open, temporary, mode);
    try {
      await writeAll(file, chunks);
      if (isSynced) await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

async function openNew(open: FileOpener, path: string, mode: number): Promise<WrittenFile> {
  try {
    return await open(path, mode);
  } catch (error) {
    if ((error as { code?: string }).code !== "EEXIST") throw error;
    // A crash left it.
    await unlink(path);
    return await open(path, mode);
  }
}

async function writeAll(file: WrittenFile, chunks: readonly Uint8Array[]): Promise<void> {
  let position = 0;
  for (const chunk of chunks) {
    for (let done = 0; done < chunk.length;) {
      const left = done === 0 ? chunk : chunk.subarray(done);
      const count = await file.write(left, position);
      if (count === 0) throw new Error("The disk takes nothing more");
      done += count;
      position += count;
    }
  }
}
