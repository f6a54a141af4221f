/** What a stream tells of itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type FrameEncoder,
  FrameKind,
  MediaMemory,
  type Publisher,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { SETTINGS } from "../support/rtmp_service.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const PATH = { app: "live", name: "test" };
const INFO = { sessionId: "s", address: "192.0.2.1:1", client: "test", since: 0 };
const { Audio, Video, Data } = FrameKind;

function setUp(more: Partial<typeof SETTINGS> = {}) {
  const memory = new MediaMemory();
  const registry = new StreamRegistry({ ...SETTINGS, ...more, memory });
  const publisher = registry.publish(PATH, INFO, { onRevoked() {} }, 0) as Publisher;
  const { stream } = publisher;
  const push = (kind: number, now: number, payload: Uint8Array) => {
    publisher.push(kind, now, payload, now);
    stream.flush(now);
  };
  const play = (key = "plain") => {
    const sink = new CollectingSink();
    const encoder = { ...plainEncoder, key };
    const player = registry.play(PATH, encoder, sink, new Observer(), 0);
    assert.ok(typeof player !== "string");
    sink.player = player;
    sink.pump();
    return { sink, player };
  };
  return { memory, registry, publisher, stream, push, play };
}

/** A picture of AVC, a key frame or not. */
function picture(key: boolean, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([key ? 0x17 : 0x27, 1]);
  return bytes;
}

test("players, and bytes that they were handed, are counted in all encodings and stay counted", () => {
  const { registry, stream, push, play } = setUp();
  const [one, two, other] = [play(), play(), play("other")];
  assert.equal(stream.playerCount, 3);
  push(Video, 0, picture(true, 1000));
  push(Video, 40, picture(false, 500));
  assert.equal(stream.bytesOut, 4500);
  assert.deepEqual([one, two, other].map(({ player }) => player.bytesOut), [1500, 1500, 1500]);
  for (const { player } of [one, two, other]) registry.stopPlaying(player);
  assert.equal(stream.playerCount, 0);
  stream.dropUnusedEncodings();
  assert.deepEqual([stream.bytesOut, stream.logBytes], [4500, 0]);
  play();
  assert.equal(stream.bytesOut, 4500 + 1500, "the GOP again");
});

test("frames that a slow player skipped are counted, and stay counted when it is gone", () => {
  const { registry, stream, push, play } = setUp({
    player: { bytes: 2000, ms: 1e6, overflows: 0 },
  });
  const { sink, player } = play();
  push(Video, 0, picture(true, 100));
  sink.busy = true;
  for (let at = 1; at <= 5; at++) push(Video, at, picture(false, 500));
  assert.equal(stream.framesDropped, 5);
  assert.equal(player.framesDropped, 5);
  registry.stopPlaying(player);
  assert.equal(stream.framesDropped, 5);
  stream.dropUnusedEncodings();
  assert.equal(stream.framesDropped, 5);
});

test("what was pushed is counted by its kind, and what came before the first key frame", () => {
  const { publisher, stream, push } = setUp();
  assert.deepEqual([stream.pictures, stream.hasVideo, stream.framesBeforeKey], [0, false, 0]);
  push(Video, 0, picture(false, 100));
  assert.deepEqual([stream.pictures, stream.hasVideo, stream.framesBeforeKey], [1, false, 1]);
  push(Video, 40, picture(true, 200));
  push(Audio, 45, Uint8Array.of(0x2f, 1, 2));
  push(Data, 50, Uint8Array.of(2, 0, 1, 0x78));
  const { bytesIn, videoBytes, audioBytes, videoFrames, audioFrames } = stream.stats;
  assert.deepEqual([bytesIn, videoBytes, audioBytes, videoFrames, audioFrames], [
    307,
    300,
    3,
    2,
    1,
  ]);
  assert.deepEqual([stream.pictures, stream.hasVideo, stream.framesBeforeKey], [2, true, 1]);
  publisher.setData("onMetaData", 50, new Uint8Array(10), 50);
  assert.equal(stream.stats.bytesIn, 317);
});

