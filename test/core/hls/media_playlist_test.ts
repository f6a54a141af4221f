/** A media playlist, letter by letter [RFC 8216bis §4.4]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MediaWindow,
  type PlaylistOptions,
  writeMediaPlaylist,
} from "../../../src/core/hls/mod.ts";

const SECOND = 90_000;

const OPTIONS: PlaylistOptions = {
  version: 9,
  partHoldBack: 3 * SECOND,
  skipUntil: 12 * SECOND,
  parts: true,
  blocks: true,
  event: false,
  hint: "p9",
  reports: [],
};

/** A window with so many segments of two parts of a second each. */
function windowOf(segments: number, open = 0): MediaWindow<number> {
  const limits = { targetDuration: 2 * SECOND, partTarget: SECOND, listed: Infinity };
  const window = new MediaWindow<number>({ ...limits, bytes: 1e6, segments: 100 }, () => 1, 10);
  const begin = (index: number) =>
    window.begin({
      uri: `s${index}`,
      programTime: `2026-01-01T00:00:${String(2 * index).padStart(2, "0")}.000Z`,
      discontinuity: index === 1,
      map: index === 0 ? "i0" : "i1",
    });
  const add = (uri: string, independent: boolean) =>
    window.add({ uri, duration: SECOND, independent, body: 1 });
  for (let index = 0; index < segments; index++) {
    begin(index);
    add(`p${2 * index}`, true);
    add(`p${2 * index + 1}`, false);
    window.close();
  }
  if (open > 0) begin(segments);
  for (let part = 0; part < open; part++) add(`p${2 * segments + part}`, part === 0);
  return window;
}

test("segments have times, maps and discontinuities, and near the end their parts", () => {
  const reports = [{ uri: "a0.m3u8", lastMsn: 14, lastPart: 0 }, {
    ...{ uri: "a1.m3u8", lastMsn: 13, lastPart: undefined },
  }];
  assert.equal(
    writeMediaPlaylist(windowOf(4, 1), { ...OPTIONS, reports }),
    `#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12,PART-HOLD-BACK=3
#EXT-X-PART-INF:PART-TARGET=1
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="i0"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2.00000,
s0
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="i1"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXT-X-PART:DURATION=1.00000,URI="p2",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.00000,URI="p3"
#EXTINF:2.00000,
s1
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z
#EXT-X-PART:DURATION=1.00000,URI="p4",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.00000,URI="p5"
#EXTINF:2.00000,
s2
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:06.000Z
#EXT-X-PART:DURATION=1.00000,URI="p6",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.00000,URI="p7"
#EXTINF:2.00000,
s3
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:08.000Z
#EXT-X-PART:DURATION=1.00000,URI="p8",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p9"
#EXT-X-RENDITION-REPORT:URI="a0.m3u8",LAST-MSN=14,LAST-PART=0
#EXT-X-RENDITION-REPORT:URI="a1.m3u8",LAST-MSN=13
`,
  );
});

test("a delta update leaves out what ends further away than it may skip, and keeps the map in mind", () => {
  const text = writeMediaPlaylist(windowOf(8), OPTIONS, true);
  // Six segments make the twelve seconds: the second may not be left out, the first may.
  assert.match(text, /#EXT-X-SKIP:SKIPPED-SEGMENTS=1\n/);
  assert.ok(text.includes("\ns1\n") && !text.includes("\ns0\n"));
  const more = writeMediaPlaylist(windowOf(9), OPTIONS, true);
  assert.match(more, /SKIPPED-SEGMENTS=2\n#EXT-X-PROGRAM-DATE-TIME/, "without a map: it is known");
  const few = windowOf(6);
  assert.equal(writeMediaPlaylist(few, OPTIONS, true), writeMediaPlaylist(few, OPTIONS));
  assert.doesNotMatch(writeMediaPlaylist(windowOf(9), OPTIONS), /SKIP:/, "nobody asked for it");
  const ended = windowOf(9);
  ended.end();
  const end = writeMediaPlaylist(ended, OPTIONS, true);
  assert.doesNotMatch(end, /SKIP:/);
  assert.ok(end.endsWith("#EXT-X-ENDLIST\n"));
  assert.doesNotMatch(end, /PRELOAD-HINT|RENDITION-REPORT/);
});

test("a playlist for a folder has whole segments and nothing to wait for", () => {
  const text = writeMediaPlaylist(windowOf(2, 1), {
    ...OPTIONS,
    ...{ version: 6, parts: false, blocks: false, skipUntil: 0, event: true, hint: undefined },
  });
  assert.equal(
    text,
    `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="i0"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXTINF:2.00000,
s0
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="i1"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:02.000Z
#EXTINF:2.00000,
s1
`,
  );
});

test("a playlist that may skip nothing is whole, whoever asks for a delta", () => {
  for (const skipUntil of [0, -1]) {
    const options = { ...OPTIONS, skipUntil };
    const text = writeMediaPlaylist(windowOf(9), options, true);
    assert.equal(text, writeMediaPlaylist(windowOf(9), options));
    assert.doesNotMatch(text, /SKIP/);
  }
  const none = windowOf(0, 1);
  assert.equal(writeMediaPlaylist(none, OPTIONS, true), writeMediaPlaylist(none, OPTIONS));
});
