/**
 * What test runners print: which test of which file failed.
 *
 * @module
 */

/** What a run of tests printed. */
export interface TestOutput {
  /** Name of the first test that failed. */
  readonly failed?: string;
  /** Its file, where that is said. */
  readonly file?: string;
}

/** Reads what Deno or Bun printed, without colours. */
export function readTestOutput(output: string): TestOutput {
  let file: string | undefined;
  let failed: string | undefined;
  for (const line of output.split("\n")) {
    const [, deno, bun] = /^running \d+ tests? from \.\/(.+)$|^(\S+_test\.ts):$/.exec(line) ?? [];
    if (failed === undefined) {
      file = deno ?? bun ?? file;
      const [, ofDeno, ofBun] =
        /^(.*) \.\.\. FAILED|^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/.exec(line) ?? [];
      failed = ofDeno ?? ofBun;
    } else if (line.startsWith(`${failed} => ./`)) {
      // Deno says here where the test was made, and above which file it was told to run.
      file = /^\.\/(.+?):\d+:\d+$/.exec(line.slice(failed.length + 4))?.[1] ?? file;
      break;
    }
  }
  if (failed === undefined) return {};
  return file === undefined ? { failed } : { failed, file };
}