test("times that leapt are counted", () => {
  const { stream, push, publisher } = setUp();
  push(Video, 100_000, picture(true, 10));
  assert.equal(stream.timeLeaps, 0);
  publisher.push(Video, 0, picture(false, 10), 100_040);
  assert.equal(stream.timeLeaps, 1);
});

test("what it holds is its GOP, its logs and its headers", () => {
  const { memory, publisher, stream, push, play } = setUp();
  publisher.setData("onMetaData", 0, new Uint8Array(700), 0);
  assert.equal(stream.heldBytes, 700);
  push(Video, 0, picture(true, 1000));
  const { player } = play();
  assert.equal(stream.gopBytes, 1000);
  assert.equal(stream.logBytes, 16 * 1024);
  assert.equal(stream.cachedBytes, 32 * 1024 + 48 + 1000, "with a message of the log");
  assert.equal(stream.heldBytes, 32 * 1024 + 48 + 16 * 1024 + 700);
  assert.ok(memory.used >= stream.heldBytes);
  stream.dropGop();
  assert.deepEqual([stream.gopBytes, stream.cachedBytes], [0, 0]);
  stream.trim();
  assert.equal(stream.logBytes, 0);
  assert.equal(stream.heldBytes, 700);
  assert.equal(player.lag, 0);
});

test("tracks are known by their ids, of either kind", () => {
  const { stream, push } = setUp();
  assert.deepEqual([stream.hasVideoTrack(0), stream.hasAudioTrack(0)], [false, false]);
  push(Video, 0, picture(true, 100));
  assert.deepEqual([stream.hasVideoTrack(0), stream.hasAudioTrack(0)], [true, false]);
  push(Audio, 0, Uint8Array.of(0x2f, 1, 2));
  assert.deepEqual([stream.hasVideoTrack(0), stream.hasAudioTrack(0)], [true, true]);
  assert.deepEqual([stream.hasVideoTrack(1), stream.hasAudioTrack(1)], [false, false]);
});

test("a stream is live with a publisher, idle without one and players", () => {
  const { registry, publisher, stream, push, play } = setUp({ reconnectWindowMs: 1000 });
  assert.deepEqual([stream.live, stream.idle], [true, false]);
  push(Video, 0, picture(true, 100));
  const { player } = play();
  registry.unpublish(publisher, 10, true);
  assert.deepEqual([stream.live, stream.idle], [true, false], "it waits for one that was lost");
  registry.stopPlaying(player);
  assert.deepEqual([stream.idle, registry.get(PATH)], [true, undefined]);
  const other = setUp();
  other.registry.unpublish(other.publisher, 10);
  assert.deepEqual([other.stream.live, other.stream.idle], [false, true]);
});

test("what waits to go out does so when the publisher goes, be it that it may come back", () => {
  const { registry, publisher, play } = setUp({ reconnectWindowMs: 1000 });
  const { sink } = play();
  publisher.push(Video, 0, picture(true, 100), 0);
  assert.equal(sink.text.length, 0);
  registry.unpublish(publisher, 10, true);
  assert.equal(sink.text.length, 100);
});

test("of the tracks of a publisher nothing is known any more when another one comes", () => {
  const { registry, publisher, stream, push, play } = setUp({ reconnectWindowMs: 1000 });
  play();
  push(Video, 0, picture(true, 100));
  registry.unpublish(publisher, 10, true);
  const next = registry.publish(PATH, INFO, { onRevoked() {} }, 20) as Publisher;
  assert.deepEqual([next.stream, stream.hasVideo], [stream, false]);
  // Frames of VP9 without a header: track 5 is the lowest that this one has.
  const vp9 = [...new TextEncoder().encode("vp09")];
  next.push(Video, 0, Uint8Array.of(0x96, 0x01, ...vp9, 5, 1), 20);
  assert.equal(stream.hasVideo, true);
});

test("what a write of a player that was in step holds is known while the write is under way", () => {
  const { push, play } = setUp();
  const { sink, player } = play();
  push(Video, 0, picture(true, 1000));
  const channel = {
    write: () => {
      sink.busy = true;
      return false;
    },
  };
  // As that of a connection: there is none while a write is under way.
  Object.defineProperty(sink, "channel", { get: () => sink.busy ? undefined : channel });
  push(Video, 40, picture(false, 10));
  assert.equal(sink.busy, false);
  push(Video, 80, picture(false, 10));
  assert.equal(sink.busy, true);
  assert.equal(player.handedBytes, 16 * 1024, "a page");
  sink.busy = false;
  assert.equal(player.handedBytes, 0);
});

