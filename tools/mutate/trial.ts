/**
 * Runs the tests of a file against a mutation of it.
 *
 * @module
 */
import { run } from "../command.ts";
import type { Mutation } from "./mutation.ts";
import { withMutation } from "./scratch.ts";
import { readTestOutput } from "./test_output.ts";

/** What runs tests. */
export interface TestRuntime {
  readonly name: "deno" | "bun";
  /** The program. */
  readonly path: string;
}

/** How a test file does without mutations. */
interface Baseline {
  readonly passes: boolean;
  readonly ms: number;
}

/** What became of a mutation. */
export interface Verdict {
  readonly outcome: "killed" | "survived";
  /** The test that failed, or what else ended the run; of a survivor nothing. */
  readonly by?: string;
  /** Test files that ran, nearest first. */
  readonly ran: readonly string[];
}

/** How many tests run before the others are loaded: they find most. */
const NEAREST = 2;
/** Test files that take longer than this run when all others have seen nothing (ms). */
const SLOW_MS = 500;
/** Longest time for a run besides that of its tests (ms), and how often they may take their own. */
const SPARE_MS = 10_000;
const SLOWER = 5;
/** Longest time for a run of which it is not known how long it takes without the mutation (ms). */
const UNKNOWN_TIMEOUT_MS = 60_000;
/** What it has more for each file (ms): a busy machine gives a tenth of its time. */
const UNKNOWN_FILE_MS = 10_000;
/** Longest time for a run without mutations (ms); test files that take longer count as failing. */
const BASELINE_TIMEOUT_MS = 180_000;

/** Nothing by chance: properties get the same inputs every time. */
const ENV = { SLUICE_TEST_SEED: "1", NO_COLOR: "1" };

function testArguments({ name }: TestRuntime, files: readonly string[]): string[] {
  // A mutation may fill memory for ever.
  if (name === "deno") {
    const flags = ["-A", "--no-check", "--fail-fast", "--v8-flags=--max-old-space-size=768"];
    return ["test", ...flags, ...files];
  }
  return ["test", "--bail", "--timeout=120000", ...files.map((file) => `./${file}`)];
}

/** Runs tests in copies of a tree. */
export class Trials {
  readonly #runtime: TestRuntime;
  readonly #most: number;
  readonly #unknownMs: number;
  readonly #baselines = new Map<string, Promise<Baseline>>();
  /** Test files of which a run has shown that they are slow. */
  readonly #slow = new Set<string>();

  /**
   * A mutation meets up to `most` test files. They may take five times as long as without it and ten
   * seconds besides, or `unknownMs` where that is not known.
   */
  constructor(runtime: TestRuntime, most: number, unknownMs = UNKNOWN_TIMEOUT_MS) {
    this.#runtime = runtime;
    this.#most = most;
    this.#unknownMs = unknownMs;
  }

  /**
   * Tries a mutation in a copy, with the nearest of `tests` first, and the others if it survives:
   * those that are slow last.
   */
  async try(tree: string, mutation: Mutation, tests: readonly string[]): Promise<Verdict> {
    const ran: string[] = [];
    const others = tests.slice(NEAREST, this.#most);
    const groups = [
      tests.slice(0, Math.min(NEAREST, this.#most)),
      others.filter((file) => !this.#slow.has(file)),
      others.filter((file) => this.#slow.has(file)),
    ];
    for (const group of groups) {
      const { by, files } = await this.#meet(tree, mutation, group);
      ran.push(...files);
      if (by !== undefined) return { outcome: "killed", by, ran };
    }
    return { outcome: "survived", ran };
  }

  /** The test of `group` that fails with the mutation and not without, or why they were ended. */
  async #meet(
    tree: string,
    mutation: Mutation,
    group: readonly string[],
  ): Promise<{ by?: string; files: readonly string[] }> {
    for (let files = group;;) {
      files = await this.#withoutFailing(files);
      if (files.length === 0) return { files };
      const timeoutMs = await this.#timeoutMs(files);
      const { code, output, failure } = await withMutation(
        tree,
        mutation,
        () => this.#run(tree, files, timeoutMs),
      );
      const { failed, file, ms } = readTestOutput(output);
      for (const [path, time] of ms) if (time > SLOW_MS) this.#slow.add(path);
      if (code === 0) return { files };
      // It may fail without the mutation, or be slow: only now is it worth the time to look.
      const suspects = failed !== undefined && file !== undefined ? [file] : files;
      for (const suspect of suspects) await this.#baseline(tree, suspect);
      const excused = (await this.#withoutFailing(files)).length < files.length ||
        (failure !== undefined && await this.#timeoutMs(files) - SPARE_MS > timeoutMs);
      if (!excused) return { by: failure ?? failed ?? "no test, the files did not load", files };
    }
  }

  /** Longest time for a run of `files` with a mutation. */
  async #timeoutMs(files: readonly string[]): Promise<number> {
    const known = await Promise.all(files.map((file) => this.#baselines.get(file)));
    const all = known.reduce((sum, baseline) => sum + (baseline?.ms ?? NaN), 0);
    if (!Number.isNaN(all)) return Math.ceil(SPARE_MS + SLOWER * all);
    return this.#unknownMs + (files.length - 1) * UNKNOWN_FILE_MS;
  }

  /** Those of `files` of which it is not known that they fail without any mutation. */
  async #withoutFailing(files: readonly string[]): Promise<readonly string[]> {
    const known = await Promise.all(files.map((file) => this.#baselines.get(file)));
    return files.filter((_, index) => known[index]?.passes !== false);
  }

  /** How a test file does in `tree`, which is unchanged; it is run once. */
  #baseline(tree: string, file: string): Promise<Baseline> {
    let known = this.#baselines.get(file);
    if (known === undefined) {
      known = this.#measure(tree, file);
      this.#baselines.set(file, known);
    }
    return known;
  }

  async #measure(tree: string, file: string): Promise<Baseline> {
    const start = performance.now();
    const { code } = await this.#run(tree, [file], BASELINE_TIMEOUT_MS);
    return { passes: code === 0, ms: performance.now() - start };
  }

  #run(tree: string, files: readonly string[], timeoutMs: number) {
    const { path } = this.#runtime;
    return run(path, testArguments(this.#runtime, files), { cwd: tree, env: ENV, timeoutMs });
  }
}
