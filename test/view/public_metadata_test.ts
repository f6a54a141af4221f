import assert from "node:assert/strict";
import { test } from "node:test";
import { publicMetadata } from "../../src/view/public_metadata.ts";

test("metadata is shown as it was said, whatever its members are called", () => {
  const metadata = {
    width: 1920,
    height: null,
    stereo: true,
    encoder: "obs-output module (libobs version 30.0.2)",
    videocodecid: "hvc1",
    "5.1": false,
    colorInfo: { colorConfig: { bitDepth: 10 }, hdrCll: { maxFall: 100 } },
    videoTrackIdInfoMap: { 1: { width: 640 } },
    keyframes: [1, 2],
    title: "Evening news, part 2",
    server: "NGINX RTMP (github.com/arut/nginx-rtmp-module)",
    constructor: 1,
  };
  assert.deepEqual(publicMetadata(metadata), metadata);
});

test("no member reaches a prototype, and no text moves a cursor or is very long", () => {
  const metadata = JSON.parse('{"__proto__":{"polluted":1},"toString":"x"}');
  const shown = publicMetadata(metadata);
  assert.deepEqual(Object.keys(shown), ["__proto__", "toString"]);
  assert.equal((shown as { polluted?: number }).polluted, undefined);
  assert.deepEqual(publicMetadata({ "a\nb": "c\u001b[31m\u202e" }), {
    "a\\u000ab": "c\\u001b[31m\\u202e",
  });
  const long = publicMetadata({ title: "x".repeat(10_000), ["y".repeat(1000)]: 1 });
  assert.deepEqual(Object.keys(long), ["title"]);
  assert.ok(String(long.title).length <= 256);
});

test("deep objects and long lists are cut", () => {
  const deep = { videotrackidinfomap: { 1: { 2: { 3: { 4: { 5: { 6: 1 } } } } } } };
  assert.ok(JSON.stringify(publicMetadata(deep)).length < 80);
  const { keyframes } = publicMetadata({ keyframes: Array(1000).fill(1) });
  assert.equal((keyframes as number[]).length, 32);
});

test("of very many members and texts some are shown, words before numbers", () => {
  const numbers = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [index, index]));
  const texts = Array.from({ length: 32 }, () => "obs");
  const shown = publicMetadata({
    ...numbers,
    width: 640,
    keyframes: texts,
    more: texts,
    encoder: "obs",
  });
  assert.equal(shown.width, 640);
  assert.ok(Object.keys(shown).length < 520);
  assert.equal((shown.keyframes as string[]).filter((text) => text === "obs").length, 32);
  assert.equal(shown.encoder, undefined);
});
