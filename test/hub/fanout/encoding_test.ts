import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Encoding,
  type FrameEncoder,
  FrameFlag,
  KeyClock,
  LEFT_OUT,
  MediaMemory,
  Player,
} from "../../../src/hub/mod.ts";
import { ChannelSink, CollectingSink, inter, key, Observer, plainEncoder } from "../support.ts";

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
  const encoding = new Encoding(encoder, source, 0, keepsGop);
  return { encoding };
}

test("a GOP is kept for as long as its track has key frames, and over one of the stream", () => {
  for (const flags of [LEFT_OUT, FrameFlag.Inter]) {
    const { encoding } = setUp(flags);
    const { log } = encoding;
    log.reserve(1);
    log.commit(1, FrameFlag.Key, 0, 0);
    assert.equal(log.keyPosition, 0);
    encoding.append(key("K"), 0);
    assert.equal(log.keyPosition, 0, `once, as ${flags}`);
    encoding.append(inter("a"), 0);
    encoding.append(key("K"), 0);
    assert.equal(log.keyPosition, -1, `twice, as ${flags}: it would grow and grow`);
  }
});

test("where the stream's key frames are its own an encoding goes on from one GOP to the next", () => {
  const { encoding } = setUp(FrameFlag.Key | FrameFlag.Multitrack);
  const positions = ["K1", "K2", "K3", "K4"].map((text) => {
    encoding.append(key(text), 0);
    encoding.append(inter("a"), 0);
    return encoding.log.keyPosition;
  });
  assert.deepEqual(positions, [0, 3, 6, 9]);
  assert.equal(encoding.cachedBytes, 3);
});

test("an encoding that keeps no GOP has nothing for players to come, and knows when keys came", () => {
  const { encoding } = setUp(FrameFlag.Key, false);
  encoding.append({ ...key("K1"), timestamp: 70 }, 500);
  assert.deepEqual([encoding.log.keyPosition, encoding.cachedBytes], [-1, 0]);
  assert.equal(encoding.keys.at, 500);
});

test("nothing is encoded while it rests, but that headers changed is known", () => {
  const { encoding } = setUp(FrameFlag.Key);
  const before = encoding.prelude();
  const version = encoding.headerVersion;
  encoding.rest();
  encoding.append(key("K1"), 0);
  assert.equal(encoding.log.end, 0);
  encoding.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  assert.equal(encoding.headerVersion, version + 1);
  encoding.wake(0);
  assert.notEqual(encoding.prelude(), before);
  encoding.append(key("K2"), 0);
  assert.equal(encoding.log.end, 2);
});

test("it rests only once nobody wants media", () => {
  const { encoding } = setUp(FrameFlag.Key);
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), { bytes: 1e6, ms: 1e6, overflows: 0 });
  sink.player = player;
  encoding.add(player, 0);
  encoding.append(key("K1"), 0);
  encoding.rest();
  assert.ok(encoding.heldBytes > 0);
  player.pause();
  encoding.rest();
  assert.equal(encoding.heldBytes, 0);
  assert.equal(encoding.playerCount, 1);
  assert.deepEqual(encoding.players(), [player]);
  player.leave();
  assert.deepEqual([encoding.playerCount, encoding.players()], [0, []]);
});

test("headers are encoded once for many players, until one changes", () => {
  const { encoding } = setUp(FrameFlag.Key);
  const prelude = encoding.prelude();
  const { headerVersion } = encoding;
  for (const frame of [key("K"), inter("a")]) encoding.append(frame, 0);
  assert.equal(encoding.prelude(), prelude);
  assert.equal(encoding.headerVersion, headerVersion);
  encoding.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  assert.equal(encoding.headerVersion, headerVersion + 1);
  assert.notEqual(encoding.prelude(), prelude);
});

test("a picture between the key frames of tracks ends what the next GOP begins with", () => {
  const { encoding } = setUp(FrameFlag.Key);
  encoding.append({ ...key("t1"), flags: FrameFlag.TrackKey }, 0);
  encoding.append(inter("a"), 0);
  encoding.append({ ...key("t2"), flags: FrameFlag.TrackKey }, 0);
  encoding.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  encoding.append(key("K"), 0);
  assert.equal(encoding.log.keyPosition, 3, "headers do not");
});

