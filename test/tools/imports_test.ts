import assert from "node:assert/strict";
import { test } from "node:test";
import { importProblems } from "../../tools/check_imports.ts";
import { readModule } from "../../tools/imports/module.ts";
import { checkLength, checkModule, findCycles } from "../../tools/imports/rules.ts";

const dependencies = new Set(["hono", "valibot", "@logtape/logtape", "jsonc-parser", "fast-check"]);
const check = (path: string, source: string) => checkModule(readModule(path, source), dependencies);

/** Modules with one mistake each, and what must be said of it. */
const BAD: readonly [path: string, source: string, said: RegExp][] = [
  ["src/core/a.ts", 'import { x } from "../hub/b.ts";', /src\/core may not import src\/hub/],
  ["src/core/a.ts", 'import type { X } from "../hub/b.ts";', /src\/core may not import src\/hub/],
  ["src/core/a.ts", 'export * from "../ports.ts";', /src\/core may not import src\/ports/],
  ["src/hub/a.ts", 'import type { X } from "../ports.ts";', /imports only src\/core/],
  ["src/hub/a.ts", 'export { x } from "../service/b.ts";', /imports only src\/core/],
  ["src/plugin/a.ts", 'await import("../http/b.ts");', /may not import src\/http/],
  ["src/service/a.ts", 'import "../http/b.ts";', /src\/service may not import src\/http/],
  ["src/service/a.ts", 'import { x } from "../config/b.ts";', /may not import src\/config/],
  ["src/service/a.ts", 'import { x } from "../transport/deno/mod.ts";', /src\/transport/],
  ["src/http/a.ts", 'import { x } from "../server.ts";', /may not import src\/server/],
  ["src/server.ts", 'import { x } from "../mod.ts";', /may not import mod/],
  ["src/server.ts", 'import { x } from "../plugins/token_auth.ts";', /src may not import plugins/],
  ["src/transport/bun/tcp.ts", 'import { x } from "../../text.ts";', /only src\/ports\.ts/],
  [
    "src/client/a.ts",
    'import { x } from "../transport/runtime.ts";',
    /may not import src\/transport/,
  ],
  ["src/client/a.ts", 'import { x } from "./mod.ts";', /may not import src\/client\/mod/],
  ["src/client/mod.ts", 'import { x } from "../server.ts";', /imports only src\/client/],
  ["src/hub/a.ts", 'import { x } from "../client/b.ts";', /imports only src\/core/],
  ["src/core/a.ts", 'import { x } from "./b";', /with its ending/],
  ["src/new/a.ts", "", /belongs to no layer/],
  ["other/a.ts", "", /belongs to no layer/],
  ["plugins/a.ts", 'import { x } from "../src/hub/mod.ts";', /plugins may not import src\/hub/],
  ["tools/a.ts", 'import { x } from "../test/b.ts";', /tools may not import test/],
  ["src/core/a.ts", 'import { x } from "hono";', /may not import the package hono/],
  ["src/service/a.ts", 'import * as v from "valibot";', /may not import the package valibot/],
  ["src/http/a.ts", 'import { x } from "express";', /not in package\.json/],
  ["src/http/a.ts", 'import { x } from "jsr:@std/path";', /bare names/],
  ["test/a_test.ts", 'import { x } from "https://example.com/x.ts";', /bare names/],
  ["tools/a.ts", 'import { x } from "npm:hono@4";', /bare names/],
  ["src/log/log.ts", 'import { x } from "node:fs";', /only src\/transport/],
  ["src/config/a.ts", 'import { x } from "node:fs";', /only src\/transport/],
  ["src/http/a.ts", "Deno.exit();", /uses Deno/],
  ["src/http/a.ts", "const x = `${Bun.version}`;", /uses Bun/],
  ["src/server.ts", "process.exit(1);", /uses process/],
  ["src/log/log.ts", "Buffer.from([]);", /uses Buffer/],
  ["src/core/a.ts", "const t = Date.now();", /uses Date/],
  ["src/core/a.ts", "const t = performance.now();", /uses performance/],
  ["src/core/a.ts", "const r = Math.random();", /uses Math\.random/],
  ["src/core/a.ts", "crypto.getRandomValues(bytes);", /uses crypto/],
  ["src/hub/a.ts", "setTimeout(f, 1);", /uses setTimeout/],
  ["src/hub/a.ts", "console.log(1);", /uses console/],
  ["src/hub/a.ts", "async function f() {}", /uses async/],
  ["src/hub/a.ts", "const p: Promise<void> = q;", /uses Promise/],
  ["src/hub/a.ts", "const { x = Date } = y;", /uses Date/],
  ["src/service/a.ts", 'eval("1");', /uses eval/],
];

