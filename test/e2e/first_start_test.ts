/** The first start in a fresh checkout, with nothing fetched yet. */
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { ROOT, TestProcess } from "../support/process.ts";

/** How long the registry may take (ms). */
const FETCH_MS = 120_000;

/** What a server consists of. */
const TREE = ["mod.ts", "src", "package.json", "deno.json", "deno.lock", "bun.lock"];

/** Names of the packages that are unpacked below a folder. */
function packagesIn(folder: string): string[] {
  const manifest = join(folder, "package.json");
  if (existsSync(manifest)) return [JSON.parse(readFileSync(manifest, "utf8")).name];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => packagesIn(join(folder, name)));
}

/** Names of the packages that the server needs, with those that they bring along. */
function neededPackages(): Set<string> {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const { npm } = JSON.parse(readFileSync(join(ROOT, "deno.lock"), "utf8"));
  const needed = new Set(Object.keys(dependencies));
  for (const name of needed) {
    const key = Object.keys(npm).find((key) => key.startsWith(`${name}@`))!;
    for (const other of npm[key].dependencies ?? []) needed.add(other);
  }
  return needed;
}

test("the first start fetches what the server needs, and nothing that only its tests do", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-first-start-"));
  try {
    const [checkout, cache] = [join(folder, "checkout"), join(folder, "cache")];
    for (const name of TREE) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
    const flags = "Deno" in globalThis ? ["-A"] : [];
    const ports = ["--rtmp-port", "0", "--http-port", "0"];
    await using program = new TestProcess(
      process.execPath,
      ["run", ...flags, "mod.ts", ...ports],
      { cwd: checkout, env: { DENO_DIR: cache, BUN_INSTALL_CACHE_DIR: cache, NO_COLOR: "1" } },
    );
    // Without a registry this fails, with what the runtime says of it.
    await program.waitForLine(
      (line) => line.includes(" listening ") || undefined,
      "a server with an empty cache listens: is the npm registry within reach?",
      FETCH_MS,
    );
    const fetched = packagesIn(cache);
    const needed = neededPackages();
    assert.ok(fetched.includes("hono"), `nothing was fetched into ${cache}`);
    const needless = fetched.filter((name) => !needed.has(name));
    assert.deepEqual(needless, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
