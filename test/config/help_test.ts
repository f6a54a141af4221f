import { test } from "node:test";
import assert from "node:assert/strict";
import { helpText } from "../../src/config/help.ts";
import { exitCodeMeanings } from "../../src/config/exit_codes.ts";
import { appSettings, groups, settings } from "../../src/config/settings.ts";

/** Removes colours. */
// deno-lint-ignore no-control-regex
const plain = (text: string) => text.replace(/\x1b\[\d+m/g, "");

test("the help shows every setting with flag, variable, default and meaning", () => {
  const words = helpText({ color: false }).replace(/\s+/g, " ");
  for (const { flag, env, text, kind, key, fallback } of settings) {
    const spelt = kind === "boolean" ? `--${flag}, --no-${flag} ` : `--${flag} `;
    assert.ok(words.includes(` ${spelt}`), key);
    assert.ok(words.includes(` ${text} ${env}, default `), key);
    const shown = String(fallback ?? "") || "none";
    assert.ok(words.includes(`${env}, default ${shown}`), key);
  }
  assert.ok(words.includes(" --app APP.SETTING=VALUE ") && words.includes(" SLUICE_APPS, "));
  for (const { name, text } of appSettings) {
    assert.ok(words.includes(` APP.${name}=`) && words.includes(` ${text} `), name);
  }
});

test("the help shows the flags that are no settings, all sections in order and the exit codes", () => {
  const text = helpText({ color: false });
  for (const flag of ["--config FILE", "--check", "--version", "-h, --help"]) {
    assert.ok(text.includes(`\n  ${flag}\n`), flag);
  }
  const titles = groups.map(({ key, title }) => key === undefined ? title : `${title} (${key})`);
  const places = [...titles, "Applications (apps)"].map((title) => text.indexOf(`\n${title}\n`));
  assert.ok(places.every((place) => place > 0));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  for (const [code, meaning] of exitCodeMeanings) {
    assert.match(text, new RegExp(`\\n  ${code} +${meaning.replace(/[()]/g, "\\$&")}\\n`));
  }
});

test("the help shows one setting exactly so", () => {
  const expected = `
  --gop-cache-bytes BYTES
      Media of one stream kept since the last key frame, so that players start
      at once; 0 keeps none.
      SLUICE_GOP_CACHE_BYTES, default 33554432 (32 MiB), from 0 to 1073741824
`;
  assert.ok(helpText({ color: false }).includes(expected));
});

test("the help starts with usage and examples for both runtimes", () => {
  const [before] = helpText({ color: false }).split("\nFlags\n");
  for (const word of ["deno run -NER mod.ts", "bun run mod.ts", "ffmpeg", "ffplay", "--check"]) {
    assert.ok(before.includes(word), word);
  }
});

test("no line of the help is wider than a terminal", () => {
  const text = helpText({ color: false });
  for (const line of text.split("\n")) assert.ok(line.length <= 80, line);
  assert.ok(text.endsWith("\n") && !text.endsWith("\n\n"));
  assert.doesNotMatch(text, /[ \t]\n/);
});

test("colours are there if asked for, and change nothing else", () => {
  const colored = helpText({ color: true });
  assert.ok(colored.includes("\x1b["));
  assert.ok(!helpText({ color: false }).includes("\x1b"));
  assert.equal(plain(colored), helpText({ color: false }));
});
