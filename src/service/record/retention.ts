/**
 * Which recordings go, so that the disk does not fill up: those that are too old, too many of their stream,
 * or too much together. A file under way is none yet.
 *
 * @module
 */
import type { MediaEntry, MediaFolder } from "../../recordings/folder.ts";

/** How much is kept; `Infinity` where there is no bound. */
export interface RetentionLimits {
  /** Age of a file since it was finished (ms). */
  readonly ageMs: number;
  /** Bytes of all files. */
  readonly bytes: number;
  /** Files of one stream. */
  readonly count: number;
}

/** Most files that are looked at in one round: the rest is for the next one. */
const MAX_FILES = 100_000;

/** The files that have to go of those there are. */
export function expired(
  files: readonly MediaEntry[],
  { ageMs, bytes, count }: RetentionLimits,
  now: number,
): MediaEntry[] {
  const newestFirst = files.toSorted((a, b) => b.modified - a.modified);
  const counts = new Map<string, number>();
  let total = 0;
  return newestFirst.filter(({ path, size, modified }) => {
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const number = (counts.get(folder) ?? 0) + 1;
    if (now - modified > ageMs || number > count || total + size > bytes) return true;
    counts.set(folder, number);
    total += size;
    return false;
  });
}

/**
 * Removes what has to go, of the files that `isRecording` says are recordings: what an operator put into
 * the folder stays.
 *
 * @returns what was removed
 */
export async function sweep(
  folder: MediaFolder,
  limits: RetentionLimits,
  now: number,
  isRecording: (path: string) => boolean,
): Promise<MediaEntry[]> {
  const { ageMs, bytes, count } = limits;
  if (ageMs === Infinity && bytes === Infinity && count === Infinity) return [];
  const files: MediaEntry[] = [];
  for await (const entry of folder.list("")) {
    if (isRecording(entry.path) && files.push(entry) >= MAX_FILES) break;
  }
  const removed: MediaEntry[] = [];
  for (const entry of expired(files, limits, now)) {
    if (await folder.remove(entry.path)) removed.push(entry);
  }
  return removed;
}
