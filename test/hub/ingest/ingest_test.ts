/** The way in of a stream, with what it tells its sink. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FrameFlag, FrameKind } from "../../../src/hub/frame.ts";
import { Ingest } from "../../../src/hub/ingest/ingest.ts";
import { StreamHeaders } from "../../../src/hub/ingest/stream_headers.ts";
import { StreamStats } from "../../../src/hub/stream_stats.ts";

const { Audio, Video, Data } = FrameKind;
const { Key, Inter, Multitrack, TrackKey, Header } = FrameFlag;
const ascii = (text: string) => [...text].map((letter) => letter.charCodeAt(0));

function setUp() {
  const told: unknown[][] = [];
  const description = new StreamHeaders();
  const ingest = new Ingest(
    {
      onFrame: ({ kind, timestamp, flags }) => told.push(["frame", kind, timestamp, flags]),
      onHeader: ({ kind, timestamp, flags }) => told.push(["header", kind, timestamp, flags]),
      onHeadersChanged: () => told.push(["headers changed"]),
      onConfigured: (kind, isCodec) => told.push(["configured", kind, isCodec]),
      onKeyFrameFault: (fault) => told.push(["fault", fault]),
    },
    description,
    new StreamStats(0),
  );
  const push = (kind: number, now: number, ...bytes: number[]) => {
    ingest.push(kind, now, Uint8Array.from(bytes), now);
    return told.splice(0);
  };
  return { ingest, description, push, told };
}

const KEY = [0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 1];
const INTER = [0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, 1];

test("an empty message is neither a picture nor a track, and one of a byte is a picture", () => {
  const { ingest, description, push } = setUp();
  assert.deepEqual(push(Video, 1), [["frame", Video, 1, 0]]);
  assert.deepEqual(push(Audio, 2), [["frame", Audio, 2, 0]]);
  assert.deepEqual([description.tracks(Video), description.tracks(Audio)], [[], []]);
  assert.equal(ingest.framesBeforeKey, 0);
  assert.deepEqual(push(Video, 3, 0x27), []);
  assert.equal(ingest.framesBeforeKey, 1);
  assert.deepEqual(push(Audio, 4, 0x2f), [["frame", Audio, 4, 0]]);
  assert.deepEqual([description.tracks(Video).length, description.tracks(Audio).length], [1, 1]);
});

test("data is of no track, and its time is that of what is around it", () => {
  const { description, push } = setUp();
  push(Audio, 100_000, 0x2f, 1);
  push(Audio, 0, 0x2f, 1); // it leaps: 100_001
  description.clear(0);
  assert.deepEqual(push(Data, 20, 2, 0, 1, 0x78), [["frame", Data, 100_021, 0]]);
  assert.deepEqual(push(Audio, 10, 0x2f, 1), [["frame", Audio, 100_011, 0]]);
  assert.equal(description.tracks(Audio).length, 1);
  description.clear(0);
  push(Data, 30, 2, 0, 1, 0x78);
  assert.deepEqual(description.tracks(Audio), []);
});

test("a track that ends without video is forgotten at once, with any video at the next key frame", () => {
  const start = (track: number) => [0x95, 0x00, ...ascii("Opus"), track, 1];
  const end = (track: number) => [0x95, 0x02, ...ascii("Opus"), track];
  for (const [video, dropped] of [[undefined, true], [[], true], [[0x27], false]] as const) {
    const { push, description } = setUp();
    if (video !== undefined) push(Video, 0, ...video);
    push(Audio, 0, ...start(0));
    push(Audio, 0, ...start(1));
    const told = push(Audio, 0, ...end(1)).filter(([what]) => what === "headers changed");
    assert.equal(told.length, dropped ? 1 : 0, `${video}`);
    assert.equal(description.tracks(Audio).length, dropped ? 1 : 2);
    // A key frame of another track leaves it.
    push(Video, 40, 0x96, 0x01, ...ascii("avc1"), 1, 0, 0, 0, 0, 0, 0, 2, 0x65, 1);
    assert.equal(description.tracks(Audio).length, dropped ? 1 : 2);
    const rest = push(Video, 80, ...KEY).filter(([what]) => what === "headers changed");
    assert.equal(rest.length, dropped ? 0 : 1, `${video}`);
    assert.equal(description.tracks(Audio).length, 1);
  }
});

test("the end of a sequence and a command are relayed before the first key frame, without moving time", () => {
  const { push, ingest } = setUp();
  push(Audio, 100_000, 0x2f, 1);
  push(Audio, 0, 0x2f, 1);
  assert.deepEqual(push(Video, 50, 0x17, 2, 0, 0, 0), [["frame", Video, 100_051, 0]]);
  assert.equal(ingest.reached(Video), undefined);
  // A command is at a time of its own.
  assert.deepEqual(push(Video, 60, 0x57, 0), [["frame", Video, 100_061, 0]]);
  assert.deepEqual(ingest.reached(Video), { time: 100_061, at: 60 });
  assert.deepEqual([ingest.hasVideo, ingest.framesBeforeKey], [false, 0]);
});

test("key frames of the default track and other pictures move its key clock, all else does not", () => {
  const { push, ingest } = setUp();
  const track = (first: number) => [first, 0x01, ...ascii("avc1"), 1, 0, 0, 0];
  assert.deepEqual(push(Video, 0, ...KEY), [["frame", Video, 0, Key]]);
  assert.deepEqual(push(Video, 40, ...track(0x96)), [["frame", Video, 40, Multitrack | TrackKey]]);
  assert.equal(ingest.keys.at, 0);
  assert.deepEqual(push(Audio, 30_000, 0x2f, 1), [["frame", Audio, 30_000, 0]]);
  assert.deepEqual(push(Data, 30_000, 2, 0, 1, 0x78), [["frame", Data, 30_000, 0]]);
  assert.equal(ingest.keys.isOverdue, false);
  assert.deepEqual(push(Video, 30_001, ...INTER), [["frame", Video, 30_001, Inter]]);
  assert.equal(ingest.keys.isOverdue, true);
  push(Video, 31_000, ...KEY);
  assert.deepEqual([ingest.keys.at, ingest.keys.gopMs, ingest.keys.isOverdue], [
    31_000,
    31_000,
    false,
  ]);
});

test("a header that changes says so, and another codec says so by whatever it comes with", () => {
  const { push } = setUp();
  const header = (last: number) => [0x17, 0, 0, 0, 0, 1, last];
  assert.deepEqual(push(Video, 0, ...header(1)), [["header", Video, 0, Header]]);
  assert.deepEqual(push(Video, 0, ...header(1)), [["header", Video, 0, Header]]);
  assert.deepEqual(push(Video, 0, ...header(2)), [
    ["configured", Video, false],
    ["header", Video, 0, Header],
  ]);
  push(Video, 0, ...KEY);
  // VP9, by a picture; then HEVC, by a header.
  assert.deepEqual(push(Video, 40, 0x91, ...ascii("vp09"), 0x82, 0x49, 0x83, 0x42), [
    ["configured", Video, true],
    ["frame", Video, 40, Key],
  ]);
  assert.deepEqual(push(Video, 50, 0x90, ...ascii("hvc1"), 1), [
    ["configured", Video, false],
    ["configured", Video, true],
    ["header", Video, 40, Header],
  ]);
  assert.deepEqual(push(Audio, 60, 0x2f, 1), [["frame", Audio, 60, 0]]);
  assert.deepEqual(push(Audio, 70, 0xaf, 1, 0), [
    ["configured", Audio, true],
    ["frame", Audio, 70, 0],
  ]);
});

test("headers of tracks are known as such, and presentation has a time of its own", () => {
  const { push } = setUp();
  push(Video, 1000, ...KEY);
  assert.deepEqual(push(Video, 5, 0x96, 0x00, ...ascii("avc1"), 1, 1, 2), [
    ["header", Video, 1000, Header | Multitrack],
  ]);
  assert.deepEqual(push(Video, 1020, 0x94, ...ascii("avc1"), 2, 0, 1, 0x78), [
    ["header", Video, 1020, Header],
  ]);
});

test("stored data is at 0 until media has come, and what is announced where that has got to", () => {
  const { ingest, told, push, description } = setUp();
  const bytes = Uint8Array.of(2, 0, 1, 0x78);
  ingest.setData("a", 700, bytes, 0);
  push(Audio, 5000, 0x2f, 1);
  ingest.setData("b", 5010, bytes, 0);
  ingest.announce("c", bytes, true, 0);
  ingest.announce("d", bytes, false, 0);
  ingest.clearData("none");
  ingest.clearData("b");
  assert.deepEqual(told.splice(0), [
    ["header", Data, 5010, Header],
    ["header", Data, 5000, Header],
    ["frame", Data, 5000, 0],
    ["headers changed"],
  ]);
  assert.deepEqual([description.data("c"), description.data("d")], [bytes, undefined]);
});

test("pictures without any key frame are a fault, said with each that is too many and at the end", () => {
  const { push, ingest, told } = setUp();
  assert.deepEqual(push(Video, 0, ...INTER), []);
  assert.deepEqual(push(Video, 4999, ...INTER), []);
  assert.deepEqual(push(Video, 5000, ...INTER), [["fault", "missing"]]);
  ingest.end();
  assert.deepEqual(told.splice(0), [["fault", "missing"]]);
  assert.deepEqual(push(Video, 5040, ...KEY), [["frame", Video, 5040, Key]]);
  ingest.end();
  assert.deepEqual(told, [], "there is one now");
  ingest.restart(false, 6000);
  ingest.end();
  assert.deepEqual(told, [], "of a publisher without pictures nothing is wrong");
});

test("what is known of a publisher is forgotten with the next, its time where no player was kept", () => {
  for (const kept of [true, false]) {
    const { ingest, push, description } = setUp();
    push(Video, 1000, ...INTER);
    push(Video, 1000, ...KEY);
    assert.deepEqual([ingest.videoCodec, ingest.time], ["avc", 1000]);
    ingest.restart(kept, 3000);
    assert.deepEqual([ingest.videoCodec, ingest.time], ["unknown", kept ? 1000 : 0]);
    assert.deepEqual([ingest.hasVideo, ingest.framesBeforeKey, ingest.keys.at], [
      false,
      0,
      undefined,
    ]);
    assert.deepEqual(description.tracks(Video), []);
    // A track that is not the default one beside those of before.
    const vp9 = [0x96, 0x01, ...ascii("vp09"), 5, 1];
    assert.deepEqual(push(Video, 3000, ...vp9), [["frame", Video, 3000, Key | Multitrack]]);
    assert.deepEqual(push(Video, 3000, ...KEY), [["frame", Video, 3000, Key]]);
  }
});

test("the codec is that of the lowest track, by its header or by a message of it", () => {
  const { ingest, push } = setUp();
  assert.equal(ingest.videoCodec, "unknown");
  push(Video, 0, 0x96, 0x00, ...ascii("hvc1"), 3, 1, 2);
  assert.equal(ingest.videoCodec, "hevc");
  push(Video, 0, 0x96, 0x01, ...ascii("vp09"), 1, 1, 2);
  assert.equal(ingest.videoCodec, "vp9");
  push(Video, 0, 0x90, ...ascii("av01"), 0x81, 0, 0, 0);
  assert.equal(ingest.videoCodec, "av1");
});