test("eight encodings that are not usual keep the GOP for players to come, those beyond do not", () => {
  const { registry, stream, push, play } = setUp();
  push(Video, 0, picture(true, 1000));
  const got = ({ sink }: ReturnType<typeof play>) => sink.writes.length;
  const others = Array.from({ length: 8 }, (_, index) => play(`other ${index}`));
  assert.deepEqual(others.map(got), Array(8).fill(1));
  const ninth = play("other 8");
  assert.equal(got(ninth), 0, "it sees pictures from the next key frame on");
  push(Video, 40, picture(true, 500));
  assert.equal(got(ninth), 1);
  const usual = { ...plainEncoder, key: "usual", usual: true };
  const sink = new CollectingSink();
  const player = registry.play(PATH, usual, sink, new Observer(), 0);
  assert.ok(typeof player !== "string");
  sink.player = player;
  sink.pump();
  assert.equal(sink.writes.length, 1, "there are few of those");
  registry.stopPlaying(others[0]!.player);
  stream.dropUnusedEncodings();
  assert.equal(got(play("another")), 1, "one has made room");
});

test("players may choose 32 encodings of a stream, and any that somebody has chosen already", () => {
  const { registry } = setUp();
  const choose = (index: number) => {
    const encoder = { ...plainEncoder, key: `chosen ${index}`, chosen: true };
    return registry.play(PATH, encoder, new CollectingSink(), new Observer(), 0);
  };
  for (let index = 0; index < 32; index++) assert.ok(typeof choose(index) !== "string", `${index}`);
  assert.equal(choose(32), "too-many-choices");
  assert.ok(typeof choose(31) !== "string");
  const free = registry.play(PATH, plainEncoder, new CollectingSink(), new Observer(), 0);
  assert.ok(typeof free !== "string", "who chooses nothing has what all have");
});

test("the end of a stream does not take from a player what it was late with", () => {
  const { registry, publisher, stream, play } = setUp({
    player: { bytes: 1e6, ms: 1000, overflows: 3 },
  });
  const { sink, player } = play();
  publisher.push(Video, 0, picture(true, 100), 0);
  stream.flush(0);
  sink.busy = true;
  publisher.push(Video, 10, picture(false, 100), 10);
  registry.unpublish(publisher, 5000);
  sink.busy = false;
  sink.pump();
  assert.deepEqual([player.bytesOut, player.framesDropped], [200, 0]);
});

test("a sequence header has the time of the media around it, other headers their own", () => {
  const { stream, push } = setUp();
  push(Video, 5000, picture(true, 10));
  const times: number[] = [];
  stream.tap({ onFrame: ({ timestamp }) => times.push(timestamp) }, 0);
  times.length = 0;
  // Encoders write any time on it.
  push(Video, 0, Uint8Array.of(0x17, 0, 0, 0, 0, 1));
  const metadata = Uint8Array.of(0x94, 0x61, 0x76, 0x63, 0x31, 2, 0, 1, 0x78);
  push(Video, 5020, metadata);
  assert.deepEqual(times, [5000, 5020]);
});

test("what is counted begins anew with another publisher, what players got does not", () => {
  const { registry, stream, push, play } = setUp();
  push(Video, 0, picture(true, 100));
  push(Audio, 0, Uint8Array.of(0x2f, 1));
  play();
  const out = stream.bytesOut;
  registry.publish(PATH, INFO, { onRevoked() {} }, 5000);
  const { publishedAt, bytesIn, videoBytes, audioBytes, videoFrames, audioFrames } = stream.stats;
  assert.deepEqual([bytesIn, videoBytes, audioBytes, videoFrames, audioFrames], [0, 0, 0, 0, 0]);
  assert.deepEqual([publishedAt, stream.bytesOut], [5000, out]);
});

