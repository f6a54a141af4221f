import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Encoding,
  type FrameEncoder,
  FrameKind,
  type Player,
  type PlayerSink,
  type RegistryOptions,
  StreamRegistry,
} from "../../src/hub/mod.ts";
import { CollectingSink, Observer, plainEncoder } from "./support.ts";

const INFO = { sessionId: "s", address: "127.0.0.1:1", client: "test", since: 0 };
/** Waits and streams that are looked after in one turn, at the most. */
const AT_ONCE = 64;

function setUp(more: Partial<RegistryOptions> = {}) {
  const registry = new StreamRegistry({
    publishPolicy: "replace",
    playWaitMs: 1000,
    reconnectWindowMs: 0,
    maxStreams: 20_000,
    maxWaits: 20_000,
    gop: { bytes: 1e6, frames: 100, ms: 10_000 },
    player: { bytes: 1e6, ms: 5000, overflows: 3 },
    ...more,
  });
  let asked = 0;
  registry.later = () => asked++;
  const publish = (name: string, now = 0) => {
    const publisher = registry.publish({ app: "live", name }, INFO, { onRevoked() {} }, now);
    assert.ok(typeof publisher === "object");
    return publisher;
  };
  const wait = (name: string, now = 0, sink = new CollectingSink(), encoder = plainEncoder) => {
    const observer = new Observer();
    const player = registry.play({ app: "live", name }, encoder, sink, observer, now);
    assert.ok(typeof player === "object", `${player}`);
    sink.player = player;
    return { player, sink, observer };
  };
  return { registry, publish, wait, asked: () => asked };
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index);

test("names that are waited for are no streams, and keep no publisher out", () => {
  const { registry, publish, wait } = setUp({ maxStreams: 1 });
  for (const index of range(100)) wait(`made up ${index}`);
  assert.equal(registry.size, 0);
  assert.equal(registry.waits.names, 100);
  assert.ok(publish("real").active);
  assert.equal(registry.waits.size, 100);
});

test("ten thousand waits that are over end a few in a turn, each once, in the order they came", () => {
  const { registry, wait, asked } = setUp();
  const order: number[] = [];
  for (const index of range(10_000)) {
    const { observer } = wait(`name ${index}`);
    observer.onEnd = () => order.push(index);
  }
  registry.tick(999);
  assert.equal(order.length, 0);
  assert.equal(asked(), 0, "there is nothing to do");
  registry.tick(1000);
  assert.ok(order.length > 0 && order.length <= AT_ONCE, `${order.length}`);
  assert.equal(asked(), 1);
  for (let before = order.length; registry.work(1000); before = order.length) {
    assert.ok(order.length - before <= AT_ONCE);
  }
  assert.deepEqual(order, range(10_000));
  assert.equal(registry.waits.size + registry.waits.names, 0);
});

test("a tick looks at no wait but those that are over and the next", () => {
  const { registry, wait } = setUp();
  for (const index of range(10_000)) wait(`name ${index}`, index < 5 ? 0 : 500);
  const { waits } = registry;
  let looked = 0;
  const all = waits.line.bind(waits);
  waits.line = function* () {
    for (const each of all()) {
      looked++;
      yield each;
    }
  };
  registry.tick(1000);
  assert.equal(waits.size, 9995);
  assert.equal(looked, 6);
});

test("ten thousand players of one name start a few in a turn, with all there is", () => {
  const { registry, publish, wait, asked } = setUp();
  const players = range(10_000).map(() => wait("big"));
  const publisher = publish("big", 10);
  const started = () => players.filter(({ observer }) => observer.started > 0).length;
  assert.ok(started() > 0 && started() <= AT_ONCE, `${started()}`);
  assert.equal(asked(), 1);
  publisher.push(FrameKind.Video, 0, Uint8Array.of(0x17, 0, 0, 0, 0, 65), 10);
  publisher.push(FrameKind.Video, 0, Uint8Array.of(0x17, 1, 0, 0, 0, 66), 10);
  publisher.stream.flush(10);
  for (let before = started(), more = true; more; before = started()) {
    more = registry.work(20);
    assert.ok(started() - before <= AT_ONCE);
  }
  assert.ok(
    players.every(({ sink }) => sink.text.replace(/[^AB]/g, "") === "AB"),
    "from the start",
  );
  assert.equal(publisher.stream.playerCount, 10_000);
  assert.equal(registry.waits.size, 0);
});

