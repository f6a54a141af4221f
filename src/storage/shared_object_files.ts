/**
 * Persistent shared objects as files of one folder.
 *
 * A file is named after a hash of application and name, so that whatever a client calls an object,
 * it is a file of this folder and of no other. It holds the body of a shared object message of type
 * 19 [RTMP 1.0 §7.1.3] and is replaced as a whole: a crash leaves the old one or the new one.
 *
 * @module
 */
import { mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { hex } from "../core/bytes/hex.ts";
import { sha256 } from "../core/crypto/sha256.ts";
import type { SharedObjectStore } from "../shared_objects/mod.ts";
import { writeWhole } from "./whole_file.ts";
import { type FileOpener, openByNode } from "./written_file.ts";

/** Longest file that is read, in bytes: the largest object, and what its events add. */
export const MAX_FILE_BYTES = 256 * 1024;

const SUFFIX = ".rso";

/** A store of files. */
export class SharedObjectFiles implements SharedObjectStore {
  readonly #folder: string;
  readonly #maxFiles: number;
  readonly #open: FileOpener;
  /** Files that are there, once they were counted. */
  #known: Promise<Set<string>> | undefined;

  /** `folder` is made when it is first needed; at most `maxFiles` objects are kept in it. */
  constructor(folder: string, maxFiles: number, open: FileOpener = openByNode) {
    this.#folder = folder;
    this.#maxFiles = maxFiles;
    this.#open = open;
  }

  async load(app: string, name: string): Promise<Uint8Array | undefined> {
    let file;
    try {
      file = await open(join(this.#folder, fileName(app, name)), "r");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    try {
      const { size } = await file.stat();
      if (size > MAX_FILE_BYTES) throw new Error(`The file is larger than ${MAX_FILE_BYTES} bytes`);
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  }

  async save(app: string, name: string, bytes: Uint8Array): Promise<void> {
    const known = await this.#files();
    const target = fileName(app, name);
    if (!known.has(target) && known.size >= this.#maxFiles) {
      throw new Error(`There are ${known.size} shared objects in the folder, as many as may be`);
    }
    // Counted before it is there, so that others that come meanwhile see it.
    known.add(target);
    const path = join(this.#folder, target);
    const how = { open: this.#open, temporary: `${path}.tmp`, mode: 0o600, isSynced: true };
    try {
      await writeWhole(path, [bytes], how);
    } catch (error) {
      // Counted anew the next time: it may be there or not.
      this.#known = undefined;
      throw error;
    }
  }

  async remove(app: string, name: string): Promise<void> {
    const target = fileName(app, name);
    try {
      await unlink(join(this.#folder, target));
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    (await this.#known)?.delete(target);
  }

  /** Makes the folder, and counts what is in it. */
  #files(): Promise<Set<string>> {
    const known = this.#known ??= this.#count();
    known.catch(() => {
      if (this.#known === known) this.#known = undefined;
    });
    return known;
  }

  async #count(): Promise<Set<string>> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = await readdir(this.#folder);
    return new Set(names.filter((name) => name.endsWith(SUFFIX)));
  }
}

/** No part of a name from outside is in it; the zero byte keeps `a/b` of `c` from `a` of `b/c`. */
function fileName(app: string, name: string): string {
  const digest = sha256(new TextEncoder().encode(`${app}\0${name}`));
  return hex(digest) + SUFFIX;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
