/**
 * The list of mutations that change nothing that anybody could see: `equivalent.json`.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../root.ts";
import type { Mutation } from "./mutation.ts";

/** A mutation that no test can find, by name. */
export interface Equivalent extends Pick<Mutation, "file" | "within" | "before" | "after"> {
  /** Why the program does the same with it. */
  readonly reason: string;
}

/** Path of the list in the checkout. */
export const LIST = "tools/mutate/equivalent.json";

/** The list. @throws {Error} when it is no such list */
export function readEquivalents(text = readFileSync(join(ROOT, LIST), "utf8")): Equivalent[] {
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) throw new Error(`${LIST} is no list`);
  for (const [index, entry] of list.entries()) {
    for (const key of ["file", "within", "before", "after", "reason"]) {
      const text = entry?.[key];
      if (typeof text !== "string" || (text === "" && key !== "within" && key !== "after")) {
        throw new Error(`${LIST}: entry ${index + 1} has no ${key}`);
      }
    }
  }
  return list;
}

/** What names a mutation, wherever its line has moved. */
export function nameOf({ file, within, before, after }: Omit<Equivalent, "reason">): string {
  return [file, within, before, after].join("\n");
}

/** Entries of the list that fit no mutation of the file as it is, or several. */
export function staleEntries(
  list: readonly Equivalent[],
  mutationsOf: (file: string) => readonly Mutation[],
): string[] {
  return list.flatMap((entry) => {
    const name = nameOf(entry);
    const fitting = mutationsOf(entry.file).filter((mutation) => nameOf(mutation) === name);
    if (fitting.length === 1) return [];
    const what = fitting.length === 0 ? "no mutation" : `${fitting.length} mutations`;
    return [`${LIST} fits ${what}: ${entry.file} ${entry.within}: ${entry.before}`];
  });
}
