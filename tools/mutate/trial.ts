/**
 * Runs the tests of a file against a mutation of it.
 *
 * @module
 */
import { run } from "../command.ts";

/** What runs tests. */
export interface TestRuntime {
  readonly name: "deno" | "bun";
  /** The program. */
  readonly path: string;
}

/** How one test file does without mutations. */
export interface Baseline {
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

/** Longest time for a run besides that of its tests (ms), and how often they may take their own. */
const SPARE_MS = 10_000;
const SLOWER = 5;
/** Longest time for one test file without mutations (ms). */
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
  readonly #budgetMs: number;
  readonly #baselines = new Map<string, Promise<Baseline>>();

  readonly #spareMs: number;

  /**
   * The tests of one mutation take up to `budgetMs` without it; the first one may take more. With
   * it they may take five times as long and `spareMs` besides.
   */
  constructor(runtime: TestRuntime, budgetMs: number, spareMs = SPARE_MS) {
    this.#runtime = runtime;
    this.#budgetMs = budgetMs;
    this.#spareMs = spareMs;
  }

  /** How a test file does in `tree`, which must be unchanged; it is run once. */
  baseline(tree: string, file: string): Promise<Baseline> {
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

  /** Those of `tests` that pass in the unchanged `tree`, as many as the time allows. */
  async affordable(tree: string, tests: readonly string[]): Promise<string[]> {
    const taken: string[] = [];
    let total = 0;
    for (const test of tests) {
      const { passes, ms } = await this.baseline(tree, test);
      if (!passes) continue;
      if (taken.length > 0 && total + ms > this.#budgetMs) continue;
      taken.push(test);
      total += ms;
    }
    return taken;
  }

  /** Runs `tests`, which must have a baseline, in `tree`, which has a mutation. */
  async try(tree: string, tests: readonly string[]): Promise<Verdict> {
    const ran: string[] = [];
    // The nearest tests find most: they run before the others are loaded.
    for (const group of [tests.slice(0, 2), tests.slice(2)]) {
      if (group.length === 0) continue;
      ran.push(...group);
      const baselines = await Promise.all(group.map((test) => this.#baselines.get(test)!));
      const usual = baselines.reduce((total, { ms }) => total + ms, 0);
      const timeoutMs = Math.ceil(this.#spareMs + SLOWER * usual);
      const { code, output, failure } = await this.#run(tree, group, timeoutMs);
      if (code !== 0) return { outcome: "killed", by: failure ?? failedTest(output), ran };
    }
    return { outcome: "survived", ran };
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
