/**
 * Recordings and other media as files of one folder, and of no other.
 *
 * A file under way is hidden (`.NAME.part`) beside the place of the finished one, and renamed when it is
 * whole: whoever copies, serves or plays the folder sees whole files only. Links are followed only as far
 * as they stay in the folder, and what is no plain file is not opened.
 *
 * @module
 */
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  realpath,
  rename,
  stat,
  unlink,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import type {
  MediaEntry,
  MediaFolder,
  MediaSource,
  MediaTarget,
  RecordNotes,
} from "../recordings/folder.ts";
import { finishedName, isWithin, namesFor, pathOf, temporaryOf, tooMany } from "./media_names.ts";
import { RecordedStreamsFile } from "./recorded_streams_file.ts";
import { isMediaPathPart, MAX_MEDIA_PATH_PARTS, mediaPathParts } from "../recordings/path.ts";
import { type FileOpener, openByNode, type WrittenFile } from "./written_file.ts";

/** A folder of the machine's file system. */
export class MediaFiles implements MediaFolder {
  readonly notes: RecordNotes;
  readonly #folder: string;
  readonly #open: FileOpener;
  /** Where the folder really is, once it was made. */
  #root: Promise<string> | undefined;
  /** Files that this process writes, by the paths of their temporary names. */
  readonly #underWay = new Set<string>();

  /** `folder` is made when it is first written to. */
  constructor(folder: string, open: FileOpener = openByNode) {
    this.#folder = folder;
    this.#open = open;
    this.notes = new RecordedStreamsFile(folder, open);
  }

