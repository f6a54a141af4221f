/**
 * The folder of recordings and of other media files, as those who record and play need it.
 *
 * @module
 */

/** A finished file. */
export interface MediaEntry {
  /** Below the folder, with `/` between the parts. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** When it was last written to (ms since 1970). */
  readonly modified: number;
}

/** A file that is read. Reads are ranged and may go on while it is written. */
export interface MediaSource {
  readonly path: string;
  /** Bytes when it was opened, or last looked at. */
  readonly size: number;
  /** When it was last written to, then (ms since 1970). */
  readonly modified: number;
  /** Changes whenever the file is replaced by another one, or written to. */
  readonly version: string;
  /** Looks at its size again: one under way grows. */
  refresh(): Promise<void>;
  /**
   * Reads from `position` on as many bytes as there are, at most as `target` takes.
   *
   * @returns how many were read; 0 at the end
   */
  read(target: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A file that is written. Nobody takes it for a finished one before {@link finish}. */
export interface MediaTarget {
  /** What it will be called. */
  readonly path: string;
  /** Writes all of `bytes` at `position`. Not called again before it resolves. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Cuts it off, so that it is `size` bytes long. */
  truncate(size: number): Promise<void>;
  /** Opens what is there of it, for those who play it while it is written. */
  read(): Promise<MediaSource>;
  /**
   * Makes it a finished file, at once and whole. One of that name that is there already is replaced if
   * `replace` is true; else this one is called otherwise, with a number.
   *
   * @returns the path that it has now
   */
  finish(replace: boolean): Promise<string>;
  /** Removes it. */
  discard(): Promise<void>;
  /** Lets go of it as it is, where it can be neither finished nor removed: it is a leftover of this process. */
  leave(): Promise<void>;
}

/** What is kept beside the files of a folder: which streams were recorded into it. Both reject when the disk does. */
export interface RecordNotes {
  /** What was saved last. */
  load(): Promise<string[]>;
  /** Replaces it, wholly or not at all. `lines` have no line breaks. */
  save(lines: readonly string[]): Promise<void>;
}

/** A folder of media files. Paths are those of `mediaPathParts`; others are refused by throwing. */
export interface MediaFolder {
  /** Left out where nothing is kept. */
  readonly notes?: RecordNotes;
  /** `undefined` when there is no such file, or it is no file. */
  open(path: string): Promise<MediaSource | undefined>;
  /** Begins a file, which has a number where one of its name is under way, or was when a server went down. */
  create(path: string): Promise<MediaTarget>;
  /** Goes on with a finished file, which is under way from then on; `undefined` when there is none. */
  resume(path: string): Promise<MediaTarget | undefined>;
  /**
   * Finished files below `folder` (`""` for all), some at a time, in no order.
   *
   * @param depth how many folders deep: 0 for those in `folder` alone
   */
  list(folder: string, depth?: number): AsyncIterable<MediaEntry>;
  /**
   * Files that were under way when a server went down, which nobody writes any more: those whose paths are
   * wanted. Each is to be finished or discarded.
   */
  leftovers(isWanted: (path: string) => boolean): AsyncIterable<MediaTarget>;
  /** @returns `false` when there was none */
  remove(path: string): Promise<boolean>;
}
