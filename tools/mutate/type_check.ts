/**
 * Tells mutations that do not compile: the gate finds those without a test.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Fetched } from "./compiler.ts";
import { applyTo, type Mutation } from "./mutation.ts";

/** Checks the types of a tree in which one file at a time is another. */
export class TypeCheck {
  readonly #service;
  readonly #tree: string;
  /** The file that is changed, with its text. */
  #changed: readonly [path: string, text: string] | undefined;
  #version = 0;

  /** `tree` is a folder that has `files`, with a `node_modules` in it or above. */
  constructor({ compiler }: Fetched, tree: string, files: readonly string[]) {
    this.#tree = tree;
    const { compilerOptions } = JSON.parse(readFileSync(join(tree, "deno.json"), "utf8"));
    const { options } = compiler.convertCompilerOptionsFromJson({
      ...compilerOptions,
      target: "es2024",
      lib: ["esnext"],
      types: ["bun"],
      module: "esnext",
      moduleResolution: "bundler",
      allowImportingTsExtensions: true,
      preserveSymlinks: true,
      skipLibCheck: true,
      noEmit: true,
      // Nothing fails when the program runs because of this.
      noUnusedLocals: false,
    }, tree);
    const { sys } = compiler;
    const read = sys.readFile as unknown as (path: string) => string | undefined;
    this.#service = compiler.createLanguageService({
      fileExists: sys.fileExists,
      readFile: sys.readFile,
      readDirectory: sys.readDirectory,
      directoryExists: sys.directoryExists,
      getDirectories: sys.getDirectories,
      getCurrentDirectory: () => tree,
      getCompilationSettings: () => options,
      getDefaultLibFileName: compiler.getDefaultLibFilePath,
      getScriptFileNames: () => files.map((file) => join(tree, file)),
      getScriptVersion: (path: string) => path === this.#changed?.[0] ? `${this.#version}` : "0",
      getScriptSnapshot: (path: string) => {
        const text = path === this.#changed?.[0] ? this.#changed[1] : read(path);
        return text === undefined ? undefined : compiler.ScriptSnapshot.fromString(text);
      },
    });
  }

  /** Whether the changed file compiles. `source` is its text without the change. */
  compiles(mutation: Mutation, source: string): boolean {
    const path = join(this.#tree, mutation.file);
    this.#changed = [path, applyTo(source, mutation)];
    this.#version++;
    const service = this.#service;
    return service.getSyntacticDiagnostics(path).length === 0 &&
      service.getSemanticDiagnostics(path).length === 0;
  }
}
