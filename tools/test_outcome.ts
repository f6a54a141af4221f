/**
 * What a test run of one runtime amounts to, however it ended.
 *
 * @module
 */
import { type Case, readReport } from "./junit.ts";

/** How a run went. */
export interface Outcome {
  readonly passed: number;
  /** A line for each failure: tests, files that did not run, and a runtime that broke down. */
  readonly failures: readonly string[];
  /** What the report says of failures, by their lines. */
  readonly errors: ReadonlyMap<string, string>;
  /** A line for each test that was left out; its name says why. */
  readonly skipped: readonly string[];
  /** The tests that took longest, longest first. */
  readonly slowest: readonly Case[];
  /** Every test, by file. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
}

/** What there is to judge. */
export interface Run {
  /** Test files that were to run, as paths in the checkout. */
  readonly files: readonly string[];
  /** The JUnit report; empty when there is none. */
  readonly report: string;
  /** Exit code; `undefined` when the runtime was ended by a signal or could not be started. */
  readonly code: number | undefined;
  /** Why there is no exit code. */
  readonly failure?: string;
}

/** What a test's name must not have. Bun (1.4) reports these as they are, Deno (2.9) escaped. */
const CONTROL = /\p{Cc}/u;

/** A text with its control characters as Deno reports them. */
function escapeControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => {
    const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
    return known ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/**
 * Judges a run. Runtimes leave files that could not be loaded out of their reports, and may end
 * with an error although every test that ran passed: both are failures.
 */
export function judge({ files, report, code, failure }: Run): Outcome {
  const cases = readReport(report);
  const fileOf = ({ file }: Case) => files.find((path) => file.endsWith(path)) ?? file;
  const seen = new Set(cases.map(fileOf));
  const line = (test: Case) => `${fileOf(test)}: ${test.name}`;
  const failed = cases.filter(({ outcome }) => outcome === "failed");
  const failures = failed.map(line);
  for (const test of cases.filter(({ name }) => CONTROL.test(name))) {
    failures.push(
      `${escapeControls(line(test))}: the name of this test has a control character, which the ` +
        "runtimes report each in its own way: put it on one line and escape the rest",
    );
  }
  for (const file of files) {
    if (!seen.has(file)) failures.push(`${file}: no test of this file ran, see its error above`);
  }
  if (code === undefined) failures.push(`the runtime broke down: ${failure ?? "no exit code"}`);
  else if (code !== 0 && failures.length === 0) {
    failures.push(`the runtime ended with exit code ${code}, see its error above`);
  }
  return {
    passed: cases.filter(({ outcome }) => outcome === "passed").length,
    failures,
    errors: new Map(failed.map((test) => [line(test), test.error])),
    skipped: cases.filter(({ outcome }) => outcome === "skipped").map(line),
    slowest: slowestOf(cases),
    tests: new Map(
      [...Map.groupBy(cases, fileOf)].map(([file, tests]) => [file, tests.map(({ name }) => name)]),
    ),
  };
}

/** What several runs of one runtime amount to, each of other files. */
export function together(outcomes: readonly Outcome[]): Outcome {
  return {
    passed: outcomes.reduce((sum, { passed }) => sum + passed, 0),
    failures: outcomes.flatMap(({ failures }) => failures),
    errors: new Map(outcomes.flatMap(({ errors }) => [...errors])),
    skipped: outcomes.flatMap(({ skipped }) => skipped),
    slowest: slowestOf(outcomes.flatMap(({ slowest }) => slowest)),
    tests: new Map(outcomes.flatMap(({ tests }) => [...tests])),
  };
}

function slowestOf(cases: readonly Case[]): Case[] {
  return cases.toSorted((a, b) => b.seconds - a.seconds).slice(0, 5);
}

/**
 * Tests that ran here and are missing there, one line each. A module that throws half-way has
 * registered some of its tests by then, and Deno (2.9) reports those and says nothing of the error.
 */
export function missingTests(here: Outcome, there: Outcome): string[] {
  return [...here.tests].flatMap(([file, names]) => {
    const others = there.tests.get(file);
    // That a whole file is missing has been said.
    if (others === undefined) return [];
    // A name with a control character has failed by itself, and is not missing as well.
    const left = others.map(escapeControls);
    return names.filter((name) => {
      const index = left.indexOf(escapeControls(name));
      if (index >= 0) left.splice(index, 1);
      return index < 0;
    }).map((name) => `${file}: ${name}: did not run here, only on the other runtime`);
  });
}
