/** A skip goes forward: what a player was handed, or was behind it, never comes again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Encoding, KeyClock, Player } from "../../src/hub/mod.ts";
import { audio, CollectingSink, inter, key, Observer, plainEncoder } from "./support.ts";

/** A stream with pictures, and a player in step with it. */
function setUp(limits = { bytes: 20, ms: 1000, overflows: 3 }) {
  const encoding = new Encoding(plainEncoder, {
    headers: () => [],
    hasVideo: true,
    hasVideoTrack: () => true,
    hasAudioTrack: () => true,
    gop: () => [],
    keys: new KeyClock(),
    startTime: 0,
  }, 0);
  const sink = new CollectingSink();
  const player = new Player(sink, new Observer(), limits);
  sink.player = player;
  encoding.add(player, 0);
  return { encoding, sink, player };
}

test("a player that is late with little in its queue does not go back to a key frame it had", () => {
  const { encoding, sink, player } = setUp();
  encoding.append(key("K1"), 0);
  encoding.append(inter("a"), 0);
  encoding.flush(0);
  sink.busy = true;
  // In bytes the old key frame would fit into the queue; only the time is over its limit.
  encoding.append(inter("b"), 0);
  encoding.append(inter("c"), 1500);
  encoding.watch(1500);
  sink.busy = false;
  encoding.flush(1500);
  assert.equal(sink.take(), "K1a");
  assert.equal(player.framesDropped, 2);
  encoding.append(key("K2"), 1600);
  encoding.append(inter("d"), 1600);
  encoding.flush(1600);
  assert.equal(sink.take(), "K2d");
});

test("a player right behind a key frame does not get it twice", () => {
  const { encoding, sink } = setUp();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  sink.busy = true;
  encoding.append(inter("b"), 0);
  encoding.watch(1500);
  sink.busy = false;
  encoding.append(key("K2"), 1600);
  encoding.flush(1600);
  assert.equal(sink.take(), "K1K2");
});

test("a player that is right in front of the newest key frame skips to it", () => {
  const { encoding, sink, player } = setUp();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  sink.busy = true;
  encoding.append(inter("b"), 0);
  encoding.append(key("K2"), 0);
  encoding.append(inter("c"), 0);
  encoding.watch(1500);
  sink.busy = false;
  encoding.flush(1500);
  assert.equal(sink.take(), "K1K2c");
  assert.equal(player.framesDropped, 1);
});

test("a player over its limit that has nothing but the newest key frame before it skips that", () => {
  const { encoding, sink, player } = setUp();
  encoding.append(key("K1"), 0);
  encoding.flush(0);
  sink.busy = true;
  encoding.append(key("K2"), 0);
  encoding.watch(1500);
  sink.busy = false;
  encoding.append(key("K3"), 1600);
  encoding.flush(1600);
  assert.equal(sink.take(), "K1K3");
  assert.equal(player.framesDropped, 1);
});

test("a key frame with more behind it than the limit is no place to skip to, with just so much it is", () => {
  for (const [behind, expected] of [[18, "K2"], [19, ""]] as const) {
    const { encoding, sink } = setUp();
    encoding.append(key("K1"), 0);
    encoding.flush(0);
    assert.equal(sink.take(), "K1");
    sink.busy = true;
    encoding.append(inter("bb"), 0);
    encoding.append(key("K2"), 0);
    for (let count = 0; count < behind; count++) encoding.append(inter("x"), 0);
    encoding.flush(0);
    sink.busy = false;
    encoding.flush(0);
    // At its limit it gets the pictures behind the key frame no longer.
    assert.equal(sink.take(), expected, `${behind} bytes`);
  }
});

test("whatever is pushed and whenever a player stops, it is handed each frame once and in order", () => {
  // Each frame has a number; what is handed out must rise. Sizes and times cross both limits.
  let state = 12345;
  const random = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 50; round++) {
    const { encoding, sink } = setUp({ bytes: 60, ms: 1000, overflows: 0 });
    let now = 0;
    for (let count = 0; count < 200; count++) {
      const text = `${count},`;
      const kind = random(10);
      encoding.append(kind < 2 ? key(text) : kind < 4 ? audio(text) : inter(text), now);
      now += random(300);
      sink.busy = random(4) !== 0;
      if (random(2) === 0) encoding.watch(now);
      else encoding.flush(now);
    }
    const numbers = sink.take().split(",").slice(0, -1).map(Number);
    for (let index = 1; index < numbers.length; index++) {
      assert.ok(numbers[index]! > numbers[index - 1]!, `round ${round}: ${numbers.join()}`);
    }
  }
});