test("what was pushed before the publisher went reaches the players, wait as it might", () => {
  const { publisher, play } = setUp({ reconnectWindowMs: 1000 });
  const { sink, player } = play();
  publisher.push(Video, 0, picture(true, 100), 0);
  publisher.push(Video, 40, picture(false, 50), 40);
  publisher.end(41, true);
  sink.pump();
  assert.equal(player.bytesOut, 150);
});

test("another publisher's codecs are no change of codec", () => {
  const { registry, stream, publisher, push } = setUp({ reconnectWindowMs: 1000 });
  push(Video, 0, picture(true, 100));
  push(Video, 40, picture(false, 100));
  assert.equal(stream.description.tracks(Video).length, 1);
  publisher.end(50, true);
  const again = registry.publish(PATH, INFO, { onRevoked() {} }, 60);
  assert.ok(typeof again === "object");
  assert.equal(stream.description.tracks(Video).length, 0, "nothing is known of it yet");
});

test("nothing that another publisher sent is cached for who joins", () => {
  const { registry, stream, push } = setUp();
  push(Video, 0, picture(true, 100));
  assert.equal(stream.gopBytes, 100);
  registry.publish(PATH, INFO, { onRevoked() {} }, 5000);
  assert.deepEqual([stream.gopBytes, [...stream.gop()], stream.startTime], [0, [], 0]);
});

test("behind its end nothing is cached, though a player is still being served", () => {
  const { registry, publisher, stream, push, play } = setUp();
  const { sink } = play();
  sink.busy = true;
  push(Video, 0, picture(true, 100));
  registry.unpublish(publisher, 10);
  assert.deepEqual([stream.playerCount, stream.gopBytes], [1, 0]);
});

test("a stream whose publisher is waited for no more is not live, though a player is still served", () => {
  const { registry, publisher, stream, push, play } = setUp({ reconnectWindowMs: 1000 });
  const { sink } = play();
  push(Video, 0, picture(true, 100));
  sink.busy = true;
  push(Video, 40, picture(false, 100));
  registry.unpublish(publisher, 100, true);
  registry.tick(1099);
  assert.deepEqual([stream.live, stream.playerCount], [true, 1]);
  registry.tick(1100);
  assert.deepEqual([stream.live, stream.playerCount, stream.tapped], [false, 1, false]);
  assert.equal(stream.orphanDeadline, Infinity);
});

test("it is known whether a tap stands for some who watch", () => {
  const { stream } = setUp();
  const untap = stream.tap({ stays: true, onFrame() {} }, 0);
  assert.deepEqual([stream.tapped, stream.watched], [true, true]);
  untap();
  assert.deepEqual([stream.tapped, stream.watched], [false, false]);
});

test("a player that changes to another variant is sent the copies of that", () => {
  const { registry, push } = setUp();
  const encoder: FrameEncoder = {
    ...plainEncoder,
    vary: (bytes, offset, variant) => void (bytes[offset] = variant),
  };
  const sink = new CollectingSink();
  const player = registry.play(PATH, { ...encoder, variant: 5 }, sink, new Observer(), 0);
  assert.ok(typeof player !== "string");
  sink.player = player;
  push(Video, 0, picture(true, 3));
  registry.changeEncoder(player, { ...encoder, variant: 6 }, 0);
  push(Video, 40, picture(false, 3));
  const sent = new TextEncoder().encode(sink.text);
  assert.deepEqual([...sent], [5, 1, 0, 6, 1, 0]);
});

test("a stream is watched by one player, or by a tap that stands for some, and by no other tap", () => {
  const { registry, stream, play } = setUp();
  const seen = () => [stream.watched, stream.tapped];
  assert.deepEqual(seen(), [false, false]);
  const { player } = play();
  assert.deepEqual(seen(), [true, false]);
  registry.stopPlaying(player);
  assert.deepEqual(seen(), [false, false]);
  stream.tap({ onFrame() {} }, 0);
  assert.deepEqual(seen(), [false, false]);
  const end = stream.tap({ stays: true, onFrame() {} }, 0);
  assert.deepEqual(seen(), [true, true]);
  end();
  assert.deepEqual(seen(), [false, false]);
});