test("who is still to be let in when its publisher goes waits on, until its time is over", () => {
  const { registry, publish, wait } = setUp();
  const players = range(200).map(() => wait("brief"));
  registry.unpublish(publish("brief", 10), 10);
  assert.equal(registry.work(10), false);
  const left = registry.waits.size;
  assert.ok(left > 0);
  const again = publish("brief", 20);
  while (registry.work(20));
  assert.equal(again.stream.playerCount, left);
  assert.ok(players.every(({ observer }) => observer.started === 1));
});

test("who leaves or fails while others are let in is let go, and nobody else is", () => {
  const { registry, publish, wait } = setUp();
  const players = range(4).map(() => wait("name"));
  players[0]!.observer.onStart = () => registry.stopPlaying(players[2]!.player);
  players[1]!.observer.onStart = () => {
    throw new Error("a fault of its own");
  };
  const { stream } = publish("name");
  assert.equal(players[2]!.observer.started, 0);
  assert.deepEqual(players.map(({ player }) => player.encoding !== undefined), [
    true,
    true,
    false,
    true,
  ]);
  assert.equal(stream.playerCount, 3);
});

test("a player that waits again as its wait ends holds nobody up", () => {
  const { registry, wait } = setUp();
  let waits = 0;
  const again = (now: number) => {
    waits++;
    wait("same", now).observer.onEnd = () => again(1000 * waits);
  };
  again(0);
  for (let now = 1000; now <= 5000; now += 1000) registry.tick(now);
  assert.equal(waits, 6);
  assert.equal(registry.waits.size, 1);
});

test("over the bound the first wait of a connection is let in, and no other", () => {
  const { registry, wait } = setUp({ maxWaits: 3 });
  const greedy = new CollectingSink();
  const play = (name: string, sink: PlayerSink) =>
    registry.play({ app: "live", name }, plainEncoder, sink, new Observer(), 0);
  for (const index of range(4)) wait(`made up ${index}`, 0, greedy);
  assert.equal(play("one more", greedy), "too-many-waits");
  const switching: PlayerSink = { busy: false, pump() {}, owner: greedy };
  assert.equal(play("one more", switching), "too-many-waits", "it is the same connection");
  const first = play("wanted", new CollectingSink());
  assert.ok(typeof first === "object");
  registry.stopPlaying(first);
  registry.stopPlaying([...registry.waits.all()][0]!.player);
  assert.ok(typeof play("one more", greedy) === "object", "one has gone");
});

test("encodings that are chosen are bounded for those that wait, whatever they change to", () => {
  const { registry, wait } = setUp();
  const chosen = (key: string): FrameEncoder => ({ ...plainEncoder, key, chosen: true });
  const players = range(32).map((index) => wait("name", 0, undefined, chosen(`${index}`)));
  const play = (key: string): Player | string =>
    registry.play(
      { app: "live", name: "name" },
      chosen(key),
      new CollectingSink(),
      new Observer(),
      0,
    );
  assert.equal(play("other"), "too-many-choices");
  assert.ok(typeof play("5") === "object", "somebody has it already");
  registry.changeEncoder(players[0]!.player, plainEncoder, 0);
  assert.ok(typeof play("other") === "object");
  assert.equal(play("another"), "too-many-choices");
});

test("a round through ten thousand streams is made a few in a turn, each once", () => {
  const { registry, publish } = setUp();
  const counts = new Map<string, number>();
  let total = 0;
  for (const index of range(10_000)) {
    const { stream } = publish(`stream ${index}`);
    stream.stats.sample = () => {
      counts.set(stream.name, (counts.get(stream.name) ?? 0) + 1);
      total++;
    };
  }
  registry.tick(500);
  assert.ok(total > 0 && total <= AT_ONCE, `${total}`);
  registry.tick(600);
  assert.ok(total <= 2 * AT_ONCE, "a tick that comes in the midst of a round begins no other");
  for (let before = total; registry.work(700); before = total) {
    assert.ok(total - before <= AT_ONCE);
  }
  assert.equal(counts.size, 10_000);
  assert.equal(total, 10_000);
});

