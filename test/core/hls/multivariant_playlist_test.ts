/** The multivariant playlist, letter by letter [RFC 8216bis §4.4.6]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Variant, writeMultivariantPlaylist } from "../../../src/core/hls/mod.ts";

const VARIANT: Variant = {
  uri: "v/main.m3u8",
  codecs: ["avc1.64001f", "mp4a.40.2"],
  width: 1280,
  height: 720,
  frameRate: 25,
  videoRange: "SDR",
  peakBandwidth: 2_600_000.2,
  averageBandwidth: 1_999_999.1,
  audio: [],
  independent: true,
};

test("a variant tells its rates, codecs, size and frame rate", () => {
  assert.equal(
    writeMultivariantPlaylist(VARIANT, 9),
    [
      "#EXTM3U",
      "#EXT-X-VERSION:9",
      "#EXT-X-INDEPENDENT-SEGMENTS",
      "#EXT-X-STREAM-INF:BANDWIDTH=2600001,AVERAGE-BANDWIDTH=2000000," +
      'CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=25.000,VIDEO-RANGE=SDR',
      "v/main.m3u8",
      "",
    ].join("\n"),
  );
});

test("what is not known is left out", () => {
  const unknown = { width: undefined, height: undefined, frameRate: undefined };
  assert.equal(
    writeMultivariantPlaylist({
      ...VARIANT,
      ...unknown,
      codecs: [],
      videoRange: undefined,
      independent: false,
    }, 6),
    "#EXTM3U\n#EXT-X-VERSION:6\n" +
      "#EXT-X-STREAM-INF:BANDWIDTH=2600001,AVERAGE-BANDWIDTH=2000000\nv/main.m3u8\n",
  );
  for (const half of [{ width: undefined }, { height: undefined }]) {
    assert.doesNotMatch(writeMultivariantPlaylist({ ...VARIANT, ...half }, 6), /RESOLUTION/);
  }
});

test("audio tracks are renditions of one group, of which players choose by themselves", () => {
  const audio = [
    { uri: "v/a0.m3u8", name: "Track 0", channels: 2, isDefault: true },
    { uri: "v/a1.m3u8", name: "Track 1", channels: undefined, isDefault: false },
  ];
  const lines = writeMultivariantPlaylist({ ...VARIANT, audio }, 9).split("\n");
  assert.deepEqual(lines.slice(3, 5), [
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Track 0",DEFAULT=YES,AUTOSELECT=YES,' +
    'CHANNELS="2",URI="v/a0.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Track 1",DEFAULT=NO,AUTOSELECT=YES,' +
    'URI="v/a1.m3u8"',
  ]);
  assert.match(lines[5]!, /,AUDIO="audio"$/);
});
