import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type FrameEncoder, FrameKind, MediaBuffer, MediaMemory } from "../../src/hub/mod.ts";
import { check } from "../support/property.ts";
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
