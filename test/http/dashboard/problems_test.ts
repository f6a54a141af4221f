/** What is wrong with a stream, in words. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_HISTORY, type Recent } from "../../../src/http/dashboard/history.ts";
import { problemsOf } from "../../../src/http/dashboard/problems.ts";
import type { StreamView } from "../../../src/http/mod.ts";
import { streamView } from "../../support/server_view.ts";

const AUDIO = {
  codec: "aac",
  codecString: "mp4a.40.2",
  sampleRate: 48000,
  channels: 2,
  bitDepth: null,
  bitrate: null,
};

/** A stream with sound and pictures that nothing is wrong with. */
function healthy(more: Partial<StreamView> = {}): StreamView {
  return {
    ...streamView("live", "demo"),
    audio: AUDIO,
    uptimeMs: 100_000,
    audioAgeMs: 10,
    audioOffsetMs: -40,
    ...more,
  };
}

/** Samples of a stream: so many of these bitrates, 30 pictures a second. */
function rates(...runs: [count: number, bits: number][]): Recent {
  const video = runs.flatMap(([count, bits]) => Array.from({ length: count }, () => bits));
  return {
    video,
    audio: video.map(() => 0),
    frameRate: video.map(() => 30),
    dropped: video.map(() => 0),
  };
}

const said = (stream: StreamView, recent: Recent = NO_HISTORY) =>
  problemsOf(stream, recent).map(({ text }) => text);

test("a stream that is as it should be has no problems", () => {
  assert.deepEqual(said(healthy(), rates([100, 2e6])), []);
  assert.deepEqual(said(healthy({ audio: null, audioAgeMs: null, audioOffsetMs: null })), []);
  assert.deepEqual(said(healthy({ video: null, videoAgeMs: null, keyFrameAgeMs: null })), []);
});

test("a stream without a publisher has one problem, whatever else there is", () => {
  const texts = said(healthy({ publisher: null, keyFrameAgeMs: 50_000, audioOffsetMs: 9000 }));
  assert.deepEqual(texts, ["its publisher is gone; players wait for it to come back"]);
  const [problem] = problemsOf(healthy({ publisher: null }), NO_HISTORY);
  assert.deepEqual([problem!.code, problem!.serious], ["no-publisher", true]);
});

test("where something else is shown in place of a publisher, that is told and nothing more", () => {
  const gone = healthy({ publisher: null, standIn: "live/backup", audioOffsetMs: 9000 });
  assert.deepEqual(said(gone), ["its publisher is gone; live/backup is shown in its place"]);
  const back = healthy({ standIn: "slate.flv", videoAgeMs: 9000, audioAgeMs: 9000 });
  assert.deepEqual(problemsOf(back, NO_HISTORY), [{
    code: "no-key-frame",
    serious: false,
    text: "slate.flv is shown until a key frame of its publisher comes",
  }]);
});

test("silence is told from 3 s on: of everything, of pictures, of sound", () => {
  assert.deepEqual(said(healthy({ videoAgeMs: 2999, audioAgeMs: 2999 })), []);
  assert.deepEqual(said(healthy({ videoAgeMs: 3000, audioAgeMs: 3000 })), [
    "nothing has come from its publisher for 3 s",
  ]);
  assert.deepEqual(said(healthy({ videoAgeMs: 5049, audioAgeMs: 5200 })), [
    "nothing has come from its publisher for 5 s",
  ]);
  assert.deepEqual(said(healthy({ videoAgeMs: 12_400 })), ["no picture for 12 s, only sound"]);
  assert.deepEqual(said(healthy({ audioAgeMs: 5200 })), ["no sound for 5.2 s, only pictures"]);
  assert.deepEqual(said(healthy({ audioAgeMs: 9900 })), ["no sound for 9.9 s, only pictures"]);
  assert.deepEqual(said(healthy({ audioAgeMs: 3100 })), ["no sound for 3.1 s, only pictures"]);
  assert.deepEqual(said(healthy({ audioAgeMs: 3000 })), ["no sound for 3 s, only pictures"]);
  assert.deepEqual(said(healthy({ videoAgeMs: 3000 })), ["no picture for 3 s, only sound"]);
  const nothing = { videoAgeMs: null, audioAgeMs: null, audioOffsetMs: null, uptimeMs: 4000 };
  assert.deepEqual(said(healthy(nothing)), ["nothing has come yet from its publisher for 4 s"]);
});

