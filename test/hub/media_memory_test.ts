import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type FrameEncoder,
  FrameKind,
  MediaBuffer,
  MediaMemory,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { check } from "../support/property.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const KiB = 1024;
const PATH = { app: "live", name: "a" };
const INFO = { sessionId: "s", address: "a", client: "", since: 0 };

function setUp(memory = new MediaMemory()) {
  const registry = new StreamRegistry({
    memory,
    publishPolicy: "replace",
    playWaitMs: 1000,
    reconnectWindowMs: 0,
    maxStreams: 100,
    maxWaits: 100,
    gop: { bytes: 1e6, frames: 1000, ms: 1e6 },
    player: { bytes: 1e6, ms: 1e6, overflows: 0 },
  });
  const play = (encoder: FrameEncoder = varying) => {
    const sink = new CollectingSink();
    const played = registry.play(PATH, encoder, sink, new Observer(), 0);
    assert.ok(typeof played === "object");
    sink.player = played;
    sink.pump();
    return { sink, player: played, stream: registry.get(PATH)! };
  };
  const publish = () => {
    const publisher = registry.publish(PATH, INFO, { onRevoked() {} }, 0);
    assert.ok(typeof publisher === "object");
    return publisher;
  };
  return { memory, registry, play, publish };
}

/** Video of `length` bytes, a key frame or not. */
function picture(key: boolean, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(7);
  bytes.set([key ? 0x17 : 0x27, 1]);
  return bytes;
}

const { Video } = FrameKind;

/** Players of a variant are sent copies in which every message begins with it. */
const varying: FrameEncoder = {
  ...plainEncoder,
  vary: (bytes, offset, variant) => void (bytes[offset] = variant),
};
const varied = (variant: number): FrameEncoder => ({ ...varying, variant });

test("a page that is given back is the next one that is taken, and counts meanwhile", () => {
  const memory = new MediaMemory(1e6);
  const page = memory.page(20 * KiB);
  assert.equal(page.length, 32 * KiB, "rounded up");
  const { used } = memory;
  assert.ok(used >= 32 * KiB);
  memory.free(page);
  assert.equal(memory.spare, 32 * KiB);
  assert.equal(memory.used, 32 * KiB);
  assert.equal(memory.page(17 * KiB), page);
  assert.deepEqual([memory.spare, memory.used], [0, used]);
});

test("what is handed out counts once, until its owner and the last writer are done with it", () => {
  const memory = new MediaMemory();
  const buffer = new MediaBuffer(memory, new Uint8Array(1000));
  assert.equal(memory.used, 1000);
  buffer.pin();
  buffer.pin();
  buffer.drop();
  assert.equal(memory.used, 1000);
  buffer.unpin();
  assert.equal(memory.used, 1000);
  buffer.unpin();
  assert.equal(memory.used, 0);
});

test("a page is not used again while a write of it may be under way, nor when none is known of", () => {
  const memory = new MediaMemory();
  const buffer = new MediaBuffer(memory, 16 * KiB);
  buffer.pin();
  buffer.drop();
  assert.notEqual(memory.page(16 * KiB), buffer.bytes);
  const writer = { busy: true };
  buffer.orphan(writer);
  memory.sweep();
  const { used } = memory;
  writer.busy = false;
  memory.sweep();
  assert.ok(memory.used <= used - 16 * KiB);
  assert.equal(memory.spare, 0, "who gave up its connection may still have it");
});

test("spare pages go before anything else, once there is no room", () => {
  const memory = new MediaMemory(256 * KiB);
  const pages = [1, 2].map(() => memory.page(16 * KiB));
  for (const page of pages) memory.free(page);
  assert.equal(memory.spare, 32 * KiB);
  memory.page(240 * KiB);
  assert.equal(memory.spare, 0);
});

test("pages are powers of two from 1 KiB to 256 KiB, then multiples of that", () => {
  const memory = new MediaMemory();
  const sizes = [1, 1024, 1025, 2048, 256 * KiB, 256 * KiB + 1, 512 * KiB, 512 * KiB + 1];
  assert.deepEqual(
    sizes.map((size) => memory.page(size).length / KiB),
    [1, 1, 2, 2, 256, 512, 512, 768],
  );
});

test("a page counts with what an array of bytes takes beside them, spare or not it is found", () => {
  const memory = new MediaMemory();
  const pages = [memory.page(KiB), memory.page(KiB), memory.page(2 * KiB)];
  assert.equal(memory.used, 4 * KiB + 3 * 256);
  for (const page of pages) memory.free(page);
  assert.deepEqual([memory.used, memory.spare], [4 * KiB, 4 * KiB]);
  assert.deepEqual([memory.page(KiB), memory.page(KiB)], [pages[1], pages[0]]);
  assert.deepEqual([memory.used, memory.spare], [4 * KiB + 2 * 256, 2 * KiB]);
  memory.free(pages[0]!, false);
  assert.equal(memory.spare, 2 * KiB, "one that may still be written is not kept");
});