/** An encoding with players of variants: each is sent copies in which every message begins with it. */
function variants(...wanted: (number | undefined)[]) {
  const source = {
    headers: () => [{ ...key("H"), flags: FrameFlag.Header }],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  };
  const encoder: FrameEncoder = {
    ...plainEncoder,
    vary: (bytes, offset, variant) => void (bytes[offset] = 48 + variant),
  };
  const memory = new MediaMemory();
  const encoding = new Encoding(encoder, source, 0, true, memory);
  const joined = wanted.map((variant) => {
    const sink = new ChannelSink();
    const player = new Player(sink, new Observer(), { bytes: 1e6, ms: 1e6, overflows: 0 });
    player.variant = variant;
    sink.player = player;
    encoding.add(player, 0);
    sink.pump();
    return { sink, player };
  });
  return { encoding, joined, memory };
}

test("players of a variant are sent its copies, headers as well, and the others what there is", () => {
  const { encoding, joined } = variants(undefined, 2, 2, 7);
  for (const frame of [key("K1"), inter("a1")]) encoding.append(frame, 0);
  encoding.flush(0);
  encoding.append(inter("b1"), 0);
  encoding.flush(0);
  assert.deepEqual(joined.map(({ sink }) => sink.take()), [
    "HK1a1b1",
    "2212121",
    "2212121",
    "7717171",
  ]);
});

test("players of variants count and are listed, and keep an encoding awake", () => {
  const { encoding, joined } = variants(2, 7, undefined);
  for (const frame of [key("K"), inter("a")]) {
    encoding.append(frame, 0);
    encoding.flush(0);
  }
  assert.equal(encoding.playerCount, 3);
  const players = joined.map(({ player }) => player);
  assert.ok(joined.every(({ sink }) => sink.direct > 0), "they are in step");
  const listed = encoding.players();
  assert.equal(listed.length, 3);
  for (const player of players) assert.ok(listed.includes(player));
  players[2]!.pause();
  players[1]!.pause();
  encoding.rest();
  assert.ok(encoding.heldBytes > 0, "one of a variant goes on");
  players[0]!.pause();
  encoding.rest();
  assert.equal(encoding.heldBytes, 0);
  assert.equal(encoding.playerCount, 3);
});

test("pages are let go of by trim, whatever variant their players read", () => {
  const { encoding, joined } = variants(undefined, 2);
  for (let i = 0; i < 40; i++) {
    encoding.append({ ...key("x".repeat(10_000)), timestamp: i }, i);
    encoding.flush(i);
  }
  const held = encoding.heldBytes;
  encoding.trim();
  assert.ok(encoding.heldBytes < held, `${encoding.heldBytes} of ${held}`);
  encoding.append(inter("after"), 50);
  encoding.flush(50);
  assert.deepEqual(joined.map(({ sink }) => sink.take().slice(-4)), ["fter", "fter"]);
});

test("a GOP at the very beginning of the log is kept for players to come", () => {
  const { encoding } = setUp(FrameFlag.Key);
  assert.equal(encoding.cachedBytes, 0);
  encoding.append(key("K1"), 0);
  assert.deepEqual([encoding.log.keyPosition, encoding.cachedBytes], [0, 2]);
});

test("one that fails in the middle of the others is told once, and the others get theirs", () => {
  const { encoding, joined } = variants(undefined, undefined, undefined, undefined);
  const failing = joined[2]!.sink;
  failing.pump = () => {
    throw new Error("a bug of ours");
  };
  encoding.append(key("K"), 0);
  encoding.flush(0);
  assert.deepEqual(joined.map(({ sink }) => sink.take()), ["HK", "HK", "H", "HK"]);
  assert.deepEqual(joined.map(({ sink }) => sink.faults.length), [0, 0, 1, 0]);
});

test("copies for variants are held no longer than they are written, and views not behind a trim", () => {
  const { encoding, joined, memory } = variants(undefined, 2);
  encoding.append(key("K"), 0);
  encoding.flush(0);
  assert.deepEqual(joined.map(({ sink }) => sink.take()), ["HK", "22"]);
  const { used, spare } = memory;
  encoding.append(inter("a"), 0);
  const view = encoding.log.tail;
  encoding.flush(0);
  assert.equal(encoding.heldBytes, view.bytes.length, "of the log there is one page");
  assert.equal(memory.used - memory.spare, used - spare + 40, "a message more, and no copy");
  encoding.view(view, 0, undefined);
  assert.equal(encoding.viewed, view);
  encoding.trim();
  assert.equal(encoding.viewed, undefined);
  encoding.view(encoding.log.tail, 0, undefined);
  for (const { player } of joined) player.pause();
  encoding.rest();
  assert.equal(encoding.viewed, undefined);
});

test("an encoding that begins late knows when the stream's key frames came", () => {
  const keys = new KeyClock();
  keys.key(100, 700);
  const source = {
    headers: () => [],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [{ ...key("K"), timestamp: 100 }],
    keys,
    startTime: 0,
  };
  const encoding = new Encoding(plainEncoder, source, 9000);
  assert.equal(encoding.keys.at, 700, "and not when it began");
});

