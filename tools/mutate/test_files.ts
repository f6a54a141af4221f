/**
 * Which test files are those of a file.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readModule, resolveImport } from "../imports/module.ts";

/** How many imports may lie between a test and the file ... */
export const MAX_HOPS = 3;
/** ... unless so few are as near: then the next nearest are taken as well. */
export const FEWEST = 12;

/** Tests that start the program and talk to it. */
const PROGRAM_FOLDER = "test/e2e/";

/** Tests that start programs or play whole conversations: far from any one file, and slow. */
const FAR_FOLDERS = [PROGRAM_FOLDER, "test/reliability/", "test/soak/", "test/tools/"];

/**
 * What tests import that measure time or start programs. Whether those fail says little of a file:
 * a busy machine is enough, and a program that is killed half-way leaves others behind.
 */
const PROGRAM_IMPORTS = ["test/support/process.ts", "test/support/server.ts"];
const FAR_IMPORTS = ["test/support/cpu.ts", "test/support/figure.ts", ...PROGRAM_IMPORTS];

/** Tests that read the code itself: the list of limits that is published has their numbers. */
const READERS = ["test/reliability/reliability_test.ts"];

/** What tests import that run many inputs, and so take long. */
const SLOW_IMPORTS = [
  "test/service/rtmp/injection.ts",
  "test/support/captures.ts",
  "test/support/feed.ts",
  "test/support/property.ts",
];

/** What imports what when it runs, by path. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Reads the imports of `files` of `tree`; those that are for types only do not count. */
export function importGraph(tree: string, files: readonly string[]): ImportGraph {
  const known = new Set(files);
  return new Map(files.map((file) => {
    const { imports } = readModule(file, readFileSync(join(tree, file), "utf8"));
    const targets = imports
      .filter(({ specifier, typeOnly }) => !typeOnly && specifier?.startsWith("."))
      .map(({ specifier }) => resolveImport(file, specifier!))
      .filter((target) => known.has(target));
    return [file, [...new Set(targets)]];
  }));
}

/** What lies between a test and the code by its nature, a list of exports or a helper of tests, is no step. */
const isFree = (file: string) => file.endsWith("/mod.ts") || file.startsWith("test/");

/** Everything that `from` imports, with the number of steps to it. */
function distances(graph: ImportGraph, from: string): Map<string, number> {
  const found = new Map([[from, 0]]);
  let step = [from];
  for (let distance = 0; step.length > 0; distance++) {
    const next: string[] = [];
    // What is free is walked through in the same step: the loop goes on over what is added.
    for (const file of step) {
      for (const target of graph.get(file) ?? []) {
        if (found.has(target)) continue;
        const free = isFree(file) && file !== from;
        found.set(target, free ? distance : distance + 1);
        (free ? step : next).push(target);
      }
    }
    step = next;
  }
  return found;
}

const nameOf = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(/_test\.ts$/, "");

/** Whether the names of two test files have a word in common. */
function isLike(one: string, other: string): boolean {
  const words = new Set(nameOf(one).split("_"));
  return nameOf(other).split("_").some((word) => words.has(word));
}

/** Shortest word that is looked for at the beginning of another. */
const STEM = 4;

/** The same of names that are of one stem, such as `switch` and `switching`. */
function isAkin(one: string, other: string): boolean {
  const isStem = (stem: string, word: string) => stem.length >= STEM && word.startsWith(stem);
  const words = nameOf(one).split("_");
  return isLike(one, other) ||
    nameOf(other).split("_").some((word) =>
      words.some((own) => isStem(own, word) || isStem(word, own))
    );
}

/** Finds the tests of files. */
export class TestFiles {
  readonly #distances: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** The same of tests that measure, and start no programs. */
  readonly #measuring: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly #graph: ImportGraph;

  /** `graph` has the test files and what they import. */
  constructor(graph: ImportGraph) {
    this.#graph = graph;
    const tests = [...graph.keys()].filter((file) =>
      file.endsWith("_test.ts") && !FAR_FOLDERS.some((folder) => file.startsWith(folder))
    );
    const isFar = (test: string) => graph.get(test)!.some((target) => FAR_IMPORTS.includes(target));
    const all = tests.map((test) => [test, distances(graph, test)] as const);
    this.#distances = new Map(all.filter(([test]) => !isFar(test)));
    this.#measuring = new Map(
      all.filter(([test, imported]) =>
        isFar(test) && !PROGRAM_IMPORTS.some((program) => imported.has(program))
      ),
    );
  }

  /** Whether a test file plays whole conversations with the program. */
  startsPrograms(test: string): boolean {
    return test.startsWith(PROGRAM_FOLDER);
  }

  /** Whether a test file takes long, by what it imports. */
  isSlow(test: string): boolean {
    return this.#measures(test) || this.startsPrograms(test) ||
      (this.#graph.get(test)?.some((target) => SLOW_IMPORTS.includes(target)) ?? false);
  }

  #measures(test: string): boolean {
    return this.#measuring.has(test);
  }

  /** The tests of `file`, nearest first: the one of the same name, then by number of imports. */
  of(file: string): string[] {
    return ranked(this.#distances, file).filter((test, index) =>
      index < FEWEST || this.#distances.get(test)!.get(file)! <= MAX_HOPS
    );
  }

  /**
   * All other tests of `file`, however many imports lie between, nearest first; those that measure come
   * last, then those that read the code. Of tests that start programs these are the ones with a word of
   * the file or of its folder in their name: what they import says nothing of what they try.
   */
  further(file: string): string[] {
    const near = new Set(this.of(file));
    return [
      ...ranked(this.#distances, file).filter((test) => !near.has(test)),
      ...ranked(this.#measuring, file),
      ...READERS.filter((test) => this.#graph.has(test)),
      ...[...this.#graph.keys()].filter((test) =>
        this.startsPrograms(test) && test.endsWith("_test.ts") &&
        file.split("/").slice(-2).some((part) => isLike(part.replace(/\.ts$/, ""), test))
      ),
    ];
  }
}

/** Those of `tests` that import `file`, nearest first: the one of the same name, then by imports. */
function ranked(
  tests: ReadonlyMap<string, ReadonlyMap<string, number>>,
  file: string,
): string[] {
  const own = file.replace(/^src\//, "test/").replace(/\.ts$/, "_test.ts");
  const beside = own.slice(0, own.lastIndexOf("/") + 1);
  const rank = (test: string) => {
    const hops = tests.get(test)!.get(file) ?? Infinity;
    if (test === own && hops <= MAX_HOPS) return 0;
    // Of two that are as near, the one in the same folder, and of those the one of a like name.
    return hops * 3 - (!test.startsWith(beside) ? 0 : isAkin(test, own) ? 2 : 1);
  };
  return [...tests.keys()].filter((test) => rank(test) < Infinity)
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}
