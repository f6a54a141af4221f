/**
 * Runs the test suite on both runtimes. The last line is `N passed, N failed` over both.
 *
 *     deno task test [--only deno|bun] [TEXT IN A FILE'S PATH]...
 *
 * Whatever is not on the machine (Bun, ffmpeg, the packages for `bun test`, which unlike `bun run`
 * does not fetch them) comes from the npm registry into a folder below the temporary one.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { run } from "../tools/command.ts";
import { findBun } from "../tools/find_bun.ts";
import { findFfmpeg } from "../tools/find_ffmpeg.ts";
import { packagesBeside, TREE } from "../tools/packages.ts";
import { ROOT, typescriptFiles } from "../tools/root.ts";
import { judge, missingTests, type Outcome } from "../tools/test_outcome.ts";

/** Longest time for one runtime (ms): over this, something hangs. */
const RUN_TIMEOUT_MS = 480_000;
/** Longest time for one test (ms), where the runtime lets it be set. */
const TEST_TIMEOUT_MS = 120_000;

const USAGE = "Usage: deno task test [--only deno|bun] [TEXT IN A FILE'S PATH]...";

type Name = "deno" | "bun";

/** How to run test files on a runtime. */
interface Half {
  readonly name: Name;
  readonly about: string;
  readonly program: string;
  readonly cwd: string;
  args(files: readonly string[], report: string): string[];
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

function readArguments(args: readonly string[]): { only: Name[]; filters: string[] } {
  const filters: string[] = [];
  let only: Name[] = ["deno", "bun"];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") continue;
    if (arg === "--only") {
      const name = args[++index];
      if (name !== "deno" && name !== "bun") fail(USAGE);
      only = [name];
    } else if (arg.startsWith("-")) fail(USAGE);
    else filters.push(arg);
  }
  return { only, filters };
}

function denoHalf(): Half {
  return {
    name: "deno",
    about: `deno ${process.versions.deno}`,
    program: process.execPath,
    cwd: ROOT,
    // Types are the business of `deno task check`.
    args: (files, report) => ["test", "-A", "--no-check", `--junit-path=${report}`, ...files],
  };
}

async function bunHalf(program: string, about: string): Promise<Half> {
  return {
    name: "bun",
    about,
    program,
    cwd: await packagesBeside(program),
    args: (files, report) => [
      "test",
      "--preserve-symlinks",
      `--timeout=${TEST_TIMEOUT_MS}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files.map((file) => `./${TREE}/${file}`),
    ],
  };
}

async function runHalf(half: Half, files: readonly string[], ffmpeg: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const report = join(folder, "report.xml");
  console.log(`\n=== ${half.about}: ${files.length} files\n`);
  const { code, failure } = await run(half.program, half.args(files, report), {
    cwd: half.cwd,
    env: { SLUICE_TEST_FFMPEG: ffmpeg },
    show: true,
    timeoutMs: RUN_TIMEOUT_MS,
  });
  let xml = "";
  try {
    xml = readFileSync(report, "utf8");
  } catch {
    // Then every file counts as one that did not run.
  }
  rmSync(folder, { recursive: true, force: true });
  return judge({ files, report: xml, code, failure });
}

const { only, filters } = readArguments(process.argv.slice(2));
const files = typescriptFiles("test").filter((file) =>
  file.endsWith("_test.ts") &&
  (filters.length === 0 || filters.some((filter) => file.includes(filter)))
);
if (files.length === 0) fail(`No test file has ${filters.join(" or ")} in its path`);

let results: [Half, Outcome, seconds: number][] = [];
try {
  const bun = await findBun();
  const ffmpeg = await findFfmpeg(bun.path);
  console.log(`${files.length} test files on ${only.join(" and ")}, with ${ffmpeg.about}`);
  for (const name of only) {
    const half = name === "deno" ? denoHalf() : await bunHalf(bun.path, bun.about);
    const start = performance.now();
    const outcome = await runHalf(half, files, ffmpeg.path);
    results.push([half, outcome, (performance.now() - start) / 1000]);
  }
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
for (const [{ name, about }, { passed, failures, skipped, slowest }, seconds] of results) {
  console.log(
    `${about}: ${passed} passed, ${failures.length} failed, ${skipped.length} skipped ` +
      `in ${seconds.toFixed(0)} s`,
  );
  const slow = slowest.filter((test) => test.seconds >= 1);
  for (const test of slow) {
    console.log(`  slow     ${name} ${test.seconds.toFixed(1)} s ${test.name}`);
  }
  for (const line of skipped) console.log(`  SKIPPED  ${name} ${line}`);
  for (const line of failures) console.log(`  FAILED   ${name} ${line}`);
}
const count = (of: (outcome: Outcome) => number) =>
  results.reduce((total, [, outcome]) => total + of(outcome), 0);
const failed = count(({ failures }) => failures.length);
const skipped = count((outcome) => outcome.skipped.length);
if (skipped > 0) console.log(`${skipped} skipped`);
console.log(`${count(({ passed }) => passed)} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
