/**
 * Draws mutations and runs the tests of each file against them.
 *
 *     deno task mutate --help
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { cacheFolder } from "../cache.ts";
import { findBun } from "../find_bun.ts";
import { ROOT, typescriptFiles } from "../root.ts";
import { fetchPackages } from "./compiler.ts";
import { drawOrder } from "./draw.ts";
import { LIST, nameOf, readEquivalents, staleEntries } from "./equivalent.ts";
import type { Mutation } from "./mutation.ts";
import { Mutator } from "./operators.ts";
import { FOLDERS, HELP, type Options, readOptions } from "./options.ts";
import {
  judge,
  type Result,
  resultOf,
  showMutation,
  showSurvivor,
  summarize,
  titleOf,
} from "./report.ts";
import { ScratchTrees } from "./scratch.ts";
import { importGraph, TestFiles } from "./test_files.ts";
import { Trials } from "./trial.ts";
import { TypeCheck } from "./type_check.ts";

function options(): Options {
  try {
    const read = readOptions(process.argv.slice(2));
    if (read !== "help") return read;
    console.log(HELP);
    process.exit(0);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}

/** The mutations to try, in their order, as far as they are known without the compiler's types. */
function candidates(
  mutationsOf: (file: string) => Mutation[],
  { seed, files, only }: Options,
): Mutation[] {
  if (only !== undefined) {
    return mutationsOf(only.file).filter(({ line }) => line === only.line);
  }
  const paths = files.length === 0
    ? typescriptFiles(...FOLDERS)
    : typescriptFiles("src", "plugins").filter((path) => files.some((text) => path.includes(text)));
  return drawOrder(paths.flatMap(mutationsOf), seed);
}

/** What an earlier run found out about mutations that the code still has. */
function earlierResults(
  file: string,
  mutationsOf: (file: string) => Mutation[],
): { seed: number; killed: Result[]; survived: Mutation[] } {
  const { seed, results } = JSON.parse(readFileSync(file, "utf8")) as {
    seed: number;
    results: Result[];
  };
  const killed: Result[] = [];
  const survived: Mutation[] = [];
  for (const result of results) {
    const name = nameOf(result);
    const now = mutationsOf(result.file).filter((mutation) => nameOf(mutation) === name);
    if (now.length === 0) {
      console.log(`no mutation any more: ${titleOf(result)}`);
      continue;
    }
    if (result.outcome === "killed") killed.push(result);
    else survived.push(now.find(({ line }) => line === result.line) ?? now[0]!);
  }
  return { seed, killed, survived };
}

async function mutate(options: Options): Promise<number> {
  const fetched = await fetchPackages();
  using scratch = new ScratchTrees(ROOT, options.atOnce + 1, join(fetched.folder, "node_modules"));
  process.on("exit", () => scratch[Symbol.dispose]());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(2));
  // What is read is read from a copy that nothing changes, not even an editor.
  const [untouched, ...trees] = scratch.trees;
  const read = (file: string) => readFileSync(join(untouched!, file), "utf8");
  const mutator = new Mutator(fetched.compiler);
  const mutationsOf = (file: string) => mutator.mutationsOf(file, read(file));
  const list = readEquivalents(read(LIST));
  const mistakes = staleEntries(list, mutationsOf);
  const sources = ["mod.ts", ...typescriptFiles("src", "plugins")];
  const types = new TypeCheck(fetched, untouched!, sources);
  const earlier = options.again === undefined
    ? undefined
    : earlierResults(options.again, mutationsOf);
  const left = (earlier?.survived ?? candidates(mutationsOf, options)).values();
  let drawn = 0;
  const isDraw = options.only === undefined && earlier === undefined;
  const wanted = isDraw ? options.count : Infinity;
  const next = (): Mutation | undefined => {
    if (drawn >= wanted) return undefined;
    for (const mutation of left) {
      if (!types.compiles(mutation, read(mutation.file))) continue;
      drawn++;
      return mutation;
    }
    return undefined;
  };

  if (options.list) {
    for (let one = next(); one !== undefined; one = next()) console.log(showMutation(one));
    return 0;
  }
  const tests = new TestFiles(
    importGraph(untouched!, [...sources, ...typescriptFiles("test", "tools")]),
  );
  const path = options.runtime === "deno" ? process.execPath : (await findBun()).path;
  const runtime = { name: options.runtime, path };
  const isSlow = (file: string) => tests.isSlow(file);
  const trials = new Trials(runtime, options.tests, undefined, isSlow, options.further);
  const results: Result[] = earlier?.killed ?? [];
  const start = performance.now();
  if (isDraw) console.log(`seed ${options.seed}, ${options.count} mutations`);
  await Promise.all(trees.map(async (tree) => {
    for (let one = next(); one !== undefined; one = next()) {
      const mutation = one;
      const { file } = mutation;
      const verdict = await trials.try(tree, mutation, tests.of(file), tests.further(file));
      const result = resultOf(mutation, verdict, list);
      results.push(result);
      if (options.only !== undefined && result.outcome === "killed") {
        console.log(`killed by "${result.by}": ${showMutation(result)}`);
      }
      if (result.outcome === "survived" && result.equivalent === undefined) {
        console.log(showSurvivor(result));
      }
      showProgress(results, wanted, start);
    }
  }));
  const report = judge(results, mistakes);
  const out = options.out ?? join(cacheFolder(), "mutate.json");
  const seed = earlier?.seed ?? options.seed;
  writeFileSync(
    out,
    JSON.stringify({ seed, runtime: options.runtime, ...report, results }, null, 2),
  );
  console.log(`${summarize(report)}\nresult: ${out}`);
  // A line is looked at, not judged.
  return report.good || (options.only !== undefined && report.mistakes.length === 0) ? 0 : 1;
}

function showProgress(results: readonly Result[], wanted: number, start: number): void {
  const killed = results.filter(({ outcome }) => outcome === "killed").length;
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  const of = wanted === Infinity ? "" : ` of ${wanted}`;
  const line = `${results.length}${of} tried, ${killed} killed, ${seconds} s`;
  if (process.stderr.isTTY) process.stderr.write(`\r${line} `);
  else if (results.length % 10 === 0) console.error(line);
}

try {
  process.exitCode = await mutate(options());
} catch (error) {
  console.error(`Cannot mutate: ${(error as Error).message}`);
  process.exitCode = 2;
}
