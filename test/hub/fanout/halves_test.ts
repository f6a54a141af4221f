/** Players in step that are written to in two halves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Encoding, KeyClock, Player } from "../../../src/hub/mod.ts";
import { Halves } from "../../../src/hub/fanout/halves.ts";
import { MediaLog } from "../../../src/hub/fanout/media_log.ts";
import { MediaMemory } from "../../../src/hub/media_memory.ts";
import { audio, ChannelSink, inter, key, Observer, plainEncoder } from "../support.ts";

const LIMITS = { bytes: 1e6, ms: 1e6, overflows: 0 };

/** Some players that are in step, each in its half: those at even places in the first. */
function setUp(count: number) {
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
  const sinks = Array.from({ length: count }, () => {
    const sink = new ChannelSink();
    sink.player = new Player(sink, new Observer(), LIMITS);
    encoding.add(sink.player, 0);
    return sink;
  });
  const push = (text: string, half?: 0 | 1) => {
    encoding.append(text === "K" ? key(text) : inter(text), 0);
    encoding.flush(0, half);
  };
  push("K");
  const texts = () => sinks.map((sink) => sink.take());
  texts();
  return { encoding, sinks, push, texts };
}

test("each half is handed what came since its own turn, with one write", () => {
  const { push, texts, sinks } = setUp(4);
  push("a", 0);
  const handed = texts();
  assert.deepEqual(handed.toSorted(), ["", "", "a", "a"]);
  const first = sinks.filter((_, index) => handed[index] === "a");
  const second = sinks.filter((_, index) => handed[index] === "");
  push("b", 1);
  assert.deepEqual(second.map((sink) => sink.take()), ["ab", "ab"]);
  assert.deepEqual(first.map((sink) => sink.take()), ["", ""]);
  push("c", 0);
  assert.deepEqual(first.map((sink) => sink.take()), ["bc", "bc"]);
  assert.deepEqual(sinks.map(({ direct }) => direct).toSorted(), [1, 1, 2, 2]);
});

test("both are handed everything where no half is named, first the one that has waited", () => {
  for (const half of [0, 1] as const) {
    const { push, texts, sinks } = setUp(2);
    push("a", half);
    const waits = texts().indexOf("");
    const order: number[] = [];
    for (const [index, sink] of sinks.entries()) sink.onWrite = () => order.push(index);
    push("b");
    assert.deepEqual(order, [waits, 1 - waits]);
    assert.deepEqual(texts().toSorted(), ["ab", "b"]);
  }
});

test("a half that waits for its turn is not handed anything between, and one that does not is", () => {
  const { encoding, push, texts } = setUp(2);
  push("a", 0);
  texts();
  encoding.watch(0);
  assert.deepEqual(texts(), ["", ""]);
  push("b");
  texts();
  encoding.append(audio("c"), 0);
  encoding.watch(0);
  assert.deepEqual(texts(), ["c", "c"]);
});

test("whoever comes back falls into the smaller half, and misses nothing meanwhile", () => {
  const { push, texts, sinks } = setUp(6);
  push("a", 0);
  const handed = texts();
  const first = sinks.filter((_, index) => handed[index] === "a");
  push("b", 1);
  for (const sink of first) sink.full = true;
  push("c", 0);
  push("d", 1);
  for (const sink of first) sink.drain();
  texts();
  // All of the first half have left it: those of the second are not to become all.
  for (const [index, text] of [..."efghijkl"].entries()) push(text, (index % 2) as 0 | 1);
  push("m");
  for (const sink of sinks) assert.equal(sink.all, "Kabcdefghijklm");
  texts();
  push("n", 0);
  assert.equal(texts().filter((text) => text === "n").length, 3);
});

test("a player that waits for its half can be handed what it lacks, and then is in step", () => {
  const { push, sinks } = setUp(2);
  push("a", 0);
  const waiting = sinks.find(({ player }) => player!.lag > 0)!;
  assert.equal(waiting.player!.inStep, false);
  waiting.player!.catchUp();
  assert.equal(waiting.all, "Ka");
  assert.equal(waiting.player!.inStep, true);
  push("b", 0);
  push("c");
  for (const sink of sinks) assert.equal(sink.all, "Kabc");
});

test("before anything was written no half waits for its turn", () => {
  const { encoding } = setUp(0);
  const halves = new Halves(encoding.log);
  let written = 0;
  halves.flush = () => ++written;
  halves.catchUp(encoding);
  assert.equal(written, 1);
});

test("of halves that are equal the first one grows", () => {
  const halves = new Halves(new MediaLog(new MediaMemory()));
  const { sinks, push, texts } = setUp(1);
  assert.equal(halves.smaller, halves.smaller);
  push("a", 0);
  assert.deepEqual([texts(), sinks[0]!.direct], [["a"], 1], "it is in the first one");
});
