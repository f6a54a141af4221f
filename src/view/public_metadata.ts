/**
 * What a publisher says of its stream in `onMetaData`, as the control API shows it: as it was said,
 * as far as it is not too much.
 *
 * @module
 */
import { shownText } from "../text.ts";

/** Deepest object that is shown, and most items of a list. */
const MAX_DEPTH = 4;
const MAX_ITEMS = 32;
/** Most values that are shown, and most texts among them. */
const MAX_VALUES = 512;
const MAX_TEXTS = 64;
/** Longest name of a member, in UTF-16 units. */
const MAX_NAME = 64;

/** Whether a member of this name is shown. */
export function isShowable(name: string): boolean {
  return name.length <= MAX_NAME;
}

/** Whether it is an index, or the id of a track. */
function isNumber(name: string): boolean {
  return /^\d{1,3}$/.test(name);
}

/** The members of `metadata`; what is too long or too much is cut or left out. */
export function publicMetadata(
  metadata: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return new Showing().object(metadata, 0);
}

/** Goes through one `onMetaData`, and no further than its bounds. */
class Showing {
  #values = MAX_VALUES;
  #texts = MAX_TEXTS;

  object(object: object, depth: number): Record<string, unknown> {
    const shown: [name: string, value: unknown][] = [];
    const members = Object.entries(object).filter(([name]) => isShowable(name));
    // Numbers come first in an object, and must not take the place of words.
    members.sort(([a], [b]) => Number(isNumber(a)) - Number(isNumber(b)));
    for (const [name, value] of members) {
      const member = this.#value(value, depth);
      if (member !== undefined) shown.push([shownText(name), member]);
    }
    // A member may have any name, that of a prototype too.
    return Object.fromEntries(shown);
  }

  /** What is shown of a value; `undefined` when nothing is. */
  #value(value: unknown, depth: number): unknown {
    if (--this.#values < 0) return undefined;
    if (typeof value === "string") {
      return --this.#texts < 0 ? undefined : shownText(value);
    }
    if (typeof value !== "object" || value === null) return value;
    if (depth >= MAX_DEPTH) return undefined;
    if (!Array.isArray(value)) return this.object(value, depth + 1);
    return value.slice(0, MAX_ITEMS).map((item) => this.#value(item, depth + 1) ?? null);
  }
}
