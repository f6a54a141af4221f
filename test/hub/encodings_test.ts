/** What is encoded and kept for which players: variants, and those that are paused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FrameEncoder, FrameKind, MediaMemory } from "../../src/hub/mod.ts";
import { type CollectingSink, plainEncoder } from "./support.ts";
import { setUp, varying } from "./memory_rig.ts";

const KiB = 1024;

/** Video of `length` bytes, a key frame or not. */
function picture(key: boolean, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(7);
  bytes.set([key ? 0x17 : 0x27, 1]);
  return bytes;
}

const { Video } = FrameKind;
const varied = (variant: number): FrameEncoder => ({ ...varying, variant });

test("players of a variant are sent the same media, with their own mark in each message", () => {
  const { play, publish } = setUp();
  const publisher = publish();
  const encoder: FrameEncoder = {
    ...varied(9),
    size: () => 4,
    encode(frame, target, offset) {
      target.set(frame.payload.subarray(0, 4), offset);
    },
  };
  const plain = { ...encoder, variant: undefined };
  const [a, b, c] = [play(plain), play(encoder), play({ ...encoder, variant: 8 })];
  const push = (at: number) =>
    publisher.push(Video, at, Uint8Array.of(at ? 0x27 : 0x17, 1, at, at), at);
  for (let at = 0; at < 20; at++) {
    push(at);
    if (at % 3 === 0) publisher.stream.flush(at);
  }
  publisher.stream.flush(20);
  const late = play(encoder);
  // As text, which is made in the write: behind it the copies are used for others.
  const bytes = ({ sink }: { sink: CollectingSink }) => [...new TextEncoder().encode(sink.text)];
  const sent = bytes(a);
  assert.equal(sent.length, 80);
  const marked = (id: number) => sent.map((byte, index) => index % 4 === 0 ? id : byte);
  assert.deepEqual([bytes(b), bytes(c), bytes(late)], [marked(9), marked(8), marked(9)]);
  assert.equal(publisher.stream.logBytes, 16 * KiB, "all of them read one log");
});

test("players of a variant in step get all of a flush, in copies of a bounded size", () => {
  const { play, publish } = setUp();
  const publisher = publish();
  const { sink } = play(varied(2));
  let length = 0;
  let largest = 0;
  const write = (bytes: Uint8Array) => {
    length += bytes.length;
    largest = Math.max(largest, bytes.length);
    return true;
  };
  publisher.push(Video, 0, picture(true, 1000), 0);
  publisher.stream.flush(0);
  Object.assign(sink, { channel: { write } });
  publisher.stream.flush(0);
  for (let at = 1; at <= 20; at++) publisher.push(Video, at, picture(false, 10_000), at);
  publisher.push(Video, 21, picture(false, 200_000), 21);
  publisher.stream.flush(21);
  assert.equal(length, 400_000);
  assert.equal(largest, 200_000, "one message, or 64 KiB of them");
});

test("players of one variant in step are written the same copy", () => {
  const { play, publish } = setUp();
  const publisher = publish();
  const players = [play(varied(2)), play(varied(2))];
  publisher.push(Video, 0, picture(true, 1000), 0);
  publisher.stream.flush(0);
  const [one, other] = players.map(({ sink }) => sink.writes.at(-1)!);
  assert.equal(one, other);
});

test("nothing is encoded or kept while all players are paused, and the GOP is there on return", () => {
  const { registry, play, publish } = setUp();
  const publisher = publish();
  const { stream } = publisher;
  let encoded = 0;
  const counting: FrameEncoder = {
    ...varying,
    encode(frame, target, offset) {
      encoded++;
      plainEncoder.encode(frame, target, offset);
    },
  };
  const { player, sink } = play(counting);
  publisher.push(Video, 0, picture(true, 50_000), 0);
  stream.flush(0);
  player.pause();
  registry.tick(500);
  assert.equal(stream.logBytes, 0);
  const before = encoded;
  publisher.push(Video, 600, picture(true, 50_001), 600);
  publisher.push(Video, 640, picture(false, 20_000), 640);
  stream.flush(640);
  registry.tick(1000);
  assert.deepEqual([stream.logBytes, encoded], [0, before]);
  sink.writes.length = 0;
  player.resume(1000);
  sink.pump();
  assert.equal(sink.writes.reduce((sum, { length }) => sum + length, 0), 70_001);
});

test("behind a rest a player goes on where it paused, in the same GOP", () => {
  const { registry, play, publish } = setUp();
  const publisher = publish();
  const { player, sink, stream } = play();
  const push = (key: boolean, at: number) => {
    publisher.push(Video, at, picture(key, 1000 + at), at);
    stream.flush(at);
  };
  push(true, 0);
  push(false, 40);
  player.pause();
  registry.tick(50);
  push(false, 80);
  assert.equal(stream.logBytes, 0);
  sink.writes.length = 0;
  player.resume(100);
  sink.pump();
  assert.deepEqual(sink.writes.map(({ length }) => length), [1080], "not what it has seen");
  player.pause();
  registry.tick(110);
  push(true, 120);
  push(false, 160);
  sink.writes.length = 0;
  player.resume(200);
  sink.pump();
  assert.deepEqual(sink.writes.map(({ length }) => length), [2280], "all of another one");
});

