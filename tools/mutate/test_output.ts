/**
 * What test runners print: which test of which file failed, and how long files took.
 *
 * @module
 */

/** What a run of tests printed. */
export interface TestOutput {
  /** Name of the first test that failed. */
  readonly failed?: string;
  /** File of that test, or the last one that began when none failed. */
  readonly file?: string;
  /** Time of the tests of each file that began (ms). */
  readonly ms: ReadonlyMap<string, number>;
}

const UNITS: Readonly<Record<string, number>> = { "µs": 0.001, ms: 1, s: 1000, m: 60_000 };

/** Milliseconds of `13ms`, `1.50ms`, `3s` or `1m2s`. */
function milliseconds(text: string): number {
  let sum = 0;
  for (const [, number, unit] of text.matchAll(/([\d.]+)(µs|ms|s|m)/g)) {
    sum += Number(number) * UNITS[unit!]!;
  }
  return sum;
}

/** Reads what Deno or Bun printed, without colours. */
export function readTestOutput(output: string): TestOutput {
  const ms = new Map<string, number>();
  let file: string | undefined;
  for (const line of output.split("\n")) {
    const [, deno, bun] = /^running \d+ tests? from \.\/(.+)$|^(\S+_test\.ts):$/.exec(line) ?? [];
    file = deno ?? bun ?? file;
    if (file === undefined) continue;
    const [, time] = /[([]([\d.µms]+)[)\]]$/.exec(line) ?? [];
    ms.set(file, (ms.get(file) ?? 0) + milliseconds(time ?? ""));
    const [, ofDeno, ofBun] =
      /^(.*) \.\.\. FAILED|^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/.exec(line) ?? [];
    const failed = ofDeno ?? ofBun;
    if (failed !== undefined) return { failed, file, ms };
  }
  return file === undefined ? { ms } : { file, ms };
}
