/**
 * Runs several test files in one process of `deno test`, as `bun test` does by itself: Deno alone makes
 * an isolate for each file and loads all modules into it anew, which takes longer than most files do.
 *
 *     deno test -A test/batch.ts -- FILE...
 *
 * Each test is still reported as one of the file that registers it.
 *
 * @module
 */
import { resolve } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

for (const file of process.argv.slice(2)) {
  try {
    await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    test(`${file} can be loaded`, () => {
      throw error;
    });
  }
}
