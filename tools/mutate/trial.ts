/**
 * Runs the tests of a file against a mutation of it.
 *
 * @module
 */
import { run } from "../command.ts";
import type { Mutation } from "./mutation.ts";
import { withMutation } from "./scratch.ts";

/** What runs tests. */
export interface TestRuntime {
  readonly name: "deno" | "bun";
  /** The program. */
  readonly path: string;
}

/** How one test file does without mutations. */
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
/** Longest time for a run besides that of its tests (ms), and how often they may take their own. */
const SPARE_MS = 10_000;
const SLOWER = 5;
/** Longest time for one test file without mutations (ms); it is left out when it takes longer. */
const BASELINE_TIMEOUT_MS = 60_000;

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
  readonly #spareMs: number;
  readonly #baselines = new Map<string, Promise<Baseline>>();

  /**
   * A mutation meets up to `most` test files. They may take five times as long as without it, and
   * `spareMs` besides.
   */
  constructor(runtime: TestRuntime, most: number, spareMs = SPARE_MS) {
    this.#runtime = runtime;
    this.#most = most;
    this.#spareMs = spareMs;
  }

  /** Tries a mutation in a copy, with the nearest of `tests` first and the others if it survives. */
  async try(tree: string, mutation: Mutation, tests: readonly string[]): Promise<Verdict> {
    const ran: string[] = [];
    let waiting = tests;
    for (const wanted of [Math.min(NEAREST, this.#most), this.#most]) {
      const group: string[] = [];
      let usualMs = 0;
      while (waiting.length > 0 && ran.length + group.length < wanted) {
        const [test, ...others] = waiting;
        waiting = others;
        const { passes, ms } = await this.#baseline(tree, test!);
        if (!passes) continue;
        group.push(test!);
        usualMs += ms;
      }
      if (group.length === 0) break;
      ran.push(...group);
      const timeoutMs = Math.ceil(this.#spareMs + SLOWER * usualMs);
      const { code, output, failure } = await withMutation(
        tree,
        mutation,
        () => this.#run(tree, group, timeoutMs),
      );
      if (code !== 0) return { outcome: "killed", by: failure ?? failedTest(output), ran };
    }
    return { outcome: "survived", ran };
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

/** Name of the first test that failed, by what a runtime printed. */
function failedTest(output: string): string {
  const [, deno, bun] = /^(.*) \.\.\. FAILED|^\(fail\) (.*?)(?: \[[\d.]+m?s\])?$/m.exec(output) ??
    [];
  return deno ?? bun ?? "no test, the files did not load";
}
