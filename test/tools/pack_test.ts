import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { withEmittedNames } from "../../tools/pack/emit.ts";
import { packageManifest } from "../../tools/pack/manifest.ts";
import { ROOT } from "../../tools/root.ts";
import { VERSION } from "../../src/version.ts";

const manifestOf = (name: string) => JSON.parse(readFileSync(join(ROOT, name), "utf8"));

test("relative imports of declarations name what was emitted, and no others", () => {
  const before = [
    'import type { A } from "./a.ts";',
    'export * from "../b/mod.ts";',
    'type C = import("./c.ts").C;',
    'import "./d.ts";',
    'import type { E } from "./types.d.ts";',
    'import type { F } from "hono/f.ts";',
    'declare const text: "./g.ts";',
  ];
  const after = [
    'import type { A } from "./a.js";',
    'export * from "../b/mod.js";',
    'type C = import("./c.js").C;',
    'import "./d.js";',
    ...before.slice(4),
  ];
  assert.deepEqual(withEmittedNames(before.join("\n")).split("\n"), after);
});

test("the doors of the package lead to JavaScript and to declarations", () => {
  const manifest = packageManifest(manifestOf("package.json")) as {
    readonly exports: Record<string, unknown>;
    readonly dependencies: unknown;
  };
  assert.deepEqual(manifest.exports["./plugin"], {
    types: "./src/plugin/api.d.ts",
    default: "./src/plugin/api.js",
  });
  assert.deepEqual(manifest.exports["."], { types: "./mod.d.ts", default: "./mod.js" });
  assert.deepEqual(manifest.dependencies, manifestOf("package.json").dependencies);
  assert.ok(!("private" in manifest) && !("devDependencies" in manifest));
});

test("the version is the same wherever it stands, and so are the doors", () => {
  const [npm, deno] = [manifestOf("package.json"), manifestOf("deno.json")];
  assert.deepEqual([npm.version, deno.version], [VERSION, VERSION]);
  assert.deepEqual(npm.exports, deno.exports);
});
