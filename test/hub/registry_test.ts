import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Encoding,
  FrameKind,
  MediaBuffer,
  Player,
  type Publisher,
  type RegistryOptions,
  type RevokeReason,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const PATH = { app: "live", name: "demo" };

function options(more: Partial<RegistryOptions> = {}): RegistryOptions {
  return {
    publishPolicy: "replace",
    playWaitMs: 1000,
    reconnectWindowMs: 0,
    maxStreams: 100,
    maxWaits: 100,
    gop: { bytes: 1e6, frames: 100, ms: 10_000 },
    player: { bytes: 1e6, ms: 5000, overflows: 3 },
    ...more,
  };
}

const INFO = { sessionId: "s", address: "127.0.0.1:1", client: "test", since: 0 };

// AVC: a sequence header, a key frame and an inter frame, each with a letter that tells them apart.
const avcHeader = (letter: string) => tag([0x17, 0, 0, 0, 0], letter);
const avcKey = (letter: string) => tag([0x17, 1, 0, 0, 0], letter);
const avcInter = (letter: string) => tag([0x27, 1, 0, 0, 0], letter);
function tag(head: number[], letter: string): Uint8Array {
  return new Uint8Array([...head, letter.charCodeAt(0)]);
}

/** The letters of what a sink received. */
function letters(sink: CollectingSink): string {
  return sink.take().replace(/[^A-Za-z]/g, "");
}

function publish(registry: StreamRegistry, now = 0) {
  const revoked: RevokeReason[] = [];
  const publisher = registry.publish(PATH, INFO, { onRevoked: (why) => revoked.push(why) }, now);
  if (typeof publisher === "string") return { refused: publisher, revoked };
  const push = (payload: Uint8Array, timestamp = 0, at = now) => {
    publisher.push(FrameKind.Video, timestamp, payload, at);
    publisher.stream.flush(at);
  };
  return { publisher, revoked, push };
}

function play(registry: StreamRegistry, now = 0) {
  const sink = new CollectingSink();
  const observer = new Observer();
  const result = registry.play(PATH, plainEncoder, sink, observer, now);
  if (typeof result === "string") return { refused: result, sink, observer };
  sink.player = result;
  sink.pump();
  return { sink, observer, player: result, stream: registry.get(PATH) };
}

test("a play before its publisher waits and then gets everything from the start", () => {
  const registry = new StreamRegistry(options());
  const { sink, observer } = play(registry);
  assert.equal(observer.started, 0);
  const { push } = publish(registry);
  assert.equal(observer.started, 1);
  push!(avcHeader("H"));
  push!(avcKey("K"));
  assert.equal(letters(sink), "HK");
});

test("a play that waits too long ends as not found and leaves nothing behind", () => {
  const registry = new StreamRegistry(options());
  const { observer } = play(registry, 0);
  registry.tick(999);
  assert.deepEqual(observer.ended, []);
  registry.tick(1000);
  assert.deepEqual(observer.ended, ["not-found"]);
  assert.equal(registry.size, 0);
});

test("with no wait configured a play of an unknown name is refused and creates nothing", () => {
  const registry = new StreamRegistry(options({ playWaitMs: 0 }));
  assert.equal(play(registry).refused, "not-found");
  assert.equal(registry.size, 0);
});

test("under reject a second publisher is refused and the first goes on", () => {
  const registry = new StreamRegistry(options({ publishPolicy: "reject" }));
  const first = publish(registry);
  assert.equal(publish(registry).refused, "taken");
  assert.ok(first.publisher!.active);
  assert.deepEqual(first.revoked, []);
});

test("under replace there is one owner at any moment and players stay", () => {
  const registry = new StreamRegistry(options());
  const first = publish(registry);
  first.push!(avcHeader("G"));
  first.push!(avcKey("A"));
  const { sink, observer } = play(registry);
  assert.equal(letters(sink), "GA");
  const second = publish(registry);
  assert.deepEqual(first.revoked, ["replaced"]);
  assert.equal(first.publisher!.active, false);
  first.push!(avcKey("X"));
  second.push!(avcHeader("H"));
  second.push!(avcKey("B"));
  assert.equal(letters(sink), "HB", "what the old owner still pushes goes nowhere");
  assert.deepEqual(observer.ended, []);
  registry.unpublish(first.publisher!, 0);
  assert.ok(second.publisher!.active, "the old owner's leaving does not end the new one");
});

test("when the publisher leaves players end, and the stream is gone", () => {
  const registry = new StreamRegistry(options());
  const { publisher, push } = publish(registry);
  const { sink, observer } = play(registry);
  push!(avcKey("K"));
  registry.unpublish(publisher!, 0);
  assert.equal(letters(sink), "K");
  assert.deepEqual(observer.ended, ["unpublished"]);
  assert.equal(registry.size, 0);
});