test("a GOP right behind its header is in the same place again when the encoding wakes", () => {
  const gop = [key("K"), inter("a")].map((frame, at) => ({ ...frame, timestamp: at + 5 }));
  const source = {
    headers: () => [],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => gop,
    keys: new KeyClock(),
    startTime: 0,
  };
  const encoding = new Encoding(plainEncoder, source, 0, true, new MediaMemory(), true);
  encoding.wake(0);
  const { log } = encoding;
  log.clear();
  encoding.append({ ...key("H"), flags: FrameFlag.Header }, 0);
  for (const frame of gop) encoding.append(frame, 0);
  const { keyPosition } = log;
  assert.equal(keyPosition, log.headersEnd, "nothing is between them");
  encoding.rest();
  encoding.wake(0);
  assert.equal(log.keyPosition, keyPosition);
});

test("an encoding of sound alone rests as well, without a key frame to come back to", () => {
  const { encoding } = setUp(FrameFlag.Key);
  encoding.append({ ...inter("s"), flags: 0, kind: 8 }, 0);
  encoding.rest();
  assert.deepEqual([encoding.log.keyPosition, encoding.heldBytes], [-1, 0]);
});

test("one player in step, of whatever variant, keeps an encoding awake", () => {
  for (const variant of [undefined, 2]) {
    const { encoding, joined } = variants(variant);
    encoding.append(key("K"), 0);
    encoding.flush(0);
    encoding.append(inter("a"), 0);
    encoding.flush(0);
    assert.equal(joined[0]!.sink.direct > 0, true, "it is in step");
    encoding.rest();
    assert.ok(encoding.heldBytes > 0, `${variant}`);
  }
});

test("key frames of the stream that went by before a rest are not counted behind it", () => {
  let gop = [key("K")];
  const encoder: FrameEncoder = {
    ...plainEncoder,
    // Of what the stream has as key frames only those are its own.
    flags: (frame) =>
      (frame.flags & FrameFlag.Key) === 0 || frame.payload[0] === 75 ? frame.flags : LEFT_OUT,
  };
  const source = {
    headers: () => [{ ...key("H"), flags: FrameFlag.Header }],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => gop,
    keys: new KeyClock(),
    startTime: 0,
  };
  const memory = new MediaMemory();
  const encoding = new Encoding(encoder, source, 0, true, memory);
  const { log } = encoding;
  encoding.append(key("other"), 0);
  assert.equal(log.keyPosition, 0, "one may go by");
  const prelude = encoding.prelude();
  gop = [key("K"), key("other")];
  encoding.rest();
  assert.equal(memory.used, memory.spare, "headers are let go of as well");
  encoding.wake(0);
  assert.equal(log.keyPosition, 0, "one in the GOP that is there again");
  assert.notEqual(encoding.prelude(), prelude);
  encoding.append(key("more"), 0);
  assert.equal(log.keyPosition, -1, "and not two");
});

test("a key frame of its own keeps the key frames of other tracks that come right ahead of it", () => {
  const { encoding } = setUp(FrameFlag.Key | FrameFlag.Multitrack);
  const passed = { ...key("x"), flags: FrameFlag.Key | FrameFlag.Multitrack };
  Object.assign(encoding.encoder, {
    flags: (frame: typeof passed) =>
      frame.payload[0] === 120 ? LEFT_OUT : frame.flags | FrameFlag.Multitrack,
  });
  encoding.append(key("K"), 0);
  encoding.append(inter("a"), 0);
  encoding.append(passed, 0);
  encoding.append({ ...key("t"), flags: FrameFlag.TrackKey }, 0);
  encoding.append(key("K"), 0);
  assert.equal(encoding.log.keyPosition, 2);
});

test("a view is shared as long as its page is written, and forgotten with the page", () => {
  const { encoding } = setUp(FrameFlag.Key);
  encoding.append(key("K"), 0);
  const { tail } = encoding.log;
  const view = encoding.view(tail, 0, undefined);
  assert.equal(encoding.view(tail, 0, undefined), view);
  encoding.append(inter("a"), 0);
  assert.equal(encoding.viewed, tail);
  assert.equal(encoding.view(tail, 0, undefined).length, 2);
  assert.equal(encoding.view(tail, 1, undefined).length, 1);
  encoding.append(inter("b".repeat(20_000)), 0);
  assert.equal(encoding.viewed, undefined, "it would keep all that follow");
  const next = encoding.view(encoding.log.tail, 0, undefined);
  assert.equal(next.length, 20_000);
});
