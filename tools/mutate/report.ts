/**
 * What a run amounts to.
 *
 * @module
 */
import { type Equivalent, LIST, nameOf } from "./equivalent.ts";
import type { Mutation } from "./mutation.ts";
import type { Verdict } from "./trial.ts";

/** Share of the mutations that tests have to kill. */
export const REQUIRED = 0.9;

/** A mutation and what became of it. */
export interface Result extends Mutation, Verdict {
  /** Of a mutation in the list of equivalents: why it is there. */
  readonly equivalent?: string;
}

/** All of a run. */
export interface Report {
  readonly killed: number;
  /** Survivors that are on the list. */
  readonly equivalent: number;
  /** Survivors that are not. */
  readonly survivors: readonly Result[];
  /** Mistakes of the list. */
  readonly mistakes: readonly string[];
  /** Killed, as a share of all; 1 of none. */
  readonly share: number;
  readonly good: boolean;
}

/** Puts results and the list of equivalents together. */
export function judge(
  results: readonly Result[],
  mistakes: readonly string[],
): Report {
  const killed = results.filter(({ outcome }) => outcome === "killed");
  const wrong = killed.filter(({ equivalent }) => equivalent !== undefined).map((one) =>
    `${LIST}: not equivalent, a test sees it (${one.by}): ${titleOf(one)}`
  );
  const survivors = results.filter(({ outcome, equivalent }) =>
    outcome === "survived" && equivalent === undefined
  );
  const share = results.length === 0 ? 1 : killed.length / results.length;
  return {
    killed: killed.length,
    equivalent: results.length - killed.length - survivors.length,
    survivors,
    mistakes: [...mistakes, ...wrong],
    share,
    good: share >= REQUIRED && mistakes.length + wrong.length === 0,
  };
}

/** Adds to a mutation what the list says of it. */
export function resultOf(
  mutation: Mutation,
  verdict: Verdict,
  list: readonly Equivalent[],
): Result {
  const name = nameOf(mutation);
  const equivalent = list.find((entry) => nameOf(entry) === name)?.reason;
  return { ...mutation, ...verdict, ...(equivalent === undefined ? {} : { equivalent }) };
}

/** Where a mutation is and what it is called. */
export function titleOf({ file, line, within, operator }: Mutation): string {
  return `${file}:${line} ${within} (${operator})`;
}

const marked = (sign: string, lines: string) =>
  lines.split("\n").map((line) => `  ${sign} ${line}`).join("\n");

/** A mutation with its change, for people. */
export function showMutation(mutation: Mutation): string {
  const { before, after } = mutation;
  return `${titleOf(mutation)}\n${marked("-", before)}\n${marked("+", after)}`;
}

/** A survivor with all that is needed to write its test, and its entry for the list. */
export function showSurvivor(result: Result): string {
  const { file, within, before, after, ran } = result;
  const tests = ran.length === 0
    ? "  no test file imports it"
    : `  ${ran.length} test files passed: ${ran.slice(0, 8).join(" ")}${
      ran.length > 8 ? " ..." : ""
    }`;
  const entry = JSON.stringify({ file, within, before, after, reason: "" });
  return `SURVIVED ${showMutation(result)}\n${tests}\n  if equivalent: ${entry}\n`;
}

/** The last lines of a run. */
export function summarize(report: Report): string {
  const { killed, equivalent, survivors, mistakes, share } = report;
  const all = killed + equivalent + survivors.length;
  return [
    ...mistakes,
    `${killed} of ${all} mutations killed (${(share * 100).toFixed(1)} %, wanted ` +
    `${REQUIRED * 100} %), ${equivalent} known to be equivalent, ${survivors.length} survived`,
  ].join("\n");
}