test("within the reconnect window players are kept, get the new headers, and time goes on", () => {
  const registry = new StreamRegistry(options({ reconnectWindowMs: 5000 }));
  const first = publish(registry, 0);
  first.push!(avcHeader("G"), 0);
  first.push!(avcKey("A"), 7000);
  const timestamps: number[] = [];
  const { sink, observer } = play(registry);
  letters(sink);
  registry.unpublish(first.publisher!, 0, true);
  assert.deepEqual(observer.ended, []);
  registry.tick(2900);
  const second = publish(registry, 3000);
  second.push!(avcHeader("H"), 0, 3000);
  second.push!(avcKey("B"), 40, 3000);
  second.push!(avcInter("C"), 73, 3033);
  assert.equal(letters(sink), "HBC");
  for (const frame of registry.get(PATH)!.gop()) timestamps.push(frame.timestamp);
  assert.deepEqual(timestamps, [10_000, 10_033]);
});

test("after the reconnect window players end", () => {
  const registry = new StreamRegistry(options({ reconnectWindowMs: 5000 }));
  const { publisher } = publish(registry, 0);
  const { observer } = play(registry);
  registry.unpublish(publisher!, 0, true);
  registry.tick(4999);
  assert.deepEqual(observer.ended, []);
  registry.tick(5000);
  assert.deepEqual(observer.ended, ["unpublished"]);
  assert.equal(registry.size, 0);
});

test("who joins within the reconnect window is kept as well", () => {
  const registry = new StreamRegistry(options({ reconnectWindowMs: 5000, playWaitMs: 0 }));
  const { publisher } = publish(registry, 0);
  play(registry);
  registry.unpublish(publisher!, 0, true);
  const late = play(registry);
  registry.tick(4000);
  assert.deepEqual(late.observer.ended, []);
  const second = publish(registry, 4500);
  second.push!(avcKey("B"), 40, 4500);
  assert.equal(letters(late.sink).at(-1), "B");
});

test("a publisher that says goodbye, or is kicked, ends its players whatever the window is", () => {
  for (const end of ["goodbye", "kick"]) {
    const registry = new StreamRegistry(options({ reconnectWindowMs: 5000 }));
    const { publisher } = publish(registry, 0);
    const { observer } = play(registry);
    if (end === "kick") assert.equal(registry.kick(PATH, 0), true);
    else registry.unpublish(publisher!, 0);
    assert.deepEqual(observer.ended, ["unpublished"], end);
    assert.equal(registry.size, 0);
  }
});

test("a stream that waits for its publisher to come back can be ended", () => {
  const registry = new StreamRegistry(options({ reconnectWindowMs: 5000 }));
  const { publisher } = publish(registry, 0);
  const { observer } = play(registry);
  registry.unpublish(publisher!, 0, true);
  assert.equal(registry.kick(PATH, 1000), true);
  assert.deepEqual(observer.ended, ["unpublished"]);
  assert.equal(registry.kick(PATH, 1000), false, "there is nothing left of it");
});

test("inter frames before the first key frame reach nobody and are counted", () => {
  const registry = new StreamRegistry(options());
  const { push, publisher } = publish(registry);
  const { sink } = play(registry);
  push!(avcHeader("H"));
  push!(avcInter("x"));
  push!(avcKey("K"));
  assert.equal(letters(sink), "HK");
  assert.equal(publisher!.stream.framesBeforeKey, 1);
});

test("a changed sequence header drops the cached GOP, a repeated one does not", () => {
  const registry = new StreamRegistry(options());
  const { push } = publish(registry);
  push!(avcHeader("H"));
  push!(avcKey("A"));
  push!(avcHeader("H"));
  const early = play(registry);
  assert.equal(letters(early.sink), "HA");
  push!(avcHeader("J"));
  push!(avcInter("b"));
  const late = play(registry);
  assert.equal(letters(late.sink), "J", "nobody starts in frames of another configuration");
  push!(avcKey("C"));
  assert.equal(letters(late.sink), "C");
  assert.equal(letters(early.sink), "JbC");
});

test("over the limits of the GOP cache a player waits for the next key frame", () => {
  const registry = new StreamRegistry(options({ gop: { bytes: 1e6, frames: 3, ms: 10_000 } }));
  const { push } = publish(registry);
  play(registry);
  for (const frame of [avcKey("A"), avcInter("b"), avcInter("c")]) push!(frame);
  assert.equal(letters(play(registry).sink), "Abc");
  push!(avcInter("d"));
  const late = play(registry);
  assert.equal(letters(late.sink), "");
  push!(avcKey("E"));
  assert.equal(letters(late.sink), "E");
});

test("with the GOP cache off players still start, at the next key frame", () => {
  const registry = new StreamRegistry(options({ gop: { bytes: 0, frames: 0, ms: 0 } }));
  const { push } = publish(registry);
  const { sink } = play(registry);
  push!(avcKey("A"));
  assert.equal(letters(sink), "A");
  const late = play(registry);
  assert.equal(letters(late.sink), "");
  push!(avcKey("B"));
  assert.equal(letters(late.sink), "B");
});

test("names are bounded in number", () => {
  const registry = new StreamRegistry(options({ maxStreams: 1 }));
  publish(registry);
  const other = registry.publish({ app: "live", name: "x" }, INFO, { onRevoked() {} }, 0);
  assert.equal(other, "too-many-streams");
});