test("an eighth of the bound may be spare pages, and 64 MiB where there is none", () => {
  const memory = new MediaMemory(56 * KiB);
  const pages = Array.from({ length: 9 }, () => memory.page(KiB));
  for (const page of pages) memory.free(page);
  assert.equal(memory.spare, 7 * KiB);
  const unbounded = new MediaMemory();
  const large = Array.from({ length: 5 }, () => unbounded.page(16 * KiB * KiB));
  for (const page of large) unbounded.free(page);
  assert.equal(unbounded.spare, 64 * KiB * KiB);
});

test("a page is not kept where there is no room for it, nor any once there is none", () => {
  const memory = new MediaMemory(64 * KiB);
  const page = memory.page(KiB);
  memory.count(63 * KiB);
  memory.free(page);
  assert.equal(memory.spare, KiB, "just room enough");
  memory.count(0);
  assert.equal(memory.spare, KiB);
  memory.count(1);
  assert.equal(memory.spare, 0);
  const other = memory.page(KiB);
  memory.free(other);
  assert.equal(memory.spare, 0);
});

test("room is made over 15/16 of the bound until 14/16 are left, and more is too much over it", () => {
  const memory = new MediaMemory(1600);
  let made = 0;
  memory.relieve = (now) => made += now;
  const at = (used: number) => {
    memory.count(used - memory.used);
    return [memory.over, memory.exceeded, memory.hasRoom];
  };
  assert.deepEqual(at(1400), [false, false, true]);
  assert.deepEqual(at(1401), [false, false, false]);
  assert.deepEqual(at(1500), [false, false, false]);
  memory.makeRoom(3);
  assert.equal(made, 0);
  assert.deepEqual(at(1501), [true, false, false]);
  memory.makeRoom(3);
  assert.equal(made, 3);
  assert.deepEqual(at(1600), [true, false, false]);
  assert.deepEqual(at(1601), [true, true, false]);
});

test("where no more room could be made it is tried again a quarter of a sixteenth further on", () => {
  const memory = new MediaMemory(6400);
  memory.count(6200);
  memory.relieved();
  memory.count(100);
  assert.equal(memory.over, false);
  memory.count(1);
  assert.equal(memory.over, true);
  memory.count(-301);
  memory.relieved();
  memory.count(100);
  assert.equal(memory.over, false, "from where it was left");
  memory.count(1);
  assert.equal(memory.over, true);
  memory.count(-1001);
  memory.relieved();
  memory.count(900);
  assert.equal(memory.over, false, "at 15/16 as ever");
  memory.count(1);
  assert.equal(memory.over, true);
});

test("with time it is tried again where it was in vain", () => {
  const memory = new MediaMemory(6400);
  memory.count(6200);
  memory.relieved();
  assert.equal(memory.over, false);
  memory.retry();
  assert.equal(memory.over, true);
});

test("what is kept beside a buffer counts until its owner lets go, and what has none by its writes", () => {
  const memory = new MediaMemory();
  const owned = new MediaBuffer(memory, 4 * KiB);
  owned.countMore(100);
  owned.countMore(20);
  assert.equal(memory.used, 4 * KiB + 256 + 120);
  owned.pin();
  owned.drop();
  owned.drop();
  assert.equal(memory.used, 4 * KiB + 256);
  owned.unpin();
  assert.equal(memory.used, memory.spare);
  memory.dropSpare();
  const lent = new MediaBuffer(memory, new Uint8Array(70), false);
  assert.equal(memory.used, 0);
  lent.pin();
  lent.pin();
  assert.equal(memory.used, 70);
  lent.drop();
  lent.unpin();
  assert.equal(memory.used, 70);
  lent.unpin();
  assert.equal(memory.used, 0);
});

test("a buffer of no bytes takes no page", () => {
  const memory = new MediaMemory();
  const none = new MediaBuffer(memory, 0);
  none.drop();
  assert.deepEqual([none.bytes.length, memory.used], [0, 0]);
});

test("what a connection that is gone was written is given back at the next look", () => {
  const memory = new MediaMemory();
  const orphan = (writer: { busy: boolean; gone?: boolean }) => {
    const buffer = new MediaBuffer(memory, new Uint8Array(100));
    buffer.pin();
    buffer.drop();
    buffer.orphan(writer);
  };
  orphan({ busy: true });
  orphan({ busy: false });
  orphan({ busy: true, gone: true });
  orphan({ busy: true, gone: false });
  memory.sweep();
  assert.equal(memory.used, 200);
  memory.sweep();
  assert.equal(memory.used, 200);
});

