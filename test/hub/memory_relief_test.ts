import assert from "node:assert/strict";
import { test } from "node:test";
import { type FrameEncoder, FrameKind, MediaMemory, StreamRegistry } from "../../src/hub/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const MiB = 1024 * 1024;
const { Video } = FrameKind;

function setUp(limit: number) {
  const memory = new MediaMemory(limit);
  const registry = new StreamRegistry({
    memory,
    publishPolicy: "replace",
    playWaitMs: 1000,
    reconnectWindowMs: 0,
    maxStreams: 10_000,
    maxWaits: 100,
    gop: { bytes: 32 * MiB, frames: 2500, ms: 30_000 },
    player: { bytes: 64 * MiB, ms: 1e6, overflows: 3 },
  });
  const revoked: string[] = [];
  const publish = (name: string) => {
    const info = { sessionId: name, address: "a", client: "", since: 0 };
    return registry.publish({ app: "live", name }, info, {
      onRevoked: (reason) => revoked.push(`${name} ${reason}`),
    }, 0);
  };
  const publisher = (name: string) => {
    const published = publish(name);
    assert.ok(typeof published === "object");
    return published;
  };
  const play = (name: string, encoder: FrameEncoder = plainEncoder) => {
    const sink = new CollectingSink();
    const observer = new Observer();
    const played = registry.play({ app: "live", name }, encoder, sink, observer, 0);
    assert.ok(typeof played === "object");
    sink.player = played;
    sink.pump();
    return { sink, observer, player: played, stream: registry.get({ app: "live", name })! };
  };
  return { memory, registry, publish, publisher, play, revoked };
}

function picture(key: boolean, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  bytes.set([key ? 0x17 : 0x27, 1]);
  return bytes;
}

test("many streams that fill their caches stay within the bound, and the largest go first", () => {
  const { memory, registry, publisher } = setUp(64 * MiB);
  const small = publisher("small");
  small.push(Video, 0, picture(true, 2 * MiB), 0);
  const streams = Array.from({ length: 20 }, (_, index) => publisher(`s${index}`));
  let peak = 0;
  for (let frame = 0; frame < 300; frame++) {
    for (const { stream, push } of streams.map((one) => ({ stream: one.stream, push: one }))) {
      push.push(Video, frame, picture(frame === 0, 60_000), frame);
      stream.flush(frame);
      peak = Math.max(peak, memory.used);
    }
    if (frame % 10 === 0) registry.tick(frame);
  }
  assert.ok(peak <= 64 * MiB, `${peak} bytes`);
  assert.ok(registry.relief.done.gops > 0);
  assert.ok(small.stream.gopBytes > 0, "a small cache is no reason to go");
});

test("with nothing cached the players furthest behind skip, and the others lose nothing", () => {
  const { memory, registry, publisher, play } = setUp(32 * MiB);
  const many = Array.from({ length: 8 }, (_, index) => publisher(`s${index}`));
  const slow = many.map((_, index) => play(`s${index}`));
  const good = play("s0");
  for (const one of many) one.push(Video, 0, picture(true, 1000), 0);
  for (const { sink } of slow) sink.busy = true;
  let peak = 0;
  let bytes = 0;
  for (let frame = 0; frame < 100; frame++) {
    for (const one of many) {
      one.push(Video, frame, picture(false, 100_000), frame);
      one.stream.flush(frame);
      peak = Math.max(peak, memory.used);
    }
    bytes += 100_000;
  }
  assert.ok(peak <= 32 * MiB, `${peak} bytes`);
  assert.ok(registry.relief.done.skips > 0);
  assert.ok(slow.some(({ player }) => player.framesDropped > 0));
  assert.deepEqual([good.player.framesDropped, good.player.lag], [0, 0]);
  assert.ok(good.player.bytesOut >= bytes);
  assert.deepEqual(slow.flatMap(({ observer }) => observer.ended), [], "nobody is ended for it");
});

