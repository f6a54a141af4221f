/**
 * Checks that every export has a doc comment, that the doors by which programs come in hand out every type
 * that they speak of, that the links of the documents lead somewhere, that the
 * tables of settings in docs/settings.md and the interfaces of settings are those of the schema, that every dependency has a reason,
 * and that the first pages stay short.
 *
 *     deno task check:docs
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { replaceTable } from "../src/config/table.ts";
import { run } from "./command.ts";
import { derived } from "./config_table.ts";
import { lockedPackages } from "./audit.ts";
import { dependencyProblems } from "./docs/dependencies.ts";
import { doorProblems, onlyOfPackages } from "./docs/doors.ts";
import { undocumentedExports } from "./docs/exports.ts";
import { brokenLinks } from "./docs/links.ts";
import { ROOT, typescriptFiles } from "./root.ts";

/** The pages that everybody reads first, and how long they may be (bytes). */
const SHORT_PAGES: Readonly<Record<string, number>> = {
  "README.md": 10 * 1024,
  "CONTRIBUTING.md": 6 * 1024,
};

/** Exports of the server and its plugins without a doc comment, one a line. Needs Deno. */
async function exportProblems(deno: string): Promise<string[]> {
  const files = ["mod.ts", ...typescriptFiles("src", "plugins")];
  const { code, output, failure } = await run(deno, ["doc", "--json", "--quiet", ...files], {
    cwd: ROOT,
  });
  if (code !== 0) return [`deno doc: ${failure ?? output.trim()}`];
  return undocumentedExports(output).map((line) => line.replace(`file://${ROOT}/`, ""));
}

/** What `deno doc` finds wrong with the doors by which programs come in. Needs Deno. */
async function apiProblems(deno: string): Promise<string[]> {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));
  const problems = await Promise.all(
    (Object.values(exports) as string[]).map(async (door) => {
      const { code, output, failure } = await run(deno, ["doc", "--lint", door], { cwd: ROOT });
      const found = doorProblems(output).map((line) => line.replace(`${ROOT}/`, ""));
      if (code === 0 || found.length > 0 || onlyOfPackages(output)) return found;
      return [`deno doc --lint ${door}: ${failure ?? output.trim()}`];
    }),
  );
  return [...new Set(problems.flat())];
}

/** What is wrong in the Markdown files of the checkout, one mistake a line. */
export function documentProblems(): string[] {
  const stale = Object.entries(derived).filter(([path, text]) =>
    readFileSync(join(ROOT, path), "utf8") !== text()
  ).map(([path]) => `${path}: not what the schema says: deno run -A tools/config_table.ts`);
  const folders = ["", "docs/", "docs/recipes/", "plugins/"].filter((folder) =>
    existsSync(join(ROOT, folder))
  );
  const paths = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".md")).map((name) =>
      folder + name
    )
  );
  return stale.concat(paths.flatMap((path) => {
    const text = readFileSync(join(ROOT, path), "utf8");
    const problems = brokenLinks(path, text, (target) => existsSync(join(ROOT, target)));
    if (text.includes("<!-- config:start -->") && replaceTable(text) !== text) {
      problems.push(`${path}: the settings are stale: deno run -A tools/config_table.ts ${path}`);
    }
    const most = SHORT_PAGES[path];
    if (most !== undefined && Buffer.byteLength(text) > most) {
      problems.push(`${path}: longer than ${most} bytes: move a part of it to a page in docs/`);
    }
    if (path === "CONTRIBUTING.md") {
      problems.push(...dependencyProblems(path, text, new Set(lockedPackages().keys())));
    }
    return problems;
  }));
}

if (import.meta.main) {
  const problems = [
    ...await exportProblems(process.execPath),
    ...await apiProblems(process.execPath),
    ...documentProblems(),
  ];
  console.log(`docs: ${problems.length === 0 ? "ok" : "FAILED"}`);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}