for (const [path, source, said] of BAD) {
  test(`${path} is refused: ${source || "a file in no layer"}`, () => {
    const problems = check(path, source);
    assert.equal(problems.length, 1, problems.join("\n"));
    assert.match(problems[0]!, said);
    assert.ok(problems[0]!.startsWith(`${path}:1: `));
  });
}

test("what the layers allow is accepted", () => {
  const good: [path: string, source: string][] = [
    [
      "src/core/a.ts",
      'import { x } from "./b/c.ts"; /* Date */ x.process; x?.Date; f({ Date: 1 });',
    ],
    ["src/hub/a.ts", 'import type { X } from "../core/mod.ts";'],
    ["src/service/a.ts", 'import { x } from "../hub/mod.ts"; import y from "@logtape/logtape";'],
    ["src/client/a.ts", 'import { x } from "../core/mod.ts"; import { y } from "../text.ts";'],
    [
      "src/client/mod.ts",
      'import { x } from "./a.ts"; import { y } from "../transport/runtime.ts";',
    ],
    ["src/http/a.ts", 'import { HTTPException } from "hono/http-exception"; async () => {};'],
    ["src/plugin/a.ts", "await import(path);"],
    ["src/transport/bun/tcp.ts", 'import type { X } from "../../ports.ts"; Bun.version;'],
    ["src/program/main.ts", 'import process from "node:process"; process.exit(0);'],
    ["mod.ts", 'import { x } from "./src/server.ts";'],
    ["test/a_test.ts", 'import fc from "fast-check"; import "../plugins/x.ts"; Deno.exit;'],
  ];
  for (const [path, source] of good) assert.deepEqual(check(path, source), [], path);
});

test("every form of import is found, and nothing else", () => {
  const module = readModule(
    "a.ts",
    `import "a"; import b from "b"; import { c, type C } from "c"; import * as d from "d";
     import type { E } from "e"; import { type F, type G } from "f"; export * from "g";
     export type { H } from "h"; const i = await import("i"); import j, { k } from "j";
     const from = 1; export const x = [from, "no"]; import(\`no\`); import.meta.url; y.import("no");
     const l: import("l").L = \`from \${from} "no"\`; export { m };`,
  );
  const found = module.imports.map(({ specifier, typeOnly }) =>
    `${specifier}${typeOnly ? " (types)" : ""}`
  );
  assert.deepEqual(found, [
    "a",
    "b",
    "c",
    "d",
    "e (types)",
    "f (types)",
    "g",
    "h (types)",
    "i",
    "j",
    "undefined",
    "l",
  ]);
});

test("modules that import each other are found, and in the server those that know each other's types", () => {
  const cycle = findCycles([
    readModule("src/a.ts", 'import "./b/c.ts";'),
    readModule("src/b/c.ts", 'import type { D } from "../e.ts"; export * from "./d.ts";'),
    readModule("src/b/d.ts", 'import { x } from "../a.ts";'),
    readModule("src/e.ts", ""),
  ]);
  assert.deepEqual(cycle, ["import cycle: src/a.ts -> src/b/c.ts -> src/b/d.ts -> src/a.ts"]);
  const mutual = (folder: string) =>
    findCycles([
      readModule(`${folder}/a.ts`, 'import type { X } from "./b.ts";'),
      readModule(`${folder}/b.ts`, 'import { x } from "./a.ts";'),
    ]);
  assert.deepEqual(mutual("src"), ["import cycle: src/a.ts -> src/b.ts -> src/a.ts"]);
  assert.deepEqual(mutual("test"), [], "outside of the server types make none");
});

test("a module of more than 400 lines is too long, be it a test, unless it is of vectors", () => {
  const lines = (count: number) => "x\n".repeat(count);
  assert.deepEqual(checkLength("src/a.ts", lines(400)), []);
  assert.match(checkLength("src/a.ts", lines(401))[0]!, /src\/a\.ts: 401 lines/);
  assert.match(checkLength("test/a_test.ts", lines(401))[0]!, /401 lines/);
  assert.deepEqual(checkLength("test/vectors/a.ts", lines(500)), []);
});

test("this checkout obeys its own rules", () => {
  assert.deepEqual(importProblems(), []);
});
