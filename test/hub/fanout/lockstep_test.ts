import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Encoding, KeyClock, Player } from "../../../src/hub/mod.ts";
import { Lockstep } from "../../../src/hub/fanout/lockstep.ts";
import { type LogPage, MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { FrameFlag } from "../../../src/hub/frame.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";
import { check } from "../../support/property.ts";
import { audio, ChannelSink, inter, key, Observer, plainEncoder } from "../support.ts";

const LIMITS = { bytes: 1e6, ms: 1e6, overflows: 0 };

function setUp() {
  const source = {
    headers: () => [],
    gop: () => [],
    hasVideo: true,
    keys: new KeyClock(),
    startTime: 0,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
  };
  const encoding = new Encoding(plainEncoder, source, 0);
  const join = (closed = false) => {
    const sink = new ChannelSink();
    sink.closed = closed;
    const observer = new Observer();
    const player = sink.player = new Player(sink, observer, LIMITS);
    encoding.add(player, 0);
    sink.pump();
    return { sink, player, observer };
  };
  const push = (text: string) => {
    encoding.append(text === "K" ? key(text) : inter(text), 0);
    encoding.flush(0);
  };
  return { encoding, join, push };
}

test("players in step are written to directly, and count what they were handed", () => {
  const { encoding, join, push } = setUp();
  const players = [join(), join(), join()];
  for (const text of ["K", "a", "b", "c"]) push(text);
  for (const { sink, player } of players) {
    assert.equal(sink.all, "Kabc");
    assert.equal(sink.direct, 3, "all but the first, which it waited for");
    assert.equal(player.bytesOut, 4);
    assert.equal(player.lag, 0);
    assert.equal(player.inStep, true);
    assert.equal(player.page, undefined, "it keeps no page of its own");
    sink.busy = true;
    assert.equal(player.handedBytes, 0, "nor what it was handed before");
    sink.busy = false;
  }
  assert.equal(encoding.bytesOut, 12);
  assert.equal(encoding.playerCount, 3);
});

test("what was pushed and not flushed is not handed out before the others get it", () => {
  const { encoding, join, push } = setUp();
  const { sink, player } = join();
  push("K");
  encoding.append(audio("a"), 0);
  sink.pump();
  assert.equal(sink.all, "K");
  assert.equal(player.lag, 1);
  encoding.flush(0);
  assert.equal(sink.all, "Ka");
});

test("one whose connection is full falls out, loses nothing, and comes back in step", () => {
  const { join, push } = setUp();
  const [slow, other] = [join(), join()];
  push("K");
  slow.sink.full = true;
  push("a");
  push("b");
  assert.equal(slow.sink.all, "Ka");
  assert.equal(slow.player.lag, 1);
  slow.sink.drain();
  assert.equal(slow.sink.all, "Kab");
  push("c");
  push("d");
  assert.equal(slow.sink.all, "Kabcd");
  assert.equal(slow.player.bytesOut, 5);
  assert.equal(slow.sink.direct, 2, "a, which filled it, and d");
  assert.equal(other.sink.direct, 4);
});

test("a write that throws ends nobody else, and that player once", () => {
  const { join, push } = setUp();
  const [first, bad, last] = [join(), join(), join()];
  push("K");
  bad.sink.onWrite = () => {
    throw new Error("broken");
  };
  push("a");
  assert.equal(bad.sink.faults.length, 1);
  bad.player.leave();
  push("b");
  assert.equal(first.sink.all, "Kab");
  assert.equal(last.sink.all, "Kab");
  assert.equal(bad.sink.faults.length, 1);
});

test("players may leave, all of them too, while they are written to", () => {
  for (const leaving of [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]]) {
    for (const actor of [0, 1, 2]) {
      const { encoding, join, push } = setUp();
      const players = [join(), join(), join(), join()];
      push("K");
      players[actor]!.sink.onWrite = () => {
        for (const index of leaving) players[index]!.player.leave();
      };
      push("a");
      players[actor]!.sink.onWrite = undefined;
      push("b");
      const texts = players.map(({ sink }) => sink.all);
      assert.equal(texts[3], "Kab");
      for (const index of [0, 1, 2]) {
        if (!leaving.includes(index)) assert.equal(texts[index], "Kab");
        else assert.ok(["K", "Ka"].includes(texts[index]!), texts[index]);
      }
      assert.equal(encoding.playerCount, 4 - leaving.length);
      assert.equal(encoding.players().length, 4 - leaving.length);
    }
  }
});