  async open(path: string): Promise<MediaSource | undefined> {
    const parts = partsOf(path);
    try {
      const root = await realpath(this.#folder);
      return await openSource(root, path, join(root, ...parts));
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG")) return undefined;
      throw error;
    }
  }

  async create(path: string): Promise<MediaTarget> {
    const [root, wished] = await this.#place(path);
    for (const final of namesFor(wished)) {
      const temporary = temporaryOf(final);
      if (this.#underWay.has(temporary)) continue;
      this.#underWay.add(temporary);
      try {
        const file = await this.#open(temporary, 0o640);
        return new Target(root, pathOf(root, final), final, file, this.#underWay);
      } catch (error) {
        this.#underWay.delete(temporary);
        // What a crash left is not lost for it.
        if (!hasCode(error, "EEXIST")) throw error;
      }
    }
    throw tooMany(path);
  }

  async resume(path: string): Promise<MediaTarget | undefined> {
    const source = await this.open(path);
    if (source === undefined) return undefined;
    await source.close();
    const [root, final] = await this.#place(path);
    const temporary = temporaryOf(final);
    if (this.#underWay.has(temporary)) throw new Error(`${path} is being written already`);
    this.#underWay.add(temporary);
    try {
      await rename(final, temporary);
      return new Target(root, path, final, await this.#open(temporary), this.#underWay);
    } catch (error) {
      this.#underWay.delete(temporary);
      if (hasCode(error, "ENOENT")) return undefined;
      throw error;
    }
  }

  async *list(folder: string, depth = MAX_MEDIA_PATH_PARTS): AsyncIterable<MediaEntry> {
    const parts = folder === "" ? [] : partsOf(folder);
    const root = await realpath(this.#folder).catch(unlessMissing);
    const start = await realpath(join(this.#folder, ...parts)).catch(unlessMissing);
    if (root === undefined || start === undefined || !isWithin(root, start)) return;
    for await (const [path, real] of walk(this.#folder, parts, depth)) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      if (!isMediaPathPart(name)) continue;
      const found = await stat(real).catch(unlessMissing);
      if (found?.isFile()) yield { path, size: found.size, modified: found.mtimeMs };
    }
  }

  async *leftovers(isWanted: (path: string) => boolean): AsyncIterable<MediaTarget> {
    const root = await realpath(this.#folder).catch(unlessMissing);
    if (root === undefined) return;
    for await (const [path, real] of walk(this.#folder, [], MAX_MEDIA_PATH_PARTS)) {
      const cut = path.lastIndexOf("/") + 1;
      const name = path.slice(cut);
      const last = finishedName(name);
      if (last === undefined) continue;
      const finished = path.slice(0, cut) + last;
      if (mediaPathParts(finished) === undefined || !isWanted(finished)) continue;
      if (this.#underWay.has(real)) continue;
      this.#underWay.add(real);
      try {
        const file = await this.#open(real);
        yield new Target(
          root,
          finished,
          join(dirname(real), finished.slice(cut)),
          file,
          this.#underWay,
        );
      } catch (error) {
        this.#underWay.delete(real);
        if (!hasCode(error, "ENOENT")) throw error;
      }
    }
  }

  async remove(path: string): Promise<boolean> {
    const parts = partsOf(path);
    try {
      const root = await realpath(this.#folder);
      const folder = await realpath(join(root, ...parts.slice(0, -1)));
      if (!isWithin(root, folder)) return false;
      const place = join(folder, parts.at(-1)!);
      // Deno unlinks folders too, where they are empty.
      if (!(await lstat(place)).isFile()) return false;
      await unlink(place);
      return true;
    } catch (error) {
      if (hasCode(error, "ENOENT", "ENOTDIR")) return false;
      throw error;
    }
  }

  /** Makes the folder of a file to be written. @returns where the root and the file really are */
  async #place(path: string): Promise<[root: string, final: string]> {
    const parts = partsOf(path);
    const known = this.#root;
    try {
      return await this.#placeOf(path, parts);
    } catch (error) {
      // Somebody removed the folder while the server ran: it is made anew.
      if (known === undefined || known !== this.#root || !hasCode(error, "ENOENT")) throw error;
      this.#root = undefined;
      return await this.#placeOf(path, parts);
    }
  }

  async #placeOf(path: string, parts: readonly string[]): Promise<[root: string, final: string]> {
    this.#root ??= mkdir(this.#folder, { recursive: true, mode: 0o750 })
      .then(() => realpath(this.#folder));
    let root: string;
    try {
      root = await this.#root;
    } catch (error) {
      // Perhaps it can be made the next time.
      this.#root = undefined;
      throw error;
    }
    // One after the other: what is made must not be made behind a link.
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      folder = join(folder, part);
      await mkdir(folder, { mode: 0o750 }).catch((error: unknown) => {
        if (!hasCode(error, "EEXIST")) throw error;
      });
      folder = await realpath(folder);
      if (!isWithin(root, folder)) {
        throw new Error(`${path} is behind a link that leaves the folder`);
      }
    }
    return [root, join(folder, parts.at(-1)!)];
  }
}

/** A file under way. */
class Target implements MediaTarget {
  readonly path: string;
  readonly #root: string;
  readonly #final: string;
  readonly #file: WrittenFile;
  readonly #underWay: Set<string>;
  #closed: Promise<void> | undefined;

  constructor(root: string, path: string, final: string, file: WrittenFile, underWay: Set<string>) {
    this.path = path;
    this.#root = root;
    this.#final = final;
    this.#file = file;
    this.#underWay = underWay;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const left = done === 0 ? bytes : bytes.subarray(done);
      const count = await this.#file.write(left, position + done);
      if (count === 0) throw new Error("The disk takes nothing more");
      done += count;
    }
  }

  truncate(size: number): Promise<void> {
    return this.#file.truncate(size);
  }

  async read(): Promise<MediaSource> {
    const source = await openSource(this.#root, this.path, temporaryOf(this.#final));
    if (source === undefined) throw new Error(`${this.path} is gone while it is written`);
    return source;
  }

  async finish(replace: boolean): Promise<string> {
    const temporary = temporaryOf(this.#final);
    try {
      try {
        await this.#file.datasync();
      } finally {
        await this.leave();
      }
      if (!replace) return await this.#finishBeside(temporary);
      await rename(temporary, this.#final);
      return this.path;
    } finally {
      this.#underWay.delete(temporary);
    }
  }

  /** As a link, because that, unlike a rename, fails where there is one already. */
  async #finishBeside(temporary: string): Promise<string> {
    for (const path of namesFor(this.#final)) {
      try {
        await link(temporary, path);
        await unlink(temporary);
        return pathOf(this.#root, path);
      } catch (error) {
        if (!hasCode(error, "EEXIST")) throw error;
      }
    }
    throw tooMany(this.path);
  }

  leave(): Promise<void> {
    return this.#closed ??= this.#file.close();
  }

  async discard(): Promise<void> {
    const temporary = temporaryOf(this.#final);
    try {
      await this.leave();
    } finally {
      this.#underWay.delete(temporary);
      await unlink(temporary).catch(unlessMissing);
    }
  }
}

/** A file that is read. */
class Source implements MediaSource {
  readonly path: string;
  readonly #file: FileHandle;
  size: number;
  modified: number;
  version: string;

  constructor(path: string, file: FileHandle, stats: Stats) {
    this.path = path;
    this.#file = file;
    this.size = stats.size;
    this.modified = stats.mtimeMs;
    this.version = versionOf(stats);
  }

  async refresh(): Promise<void> {
    const stats = await this.#file.stat();
    this.size = stats.size;
    this.modified = stats.mtimeMs;
    this.version = versionOf(stats);
  }

  async read(target: Uint8Array, position: number): Promise<number> {
    let done = 0;
    while (done < target.length) {
      const left = target.length - done;
      const { bytesRead } = await this.#file.read(target, done, left, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

type Stats = Awaited<ReturnType<typeof stat>> & { size: number; mtimeMs: number; ino: number };

function versionOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino.toString(36)}-${size.toString(36)}-${Math.floor(mtimeMs).toString(36)}`;
}

/** Opens a plain file below `root`; `undefined` when it is something else, or elsewhere. */
async function openSource(root: string, path: string, place: string): Promise<Source | undefined> {
  const real = await realpath(place);
  // Before it is opened: to open a pipe or a device may take forever, or do something.
  if (!isWithin(root, real) || !(await stat(real)).isFile()) return undefined;
  const file = await open(real, "r");
  try {
    const stats = await file.stat() as Stats;
    if (stats.isFile()) return new Source(path, file, stats);
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

/** Files below a folder with their paths, folders that are hidden or links left out. */
async function* walk(
  root: string,
  parts: readonly string[],
  depth: number,
): AsyncGenerator<[path: string, real: string]> {
  const folder = join(root, ...parts);
  let entries;
  try {
    entries = await opendir(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return;
    throw error;
  }
  const folders: string[] = [];
  for await (const entry of entries) {
    const { name } = entry;
    if (entry.isDirectory()) {
      if (depth > 0 && isMediaPathPart(name)) folders.push(name);
    } else if (entry.isFile()) {
      yield [[...parts, name].join("/"), join(folder, name)];
    }
  }
  for (const name of folders) yield* walk(root, [...parts, name], depth - 1);
}

function partsOf(path: string): string[] {
  const parts = mediaPathParts(path);
  if (parts === undefined) throw new Error(`${JSON.stringify(path)} is no path of a media file`);
  return parts;
}

function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(error.code as string);
}

function unlessMissing(error: unknown): undefined {
  if (!hasCode(error, "ENOENT")) throw error;
}
