/** What is shown in place of publishers, as the settings say it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, keyOfPath, readFallbackRule } from "../../../src/service/fallback/rule.ts";

test("a rule has a pattern and sources, and may be for lost publishers alone", () => {
  assert.deepEqual(readFallbackRule(" live/*  stream=live/{name}-b file=/slates/{app}.mp4 lost"), {
    pattern: "live/*",
    sources: [
      { kind: "stream", path: "live/{name}-b" },
      { kind: "file", path: "slates/{app}.mp4" },
    ],
    lostOnly: true,
  });
  const rule = readFallbackRule("a/b file=x.flv");
  assert.ok(typeof rule === "object" && !rule.lostOnly);
});

test("a rule has up to eight sources", () => {
  const rule = readFallbackRule("a/b" + " file=x.flv".repeat(8) + " lost");
  assert.ok(typeof rule === "object" && rule.sources.length === 8 && rule.lostOnly);
});

test("what cannot be read is refused with the reason", () => {
  const mistakes: Record<string, RegExp> = {
    "": /its pattern has/,
    "a?b file=x.flv": /its pattern is/,
    "a/b": /1 to 8 sources/,
    "a/b lost": /1 to 8 sources/,
    ["a/b" + " file=x.flv".repeat(9)]: /1 to 8 sources/,
    "a/b x.flv": /a source is file=PATH or stream=/,
    "a/b file=": /a source is/,
    "a/b lost file=x.flv": /a source is/,
    "a/b file=x.txt": /an FLV or MP4 file/,
    "a/b file=../x.flv": /an FLV or MP4 file/,
    "a/b stream=live/*?x": /its stream is/,
  };
  for (const [text, mistake] of Object.entries(mistakes)) {
    assert.match(String(readFallbackRule(text)), mistake, text);
  }
});

test("names are filled in as they are, and a path is split at its last slash", () => {
  const key = { app: "live/x", name: "$&-{app}" };
  assert.equal(fill({ path: "{app}/{name}-b/{name}" }, key), "live/x/$&-{app}-b/$&-{app}");
  assert.deepEqual(keyOfPath("a/b/c"), { app: "a/b", name: "c" });
  assert.deepEqual(keyOfPath("c"), { app: "", name: "c" });
});
