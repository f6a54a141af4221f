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

/** How test files do without mutations. */
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
/** Longest time for a run of which it is not known how long it takes without the mutation (ms). */
const UNKNOWN_TIMEOUT_MS = 60_000;
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
  /** By the paths of the files, with commas between them. */
  readonly #baselines = new Map<string, Promise<Baseline>>();

  /**
   * A mutation meets up to `most` test files. They may take five times as long as without it and ten
   * seconds besides, or `unknownMs` where that is not known.
   */
  constructor(runtime: TestRuntime, most: number, unknownMs = UNKNOWN_TIMEOUT_MS) {
    this.#runtime = runtime;
    this.#most = most;
    this.#unknownMs = unknownMs;
  }

  /** Tries a mutation in a copy, with the nearest of `tests` first and the others if it survives. */
  async try(tree: string, mutation: Mutation, tests: readonly string[]): Promise<Verdict> {
    const ran: string[] = [];
    const nearest = Math.min(NEAREST, this.#most);
    for (const group of [tests.slice(0, nearest), tests.slice(nearest, this.#most)]) {
      let files = await this.#withoutFailing(group);
      let by = await this.#failure(tree, mutation, files);
      if (by !== undefined) {
        // It may fail without the mutation, or be slow: only now is it worth the time to look.
        const known = this.#baselines.has(files.join());
        const { passes, ms } = await this.#baseline(tree, files);
        if (!passes) {
          for (const file of files) await this.#baseline(tree, [file]);
          files = await this.#withoutFailing(files);
        }
        if (!passes || (!known && ms * SLOWER > this.#unknownMs)) {
          by = await this.#failure(tree, mutation, files);
        }
      }
      ran.push(...files);
      if (by !== undefined) return { outcome: "killed", by, ran };
    }
    return { outcome: "survived", ran };
  }

  /** The test of `files` that fails with the mutation, or why they were ended. */
  async #failure(
    tree: string,
    mutation: Mutation,
    files: readonly string[],
  ): Promise<string | undefined> {
    if (files.length === 0) return undefined;
    const usual = await this.#baselines.get(files.join());
    const timeoutMs = usual === undefined
      ? this.#unknownMs
      : Math.ceil(SPARE_MS + SLOWER * usual.ms);
    const { code, output, failure } = await withMutation(
      tree,
      mutation,
      () => this.#run(tree, files, timeoutMs),
    );
    return code === 0 ? undefined : failure ?? failedTest(output);
  }

  /** Those of `files` of which it is not known that they fail without any mutation. */
  async #withoutFailing(files: readonly string[]): Promise<readonly string[]> {
    const known = await Promise.all(files.map((file) => this.#baselines.get(file)));
    return files.filter((_, index) => known[index]?.passes !== false);
  }

  /** How test files do in `tree`, which is unchanged; they are run once. */
  #baseline(tree: string, files: readonly string[]): Promise<Baseline> {
    const key = files.join();
    let known = this.#baselines.get(key);
    if (known === undefined) {
      known = this.#measure(tree, files);
      this.#baselines.set(key, known);
    }
    return known;
  }

  async #measure(tree: string, files: readonly string[]): Promise<Baseline> {
    const start = performance.now();
    const { code } = await this.#run(tree, files, BASELINE_TIMEOUT_MS);
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
