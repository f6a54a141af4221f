/**
 * The TypeScript compiler, and the little of its interface that is used here. Its own types would
 * have to be installed, and nothing is, see `tools/packages.ts`.
 *
 * @module
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { findBun } from "../find_bun.ts";
import { installPackages, packagesBeside } from "../packages.ts";
import { VERSIONS } from "../versions.ts";

/** A node of a syntax tree. Which parts it has depends on its kind. */
export interface Node {
  readonly kind: number;
  readonly end: number;
  readonly parent: Node;
  getStart(): number;
  getText(): string;
  forEachChild(visit: (node: Node) => void): void;
  readonly name?: Node;
  readonly text?: string;
  readonly left?: Node;
  readonly operatorToken?: Node;
  readonly right?: Node;
  readonly operator?: number;
  readonly operand?: Node;
  readonly expression?: Node;
  readonly condition?: Node;
  readonly questionDotToken?: Node;
  readonly arguments?: readonly Node[];
  readonly statements?: readonly Node[];
  readonly type?: Node;
}

/** What is wrong with a file. */
export interface Diagnostic {
  readonly code: number;
}

/** Checks the types of a program whose files change. */
export interface LanguageService {
  getSyntacticDiagnostics(file: string): readonly Diagnostic[];
  getSemanticDiagnostics(file: string): readonly Diagnostic[];
}

/** The module `typescript`. */
export interface Compiler {
  readonly SyntaxKind: Readonly<Record<string, number>>;
  createSourceFile(name: string, text: string, target: number, setParents: boolean): Node;
  createLanguageService(host: object): LanguageService;
  getDefaultLibFilePath(options: object): string;
  convertCompilerOptionsFromJson(options: object, folder: string): { readonly options: object };
  readonly ScriptSnapshot: { fromString(text: string): object };
  readonly sys: Readonly<Record<string, (...args: never[]) => unknown>>;
}

/** The compiler, and a folder whose `node_modules` has it and what the tree imports. */
export interface Fetched {
  readonly compiler: Compiler;
  readonly folder: string;
}

const load = (folder: string): Compiler =>
  createRequire(join(folder, "package.json"))("typescript");

/** The compiler by itself. @throws {Error} when it cannot be fetched */
export async function fetchCompiler(): Promise<Compiler> {
  const { path } = await findBun();
  return load(await installPackages(path, { typescript: VERSIONS.typescript }));
}

/** The compiler with the packages of the tree. @throws {Error} when they cannot be fetched */
export async function fetchPackages(): Promise<Fetched> {
  const { path } = await findBun();
  const { typescript, "@types/bun": bunTypes } = VERSIONS;
  const folder = await packagesBeside(path, { typescript, "@types/bun": bunTypes });
  return { compiler: load(folder), folder };
}
