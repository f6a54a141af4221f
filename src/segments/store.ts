/**
 * Where segments are kept that memory has no room for, and where web servers find them.
 *
 * @module
 */

/** Files by folder and name. All methods reject when the disk does. */
export interface SegmentStore {
  /** Writes a file, which is there whole or not at all. */
  write(folder: string, name: string, chunks: readonly Uint8Array[]): Promise<void>;
  /** Reads a file; `undefined` when there is none. */
  read(folder: string, name: string): Promise<Uint8Array | undefined>;
  /** Removes a file, if it is there. */
  remove(folder: string, name: string): Promise<void>;
  /** Removes what is left of another time. */
  clear(folder: string, isOurs: (name: string) => boolean): Promise<void>;
}
