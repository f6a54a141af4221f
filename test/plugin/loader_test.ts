import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { fileUrl, loadPlugins, PluginLoadError } from "../../src/plugin/mod.ts";

/** Writes modules into a fresh folder, runs `body` with its URL and path, and removes it. */
async function withModules(
  modules: Record<string, string>,
  body: (base: URL, folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-plugins-"));
  try {
    for (const [name, text] of Object.entries(modules)) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await body(pathToFileURL(folder), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The error that loading `paths` ends in. */
async function failure(paths: string[], base: URL, env = {}): Promise<PluginLoadError> {
  try {
    await loadPlugins(paths, { base, env });
  } catch (error) {
    assert.ok(error instanceof PluginLoadError, String(error));
    assert.ok(error.message.includes(`"${error.path}": ${error.problem}. ${error.cure}`));
    for (const bad of ["\n", "\u001b"]) assert.ok(!error.message.includes(bad));
    return error;
  }
  return assert.fail("loaded");
}

test("plugins are loaded in order from paths relative to a folder, absolute ones and URLs", async () => {
  await withModules({
    "a.ts": `export default { name: "a", onPublish(c: unknown): void {} };`,
    "sub/b.js": `export default (env) => ({ name: env.B_NAME });`,
    "c.js": `export default async () => { await 0; return { name: "c" }; };`,
    "d.js": `export default { name: "d" };`,
  }, async (base, folder) => {
    const paths = ["a.ts", "./sub/b.js", join(folder, "c.js"), `${base.href}/d.js`];
    const plugins = await loadPlugins(paths, { base, env: { B_NAME: "bee" } });
    assert.deepEqual(plugins.map(({ name }) => name), ["a", "bee", "c", "d"]);
    assert.equal(typeof plugins[0]?.onPublish, "function");
  });
});

test("a path may hold blanks and the letters that mean something in a URL", async () => {
  const text = `export default { name: "a" };`;
  await withModules({ "50% #1 é.js": text }, async (base) => {
    assert.equal((await loadPlugins(["50% #1 é.js"], { base, env: {} })).length, 1);
  });
});

test("a plugin keeps its prototype", async () => {
  const text = `class P { name = "p"; onPlay() { return { rename: this.name }; } }
    export default new P();`;
  await withModules({ "p.js": text }, async (base) => {
    const [plugin] = await loadPlugins(["p.js"], { base, env: {} });
    assert.deepEqual(plugin?.onPlay?.({} as never), { rename: "p" });
  });
});

test("a file that is not there is told from an import that is not there", async () => {
  await withModules({ "a.js": `import "./gone.js"; export default {};` }, async (base, folder) => {
    const missing = await failure(["nowhere.ts"], base);
    assert.match(missing.problem, /there is no file .*nowhere\.ts$/);
    assert.ok(missing.cure.includes(folder));
    // No text is written like that, but the address of a file may be.
    const odd = await failure(["file:///nowhere/%zz.js"], base);
    assert.match(odd.problem, /there is no file \/nowhere\/%zz\.js$/);
    assert.match((await failure(["a.js"], base)).problem, /failed to start: .*gone\.js/);
  });
});

test("a module that does not parse or throws is told with its error", async () => {
  await withModules({
    "syntax.ts": `export default {{`,
    "throws.js": `throw new Error("boom\\nsecond line");`,
    "factory.js": `export default () => { throw new Error("KEY is not set"); };`,
    "rejects.js": `export default () => Promise.reject("just a string");`,
  }, async (base) => {
    assert.match((await failure(["syntax.ts"], base)).problem, /failed to start: \S/);
    const thrown = await failure(["throws.js"], base);
    assert.match(thrown.problem, /failed to start: boom$/);
    assert.ok(thrown.cause instanceof Error);
    assert.match((await failure(["factory.js"], base)).problem, /threw: KEY is not set$/);
    assert.match((await failure(["rejects.js"], base)).problem, /threw: just a string$/);
  });
});

test("a default export that is no plugin is told", async () => {
  await withModules({
    "none.js": `export const plugin = { name: "a" };`,
    "odd.js": `export default { name: "Not a name" };`,
    "typo.js": `export default { name: "a", onPubish() {} };`,
    "factory.js": `export default () => undefined;`,
  }, async (base) => {
    assert.match((await failure(["none.js"], base)).problem, /no default export/);
    assert.match((await failure(["odd.js"], base)).problem, /is not a plugin: its name/);
    assert.match((await failure(["typo.js"], base)).problem, /no use for onPubish/);
    assert.match((await failure(["factory.js"], base)).problem, /did not return a plugin/);
  });
});

test("two plugins of one name, and one listed twice, are mistakes", async () => {
  const text = `export default { name: "same" };`;
  await withModules({ "a.js": text, "b.js": text }, async (base) => {
    const two = await failure(["a.js", "b.js"], base);
    assert.equal(two.path, "b.js");
    assert.match(two.problem, /"same" is taken by "a\.js"/);
    assert.match((await failure(["a.js", "a.js"], base)).cure, /once/);
  });
});

test("nothing is loaded from the network or from a package", async () => {
  const base = new URL("file:///nowhere/");
  for (const path of ["https://example.com/p.ts", "npm:left-pad", "data:text/javascript,1", ""]) {
    assert.match((await failure([path], base)).problem, /not a path of a file/);
  }
});

test("a path becomes a file URL", () => {
  const base = new URL("file:///etc/sluice");
  const cases: [path: string, url: string][] = [
    ["a.ts", "file:///etc/sluice/a.ts"],
    ["./a.ts", "file:///etc/sluice/a.ts"],
    ["../a.ts", "file:///etc/a.ts"],
    ["/opt/a.ts", "file:///opt/a.ts"],
    ["a?b#c%20.ts", "file:///etc/sluice/a%3Fb%23c%2520.ts"],
    ["C:\\plugins\\a.ts", "file:///C:/plugins/a.ts"],
    ["file:///opt/a%20b.ts", "file:///opt/a%20b.ts"],
  ];
  for (const [path, url] of cases) assert.equal(fileUrl(path, base)?.href, url);
  assert.equal(fileUrl("/etc/sluice")?.href, "file:///etc/sluice");
  assert.equal(fileUrl(""), undefined);
});

test("what Deno may not read is named with the flag that lets it, the file itself or what it imports", async () => {
  await withModules({
    "inner.js":
      `throw new Error('Requires read access to "/etc/inner.ts", run again with the flag')`,
    "bare.js": `throw new Error("Requires read access")`,
  }, async (base, folder) => {
    const inner = await failure(["inner.js"], base);
    assert.equal(inner.problem, "Deno may not read it");
    assert.equal(inner.cure, "Start Deno with --allow-read=/etc/inner.ts.");
    assert.equal(
      (await failure(["bare.js"], base)).cure,
      `Start Deno with --allow-read=${folder}/bare.js.`,
    );
  });
});
