/**
 * Runs the test suite on both runtimes at the same time. The last line is `N passed, N failed` over
 * both.
 *
 *     deno task test [--only deno|bun] [--unit] [TEXT IN A FILE'S PATH]...
 *
 * Of a part of the files on one runtime, all that it writes is shown. Else several processes run at the
 * same time, each with some of the files; what is through has its line, or all that it said when
 * something in it failed, and what failed stands at the end again.
 *
 * `--unit`, which is `deno task test:unit`, leaves out what starts processes or waits for real time.
 *
 * Whatever is not on the machine (Bun, ffmpeg, the packages for `bun test`, which unlike `bun run`
 * does not fetch them) comes from the npm registry into a folder below the temporary one.
 *
 * @module
 */
import process from "node:process";
import { findBun } from "../tools/find_bun.ts";
import { findFfmpeg, findFfmpegWithRtmpe } from "../tools/find_ffmpeg.ts";
import { typescriptFiles } from "../tools/root.ts";
import { missingTests, type Outcome } from "../tools/test_outcome.ts";
import { isSlow } from "./batches.ts";
import { bunHalf, denoHalf, type Half, runHalf, type RuntimeName, RUNTIMES } from "./halves.ts";

const USAGE = "Usage: deno task test [--only deno|bun] [--unit] [TEXT IN A FILE'S PATH]...";

/**
 * Processes with tests at the same time, of each runtime. Most of the time most of them wait, for
 * programs and for media that comes as fast as it plays.
 */
const LANES = 3;

/** Most failures of a runtime that are told in full. */
const MAX_ERRORS = 20;

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function readArguments(
  args: readonly string[],
): { only: readonly RuntimeName[]; unit: boolean; filters: string[] } {
  const filters: string[] = [];
  let unit = false;
  let only: readonly RuntimeName[] = RUNTIMES;
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") continue;
    if (arg === "--only") {
      const name = args[++index];
      if (name !== "deno" && name !== "bun") fail(USAGE);
      only = [name];
    } else if (arg === "--unit") unit = true;
    else if (arg.startsWith("-")) fail(USAGE);
    else filters.push(arg);
  }
  return { only, unit, filters };
}

const { only, unit, filters } = readArguments(process.argv.slice(2));
const files = typescriptFiles("test").filter((file) =>
  file.endsWith("_test.ts") && !(unit && isSlow(file)) &&
  (filters.length === 0 || filters.some((filter) => file.includes(filter)))
);
if (files.length === 0) fail(`No test file has ${filters.join(" or ")} in its path`);

/** Whether all that the tests write is shown. */
const shown = only.length === 1 && filters.length > 0;

let results: [Half, Outcome, seconds: number][] = [];
try {
  const bun = await findBun();
  const ffmpeg = await findFfmpeg(bun.path);
  // It decodes for the tests of programs, too, which are those that wait.
  const wantsRtmpe = files.some(isSlow);
  const rtmpe = wantsRtmpe ? await findFfmpegWithRtmpe(bun.path, ffmpeg) : undefined;
  if (typeof rtmpe === "string") console.log(`No ffmpeg that speaks RTMPE: ${rtmpe}`);
  const halves: Half[] = [];
  for (const name of only) {
    halves.push(name === "deno" ? denoHalf() : await bunHalf(bun.path, bun.about));
  }
  const abouts = halves.map(({ about }) => about).join(" and ");
  console.log(`${files.length} test files on ${abouts}, with ${ffmpeg.about}\n`);
  const options = {
    env: {
      SLUICE_TEST_BUN: bun.path,
      SLUICE_TEST_FFMPEG: ffmpeg.path,
      SLUICE_TEST_FFMPEG_RTMPE: typeof rtmpe === "object" ? rtmpe.path : "",
    },
    ...(shown ? {} : { print: (text: string) => void process.stdout.write(text), lanes: LANES }),
  };
  results = await Promise.all(halves.map(async (half) => {
    const start = performance.now();
    const outcome = await runHalf(half, files, options);
    return [half, outcome, (performance.now() - start) / 1000] as const;
  })) as typeof results;
} catch (error) {
  console.error(`\nCannot run the tests: ${(error as Error).message}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}

results = results.map(([half, outcome, seconds]) => {
  const missing = results.flatMap(([, other]) => missingTests(other, outcome));
  return [half, { ...outcome, failures: [...outcome.failures, ...missing] }, seconds];
});
console.log("");
for (const [{ name, about }, { passed, failures, errors, skipped, slowest }, seconds] of results) {
  console.log(
    `${about}: ${passed} passed, ${failures.length} failed, ${skipped.length} skipped ` +
      `in ${seconds.toFixed(0)} s`,
  );
  const slow = slowest.filter((test) => test.seconds >= 1);
  for (const test of slow) {
    console.log(`  slow     ${name} ${test.seconds.toFixed(1)} s ${test.name}`);
  }
  for (const line of skipped) console.log(`  SKIPPED  ${name} ${line}`);
  for (const [index, line] of failures.entries()) {
    console.log(`  FAILED   ${name} ${line}`);
    const error = !shown && index < MAX_ERRORS ? errors.get(line) : undefined;
    if (error) console.log(error.replace(/^/gm, "           "));
  }
}
const count = (of: (outcome: Outcome) => number) =>
  results.reduce((total, [, outcome]) => total + of(outcome), 0);
const failed = count(({ failures }) => failures.length);
const skipped = count((outcome) => outcome.skipped.length);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${count(({ passed }) => passed)} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
