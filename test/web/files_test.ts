/** What browsers are served, as files: all of it is there, and none of it makes markup of texts. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FILES, LIBRARIES, LIBRARY_FILES, PAGES } from "../../src/web/files.ts";
import { ROOT } from "../support/process.ts";

const FOLDER = join(ROOT, "src", "web");

test("every file of the folder is served, under its own name, and reads as it lies there", async () => {
  const names = readdirSync(FOLDER).filter((name) => !name.endsWith(".ts"));
  const pages = Object.keys(PAGES).map((name) => `${name}.html`);
  assert.deepEqual(names.sort(), [...FILES.keys(), ...pages].sort());
  for (const [name, file] of FILES) {
    assert.equal(await file.load(), readFileSync(join(FOLDER, name), "utf8"), name);
  }
});

test("the versions of the libraries are those of package.json", () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const [name, version] of Object.entries(LIBRARIES)) {
    assert.equal(dependencies[name], version);
    assert.ok(LIBRARY_FILES.has(`lib/${name}`));
  }
});

test("no module makes markup or code of a text, asks another host, or is longer than others may be", () => {
  for (const name of FILES.keys()) {
    const text = readFileSync(join(FOLDER, name), "utf8");
    assert.ok(text.split("\n").length <= 400, `${name} is too long`);
    if (!name.endsWith(".js")) continue;
    const forbidden =
      /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|DOMParser|\beval\b|new Function/;
    assert.doesNotMatch(text, forbidden, name);
    assert.doesNotMatch(text.replaceAll("http://www.w3.org/2000/svg", ""), /https?:\/\//, name);
  }
});

test("mpegts.js is served with its fault in reading AV1 mended, and is otherwise what its package has", async () => {
  const served = await LIBRARY_FILES.get("lib/mpegts.js")!.load();
  const { default: text } = await import("mpegts.js/dist/mpegts.js", { with: { type: "text" } });
  const [before, behind, ...more] = String(text).split("(_||255!==g)&&u&&");
  assert.deepEqual(more, []);
  assert.ok(served.includes(`${before}(!_||255!==g)&&u&&${behind}`));
});
