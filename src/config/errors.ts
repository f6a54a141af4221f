/**
 * Mistakes in the configuration, all of them at once.
 *
 * @module
 */
import { escapeControls } from "../text.ts";

/** One mistake. `source: key: problem` is the line that people read. */
export interface Mistake {
  /** `file:line:column`, `environment`, `command line`, or `options` of an embedding program. */
  readonly source: string;
  /** The setting, spelt as in its source. Absent if the whole source is wrong. */
  readonly key?: string;
  /** What was expected and what was found; never a secret. */
  readonly problem: string;
}

/** The problem of a value that is not what it should be. */
export function mismatch(expected: string, found: string): string {
  return `expected ${expected}, found ${found}`;
}

/** The problem of a name that does not exist, with the one that was probably meant. */
export function unknownName(what: string, meant: string | undefined): string {
  return meant === undefined ? `unknown ${what}` : `unknown ${what}, did you mean ${meant}?`;
}

/** Longest name that a message repeats, in UTF-16 units. */
const SHOWN_NAME = 64;

/** A mistake on one line, whatever is in the names. */
export function formatMistake({ source, key, problem }: Mistake): string {
  if (key === undefined) return escapeControls(`${source}: ${problem}`);
  // What became of an old name is a sentence with that name in it.
  if (problem.startsWith(`${key} `)) return escapeControls(`${source}: ${problem}`);
  const name = key.length > SHOWN_NAME ? key.slice(0, SHOWN_NAME) + "…" : key;
  return escapeControls(`${source}: ${name}: ${problem}`);
}

/** The configuration cannot be used. The message lists every mistake, one a line. */
export class ConfigError extends Error {
  /** Name of the class. */
  override readonly name = "ConfigError";

  /** All of them at once, so that nobody mends one after the other. */
  constructor(readonly mistakes: readonly Mistake[]) {
    const count = mistakes.length === 1
      ? "1 configuration mistake"
      : `${mistakes.length} configuration mistakes`;
    super([`${count}:`, ...mistakes.map((mistake) => `  ${formatMistake(mistake)}`)].join("\n"));
  }
}
