import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type FrameEncoder,
  FrameFlag,
  KeyClock,
  LEFT_OUT,
  Player,
  Rendition,
} from "../../src/hub/mod.ts";
import { CollectingSink, inter, key, Observer, plainEncoder } from "./support.ts";

/** An encoder that carries a key frame of the stream as `flags`: another track has its own. */
function setUp(flags: number, keepsGop = true) {
  const encoder: FrameEncoder = {
    ...plainEncoder,
    flags: (frame) => (frame.flags & FrameFlag.Key) !== 0 ? flags : frame.flags,
  };
  const source = {
    headers: () => [],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  };
  const rendition = new Rendition(encoder, source, 0, keepsGop);
  return { rendition };
}

test("a GOP is kept for as long as its track has key frames, and over one of the stream", () => {
  for (const flags of [LEFT_OUT, FrameFlag.Inter]) {
    const { rendition } = setUp(flags);
    const { log } = rendition;
    log.reserve(1);
    log.commit(1, FrameFlag.Key, 0, 0);
    assert.equal(log.keyPosition, 0);
    rendition.append(key("K"), 0);
    assert.equal(log.keyPosition, 0, `once, as ${flags}`);
    rendition.append(inter("a"), 0);
    rendition.append(key("K"), 0);
    assert.equal(log.keyPosition, -1, `twice, as ${flags}: it would grow and grow`);
  }
});

test("where the stream's key frames are its own a rendition goes on from one GOP to the next", () => {
  const { rendition } = setUp(FrameFlag.Key | FrameFlag.Multitrack);
  const positions = ["K1", "K2", "K3", "K4"].map((text) => {
    rendition.append(key(text), 0);
    rendition.append(inter("a"), 0);
    return rendition.log.keyPosition;
  });
  assert.deepEqual(positions, [0, 3, 6, 9]);
  assert.equal(rendition.cachedBytes, 3);
});

test("a rendition that keeps no GOP has nothing for players to come, and knows when keys came", () => {
  const { rendition } = setUp(FrameFlag.Key, false);
  rendition.append({ ...key("K1"), timestamp: 70 }, 500);
  assert.deepEqual([rendition.log.keyPosition, rendition.cachedBytes], [-1, 0]);
  assert.equal(rendition.keys.at, 500);
});

test("nothing is encoded while it rests, but that headers changed is known", () => {
  const { rendition } = setUp(FrameFlag.Key);
  const before = rendition.prelude();
  const version = rendition.headerVersion;
  rendition.rest();
  rendition.append(key("K1"), 0);
  assert.equal(rendition.log.end, 0);
  rendition.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  assert.equal(rendition.headerVersion, version + 1);
  rendition.wake(0);
  assert.notEqual(rendition.prelude(), before);
  rendition.append(key("K2"), 0);
  assert.equal(rendition.log.end, 2);
});

test("it rests only once nobody wants media", () => {
  const { rendition } = setUp(FrameFlag.Key);
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), { bytes: 1e6, ms: 1e6, overflows: 0 });
  sink.player = player;
  rendition.add(player, 0);
  rendition.append(key("K1"), 0);
  rendition.rest();
  assert.ok(rendition.heldBytes > 0);
  player.pause();
  rendition.rest();
  assert.equal(rendition.heldBytes, 0);
  assert.equal(rendition.playerCount, 1);
  assert.deepEqual(rendition.players(), [player]);
  player.leave();
  assert.deepEqual([rendition.playerCount, rendition.players()], [0, []]);
});

test("headers are encoded once for many players, until one changes", () => {
  const { rendition } = setUp(FrameFlag.Key);
  const prelude = rendition.prelude();
  const { headerVersion } = rendition;
  for (const frame of [key("K"), inter("a")]) rendition.append(frame, 0);
  assert.equal(rendition.prelude(), prelude);
  assert.equal(rendition.headerVersion, headerVersion);
  rendition.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  assert.equal(rendition.headerVersion, headerVersion + 1);
  assert.notEqual(rendition.prelude(), prelude);
});

test("a picture between the key frames of tracks ends what the next GOP begins with", () => {
  const { rendition } = setUp(FrameFlag.Key);
  rendition.append({ ...key("t1"), flags: FrameFlag.TrackKey }, 0);
  rendition.append(inter("a"), 0);
  rendition.append({ ...key("t2"), flags: FrameFlag.TrackKey }, 0);
  rendition.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  rendition.append(key("K"), 0);
  assert.equal(rendition.log.keyPosition, 3, "headers do not");
});
