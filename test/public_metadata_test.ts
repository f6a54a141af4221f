import assert from "node:assert/strict";
import { test } from "node:test";
import { publicMetadata } from "../src/public_metadata.ts";

test("what describes media is shown: known names with numbers, switches, programs and codecs", () => {
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
  };
  const { colorInfo: _, ...rest } = metadata;
  assert.deepEqual(publicMetadata(metadata), { ...rest, colorInfo: { hdrCll: { maxFall: 100 } } });
});

test("what may be a key is not: unknown names, and words of texts", () => {
  assert.deepEqual(
    publicMetadata({
      key: "s3cret",
      streamKey: 12345678,
      title: "live_7f3a9c",
      encoder: "Lavf60.16.100 live_7f3a9c",
      __proto__x: 1,
      constructor: 1,
    }),
    { title: "***", encoder: "Lavf60.16.100 ***" },
  );
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
  const shown = publicMetadata({ ...numbers, width: 640, keyframes: texts, encoder: "obs" });
  assert.equal(shown.width, 640);
  assert.ok(Object.keys(shown).length < 520);
  assert.equal((shown.keyframes as string[]).filter((text) => text === "obs").length, 32);
  assert.equal(shown.encoder, undefined);
});