test("large pictures that are encoded in many ways stay within the bound", () => {
  const { memory, publisher, play } = setUp(64 * MiB);
  const one = publisher("a");
  for (let index = 0; index < 30; index++) {
    const { sink } = play("a", { ...plainEncoder, key: `way ${index}` });
    sink.busy = true;
  }
  let peak = 0;
  for (let frame = 0; frame < 20; frame++) {
    one.push(Video, frame, picture(frame % 5 === 0, 3 * MiB), frame);
    peak = Math.max(peak, memory.used);
    one.stream.flush(frame);
  }
  assert.ok(peak <= 1.15 * 64 * MiB, `${peak} bytes`);
});

test("where skipping is not enough, those whose writes hold most are ended, at the next tick", () => {
  const { memory, registry, publisher, play } = setUp(16 * MiB);
  const one = publisher("a");
  const held = Array.from({ length: 6 }, (_, index) => {
    const client = play("a");
    const { sink, player } = client;
    // Its write of this picture stays under way.
    sink.pump = () => {
      if (!sink.busy) sink.busy = player.next() !== undefined;
    };
    one.push(Video, index, picture(true, 3 * MiB), index);
    one.stream.flush(index);
    return client;
  });
  const good = play("a");
  assert.ok(memory.exceeded);
  const refused = registry.publish(
    { app: "live", name: "b" },
    { sessionId: "b", address: "b", client: "", since: 0 },
    { onRevoked() {} },
    10,
  );
  assert.equal(refused, "no-memory", "nobody else comes in meanwhile");
  let forgot = 0;
  memory.forget = () => forgot++;
  registry.tick(500);
  assert.ok(forgot > 0, "first what could be read again");
  const ended = held.filter(({ observer }) => observer.ended.includes("stalled"));
  assert.equal(registry.relief.done.players, ended.length);
  assert.ok(ended.length > 0 && ended.length < held.length, `${ended.length}`);
  assert.deepEqual(good.observer.ended, []);
  for (const { sink } of ended) Object.assign(sink, { gone: true });
  registry.tick(1000);
  assert.ok(!memory.exceeded);
});

test("where only headers are left, the stream that holds most of them is ended", () => {
  const { memory, registry, publisher, revoked } = setUp(8 * MiB);
  const [large, small] = [publisher("large"), publisher("small")];
  small.setData("onMetaData", 0, new Uint8Array(1000), 0);
  large.push(Video, 0, Object.assign(new Uint8Array(9 * MiB), [0x17, 0]), 0);
  registry.tick(500);
  assert.deepEqual(revoked, ["large no-memory"]);
  assert.ok(small.active);
  assert.ok(!memory.exceeded);
});

test("what cannot be freed is not looked for at every message", () => {
  const { memory, registry, publisher } = setUp(8 * MiB);
  const large = publisher("large");
  large.push(Video, 0, Object.assign(new Uint8Array(9 * MiB), [0x17, 0]), 0);
  let looked = 0;
  const { relieve } = memory;
  memory.relieve = (now) => {
    looked++;
    relieve!(now);
  };
  for (let at = 0; at < 1000; at++) large.push(FrameKind.Audio, at, new Uint8Array(100), at);
  assert.ok(looked <= 2, `${looked} times`);
  assert.equal(registry.list().length, 1);
});

test("room is made for whoever comes to publish or to play", () => {
  const { memory, publisher, play } = setUp(8 * MiB);
  publisher("a");
  let made = 0;
  memory.relieve = () => made++;
  memory.count(7.9 * MiB);
  play("a");
  assert.ok(made > 0, "for a player");
  made = 0;
  publisher("b");
  assert.ok(made > 0, "for a publisher");
});