test("a stream gives everything back when it is over", () => {
  const { memory, registry, play, publish } = setUp();
  const publisher = publish();
  publisher.setData("onMetaData", 0, new Uint8Array(500), 0);
  const players = [play(), play(varied(2)), play({ ...varied(3), key: "other" })];
  for (let at = 0; at < 100; at++) {
    publisher.push(Video, at, picture(at % 30 === 0, 5000), at);
    if (at === 50) players[1]!.sink.busy = true;
    publisher.stream.flush(at);
  }
  assert.ok(memory.used > 100 * KiB);
  registry.unpublish(publisher, 200);
  assert.ok(memory.used > 0, "one player still has to be handed the end");
  players[1]!.sink.busy = false;
  players[1]!.sink.pump();
  registry.tick(300);
  assert.equal(registry.size, 0);
  assert.equal(memory.used, memory.spare);
});

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

test("in any history what is counted is what is held, and all comes back", () => {
  const action = fc.record({
    what: fc.constantFrom(
      "push",
      "key",
      "header",
      "data",
      "busy",
      "free",
      "pause",
      "resume",
    ) as fc.Arbitrary<string>,
    who: fc.nat(3),
    size: fc.integer({ min: 2, max: 40_000 }),
  });
  const more = fc.constantFrom("leave", "join", "tick", "change", "flush");
  const actions = fc.array(
    fc.oneof(action, fc.record({ what: more, who: fc.nat(3), size: fc.nat(10) })),
    { maxLength: 200 },
  );
  check(fc.property(actions, (history) => {
    const { memory, registry, play, publish } = setUp();
    const publisher = publish();
    const { stream } = publisher;
    const encoders = [varying, varied(2), varied(3), { ...varying, key: "other" }];
    const players = encoders.map((encoder) => play(encoder));
    let now = 0;
    for (const { what, who, size } of history) {
      now += 10;
      const { player, sink } = players[who]!;
      if (what === "push") publisher.push(Video, now, picture(false, size), now);
      else if (what === "key") publisher.push(Video, now, picture(true, size), now);
      else if (what === "header") {
        publisher.push(Video, now, Uint8Array.of(0x17, 0, size & 255), now);
      } else if (what === "data") publisher.setData(`d${who}`, now, new Uint8Array(size), now);
      else if (what === "busy") sink.busy = true;
      else if (what === "free") {
        sink.busy = false;
        sink.pump();
      } else if (what === "pause") player.pause();
      else if (what === "resume") player.resume(now);
      else if (what === "leave") registry.stopPlaying(player);
      else if (what === "join") {
        registry.stopPlaying(player);
        players[who] = play(encoders[who]);
      } else if (what === "change") stream.changeEncoder(player, encoders[size % 4]!, now);
      else if (what === "tick") registry.tick(now);
      if (what === "push" || what === "flush" || what === "key") stream.flush(now);
      assert.ok(memory.used - memory.spare >= stream.logBytes + stream.gopBytes);
    }
    registry.unpublish(publisher, now);
    for (const { sink, player } of players) {
      sink.busy = false;
      sink.pump();
      registry.stopPlaying(player);
    }
    registry.tick(now + 1000);
    assert.equal(memory.used, memory.spare);
  }));
});

test("pages that are not kept for the next are given back at once, not when they are collected", () => {
  const memory = new MediaMemory(64 * KiB);
  const pages = Array.from({ length: 3 }, () => memory.page(8 * KiB));
  for (const page of pages) memory.free(page);
  assert.deepEqual(pages.map(({ buffer }) => buffer.byteLength), [8 * KiB, 0, 0]);
  memory.dropSpare();
  assert.equal(pages[0]!.buffer.byteLength, 0);
  const written = memory.page(8 * KiB);
  memory.free(written, false);
  assert.equal(written.length, 8 * KiB, "a write of it may be under way");
});

test("of a limit a share is handed out, and what is on its way in takes part of that", () => {
  const memory = new MediaMemory(2000, 4 / 5);
  let beside = 0;
  memory.beside = () => beside;
  memory.count(1500);
  assert.deepEqual([memory.over, memory.tight, memory.exceeded], [false, false, false]);
  memory.count(1);
  assert.deepEqual([memory.over, memory.tight, memory.exceeded], [true, true, false]);
  memory.count(100);
  assert.deepEqual([memory.limit, memory.excess, memory.exceeded], [2000, 1, true]);
  memory.count(-501);
  beside = 400;
  assert.equal(memory.over, false);
  beside = 401;
  assert.deepEqual([memory.over, memory.hasRoom], [false, false], "no more than a quarter counts");
  memory.count(1);
  assert.deepEqual([memory.over, memory.tight, memory.exceeded], [true, false, false]);
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

test("a writer that is done is not asked about again", () => {
  const memory = new MediaMemory();
  let asked = 0;
  let busy = true;
  const buffer = new MediaBuffer(memory, new Uint8Array(10));
  buffer.pin();
  buffer.drop();
  buffer.orphan({
    get busy() {
      asked++;
      return busy;
    },
  });
  memory.sweep();
  assert.equal(memory.used, 10);
  busy = false;
  memory.sweep();
  assert.equal(memory.used, 0);
  const before = asked;
  memory.sweep();
  assert.equal(asked, before);
});