test("key frames that do not come, or seldom, are told", () => {
  assert.deepEqual(said(healthy({ keyFrameAgeMs: 30_000, gopMs: 250_000 })), [
    "no key frame for 30 s: new players see nothing",
  ]);
  assert.deepEqual(said(healthy({ keyFrameAgeMs: 19_999, gopMs: null })), []);
  assert.deepEqual(said(healthy({ gopMs: 5001 })), [
    "a key frame every 5 s only: HLS and skips are late; 2 s is usual",
  ]);
  assert.deepEqual(said(healthy({ gopMs: 5000 })), []);
  const none = { keyFrameAgeMs: null, droppedBeforeKeyFrame: 90 };
  assert.deepEqual(said(healthy(none)), ["no key frame yet: players have sound at the most"]);
  assert.deepEqual(said(healthy({ ...none, uptimeMs: 2999 })), [], "it has just begun");
  assert.equal(said(healthy({ ...none, uptimeMs: 3000 })).length, 1);
  assert.equal(said(healthy({ ...none, droppedBeforeKeyFrame: 1 })).length, 1);
  assert.deepEqual(said(healthy({ ...none, droppedBeforeKeyFrame: 0 })), []);
  assert.deepEqual(said(healthy({ keyFrameAgeMs: 20_000, gopMs: null })), [
    "no key frame for 20 s: new players see nothing",
  ]);
  const gone = { video: null, videoAgeMs: null, keyFrameAgeMs: 30_000, gopMs: null };
  assert.deepEqual(said(healthy(gone)), [], "there are no pictures any more");
});

test("sound and pictures that are apart are told from half a second on", () => {
  assert.deepEqual(said(healthy({ audioOffsetMs: -2000 })), ["audio 2 s behind video"]);
  assert.deepEqual(said(healthy({ audioOffsetMs: 500 })), ["audio 0.5 s ahead of video"]);
  assert.deepEqual(said(healthy({ audioOffsetMs: -500 })), ["audio 0.5 s behind video"]);
  for (const audioOffsetMs of [499, 0, -499, null]) {
    assert.deepEqual(said(healthy({ audioOffsetMs })), []);
  }
  const codes = [-500, 500].map((audioOffsetMs) =>
    problemsOf(healthy({ audioOffsetMs }), NO_HISTORY)[0]!.code
  );
  assert.deepEqual(codes, ["audio-behind", "audio-ahead"]);
});

test("a bitrate that fell by half is told, once there was enough to compare it with", () => {
  assert.deepEqual(said(healthy(), rates([30, 2.6e6], [3, 1.2e6])), [
    "bitrate fell by half: 1.2 Mbit/s after 2.6 Mbit/s",
  ]);
  assert.deepEqual(said(healthy(), rates([30, 2e6], [3, 1.2e6])), [], "not by half");
  assert.deepEqual(said(healthy(), rates([9, 2e6], [3, 1e6])), [], "it has just begun");
  const fell = ["bitrate fell by half: 1.0 Mbit/s after 2.0 Mbit/s"];
  assert.deepEqual(said(healthy(), rates([10, 2e6], [3, 1e6])), fell);
  assert.deepEqual(said(healthy(), rates([20, 0], [9, 2e6], [3, 1e6])), [], "silence says nothing");
  assert.equal(said(healthy(), rates([9, 2e6], [1, 1], [3, 1e6])).length, 1, "ten say enough");
  assert.deepEqual(said(healthy(), rates([9, 2e6], [1, 0], [3, 1e6])), [], "nothing says nothing");
  assert.deepEqual(said(healthy(), rates([30, 150_000], [3, 10_000])), [], "a still picture");
  assert.deepEqual(said(healthy(), rates([40, 2e6], [33, 1e6])), [], "it is so for a while");
});

