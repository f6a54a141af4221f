/** What a multivariant playlist says of a stream: rates as measured, the rest as its tracks have it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaWindow, type PackagedRendition } from "../../../src/core/hls/mod.ts";
import type { SampleTrack, TrackFormat } from "../../../src/core/samples/mod.ts";
import type { PartBody } from "../../../src/service/hls/body.ts";
import { describeVariant } from "../../../src/service/hls/variant.ts";
import { AAC_LC, AVC } from "../../core/samples/formats.ts";

const SECOND = 90_000;

type Piece = readonly [seconds: number, bytes: number];

/** A playlist of whole segments, and of one that grows. */
function rendition(
  name: string,
  formats: readonly (readonly [trackId: number, format: TrackFormat])[],
  whole: readonly Piece[],
  open?: Piece,
): PackagedRendition<PartBody> {
  const limits = {
    ...{ targetDuration: 2 * SECOND, partTarget: SECOND },
    ...{ listed: 1e9, bytes: 1e9, segments: 100 },
  };
  const window = new MediaWindow<PartBody>(limits, ({ bytes }) => bytes.length);
  const add = ([seconds, bytes]: Piece, independent: boolean) => {
    window.begin({ uri: "s", programTime: "", discontinuity: false, map: undefined });
    for (const share of [1 / 4, 3 / 4]) {
      const body = { bytes: new Uint8Array(bytes * share) };
      window.add({ uri: "p", duration: seconds * SECOND / 2, independent, body });
    }
  };
  for (const piece of whole) {
    add(piece, true);
    window.close();
  }
  if (open !== undefined) add(open, true);
  const tracks: SampleTrack[] = formats.map(([trackId, format], id) => ({ id, trackId, format }));
  return { name, window, tracks, maker: undefined as never };
}

const BOTH = [[0, AVC], [0, AAC_LC]] as const;

test("rates are the most of a segment and that of all, the one that grows included", () => {
  const main = rendition("main", BOTH, [[2, 1000], [1, 2000]], [1, 400]);
  const variant = describeVariant([main], 25, "x/");
  assert.equal(variant.peakBandwidth, 16_000);
  assert.equal(variant.averageBandwidth, 3400 * 8 / 4);
  assert.deepEqual([variant.uri, variant.frameRate, variant.audio], ["x/main.m3u8", 25, []]);
  assert.deepEqual(variant.codecs, [AVC.codecString, AAC_LC.codecString]);
  assert.deepEqual([variant.width, variant.height, variant.videoRange], [320, 240, "SDR"]);
  assert.equal(variant.independent, true);
});

test("a segment of less than half a second is no rate, but counts on average", () => {
  const short = rendition("main", BOTH, [[2, 1000], [0.499, 1000]]);
  assert.equal(Math.round(describeVariant([short], 25, "").peakBandwidth), 6403);
  const half = rendition("main", BOTH, [[2, 1000], [0.5, 1000]]);
  assert.equal(describeVariant([half], 25, "").peakBandwidth, 16_000);
});

test("segments whose bytes are on the disk, and playlists without any, say nothing of rates", () => {
  const main = rendition("main", BOTH, [[2, 4000], [2, 1000]]);
  main.window.release(main.window.kept[0]!);
  const variant = describeVariant([main], 25, "");
  assert.deepEqual([variant.peakBandwidth, variant.averageBandwidth], [4000, 4000]);
  const empty = describeVariant([rendition("main", BOTH, [])], 25, "");
  assert.deepEqual([empty.peakBandwidth, empty.averageBandwidth], [0, 0]);
});

test("sound beside it adds the most that one of its playlists takes", () => {
  const main = rendition("main", [[0, AVC]], [[2, 4000]]);
  const one = rendition("audio0", [[0, AAC_LC]], [[2, 400]]);
  const two = rendition("audio1", [[1, { ...AAC_LC, channels: 6 }]], [[2, 800]]);
  const variant = describeVariant([main, one, two], 25, "x/");
  assert.deepEqual([variant.peakBandwidth, variant.averageBandwidth], [19_200, 19_200]);
  assert.deepEqual(variant.codecs, [AVC.codecString, AAC_LC.codecString]);
  assert.deepEqual(variant.audio, [
    { uri: "x/audio0.m3u8", name: "Track 0", channels: 2, isDefault: true },
    { uri: "x/audio1.m3u8", name: "Track 1", channels: 6, isDefault: false },
  ]);
});

test("names of tracks are told apart", () => {
  const main = rendition("main", [[0, AVC]], [[2, 4000]]);
  const sound = [3, 3, 4, 3].map((id) => rendition(`audio${id}`, [[id, AAC_LC]], [[2, 4]]));
  assert.deepEqual(
    describeVariant([main, ...sound], 25, "").audio.map(({ name }) => name),
    ["Track 3", "Track 3 (1)", "Track 4", "Track 3 (2)"],
  );
});

test("the range of brightness is that of the pictures' transfer characteristics", () => {
  const range = (transfer: number) => {
    const colours = { primaries: 9, transfer, matrix: 9, fullRange: false };
    const main = rendition("main", [[0, { ...AVC, colours }]], []);
    return describeVariant([main], 25, "").videoRange;
  };
  assert.deepEqual([15, 16, 17, 18, 19].map(range), ["SDR", "PQ", "SDR", "HLG", "SDR"]);
});

test("of sound alone there is no size, rate of frames nor range", () => {
  const main = rendition("main", [[0, AAC_LC]], [[2, 400]]);
  const { width, height, frameRate, videoRange } = describeVariant([main], 43, "");
  assert.deepEqual([width, height, frameRate, videoRange], Array(4).fill(undefined));
});

test("segments can be decoded by themselves if each of every playlist can", () => {
  const main = rendition("main", [[0, AVC]], [[2, 400]]);
  const other = rendition("audio0", [[0, AAC_LC]], [[2, 400]]);
  assert.equal(describeVariant([main, other], 25, "").independent, true);
  const { window } = other;
  window.begin({ uri: "s", programTime: "", discontinuity: false, map: undefined });
  const body = { bytes: new Uint8Array(1) };
  window.add({ uri: "p", duration: SECOND, independent: false, body });
  window.close();
  assert.equal(describeVariant([main, other], 25, "").independent, false);
});
