/** How many ways of encoding one stream players may choose. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fanout } from "../../../src/hub/fanout/fanout.ts";
import { KeyClock, MediaMemory } from "../../../src/hub/mod.ts";
import { plainEncoder } from "../support.ts";

/** An encoder of a track that is there (1) or not (5). */
const chosen = (name: string, videoTrack: number) => ({
  ...plainEncoder,
  key: name,
  chosen: true,
  videoTrack,
});

/** A stream with the tracks 0 and 1 that is encoded in `count` chosen ways. */
function encoded(count: number, videoTrack: number): Fanout {
  const fanout = new Fanout({
    headers: () => [],
    hasVideo: true,
    hasVideoTrack: (id) => id === 1,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  }, new MediaMemory());
  for (let i = 0; i < count; i++) fanout.encoding(chosen(`way ${i}`, videoTrack), 0, false);
  return fanout;
}

/** What was chosen by players that wait. */
const waiting = (...keys: string[]) => new Map(keys.map((key) => [key, 1]));

test("32 ways of tracks that are there may be chosen, and as many of others", () => {
  for (const track of [1, 5]) {
    assert.equal(encoded(31, track).mayEncode(chosen("new", track)), true);
    const full = encoded(32, track);
    assert.equal(full.mayEncode(chosen("new", track)), false);
    assert.equal(full.mayEncode(chosen("way 3", track)), true, "it is there already");
    assert.equal(full.mayEncode({ ...plainEncoder, key: "usual" }), true);
    assert.equal(full.mayEncode(chosen("new", 6 - track)), true, "of the others there are none");
  }
});

test("what players chose who wait counts once, among the tracks that are not there", () => {
  const ways = Array.from({ length: 31 }, (_, i) => `way ${i}`);
  const fanout = encoded(31, 5);
  assert.equal(fanout.mayEncode(chosen("new", 5), waiting(...ways)), true);
  assert.equal(fanout.mayEncode(chosen("new", 5), waiting("other")), false);
  assert.equal(fanout.mayEncode(chosen("other", 5), waiting("other")), true);
  assert.equal(encoded(31, 1).mayEncode(chosen("new", 1), waiting("other", "more")), true);
});
