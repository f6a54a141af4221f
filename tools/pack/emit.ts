/**
 * Emits JavaScript and declarations of what the package consists of.
 *
 * @module
 */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { run } from "../command.ts";
import { packagesBeside, TREE } from "../packages.ts";
import { ROOT } from "../root.ts";
import { EMITTER, VERSIONS } from "../versions.ts";

/** The TypeScript of the package, relative to the checkout. */
const SOURCES = ["mod.ts", "src", "plugins"];

/** A relative specifier of a TypeScript file in a declaration. */
const RELATIVE = /((?:from|import)\s*\(?\s*["'])(\.{1,2}\/[^"']+?)(?<!\.d)\.ts(["'])/g;

/**
 * Emits into `folder`, which is there.
 *
 * @throws {Error} with what the compiler says
 */
export async function emit(bun: string, folder: string): Promise<void> {
  const { "@types/bun": bunTypes } = VERSIONS;
  const packages = await packagesBeside(bun, { ...EMITTER, "@types/bun": bunTypes });
  const config = {
    compilerOptions: {
      target: "es2024",
      module: "nodenext",
      lib: ["esnext"],
      types: ["bun"],
      rewriteRelativeImportExtensions: true,
      declaration: true,
      // `deno task check:types` does.
      noCheck: true,
      // The link to the checkout must stay one: beside it are the packages.
      preserveSymlinks: true,
      rootDir: join(packages, TREE),
      outDir: folder,
    },
    include: SOURCES.map((source) => join(packages, TREE, source)),
    exclude: [join(packages, TREE, "node_modules")],
  };
  // Beside the packages, and of this process: another one may emit to somewhere else.
  const file = join(packages, `pack-${process.pid}.json`);
  writeFileSync(file, JSON.stringify(config, null, 2));
  const program = join(packages, "node_modules", "typescript", "bin", "tsc");
  const args = ["run", program, "-p", file, "--pretty", "false"];
  const { code, output, failure } = await run(bun, args, { cwd: packages });
  rmSync(file, { force: true });
  if (code !== 0) throw new Error(`tsc: ${failure ?? output.trim()}`);
  for (const path of files(folder).filter((path) => path.endsWith(".d.ts"))) {
    const text = readFileSync(join(folder, path), "utf8");
    writeFileSync(join(folder, path), withEmittedNames(text));
  }
  copyTexts(folder);
}

/** A declaration whose relative imports name the emitted files: the compiler leaves them as they are. */
export function withEmittedNames(declaration: string): string {
  return declaration.replace(RELATIVE, "$1$2.js$3");
}

/** Copies what of `src` is imported as text. */
function copyTexts(folder: string): void {
  for (const path of files(join(ROOT, "src"))) {
    if (path.endsWith(".ts")) continue;
    const target = join(folder, "src", path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(ROOT, "src", path), target);
  }
}

/** Paths of all files below `folder`, relative to it and with slashes. */
function files(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((path) => path.replaceAll("\\", "/"));
}
