/**
 * Segments and playlists as files of one folder, for what is listed beyond memory and for web servers:
 * each is there whole or not at all, and none is outside the folder.
 *
 * @module
 */
import { mkdir, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { SegmentStore } from "../segments/store.ts";
import { writeWhole } from "./whole_file.ts";
import { type FileOpener, openByNode } from "./written_file.ts";

/** A folder or a file: no path, nothing hidden, nothing that a shell or a URL reads in a special way. */
const PART = /^[A-Za-z0-9_+-][A-Za-z0-9_.~@+=-]{0,127}$/;

/** Most folders of a path. */
const MAX_DEPTH = 5;

/** What a file is called until it is whole: hidden, so that nobody serves it. */
const TEMPORARY = ".writing-";

/** A folder of the machine's file system. */
export class SegmentFiles implements SegmentStore {
  readonly #root: string;
  readonly #open: FileOpener;
  #writes = 0;

  /** `folder` is made when it is first written to. */
  constructor(folder: string, open: FileOpener = openByNode) {
    this.#root = folder;
    this.#open = open;
  }

  /** Where a folder is. @throws {Error} when it could be outside */
  #place(folder: string): string {
    const parts = folder.split("/");
    if (parts.length > MAX_DEPTH || !parts.every((part) => PART.test(part))) {
      throw new Error(`${JSON.stringify(folder)} is no folder for segments`);
    }
    return join(this.#root, ...parts);
  }

  #file(folder: string, name: string): string {
    if (!PART.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a segment`);
    return join(this.#place(folder), name);
  }

  async write(folder: string, name: string, chunks: readonly Uint8Array[]): Promise<void> {
    const final = this.#file(folder, name);
    const place = this.#place(folder);
    const temporary = join(place, `${TEMPORARY}${this.#writes++}-${name}`);
    await mkdir(place, { recursive: true });
    await writeWhole(final, chunks, { open: this.#open, temporary, mode: 0o644 });
  }

  async read(folder: string, name: string): Promise<Uint8Array | undefined> {
    try {
      return await readFile(this.#file(folder, name));
    } catch (error) {
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
  }

  async remove(folder: string, name: string): Promise<void> {
    await unlink(this.#file(folder, name)).catch(unlessMissing);
  }

  async clear(folder: string, isOurs: (name: string) => boolean): Promise<void> {
    const place = this.#place(folder);
    for (const name of await readdir(place).catch(unlessMissing) ?? []) {
      if (name.startsWith(TEMPORARY) || isOurs(name)) {
        await unlink(join(place, name)).catch(() => {});
      }
    }
  }
}

function unlessMissing(error: { code?: string }): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
