import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameKind } from "../../src/hub/mod.ts";
import { INFO, PATH, publish, took } from "./multitrack_rig.ts";

/** Messages without white space, as they come out. */
const same = (...messages: string[]) => messages.map((text) => text.replaceAll(" ", ""));

// HEVC and Opus, track 0 without multitrack header and track 1 as OneTrack: as OBS and FFmpeg send.
const start0 = "v90 68766331 a0";

const start1 = "v96 00 68766331 01 a1";
const key0 = "v93 68766331 f0";
const key1 = "v96 03 68766331 01 f1";
const inter0 = "va3 68766331 e0";
const inter1 = "va6 03 68766331 01 e1";
const hdr0 = "vd4 68766331 02 0a";
const hdr1 = "vd6 04 68766331 01 02 0b";
const sound0 = "a90 4f707573 b0";
const sound1 = "a95 00 4f707573 01 b1";
const channels0 = "a94 4f707573 01 02 00000003";
const channels1 = "a95 04 4f707573 01 01 06 0000003f";
const note0 = "a91 4f707573 d0";
const note1 = "a95 01 4f707573 01 d1";

test("a header of track 1 does not replace that of track 0", () => {
  const { send, late } = publish();
  send(start0, start1, sound0, sound1, key0, key1);
  assert.deepEqual(late(), same(start0, start1, sound0, sound1, key0, key1));
  send("v96 00 68766331 01 a2", key0);
  assert.deepEqual(late(), same(start0, "v96 00 68766331 01 a2", sound0, sound1, key0));
});

test("a late player is sent what each track says, default track first, then the GOP", () => {
  const { send, late } = publish();
  send(sound1, channels1, start1, hdr1, sound0, channels0, hdr0, start0, key0, key1, note1, inter0);
  assert.deepEqual(
    late(),
    same(
      ...[start0, hdr0, start1, hdr1, sound0, channels0, sound1, channels1],
      ...[key0, key1, note1, inter0],
    ),
  );
});

test("players are sent every message as it came", () => {
  const { send, play } = publish();
  const sink = play();
  const many = "v96 10 68766331 00 000001 a0 01 000001 a1";
  const messages = [
    ...[many, sound0, sound1, channels0, channels1, hdr0, hdr1],
    ...["v97 02 000064 06 13 68766331 00 000001 f0 01 000001 f1", inter0, inter1, note0, note1],
    ...[
      "vd0 01",
      "vd6 01",
      "v96 02 68766331 01",
      "v98 68766331 99",
      "v91 78797a7a 00",
      "vff",
      "v96",
    ],
  ];
  send(...messages);
  assert.deepEqual(took(sink), same(...messages));
});

test("headers of many tracks in one message are kept for each track by itself", () => {
  const { send, late } = publish();
  send("v96 20 68766331 00 000002 a0a0 61763031 01 000001 a1", key0);
  const one = (text: string) => `v9600${text}`;
  assert.deepEqual(late(), same(one("68766331 00 a0a0"), one("61763031 01 a1"), key0));
  send("v96 10 76703039 01 000001 a2", key0);
  // Extensions and the frame type stay.
  send("vb7 02 000001 06 10 76703039 02 000001 a3 03 000000", key0);
  const extended = (text: string) => `vb7 02 000001 06 00 ${text}`;
  assert.deepEqual(
    late(),
    same(
      ...[one("68766331 00 a0a0"), "v9600 76703039 01 a2", extended("76703039 02 a3")],
      ...[extended("76703039 03"), key0],
    ),
  );
});

test("a GOP begins with a key frame of the default track, not of another one", () => {
  const { send, late, stream } = publish();
  send(start0, start1, key0, key1, inter0, inter1);
  send("v96 03 68766331 01 f2", inter0);
  assert.deepEqual(
    late(),
    same(start0, start1, key0, key1, inter0, inter1, "v96 03 68766331 01 f2", inter0),
  );
  send(key0);
  assert.deepEqual(late(), same(start0, start1, key0));
  assert.equal(stream.framesBeforeKey, 0);
});