test("whoever has time to give is told that others have to go, and ends them before the next tick", () => {
  const { memory, registry, publish, publisher, play } = setUp(16 * MiB);
  let asked = 0;
  const one = publisher("a");
  registry.later = () => void asked++;
  const held = Array.from({ length: 6 }, (_, index) => {
    const { sink, observer, player } = play("a");
    sink.pump = () => {
      if (!sink.busy) sink.busy = player.next() !== undefined;
    };
    one.push(Video, index, picture(true, 3 * MiB), index);
    one.stream.flush(index);
    return observer;
  });
  assert.ok(memory.exceeded);
  assert.equal(asked, 0);
  assert.equal(publish("b"), "no-memory");
  assert.equal(asked, 1);
  assert.deepEqual(held.flatMap(({ ended }) => ended), [], "not in the midst of a message");
  registry.work(10);
  assert.ok(held.some(({ ended }) => ended.includes("stalled")));
  const { players } = registry.relief.done;
  registry.work(20);
  assert.equal(registry.relief.done.players, players, "once");
});

test("only as many are ended as hold what is too much, the largest first", () => {
  const { registry, publisher, revoked, memory } = setUp(8 * MiB);
  for (const [name, size] of [["a", 1], ["b", 5], ["c", 3]] as const) {
    const header = Object.assign(new Uint8Array(size * MiB), [0x17, 0]);
    publisher(name).push(Video, 0, header, 0);
  }
  assert.ok(memory.excess > 0 && memory.excess < 5 * MiB);
  registry.tick(500);
  assert.deepEqual(revoked, ["b no-memory"]);
  assert.equal(registry.relief.done.streams, 1);
});

test("others go in a turn of its own only where too much is held, and not again behind a tick", () => {
  for (const ticks of [false, true]) {
    const { memory, registry } = setUp(16 * MiB);
    let [asked, hard] = [0, 0];
    const { relief } = registry;
    const { hard: relieve } = relief;
    relief.hard = (now) => {
      hard++;
      relieve.call(relief, now);
    };
    registry.later = () => void asked++;
    memory.count(15.5 * MiB);
    memory.relieve!(0);
    assert.deepEqual([asked, registry.work(0), hard], [0, false, 0], "there is still room");
    memory.count(MiB);
    memory.relieve!(0);
    assert.equal(asked, 1);
    if (ticks) registry.tick(500);
    assert.equal(hard, ticks ? 1 : 0);
    registry.work(500);
    registry.work(500);
    assert.equal(hard, 1, "once");
    // Without anybody who has time to give it waits for the next tick.
    registry.later = undefined;
    memory.relieve!(600);
    assert.equal(hard, 1);
    registry.tick(1000);
    assert.equal(hard, 2);
    // Room was made meanwhile: what was too much is no reason any more.
    registry.later = () => void asked++;
    memory.relieve!(1100);
    memory.count(-10 * MiB);
    memory.relieve!(1200);
    registry.work(1200);
    assert.equal(hard, 2);
  }
});

test("a player that holds nothing is not ended for memory", () => {
  const { memory, registry, publisher, play, revoked } = setUp(16 * MiB);
  const one = publisher("a");
  one.push(Video, 0, picture(true, 1000), 0);
  const players = [play("a"), play("a")];
  one.stream.flush(0);
  assert.deepEqual(players.map(({ player }) => player.handedBytes), [0, 0]);
  memory.count(17 * MiB);
  registry.tick(500);
  assert.deepEqual([registry.relief.done.players, revoked], [0, ["a no-memory"]]);
});

test("the largest caches go first, as many as it takes, and nobody is ended where that is enough", () => {
  const { memory, registry, publisher, revoked } = setUp(16 * MiB);
  const streams = ([["a", 2], ["b", 4], ["c", 3]] as const).map(([name, size]) => {
    const one = publisher(name);
    one.push(Video, 0, picture(true, size * MiB), 0);
    return one.stream;
  });
  const cached = () => streams.map(({ gopBytes }) => gopBytes / MiB);
  assert.deepEqual(cached(), [2, 4, 3]);
  // A sixteenth of the bound is left, and it takes another one.
  memory.count(15 * MiB - memory.used + 1);
  registry.tick(500);
  assert.deepEqual([cached(), registry.relief.done.gops], [[2, 0, 3], 1]);
  memory.count(5 * MiB);
  registry.tick(1000);
  assert.deepEqual([cached(), registry.relief.done.gops], [[2, 0, 0], 2]);
  assert.deepEqual(revoked, []);
});
