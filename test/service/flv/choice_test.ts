import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseFlv, readsEverything } from "../../../src/service/flv/choice.ts";
import { ALL_TRACKS } from "../../../src/service/track_choice.ts";

const choose = (query: string, agent = "") => chooseFlv(new URLSearchParams(query), agent);

test("a client that says nothing gets track 0 in the plain form", () => {
  const tracks = { video: 0, audio: 0, legacy: true };
  assert.deepEqual(choose(""), { audio: true, video: true, tracks, enhanced: false });
});

test("the query says which form, which kinds and which tracks", () => {
  const all = { video: ALL_TRACKS, audio: ALL_TRACKS, legacy: false };
  assert.deepEqual(choose("enhanced=1"), { audio: true, video: true, tracks: all, enhanced: true });
  assert.equal(choose("enhanced=0", "Lavf/62.1.100").enhanced, false);
  assert.equal(choose("enhanced=yes").enhanced, false);
  assert.deepEqual(choose("video=2&audio=none").tracks, { video: 2, audio: 0, legacy: true });
  assert.deepEqual([choose("audio=none").audio, choose("video=none").video], [false, false]);
});

test("clients of which it is known read everything, from the version on that does", () => {
  for (
    const agent of [
      ...["Lavf/62.0.1", "Lavf/62.3.100", "Lavf/63.0.1", "Lavf/100.1"],
      ...["GStreamer souphttpsrc 1.28.0 libsoup/3.6", "GStreamer souphttpsrc 2.0.0"],
    ]
  ) {
    assert.ok(readsEverything(agent), agent);
  }
  for (
    const agent of [
      "Lavf/59.27.100",
      "Lavf/61.7.100",
      "GStreamer souphttpsrc 1.22.0 libsoup/3.2.2",
      "GStreamer souphttpsrc 1.27.9",
      "GStreamer souphttpsrc 0.99.1",
      "VLC/3.0.18 LibVLC/3.0.18",
      "Mozilla/5.0 Lavf/99.1",
      "Lavf/",
      "",
    ]
  ) assert.ok(!readsEverything(agent), agent);
  assert.equal(choose("", "Lavf/62.3.100").enhanced, true);
});