test("a fault in a round through the streams is no publisher's who comes in its midst", () => {
  const { registry, publish } = setUp();
  const streams = range(100).map((index) => publish(`stream ${index}`).stream);
  streams[0]!.dropUnusedEncodings = () => {
    throw new Error("broken");
  };
  registry.tick(500);
  assert.ok(publish("late", 500).active);
  assert.throws(() => registry.work(500), /broken/);
  assert.equal(registry.work(500), false);
  assert.equal(registry.list().length, 101);
});

test("at a shutdown those that wait are told so", () => {
  const { registry, wait } = setUp();
  const players = range(100).map((index) => wait(`name ${index}`));
  registry.shutdown(0);
  assert.ok(players.every(({ observer }) => observer.ended.join() === "shutdown"));
  assert.equal(registry.waits.size, 0);
});

test("a player that waits reads through the encoder that it changed to last", () => {
  const { registry, publish, wait } = setUp();
  const { player } = wait("a");
  const other: FrameEncoder = { ...plainEncoder, key: "other", chosen: true };
  registry.changeEncoder(player, other, 0);
  assert.equal(registry.waits.get(player)?.encoder, other);
  assert.deepEqual([...registry.waits.chosen("live/a") ?? []], [["other", 1]]);
  const third: FrameEncoder = { ...plainEncoder, key: "third", chosen: true };
  registry.changeEncoder(player, third, 0);
  assert.deepEqual([...registry.waits.chosen("live/a") ?? []], [["third", 1]]);
  publish("a");
  registry.work(0);
  assert.equal((player.encoding as Encoding).encoder, third);
});

test("who came and waits no more leaves room for as many as before", () => {
  const { registry, wait } = setUp({ maxWaits: 1 });
  const play = (sink: CollectingSink) =>
    registry.play({ app: "live", name: "n" }, plainEncoder, sink, new Observer(), 0);
  for (const sink of [new CollectingSink(), new CollectingSink()]) {
    const players = [wait("one", 0, sink), wait("two", 0, sink)].map(({ player }) => player);
    assert.equal(play(sink), "too-many-waits");
    for (const player of players) registry.stopPlaying(player);
  }
  assert.equal(registry.waits.size, 0);
});

test("an encoding that was chosen is free again once nobody waits with it", () => {
  const { registry, wait } = setUp();
  const one: FrameEncoder = { ...plainEncoder, key: "one", chosen: true };
  const players = [one, one, plainEncoder].map((encoder) => wait("a", 0, undefined, encoder));
  const chosen = () => [...registry.waits.chosen("live/a") ?? []];
  assert.deepEqual(chosen(), [["one", 2]]);
  registry.stopPlaying(players[0]!.player);
  assert.deepEqual(chosen(), [["one", 1]]);
  registry.stopPlaying(players[1]!.player);
  assert.deepEqual([chosen(), registry.waits.size], [[], 1]);
});

test("those whose time is over are let in or given up, though their publisher came and went between", () => {
  for (const stays of [true, false]) {
    const { registry, publish, wait } = setUp();
    registry.wants.ask = ({ hold }) => void hold();
    const players = range(40).map(() => wait("a"));
    registry.tick(1000);
    registry.work(1000);
    assert.equal(registry.waits.parked("live/a").size, 40, "somebody looks for it");
    const publisher = publish("a", 1500);
    assert.equal(registry.waits.parked("live/a").size, 8, "the others come later");
    if (!stays) registry.unpublish(publisher, 1600);
    registry.work(1700);
    assert.equal(registry.waits.size, 0);
    const rest = players.slice(32).map(({ observer: { started, ended } }) => [started, ...ended]);
    assert.deepEqual(rest, Array(8).fill(stays ? [1] : [0, "not-found"]));
    // There is nothing left to look for.
    registry.waits.parked = () => assert.fail("it was given up before");
    assert.equal(registry.work(1800), false);
  }
});

test("who leaves while he waits on behind his time is let go of", () => {
  const { registry, wait } = setUp();
  registry.wants.ask = ({ hold }) => void hold();
  const players = [wait("a"), wait("a")];
  registry.tick(1000);
  assert.equal(registry.waits.parked("live/a").size, 2);
  registry.stopPlaying(players[0]!.player);
  assert.deepEqual([...registry.waits.parked("live/a")].map(({ player }) => player), [
    players[1]!.player,
  ]);
});
