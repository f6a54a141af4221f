/** Which way a stream is played, by what it is and what the browser decodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webModule } from "../support/web_module.ts";

interface Track {
  readonly codec: string;
  readonly codecString: string | null;
}

const { afterBreak, waysFor } = await webModule<{
  afterBreak(ways: readonly string[]): string[];
  waysFor(
    media: { video: Track | null; audio: Track | null } | undefined,
    can: { mse(type: string): boolean; nativeHls: boolean },
  ): string[];
}>("ways.js");

const AVC = { codec: "avc", codecString: "avc1.64001f" };
const HEVC = { codec: "hevc", codecString: "hvc1.1.6.L93.B0" };
const AV1 = { codec: "av1", codecString: "av01.0.04M.08" };
const VP9 = { codec: "vp9", codecString: "vp09.00.10.08" };
const AAC = { codec: "aac", codecString: "mp4a.40.2" };
const OPUS = { codec: "opus", codecString: "opus" };
const AC3 = { codec: "ac3", codecString: "ac-3" };

const all = { mse: () => true, nativeHls: false };
/** Chromium without licensed codecs. */
const chromium = { mse: (type: string) => !/hvc1|ac-3/.test(type), nativeHls: true };
/** An older iPhone. */
const iphone = { mse: () => false, nativeHls: true };

const FLV_FIRST = ["ws-flv", "http-flv", "hls"];

test("H.264, and HEVC where it is decoded, go by FLV, which has the lowest delay", () => {
  assert.deepEqual(waysFor({ video: AVC, audio: AAC }, chromium), FLV_FIRST);
  assert.deepEqual(waysFor({ video: AVC, audio: null }, chromium), FLV_FIRST);
  assert.deepEqual(waysFor({ video: null, audio: AAC }, chromium), FLV_FIRST);
  assert.deepEqual(waysFor({ video: HEVC, audio: OPUS }, all), FLV_FIRST);
});

test("what mpegts.js does not read goes by HLS", () => {
  assert.deepEqual(waysFor({ video: VP9, audio: OPUS }, chromium), ["hls"]);
  assert.deepEqual(waysFor({ video: AVC, audio: AC3 }, all), ["hls"]);
  assert.deepEqual(waysFor({ video: AV1, audio: OPUS }, chromium), ["hls", "ws-flv", "http-flv"]);
});

test("what the browser does not decode goes no way", () => {
  assert.deepEqual(waysFor({ video: HEVC, audio: AAC }, chromium), []);
  assert.deepEqual(waysFor({ video: AVC, audio: AC3 }, chromium), []);
});

test("a browser that plays nothing but HLS gets that", () => {
  assert.deepEqual(waysFor({ video: AVC, audio: AAC }, iphone), ["hls"]);
  assert.deepEqual(waysFor(undefined, iphone), ["hls"]);
  assert.deepEqual(waysFor(undefined, { ...iphone, nativeHls: false }), []);
});

test("of media that is not known, or has no name yet, every way is tried", () => {
  assert.deepEqual(waysFor(undefined, chromium), FLV_FIRST);
  const unnamed = { codec: "avc", codecString: null };
  assert.deepEqual(waysFor({ video: unnamed, audio: null }, chromium), FLV_FIRST);
});

test("once FLV broke off it comes behind HLS, and is tried alone where that is wanted", () => {
  assert.deepEqual(afterBreak(FLV_FIRST), ["hls", "ws-flv", "http-flv"]);
  assert.deepEqual(afterBreak(["ws-flv"]), ["ws-flv"]);
});

test("an answer of the server says whether it is worth to try again", async () => {
  const { outcomeOf } = await webModule<{ outcomeOf(status: number): { kind: string } }>(
    "flv_way.js",
  );
  const kinds = [404, 401, 403, 415, 503, 500, 0].map((status) => outcomeOf(status).kind);
  const expected = ["absent", "refused", "refused", "unsupported", "busy", "failed", "failed"];
  assert.deepEqual(kinds, expected);
});
