/**
 * The suite's two halves: how to run test files on Deno and on Bun, and what came of it.
 *
 * @module
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { run } from "../tools/command.ts";
import { packagesBeside, TREE } from "../tools/packages.ts";
import { ROOT } from "../tools/root.ts";
import { judge, type Outcome, together } from "../tools/test_outcome.ts";
import { batchesOf, inLanes } from "./batches.ts";
import { BATCH, Progress, type Tally } from "./progress.ts";

/** Longest time for one process with tests (ms): over this, something hangs. */
const RUN_TIMEOUT_MS = 1_800_000;
/** Longest time for one test (ms), where the runtime lets it be set. */
const TEST_TIMEOUT_MS = 120_000;

/** The runtimes. */
export const RUNTIMES = ["deno", "bun"] as const;

/** One of the runtimes. */
export type RuntimeName = typeof RUNTIMES[number];

/** What to run besides the defaults of the suite. */
export interface HalfOptions {
  /** Only tests whose names match this. */
  readonly names?: RegExp;
  /** Longest time for one process and for one test (ms). */
  readonly timeoutMs?: number;
  /** Variables to set besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Takes the progress, whole lines; if left out, all that the runtime writes is shown. */
  readonly print?: (text: string) => void;
  /** How many processes with tests run at the same time; one with all files, if left out. */
  readonly lanes?: number;
}

/** How to run test files on a runtime. */
export interface Half {
  readonly name: RuntimeName;
  readonly about: string;
  readonly program: string;
  readonly cwd: string;
  /** Arguments in front of those of a program of the checkout. */
  readonly runArgs: readonly string[];
  /** A file of the checkout, as this half has to name it. */
  path(file: string): string;
  args(files: readonly string[], report: string, options: HalfOptions): string[];
}

/** Tests on Deno: the one that runs this. */
export function denoHalf(): Half {
  return {
    name: "deno",
    about: `deno ${process.versions.deno}`,
    program: process.execPath,
    cwd: ROOT,
    runArgs: ["run", "-A"],
    path: (file) => file,
    // Types are the business of `deno task check`.
    args: (files, report, { names }) => [
      "test",
      "-A",
      "--no-check",
      `--junit-path=${report}`,
      ...(names === undefined ? [] : [`--filter=/${names.source}/`]),
      ...(files.length > 1 ? [BATCH, "--"] : []),
      ...files,
    ],
  };
}

/** Tests on Bun, with the packages beside the checkout. */
export async function bunHalf(program: string, about: string): Promise<Half> {
  const path = (file: string) => `./${TREE}/${file}`;
  return {
    name: "bun",
    about,
    program,
    cwd: await packagesBeside(program),
    runArgs: ["run", "--preserve-symlinks"],
    path,
    args: (files, report, { names, timeoutMs }) => [
      "test",
      "--preserve-symlinks",
      `--timeout=${timeoutMs ?? TEST_TIMEOUT_MS}`,
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...(names === undefined ? [] : [`--test-name-pattern=${names.source}`]),
      ...files.map(path),
    ],
  };
}

/** Runs test files on one runtime, shows how it gets on, and judges what came of it. */
export async function runHalf(
  half: Half,
  files: readonly string[],
  options: HalfOptions = {},
): Promise<Outcome> {
  const tally: Tally = { files: files.length, through: 0 };
  const { lanes } = options;
  const batches = lanes === undefined ? [files] : batchesOf(files, half.name === "bun");
  const work = (batch: readonly string[]) => runBatch(half, batch, options, tally);
  return together(await inLanes(batches, lanes ?? 1, work));
}

/** Runs test files in one process. */
async function runBatch(
  half: Half,
  files: readonly string[],
  options: HalfOptions,
  tally: Tally,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-test-"));
  const report = join(folder, "report.xml");
  const progress = options.print && new Progress(half.name, tally, files, options.print);
  const { code, failure } = await run(half.program, half.args(files, report, options), {
    cwd: half.cwd,
    env: options.env,
    show: progress === undefined,
    onOutput: (text, output) => progress?.write(text, output),
    timeoutMs: options.timeoutMs ?? RUN_TIMEOUT_MS,
  });
  progress?.end(code === undefined);
  let xml = "";
  try {
    xml = readFileSync(report, "utf8");
  } catch {
    // Then every file counts as one that did not run.
  }
  rmSync(folder, { recursive: true, force: true });
  return judge({ files, report: xml, code, failure });
}
