/**
 * Names of files of media: those that stand for one that is taken, that of a file under way, and what is within a
 * folder.
 *
 * @module
 */
import { dirname, join, relative, sep } from "node:path";

const PREFIX = ".";
const SUFFIX = ".part";

/** Most names that are tried for a file whose own is taken. */
const MAX_NAMES = 1000;

/** The path in the folder `root` of what is at `place`. */
export function pathOf(root: string, place: string): string {
  return relative(root, place).replaceAll(sep, "/");
}

/** A name, and with numbers in front of its extension the others that stand for it where it is taken. */
export function* namesFor(place: string): Generator<string> {
  const dot = place.lastIndexOf(".");
  const cut = dot > place.lastIndexOf(sep) + 1 ? dot : place.length;
  yield place;
  for (let number = 2; number <= MAX_NAMES; number++) {
    yield `${place.slice(0, cut)}-${number}${place.slice(cut)}`;
  }
}

/** There is no name left for a file. */
export function tooMany(path: string): Error {
  return new Error(`There are ${MAX_NAMES} files called ${path} already`);
}

/** What a file is called while it is under way. */
export function temporaryOf(final: string): string {
  return join(dirname(final), PREFIX + final.slice(dirname(final).length + 1) + SUFFIX);
}

/** Whether `path` is `root`, or within it. */
export function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** The name of the finished file, if a name is that of one under way. */
export function finishedName(name: string): string | undefined {
  if (!name.startsWith(PREFIX) || !name.endsWith(SUFFIX)) return undefined;
  return name.slice(PREFIX.length, -SUFFIX.length);
}
