/**
 * Checks the types of the whole tree for Deno and for Bun, what has to be pure without any platform,
 * and what runs in browsers.
 *
 *     deno task check:types
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./command.ts";
import { findBun } from "./find_bun.ts";
import { packagesBeside, TREE } from "./packages.ts";
import { PURE_GLOBALS } from "./pure_globals.ts";
import { TEXT_MODULES } from "./text_modules.ts";
import { ROOT } from "./root.ts";
import { EMITTER, VERSIONS } from "./versions.ts";

/** Checks by name; each says what is wrong, or nothing. */
type Check = readonly [name: string, check: () => Promise<string>];

/** Where {@link PURE_GLOBALS} goes. */
const PURE_FILE = "pure_globals.d.ts";
/** Where {@link TEXT_MODULES} goes. */
const TEXTS_FILE = "text_modules.d.ts";

/** Packages that bring no types: what is used of them is declared where it is used. */
const UNTYPED = ["ws"];
const UNTYPED_FILE = "untyped.d.ts";

/** The strictness of Deno's check, for the others. */
const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8"));

async function deno(): Promise<string> {
  const { code, output, failure } = await run(process.execPath, ["check", "--quiet", "."], {
    cwd: ROOT,
  });
  return code === 0 ? "" : failure ?? output;
}

function tsc(
  name: string,
  folder: string,
  include: string[],
  options: object,
  files: string[] = [],
): Check {
  return [name, async () => {
    const config = {
      compilerOptions: {
        ...compilerOptions,
        target: "es2024",
        module: "esnext",
        moduleResolution: "bundler",
        allowImportingTsExtensions: true,
        // The link to the checkout must stay one: beside it are the packages.
        preserveSymlinks: true,
        skipLibCheck: true,
        noEmit: true,
        // Whoever checks again after a small change waits for that change only.
        incremental: true,
        tsBuildInfoFile: join(folder, `${name}.tsbuildinfo`),
        ...options,
      },
      ...(files.length > 0 ? { files } : {}),
      include: include.map((pattern) => `${TREE}/${pattern}`),
      exclude: [`${TREE}/node_modules`],
    };
    const file = join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(config, null, 2));
    const program = join(folder, "node_modules", "typescript", "bin", "tsc");
    const args = ["run", program, "-p", file, "--pretty", "false"];
    const { code, output, failure } = await run(bun.path, args, { cwd: folder });
    return code === 0 ? "" : failure ?? output.replaceAll(`${TREE}/`, "");
  }];
}

const { "@types/bun": bunTypes } = VERSIONS;
const bun = await findBun();
const folder = await packagesBeside(bun.path, { ...EMITTER, "@types/bun": bunTypes });
writeFileSync(join(folder, PURE_FILE), PURE_GLOBALS);
const untyped = UNTYPED.map((name) => `declare module "${name}";\n`).join("");
writeFileSync(join(folder, UNTYPED_FILE), untyped);
writeFileSync(join(folder, TEXTS_FILE), TEXT_MODULES);
const checks: Check[] = [
  ["deno", deno],
  tsc("bun", folder, ["mod.ts", "src", "plugins", "test", "tools", "bench"], {
    lib: ["esnext"],
    types: ["bun"],
  }, [TEXTS_FILE, UNTYPED_FILE]),
  // Modules for browsers, which are JavaScript with its types in comments.
  tsc("web", folder, ["src/web/*.js"], {
    lib: ["esnext", "dom", "dom.iterable"],
    types: [],
    allowJs: true,
    checkJs: true,
  }),
  tsc(
    "pure",
    folder,
    ["src/core", "src/hub"],
    { lib: ["es2024", "esnext.typedarrays"], types: [] },
    [PURE_FILE],
  ),
];

let failed = false;
for (const [name, check] of checks) {
  const problem = await check();
  console.log(`types (${name}): ${problem === "" ? "ok" : "FAILED"}`);
  if (problem !== "") console.error(problem);
  failed ||= problem !== "";
}
process.exit(failed ? 1 : 0);
