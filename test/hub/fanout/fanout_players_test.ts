/** The encodings of one stream, with players that read them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fanout } from "../../../src/hub/fanout/fanout.ts";
import {
  type FrameEncoder,
  KeyClock,
  type MediaFrame,
  MediaMemory,
  Player,
} from "../../../src/hub/mod.ts";
import {
  ChannelSink,
  header,
  inter,
  key,
  Observer,
  plainEncoder,
  videoEncoder,
} from "../support.ts";

/** The fan-out of a stream with pictures. */
function setUp(limits = { bytes: 1e6, ms: 1000, overflows: 3 }) {
  const memory = new MediaMemory();
  const headers: MediaFrame[] = [];
  const fanout = new Fanout({
    headers: () => headers,
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  }, memory);
  const join = (encoder: FrameEncoder = plainEncoder) => {
    const sink = new ChannelSink();
    const observer: Observer & { published?: number } = new Observer();
    const player = new Player(sink, observer, limits);
    sink.player = player;
    fanout.encoding(encoder, 0, false).add(player, 0);
    sink.pump();
    return { sink, observer, player };
  };
  const emit = (...frames: MediaFrame[]) => {
    for (const frame of frames) fanout.emit(frame, 0);
    fanout.flush(0);
  };
  return { fanout, memory, headers, join, emit };
}

test("what all encodings have is summed up, and what one took that is gone stays counted", () => {
  const { fanout, memory, join, emit } = setUp();
  const empty = memory.used;
  const players = [join(), join(), join(videoEncoder)];
  emit(key("key"), inter("abc"));
  assert.deepEqual(players.map(({ sink }) => sink.take()), ["keyabc", "keyabc", "keyabc"]);
  assert.deepEqual([fanout.playerCount, fanout.bytesOut, fanout.cachedBytes], [3, 18, 12]);
  const seen: Player[] = [];
  fanout.eachPlayer((player) => seen.push(player));
  assert.equal(seen.length, 3);
  for (const { player } of players) assert.ok(seen.includes(player));
  const { heldBytes } = fanout;
  assert.ok(heldBytes > 0);

  players[2]!.player.framesDropped = fanout.encoding(videoEncoder, 0, false).framesDropped = 5;
  players[2]!.player.leave();
  fanout.dropUnused();
  assert.deepEqual([fanout.playerCount, fanout.bytesOut, fanout.framesDropped], [2, 18, 5]);
  assert.equal(fanout.heldBytes, heldBytes / 2);
  assert.equal(fanout.cachedBytes, 6);
  fanout.dropUnused();
  assert.deepEqual([fanout.bytesOut, fanout.framesDropped], [18, 5], "once");
  emit(inter("d"));
  assert.equal(fanout.bytesOut, 20);
  for (const { player } of players) player.leave();
  fanout.dropUnused();
  memory.dropSpare();
  assert.deepEqual([fanout.playerCount, fanout.heldBytes, memory.used], [0, 0, empty]);
});

test("an encoding whose players are all paused keeps nothing, and goes on with who comes", () => {
  const { fanout, join, emit } = setUp();
  const { player } = join();
  emit(key("key"));
  fanout.dropUnused();
  assert.ok(fanout.heldBytes > 0);
  player.pause();
  fanout.dropUnused();
  assert.deepEqual([fanout.playerCount, fanout.heldBytes], [1, 0]);
  const { sink } = join();
  emit(key("new"));
  assert.equal(sink.take(), "new");
});

test("eight encodings beside the usual ones keep the GOP, and any number of usual ones", () => {
  const { fanout } = setUp();
  const kept = (count: number, usual?: boolean) =>
    Array.from({ length: count }, (_, index) => {
      const encoder = { ...plainEncoder, key: `${usual} ${index}`, usual };
      return fanout.encoding(encoder as FrameEncoder, 0, false).keepsGop;
    }).filter(Boolean).length;
  assert.equal(kept(9, true), 9);
  assert.equal(kept(20, false), 8);
  assert.equal(kept(20, undefined), 0, "whoever comes later");
  assert.equal(kept(20, true), 20);
});