test("a message of many tracks is a key frame when it holds the default track", () => {
  const { send, late } = publish();
  const both = "v96 13 68766331 01 000001 f1 00 000001 f0";
  const others = "v96 13 68766331 01 000001 f1 02 000001 f2";
  send(start0, start1, both, inter0, others);
  assert.deepEqual(late(), same(start0, start1, both, inter0, others));
  send(inter0, both);
  assert.deepEqual(late(), same(start0, start1, both));
});

test("without track 0 the lowest track is the default one", () => {
  const { send, late } = publish();
  const start2 = "v96 00 68766331 02 a2", key2 = "v96 03 68766331 02 f2";
  send(start2, start1, key2, "vd0 00", "v50 00", key1, inter1);
  assert.deepEqual(late(), same(start1, start2, key1, inter1));
  send(key2);
  assert.deepEqual(late(), same(start1, start2, key1, inter1, key2));
  send(start0, key1, inter1, key0);
  assert.deepEqual(late(), same(start0, start1, start2, key0));
});

test("frames before the first key frame reach nobody, all else does", () => {
  const { send, play, stream } = publish();
  const sink = play();
  send(hdr0, start0, hdr1, inter0, inter1, "vd0 00", note1, key0);
  assert.deepEqual(took(sink), same(hdr0, start0, hdr1, "vd0 00", note1, key0));
  assert.equal(stream.framesBeforeKey, 2);
});

test("other tracks begin with key frames of their own, also ahead of the default track's", () => {
  const { send, play, stream } = publish();
  const sink = play();
  send(start0, start1, inter1, key1, inter0, inter1, key0, inter0, inter1);
  assert.deepEqual(took(sink), same(start0, start1, key1, inter1, key0, inter0, inter1));
  assert.equal(stream.framesBeforeKey, 2);
});

test("key frames of other tracks right ahead of the default track's are part of the GOP", () => {
  const { send, play, late, stream } = publish();
  const start2 = "v96 00 68766331 02 a2", key2 = "v96 03 68766331 02 f2";
  send(start0, start1, start2);
  const headers = same(start0, start1, start2);
  for (let round = 0; round < 3; round++) {
    const early = play();
    send(key1, note1, key2, key0, inter0);
    const gop = same(key1, note1, key2, key0, inter0);
    assert.deepEqual(took(early).slice(-5), gop);
    assert.deepEqual(late(), [...headers, ...gop], "from the log");
    early.player!.leave();
    stream.dropUnusedEncodings();
    assert.deepEqual(late(), [...headers, ...gop], "from the cache");
    send(key2);
    assert.deepEqual(late(), [...headers, ...gop, ...same(key2)]);
    send(inter1);
  }
  send(key1, "va2 68766331", key0);
  assert.deepEqual(late(), [...headers, ...same(key0)], "a picture in between parts them");
});

test("a GOP that begins with another track's key frame may begin on another page than its own", () => {
  const { send, play, late } = publish();
  send(start0, start1, key0, inter0);
  const early = play();
  took(early);
  const large = `v96 03 68766331 01 ${"f1".repeat(70_000)}`;
  send(large, key0, inter0);
  assert.deepEqual(late(), same(start0, start1, large, key0, inter0));
  assert.deepEqual(took(early), same(large, key0, inter0));
});

test("HDR metadata goes to late players in its latest form", () => {
  const { send, late } = publish();
  send(start0, hdr0, key0, "v84 68766331 02 0c", inter0);
  assert.deepEqual(late(), same(start0, "v84 68766331 02 0c", key0, inter0));
});

test("a track that ended is forgotten with the GOP that it is part of", () => {
  const { send, late } = publish();
  const end1 = "v96 02 68766331 01";
  send(start0, start1, key0, key1, end1, inter0);
  assert.deepEqual(late(), same(start0, start1, key0, key1, end1, inter0));
  send(key0);
  assert.deepEqual(late(), same(start0, key0));
});

