/**
 * A mutation: a small change of one place in a file, which the tests should notice.
 *
 * @module
 */

/** One change of one file. */
export interface Mutation {
  /** Path in the checkout. */
  readonly file: string;
  /** Of the first character that changes, counted from 1. */
  readonly line: number;
  /** The characters that are replaced: from here ... */
  readonly start: number;
  /** ... up to here. */
  readonly end: number;
  readonly replacement: string;
  /** Name of the operator that made it. */
  readonly operator: string;
  /** Names of the declarations around it, outermost first: `Player.advance`. */
  readonly within: string;
  /** The lines that change as they are, blanks at their ends left out. */
  readonly before: string;
  /** The same lines with the change. */
  readonly after: string;
}

/** A change before its surroundings are known. */
export type Change = Pick<Mutation, "start" | "end" | "replacement" | "operator">;

/** The text of the file with the change. */
export function applyTo(source: string, { start, end, replacement }: Change): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

const trim = (lines: string) => lines.split("\n").map((line) => line.trim()).join("\n").trim();

/** Describes a change of `source`. */
export function describe(
  file: string,
  source: string,
  change: Change,
  within: string,
): Mutation {
  const first = source.lastIndexOf("\n", change.start - 1) + 1;
  const newline = source.indexOf("\n", change.end);
  const last = newline < 0 ? source.length : newline;
  return {
    file,
    ...change,
    line: source.slice(0, change.start).split("\n").length,
    within,
    before: trim(source.slice(first, last)),
    after: trim(
      source.slice(first, change.start) + change.replacement + source.slice(change.end, last),
    ),
  };
}
