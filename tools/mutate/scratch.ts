/**
 * Copies of the tree that may be changed; the checkout never is.
 *
 * @module
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { cacheFolder } from "../cache.ts";
import { applyTo, type Mutation } from "./mutation.ts";

/** What a copy does not need. */
const LEFT_OUT = new Set([".git", "node_modules", "bench"]);

/** Some copies of a tree, all alike. Dispose of them to remove them. */
export class ScratchTrees implements Disposable {
  readonly trees: readonly string[];
  readonly #folder: string;

  /** Makes `count` copies of the folder `tree`, beside the packages of `modules` if it is given. */
  constructor(tree: string, count: number, modules?: string) {
    this.#folder = mkdtempSync(join(cacheFolder(), "mutate-"));
    if (modules !== undefined) symlinkSync(modules, join(this.#folder, "node_modules"), "dir");
    this.trees = Array.from({ length: count }, (_, index) => {
      const copy = join(this.#folder, `${index}`);
      mkdirSync(copy);
      const filter = (path: string) => !LEFT_OUT.has(relative(tree, path));
      cpSync(tree, copy, { recursive: true, filter });
      return copy;
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Changes a file of a copy while `work` runs. */
export async function withMutation<T>(
  tree: string,
  mutation: Mutation,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(tree, mutation.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, applyTo(source, mutation));
  try {
    return await work();
  } finally {
    writeFileSync(path, source);
  }
}
