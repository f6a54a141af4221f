/** The door of the client in the manifests of both runtimes. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

for (const manifest of ["deno.json", "package.json"]) {
  test(`${manifest} exports the client as ./client`, async () => {
    const url = new URL(`../../${manifest}`, import.meta.url);
    const path = JSON.parse(readFileSync(url, "utf8")).exports["./client"];
    const door = await import(new URL(path, url).href);
    assert.equal(typeof door.connect, "function");
  });
}
