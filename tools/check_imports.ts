/**
 * Checks who imports whom, what is used of the platform, how long modules are, and that the lock files
 * agree.
 *
 *     deno task check:imports
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { checkLocks } from "./imports/locks.ts";
import { readModule } from "./imports/module.ts";
import { checkLength, checkModule, findCycles } from "./imports/rules.ts";
import { ROOT, typescriptFiles } from "./root.ts";

/** Every mistake in the checkout, one a line. */
export function importProblems(): string[] {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const paths = ["mod.ts", ...typescriptFiles("src", "plugins", "tools", "bench", "test")];
  const modules = paths.map((path) => readModule(path, read(path)));
  const { dependencies, problems } = checkLocks({
    packageJson: read("package.json"),
    denoLock: read("deno.lock"),
    bunLock: read("bun.lock"),
  });
  return [
    ...problems,
    ...modules.flatMap((module) => checkModule(module, dependencies)),
    ...paths.flatMap((path) => checkLength(path, read(path))),
    ...findCycles(modules),
  ];
}

if (import.meta.main) {
  const problems = importProblems();
  console.log(`imports: ${problems.length === 0 ? "ok" : "FAILED"}`);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}
