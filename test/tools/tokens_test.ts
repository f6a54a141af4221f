import assert from "node:assert/strict";
import { test } from "node:test";
import { tokensOf } from "../../tools/imports/tokens.ts";

const words = (source: string) =>
  tokensOf(source).filter(({ kind }) => kind === "word").map(({ value }) => value);

test("comments and text hold no words", () => {
  assert.deepEqual(words(`a // Deno \n/* Bun\n * process */ b "Date" 'x\\'y Date' c`), [
    "a",
    "b",
    "c",
  ]);
});

test("code inside a template counts, however deep, and its text does not", () => {
  const source = "`Date ${ a({ b: `Bun ${c} Deno` }) } \\${no} $ {no} \\` no` + d";
  assert.deepEqual(words(source), ["a", "b", "c", "d"]);
});

test("a regular expression is told from a division", () => {
  assert.deepEqual(words("a = /Date\\/[/`]/g; b = c / d / 2 / e; f(/Bun/)"), [
    ..."abcdef",
  ]);
  assert.deepEqual(words("return /Date/.test(x) ? 1 / y : (z) / w / v"), [
    "return",
    "test",
    ..."xyzwv",
  ]);
});

test("private names are words of their own", () => {
  assert.deepEqual(words("this.#process; process"), ["this", "#process", "process"]);
});

test("lines are counted through comments, text and templates", () => {
  const lines = tokensOf("a\n/*\n\n*/ b `\n${\nc}\n` d // x\ne")
    .filter(({ kind }) => kind === "word").map(({ value, line }) => value + line);
  assert.deepEqual(lines, ["a1", "b4", "c6", "d7", "e8"]);
});