test("a bitrate is that of pictures and sound together, and counts from 200 kbit/s on", () => {
  const both = rates([30, 1e6], [3, 1e6]);
  assert.deepEqual(
    said(healthy(), { ...both, audio: both.video.map((_, index) => index < 30 ? 1e6 : 50_000) }),
    ["bitrate fell by half: 1.1 Mbit/s after 2.0 Mbit/s"],
  );
  assert.deepEqual(said(healthy(), rates([30, 1e6], [3, 100_000])), [
    "bitrate fell by half: 100 kbit/s after 1.0 Mbit/s",
  ]);
  assert.equal(said(healthy(), rates([30, 200_000], [3, 110_000])).length, 1);
  assert.equal(said(healthy(), rates([30, 200_000], [3, 110_001])).length, 0);
  assert.equal(said(healthy(), rates([30, 199_999], [3, 0])).length, 0);
  assert.equal(said(healthy(), rates([40, 9e6], [30, 1e6], [3, 1e6])).length, 0, "a minute ago");
  assert.equal(said(healthy(), rates([16, 2e6], [14, 9e5], [3, 9e5])).length, 1);
  assert.equal(said(healthy(), rates([14, 2e6], [16, 9e5], [3, 9e5])).length, 0);
});

test("a frame rate below the announced one is told", () => {
  const slow = { ...rates([10, 2e6]), frameRate: [30, 30, 14, 14.5, 14] };
  assert.deepEqual(said(healthy(), slow), ["14.2 pictures a second instead of 30"]);
  const told = (...frameRate: number[]) => said(healthy(), { ...slow, frameRate }).length;
  assert.equal(told(24, 24, 24), 0);
  assert.equal(told(24, 24, 23.9), 1);
  assert.equal(told(14, 14), 0, "it has just begun");
  assert.equal(told(0, 0, 0), 0, "nothing is another problem");
});

test("frames that slow viewers lost in the last minute are told, and older ones are not", () => {
  const drops = (...dropped: number[]): Recent => ({ ...NO_HISTORY, dropped });
  assert.deepEqual(said(healthy(), drops(5, 5, 17)), [
    "slow viewers lost 12 frames in the last minute",
  ]);
  const old = Array.from({ length: 30 }, () => 17);
  assert.deepEqual(said(healthy(), drops(0, ...old)), []);
  assert.equal(said(healthy(), drops(0, ...old.slice(1))).length, 1);
  assert.deepEqual(said(healthy(), drops(16, 17)), [
    "slow viewers lost 1 frame in the last minute",
  ]);
});

test("what viewers see comes first", () => {
  const { [0]: first, length } = problemsOf(
    healthy({ gopMs: 8000, audioOffsetMs: -1000 }),
    rates([30, 2e6], [3, 1e6]),
  );
  assert.equal(length, 3);
  assert.equal(first!.code, "audio-behind");
});

test("each problem has its code, and is serious where viewers see or hear it", () => {
  const none = { keyFrameAgeMs: null, droppedBeforeKeyFrame: 90 };
  const dropped: Recent = { ...NO_HISTORY, dropped: [0, 5] };
  const slow: Recent = { ...NO_HISTORY, frameRate: [14, 14, 14] };
  const cases: [Partial<StreamView>, Recent, code: string, serious: boolean][] = [
    [{ publisher: null }, NO_HISTORY, "no-publisher", true],
    [{ videoAgeMs: 3000, audioAgeMs: 3000 }, NO_HISTORY, "no-media", true],
    [{ videoAgeMs: 3000 }, NO_HISTORY, "no-video", true],
    [{ audioAgeMs: 3000 }, NO_HISTORY, "no-audio", true],
    [none, NO_HISTORY, "no-key-frame", true],
    [{ keyFrameAgeMs: 20_000 }, NO_HISTORY, "no-key-frame", true],
    [{ gopMs: 5001 }, NO_HISTORY, "long-gop", false],
    [{ audioOffsetMs: -500 }, NO_HISTORY, "audio-behind", true],
    [{ audioOffsetMs: 500 }, NO_HISTORY, "audio-ahead", true],
    [{}, rates([30, 2e6], [3, 1e6]), "bitrate-fell", false],
    [{}, slow, "frame-rate-low", false],
    [{}, dropped, "frames-dropped", false],
  ];
  for (const [more, recent, code, serious] of cases) {
    const found = problemsOf(healthy(more), recent).map((one) => [one.code, one.serious]);
    assert.deepEqual(found, [[code, serious]]);
  }
});