test("a player that is paused as it comes to an encoding does not have the GOP encoded", () => {
  const { play, publish } = setUp();
  const publisher = publish();
  publisher.push(Video, 0, picture(true, 50_000), 0);
  const { player, stream } = play();
  player.pause();
  stream.changeEncoder(player, { ...plainEncoder, key: "other" }, 0);
  const { logBytes } = stream;
  publisher.push(Video, 40, picture(true, 50_000), 40);
  stream.dropUnusedEncodings();
  assert.ok(logBytes <= 64 * KiB);
  assert.equal(stream.logBytes, 0);
});

test("an encoding without video keeps no GOP: its players start with what comes next", () => {
  const { play, publish } = setUp();
  const publisher = publish();
  publisher.push(Video, 0, picture(true, 500_000), 0);
  for (let at = 1; at < 500; at++) publisher.push(FrameKind.Audio, at, new Uint8Array(500), at);
  play({ ...plainEncoder, key: "sound", accepts: (kind) => kind !== FrameKind.Video });
  assert.equal(publisher.stream.logBytes, 0);
});

test("where memory is short no long message is copied for one variant; it comes once there is some", () => {
  const { memory, registry, play, publish } = setUp(new MediaMemory(1024 * KiB));
  const publisher = publish();
  const [shared, alone] = [play({ ...varying, variant: undefined }), play(varied(2))];
  publisher.push(Video, 0, picture(true, 1000), 0);
  publisher.stream.flush(0);
  const before = alone.player.bytesOut;
  memory.relieve = undefined;
  memory.count(1000 * KiB);
  publisher.push(Video, 40, picture(false, 100_000), 40);
  publisher.stream.flush(40);
  assert.ok(shared.sink.writes.at(-1)!.length >= 100_000);
  assert.equal(alone.player.bytesOut, before);
  memory.count(-1000 * KiB);
  registry.tick(500);
  assert.ok(alone.player.bytesOut >= before + 100_000);
});

for (const what of ["data", "header"] as const) {
  test(`behind a rest in a GOP with a ${what} in it a player goes on behind what it has seen`, () => {
    const { registry, play, publish } = setUp();
    const publisher = publish();
    const push = (key: boolean, time: number) => {
      publisher.push(Video, time, picture(key, 1000 + time), time);
      publisher.stream.flush(time);
    };
    publisher.push(Video, 0, Uint8Array.of(0x17, 0, 1), 0);
    const { player, sink } = play({ ...varying, variant: undefined });
    push(true, 0);
    push(false, 40);
    if (what === "data") publisher.setData("onMetaData", 60, new Uint8Array(10), 60);
    else publisher.push(FrameKind.Audio, 60, Uint8Array.of(0xaf, 0, 0x12, 0x10), 60);
    push(false, 80);
    player.pause();
    for (const now of [500, 1000]) registry.tick(now);
    push(false, 120);
    sink.writes.length = 0;
    player.resume(1100);
    sink.pump();
    assert.deepEqual(sink.writes.map(({ length }) => length).filter((size) => size > 900), [1120]);
    push(false, 160);
    assert.deepEqual(sink.writes.at(-1)!.length, 1160);
  });
}

test("headers that players of a variant begin with have their mark too", () => {
  const { play, publish } = setUp();
  const publisher = publish();
  publisher.setData("a", 0, Uint8Array.of(1, 1), 0);
  publisher.setData("b", 0, Uint8Array.of(2, 2), 0);
  publisher.push(Video, 0, picture(true, 3), 0);
  publisher.stream.flush(0);
  const sent = (encoder: FrameEncoder) => [...new TextEncoder().encode(play(encoder).sink.text)];
  assert.deepEqual(sent(varying), [1, 1, 2, 2, 0x17, 1, 7]);
  assert.deepEqual(sent(varied(9)), [9, 1, 9, 2, 9, 1, 7]);
});

test("behind a rest what came at the time of what it has seen is not taken for that", () => {
  const { registry, play, publish } = setUp();
  const publisher = publish();
  const { player, sink, stream } = play();
  const push = (key: boolean, at: number, length: number) => {
    publisher.push(Video, at, picture(key, length), at);
    stream.flush(at);
  };
  push(true, 0, 1000);
  push(false, 40, 1001);
  player.pause();
  registry.tick(50);
  assert.equal(stream.logBytes, 0);
  push(false, 40, 1002);
  sink.writes.length = 0;
  player.resume(100);
  sink.pump();
  assert.deepEqual(sink.writes.map(({ length }) => length), [1002]);
});
