/**
 * Runs the tests of a file against a mutation of it.
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { run as runCommand } from "../command.ts";
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
/** Then those run that killed most of the mutations of the same folder, so many of them. */
const USUAL = 3;
/** What has the test files of a run on Deno load once all together: each by itself loads all again. */
const ALL = "all_of_them_test.ts";
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
  readonly #further: number;
  readonly #unknownMs: number;
  readonly #baselines = new Map<string, Promise<Baseline>>();
  readonly #isSlow: (file: string) => boolean;
  /** How many mutations test files have killed, by the folder of what was changed. */
  readonly #kills = new Map<string, Map<string, number>>();

  /**
   * A mutation meets up to `most` test files, and `further` others if it survives those. They may take
   * five times as long as without it and ten seconds besides, or `unknownMs` where that is not known.
   * Those that are slow run last.
   */
  constructor(
    runtime: TestRuntime,
    most: number,
    unknownMs = UNKNOWN_TIMEOUT_MS,
    isSlow: (file: string) => boolean = () => false,
    further = 0,
  ) {
    this.#further = further;
    this.#isSlow = isSlow;
    this.#runtime = runtime;
    this.#most = most;
    this.#unknownMs = unknownMs;
  }

  /**
   * Tries a mutation in a copy, with the nearest of `tests` first, and the others if it survives:
   * those that are slow last. What survives them meets `further` tests.
   */
  async try(
    tree: string,
    mutation: Mutation,
    tests: readonly string[],
    further: readonly string[] = [],
  ): Promise<Verdict> {
    const ran: string[] = [];
    const others = tests.slice(NEAREST, this.#most);
    const folder = mutation.file.slice(0, mutation.file.lastIndexOf("/"));
    const kills = this.#kills.get(folder) ?? new Map<string, number>();
    this.#kills.set(folder, kills);
    const usual = others.filter((file) => kills.has(file))
      .sort((a, b) => kills.get(b)! - kills.get(a)!).slice(0, USUAL);
    const rest = others.filter((file) => !usual.includes(file));
    const groups: (readonly string[])[] = [
      tests.slice(0, Math.min(NEAREST, this.#most)),
      usual,
      rest.filter((file) => !this.#isSlow(file)),
      rest.filter((file) => this.#isSlow(file)),
    ];
    const near = groups.length;
    groups.push(...this.#groupsOf(further));
    for (const [index, group] of groups.entries()) {
      if (group.length === 0) continue;
      const { by, killer, files } = await this.#meet(tree, mutation, group);
      ran.push(...files);
      // Some of these measure: they have to fail by more than chance.
      const twice = by !== undefined && index >= near;
      if (twice && (await this.#meet(tree, mutation, files)).by === undefined) continue;
      if (killer !== undefined) kills.set(killer, (kills.get(killer) ?? 0) + 1);
      if (by !== undefined) return { outcome: "killed", by, ran };
    }
    return { outcome: "survived", ran };
  }

  /** Those that read the code and those that are quick together, those that are slow one by one. */
  #groupsOf(further: readonly string[]): (readonly string[])[] {
    const files = further.slice(0, this.#further);
    const quick = files.filter((file) => !this.#isSlow(file));
    return [quick, ...files.filter((file) => this.#isSlow(file)).map((file) => [file])];
  }

  /** The test of `group` that fails with the mutation and not without, or why they were ended. */
  async #meet(
    tree: string,
    mutation: Mutation,
    group: readonly string[],
  ): Promise<{ by?: string; killer?: string; files: readonly string[] }> {
    for (let files = group;;) {
      files = await this.#withoutFailing(files);
      if (files.length === 0) return { files };
      const timeoutMs = await this.#timeoutMs(files);
      const { code, output, failure } = await withMutation(
        tree,
        mutation,
        () => this.#run(tree, files, timeoutMs),
      );
      if (code === 0) return { files };
      const { failed, file } = readTestOutput(output);
      // It may fail without the mutation, or be slow: only now is it worth the time to look.
      const killer = failed === undefined || !files.includes(file ?? "") ? undefined : file;
      const suspects = killer === undefined ? files : [killer];
      for (const suspect of suspects) await this.#baseline(tree, suspect);
      const excused = (await this.#withoutFailing(files)).length < files.length ||
        (failure !== undefined && await this.#timeoutMs(files) - SPARE_MS > timeoutMs);
      if (excused) continue;
      const by = failure ?? failed ?? "no test, the files did not load";
      return killer === undefined ? { by, files } : { by, killer, files };
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
    const { name, path } = this.#runtime;
    let run = files;
    if (name === "deno" && files.length > 1) {
      writeFileSync(join(tree, ALL), files.map((file) => `import "./${file}";\n`).join(""));
      run = [ALL];
    }
    const options = { cwd: tree, env: ENV, timeoutMs, group: true };
    return runCommand(path, testArguments(this.#runtime, run), options);
  }
}