test("pause, resume, the end and leaving work out of step as in step", () => {
  const { encoding, join, push } = setUp();
  const { sink, player, observer } = join();
  push("K");
  push("a");
  player.pause();
  push("b");
  player.resume(0);
  sink.pump();
  assert.equal(sink.all, "Kab", "it goes on where it was");
  push("c");
  push("d");
  encoding.append(inter("e"), 0);
  player.finish("unpublished");
  assert.deepEqual(observer.ended, [], "not before it has everything");
  encoding.flush(0);
  assert.equal(sink.all, "Kabcde");
  assert.deepEqual(observer.ended, ["unpublished"]);
  assert.equal(encoding.playerCount, 0);
});

test("whatever happens, players in step get the same bytes as players that are pumped", () => {
  const op = fc.record({
    what: fc.constantFrom(
      ...["push", "push", "push", "flush", "first", "second", "watch"],
      ...["block", "drain", "pump", "big"],
    ),
    who: fc.nat(4),
  });
  check(
    fc.property(fc.array(op, { maxLength: 120 }), (ops) => {
      const texts = [false, true].map((closed) => {
        const { encoding, join, push } = setUp();
        const players = Array.from({ length: 5 }, () => join(closed));
        push("K");
        let count = 0;
        for (const { what, who } of ops) {
          const { sink } = players[who]!;
          if (what === "push") encoding.append(inter(String.fromCharCode(97 + count++ % 26)), 0);
          else if (what === "big") encoding.append(inter("x".repeat(9000)), 0);
          else if (what === "flush") encoding.flush(0);
          else if (what === "first") encoding.flush(0, 0);
          else if (what === "second") encoding.flush(0, 1);
          else if (what === "watch") encoding.watch(0);
          else if (what === "block") sink.full = true;
          else if (what === "drain") sink.drain();
          else sink.pump();
        }
        for (const { sink } of players) sink.drain();
        encoding.flush(0);
        for (const { sink, player } of players) assert.equal(player.bytesOut, sink.all.length);
        const total = players.reduce((sum, { sink }) => sum + sink.all.length, 0);
        assert.equal(encoding.bytesOut, total);
        return players.map(({ sink }) => sink.all);
      });
      assert.deepEqual(texts[0], texts[1]);
    }),
    200,
  );
});

test("who comes in goes on where all do, and not while they are written to", () => {
  const log = new MediaLog(new MediaMemory());
  log.reserve(20);
  for (const time of [0, 1]) log.commit(10, FrameFlag.Inter, time, time);
  const other = new MediaLog(new MediaMemory());
  other.reserve(20);
  const lockstep = new Lockstep(log);
  const page = log.tail;
  assert.deepEqual([lockstep.accepts(page, 10), lockstep.accepts(page, 0)], [true, true]);
  const accepted: boolean[] = [];
  const member = { slot: -1, blocked() {}, fault() {} };
  const channel = {
    write() {
      accepted.push(lockstep.accepts(page, lockstep.offset));
      return true;
    },
  };
  lockstep.add(member, channel, page, 10);
  assert.deepEqual(
    [lockstep.accepts(page, 10), lockstep.accepts(page, 0), lockstep.accepts(other.tail, 10)],
    [true, false, false],
  );
  const source = {
    view: (from: LogPage, offset: number) => from.bytes.subarray(offset, from.length),
    mayView: () => true,
    viewed: undefined,
  };
  assert.equal(lockstep.flush(source), 10);
  assert.deepEqual([accepted, lockstep.bytes, lockstep.offset], [[false], 10, 20]);
  lockstep.remove(member);
  assert.deepEqual([lockstep.size, lockstep.page, lockstep.accepts(page, 0)], [0, undefined, true]);
});

test("whoever leaves is the one that left, in whatever order they do", () => {
  for (const order of [[0, 2, 1], [0, 1, 2], [1, 2, 0], [2, 1, 0]]) {
    const { encoding, join, push } = setUp();
    const players = [join(), join(), join(), join(), join(), join()];
    push("K");
    push("a");
    const left = new Set<number>();
    for (const index of order) {
      // Every second one is in the same half.
      players[2 * index]!.player.leave();
      left.add(2 * index);
      for (const { sink } of players) sink.take();
      push("b");
      assert.deepEqual(
        players.map(({ sink }) => sink.take()),
        players.map((_, at) => left.has(at) ? "" : "b"),
      );
      assert.equal(encoding.playerCount, 6 - left.size);
    }
  }
});