test("a track that goes on behind its end is not forgotten", () => {
  const { send, late } = publish();
  send(start0, start1, key0, key1, "v96 02 68766331 01", inter1, key0);
  assert.deepEqual(late(), same(start0, start1, key0));
  send("v92 68766331", "v96 02 68766331 01", start1, key0);
  assert.deepEqual(late(), same(start0, start1, key0));
});

test("when the default track ends players start with the next one", () => {
  const { send, late } = publish();
  send(start0, start1, key0, key1, "v92 68766331", key1, inter1);
  assert.deepEqual(late(), same(start1, key1, inter1));
});

test("without video a track that ended is forgotten at once, but not the last one", () => {
  const { send, late } = publish();
  send(sound0, sound1, note0, "a95 02 4f707573 01");
  assert.deepEqual(late(), same(sound0));
  send("a92 4f707573", note0);
  assert.deepEqual(late(), same(sound0));
});

test("a player that falls behind is not left without headers, metadata and key frames", () => {
  const { send, play, late } = publish({ playerBytes: 600 });
  const sink = play();
  send(start0, start1, key0, key1);
  took(sink);
  sink.busy = true;
  for (let count = 0; count < 12; count++) send(inter0, inter1);
  send(hdr0, channels1, key1, inter1, note1);
  sink.busy = false;
  sink.pump();
  const got = took(sink);
  assert.deepEqual(got.slice(-4), same(hdr0, channels1, key1, note1));
  assert.ok(got.length < 20, `${got.length}`);
  send(key0, inter1);
  assert.deepEqual(took(sink), same(key0, inter1));
  assert.deepEqual(late(), same(start0, hdr0, start1, channels1, key0, inter1));
});

test("a changed header of any track drops the cached GOP, a repeated one does not", () => {
  const { send, late } = publish();
  send(start0, start1, key0, key1, start1, start0);
  assert.deepEqual(late(), same(start0, start1, key0, key1));
  send("v96 00 68766331 01 aa", inter0);
  assert.deepEqual(late(), same(start0, "v96 00 68766331 01 aa"));
});

test("a header with nothing in it does not push out one of the same codec that says something", () => {
  const { send, late } = publish();
  const key0 = "v93 61763031 f0", inter0 = "va3 61763031 e0";
  const empty = "v90 61763031", whole = "v90 61763031 81000c00";
  send(empty, whole, key0, empty, inter0, "v96 00 61763031 01 81", "v96 00 61763031 01");
  assert.deepEqual(late(), same(whole, "v96 00 61763031 01 81", key0, inter0));
  const other = "v93 68766331 f0";
  send("v90 68766331", other);
  assert.deepEqual(late(), same("v90 68766331", "v96 00 61763031 01 81", other));
  send("a90 4f707573 01", "a90 61632d33");
  assert.deepEqual(late().at(-1), "a9061632d33");
});

test("a new publisher knows nothing of the tracks of the one before", () => {
  const { registry, send, late, stream } = publish();
  send(start0, start1, sound1, key0);
  registry.publish(PATH, INFO, { onRevoked: () => {} }, 100);
  assert.deepEqual(stream.description.tracks(FrameKind.Video), []);
  assert.deepEqual(late(), []);
});

test("tracks have rates of their own", () => {
  const { send, stream } = publish();
  send(start0, start1);
  for (let count = 0; count < 30; count++) send("v96 13 68766331 00 000002 f0f0 01 000001 f1");
  stream.description.measure(1000);
  const [first, second] = stream.description.tracks(FrameKind.Video);
  assert.equal(first!.byteRate.perSecond, 60);
  assert.equal(second!.byteRate.perSecond, 30);
  assert.equal(second!.frameRate.perSecond, 30);
});