test("stored data is sent to late players before the headers, and can be cleared", () => {
  const registry = new StreamRegistry(options());
  const { publisher, push } = publish(registry);
  push!(avcHeader("H"));
  push!(avcKey("K"));
  publisher!.setData("onMetaData", 0, new TextEncoder().encode("M"), 0);
  assert.equal(letters(play(registry).sink), "MHK");
  publisher!.clearData("onMetaData");
  assert.equal(letters(play(registry).sink), "HK");
});

test("shutdown ends publishers and players", () => {
  const registry = new StreamRegistry(options());
  const { revoked, push } = publish(registry);
  const { observer, sink } = play(registry);
  push!(avcKey("K"));
  registry.shutdown(0);
  assert.deepEqual(revoked, ["shutdown"]);
  assert.equal(letters(sink), "K");
  assert.equal(observer.ended.length, 1);
  assert.equal(registry.size, 0);
});

test("an owner that gives up its name while it is replaced does not take the stream along", () => {
  const registry = new StreamRegistry(options());
  const first = registry.publish(PATH, INFO, {
    onRevoked: () => registry.unpublish(first as Publisher, 0),
  }, 0);
  const { publisher } = publish(registry);
  assert.equal(registry.get(PATH)?.publisher, publisher);
  assert.ok(publisher!.active);
  registry.unpublish(publisher!, 0);
  assert.equal(registry.size, 0, "later it goes as any other");
});

test("a play that fails throws, and leaves nobody behind", () => {
  const registry = new StreamRegistry(options());
  publish(registry);
  const broken = {
    ...plainEncoder,
    accepts: () => {
      throw new Error("broken");
    },
  };
  const start = () => registry.play(PATH, broken, new CollectingSink(), new Observer(), 0);
  assert.throws(start, /broken/);
  assert.equal(registry.get(PATH)?.playerCount, 0);
});

test("a play that fails in the middle leaves nobody behind either", () => {
  const registry = new StreamRegistry(options());
  const { publisher } = publish(registry);
  publisher!.push(FrameKind.Video, 0, avcHeader("H"), 0);
  const broken = {
    ...plainEncoder,
    flags: () => {
      throw new Error("broken");
    },
  };
  const start = () => registry.play(PATH, broken, new CollectingSink(), new Observer(), 0);
  assert.throws(start, /broken/);
  assert.equal(registry.get(PATH)?.playerCount, 0);
});

test("a fault of whoever is told that a name is there harms nobody, though nobody wants to know", () => {
  const registry = new StreamRegistry(options());
  registry.wants.ask = ({ hold }) =>
    void hold(() => {
      throw new Error("a bug");
    });
  const { observer } = play(registry);
  assert.ok(publish(registry).publisher!.active);
  assert.deepEqual([observer.started, registry.size], [1, 1]);
});

test("a player that plays, and one that waits, goes on in another encoding; one that left does not", () => {
  const registry = new StreamRegistry(options());
  publish(registry);
  const { player } = play(registry);
  const other = { ...plainEncoder, key: "other" };
  registry.changeEncoder(player!, other, 0);
  assert.equal((player!.encoding as Encoding).encoder, other);
  registry.stopPlaying(player!);
  registry.changeEncoder(player!, plainEncoder, 0);
  assert.equal(player!.encoding, undefined);
  const stranger = new Player(new CollectingSink(), new Observer(), options().player);
  registry.stopPlaying(stranger);
  registry.changeEncoder(stranger, other, 0);
  stranger.path = { app: "live", name: "none" };
  registry.changeEncoder(stranger, other, 0);
  registry.stopPlaying(stranger);
  assert.equal(stranger.encoding, undefined);
});

test("what was let go of with a write under way is given back once time passes behind that", () => {
  const registry = new StreamRegistry(options());
  const { memory } = registry;
  const writer = { busy: true };
  const buffer = new MediaBuffer(memory, 5000);
  buffer.pin();
  buffer.drop();
  buffer.orphan(writer);
  registry.tick(0);
  assert.ok(memory.used > 0);
  writer.busy = false;
  registry.tick(500);
  assert.equal(memory.used, 0);
});

test("a publish that fails leaves no stream, and is told why", () => {
  const registry = new StreamRegistry(options({
    onLive: () => {
      throw new Error("a bug");
    },
  }));
  assert.throws(() => publish(registry), /a bug/);
  assert.deepEqual([registry.size, registry.get(PATH)], [0, undefined]);
});

test("a stream that is kept for a tap alone is listed nowhere, and there is nothing to be ended", () => {
  const registry = new StreamRegistry(options({ reconnectWindowMs: 5000 }));
  const { publisher } = publish(registry, 0);
  const { stream } = publisher!;
  stream.tap({ stays: true, onFrame() {} }, 0);
  registry.unpublish(publisher!, 0, true);
  assert.equal(registry.get(PATH), stream, "it waits for its publisher");
  assert.deepEqual(registry.list(), []);
  assert.equal(registry.kick(PATH, 1000), false);
  assert.equal(registry.get(PATH), stream);
});
