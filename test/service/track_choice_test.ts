/** Which tracks a player gets, from its query and what it announced. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_CAPABILITIES } from "../../src/core/rtmp/session/mod.ts";
import { ALL_TRACKS, chooseTracks } from "../../src/service/track_choice.ts";

const choose = (query: string, more: Partial<typeof NO_CAPABILITIES> = {}) =>
  chooseTracks(new URLSearchParams(query), { ...NO_CAPABILITIES, ...more });

test("without a choice it is track 0, or everything where the client reads several tracks", () => {
  assert.deepEqual(choose(""), { video: 0, audio: 0, legacy: true });
  assert.deepEqual(choose("", { enhanced: true }), { video: 0, audio: 0, legacy: false });
  const all = { video: ALL_TRACKS, audio: ALL_TRACKS, legacy: false };
  assert.deepEqual(choose("", { enhanced: true, capsEx: 2 }), all);
  assert.deepEqual(choose("", { enhanced: true, fourCcList: [] }), all);
});

test("video and audio are chosen by id or all, each by itself", () => {
  assert.deepEqual(choose("video=1"), { video: 1, audio: 0, legacy: true });
  assert.deepEqual(choose("audio=255&video=0"), { video: 0, audio: 255, legacy: true });
  assert.deepEqual(choose("video=all"), { video: ALL_TRACKS, audio: 0, legacy: true });
  const modern = choose("audio=2", { enhanced: true, capsEx: 2 });
  assert.deepEqual(modern, { video: ALL_TRACKS, audio: 2, legacy: false });
});

test("what is neither an id nor all chooses nothing", () => {
  for (const value of ["", "a", "256", "1000", "-1", "1.5", "1e1", "none", "٣"]) {
    assert.equal(choose(`video=${encodeURIComponent(value)}`).video, 0, value);
  }
});