test("where an encoding without sound keeps no GOP, another one may", () => {
  const { fanout } = setUp();
  for (let count = 0; count < 20; count++) {
    const sound = { ...plainEncoder, key: `sound ${count}`, accepts: () => false };
    assert.equal(fanout.encoding(sound, 0, false).keepsGop, false);
  }
  assert.equal(fanout.encoding({ ...plainEncoder, key: "other" }, 0, false).keepsGop, true);
});

test("behind another publisher's beginning nothing of the one before reaches who joins", () => {
  const { fanout, headers, join, emit } = setUp();
  headers.push(header("H1"));
  const before = [join(), join(videoEncoder)];
  emit(key("key"), inter("a"));
  const published = before.map(({ observer }) => {
    let count = 0;
    Object.assign(observer, { onPublish: () => void count++ });
    return () => count;
  });
  headers.splice(0, 1, header("H2"));
  fanout.restart();
  assert.deepEqual(published.map((count) => count()), [1, 1]);
  assert.equal(fanout.cachedBytes, 0);
  for (const encoder of [plainEncoder, videoEncoder]) {
    assert.equal(fanout.encoding(encoder, 0, false).keys.at, undefined);
    const { sink } = join(encoder);
    assert.equal(sink.take(), "H2");
    emit(inter("b"));
    assert.equal(sink.take(), "");
  }
  emit(key("new"));
  assert.deepEqual(before.map(({ sink }) => sink.take()), ["H1keyabbnew", "H1keyabbnew"]);
});

test("room is made ahead of each message of each encoding, by its time", () => {
  const { fanout, memory, join } = setUp();
  join();
  join(videoEncoder);
  const asked: number[] = [];
  memory.makeRoom = (now) => void asked.push(now);
  fanout.emit(key("k"), 70);
  assert.deepEqual(asked, [70, 70]);
});

test("headers that changed, and a key frame to start from that is none, are so for all", () => {
  const { fanout, headers, join, emit } = setUp();
  headers.push(header("H1"));
  join();
  join(videoEncoder);
  emit(key("key"));
  headers.push(header("H2"));
  fanout.headersChanged();
  assert.equal(join().sink.take(), "H1H2key");
  assert.equal(join(videoEncoder).sink.take(), "H1H2key");
  fanout.forgetKey();
  assert.equal(fanout.cachedBytes, 0);
  assert.equal(join().sink.take(), "H1H2");
  assert.equal(join(videoEncoder).sink.take(), "H1H2");
});

test("who takes nothing is watched, in every encoding", () => {
  const { fanout, join, emit } = setUp();
  const players = [join(), join(videoEncoder)];
  emit(key("key"));
  for (const { sink } of players) sink.full = true;
  emit(inter("a"));
  assert.deepEqual(players.map(({ sink }) => sink.busy), [true, true]);
  emit(inter("b"), inter("c"));
  fanout.watch(500);
  assert.equal(fanout.framesDropped, 0);
  fanout.watch(1001);
  assert.equal(fanout.framesDropped, 4, "what was queued for longer than a second");
});

test("trimmed, the log keeps no page that all have read, and whoever is behind loses nothing", () => {
  const { fanout, join, emit } = setUp({ bytes: 1e6, ms: 1e6, overflows: 3 });
  const players = [join(), join(videoEncoder)];
  emit(...Array.from({ length: 30 }, () => key("x".repeat(10_000))));
  const { heldBytes } = fanout;
  fanout.trim();
  assert.ok(fanout.heldBytes < heldBytes);
  assert.equal(fanout.cachedBytes, 0);
  for (const { sink } of players) sink.take();
  emit(inter("a"));
  assert.deepEqual(players.map(({ sink }) => sink.take()), ["a", "a"]);
});

test("at the end each player is handed what is left, and told why it is over", () => {
  const { fanout, join } = setUp();
  const players = [join(), join(videoEncoder)];
  fanout.emit(key("key"), 0);
  fanout.finish("shutdown", 0);
  assert.deepEqual(players.map(({ sink }) => sink.take()), ["key", "key"]);
  assert.deepEqual(players.map(({ observer }) => observer.ended), [["shutdown"], ["shutdown"]]);
  assert.equal(fanout.playerCount, 0);
});
