/** The hub: who is told what becomes of streams, who brings what is asked for, and how time passes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { keyFrame } from "../support/media.ts";
import { bringer, INFO, PATH, setUp } from "./hub_rig.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const WANT_MS = 10_000;

test("a stream is told of once when it begins and once when it ends, with the reason", () => {
  const { clock, hub, told, publish } = setUp();
  hub.registry.unpublish(publish(), clock.now());
  publish();
  hub.registry.kick(PATH, clock.now());
  publish();
  hub.shutdown();
  assert.deepEqual(told, [
    "live one",
    "ended one unpublished",
    "live one",
    "ended one kicked",
    "live one",
    "ended one shutdown",
  ]);
});

test("who takes a stream over, or comes back in time, begins no other stream", () => {
  const { clock, hub, told, publish, play } = setUp();
  publish();
  const second = publish();
  play();
  hub.registry.unpublish(second, clock.now(), true);
  clock.advance(2000);
  const third = publish();
  hub.registry.unpublish(third, clock.now(), true);
  assert.deepEqual(told, ["live one"]);
  clock.advance(4000);
  assert.deepEqual(told, ["live one", "ended one lost"]);
});

test("the last player that leaves while a publisher is waited for ends the stream", () => {
  const { clock, hub, told, publish, play, leave } = setUp();
  const publisher = publish();
  const { player } = play();
  hub.registry.unpublish(publisher, clock.now(), true);
  leave(player);
  assert.deepEqual(told, ["live one", "ended one lost"]);
});

test("a tap that stands for people who watch has a lost publisher waited for, another has not", () => {
  for (const stays of [true, false]) {
    const { clock, hub, told, publish } = setUp();
    const publisher = publish();
    const { stream } = publisher;
    const untap = stream.tap({ stays, onFrame() {} }, 0);
    assert.equal(stream.watched, stays);
    hub.registry.unpublish(publisher, clock.now(), true);
    assert.equal(told.length, stays ? 1 : 2);
    if (stays) publish();
    assert.equal(told.length, stays ? 1 : 2);
    untap();
  }
});

test("a tap put on a stream that begins misses nothing of it", () => {
  const frames: number[] = [];
  const { hub, publish } = setUp({
    onLive: (stream, now) => void stream.tap({ onFrame: ({ kind }) => frames.push(kind) }, now),
  });
  publish().push(9, 0, keyFrame(10, 1), 0);
  assert.deepEqual(frames, [9]);
  hub.close();
});

test("an observer that throws is told so, and keeps neither others nor the publisher from going on", () => {
  const errors: unknown[] = [];
  const boom = () => {
    throw new Error("boom");
  };
  const { told, publish, hub, clock } = setUp({
    onLive: boom,
    onEnded: boom,
    onFault: (error) => errors.push(error),
  });
  hub.observe({ onLive: boom, onFault: boom });
  hub.registry.unpublish(publish(), clock.now());
  assert.deepEqual([errors.length, told], [2, ["live one", "ended one unpublished"]]);
});

test("who wants to be told of some things alone is told of no others, and nothing fails", () => {
  const errors: unknown[] = [];
  const { hub, clock, publish, play } = setUp({ onFault: (error) => errors.push(error) });
  const asked: string[] = [];
  hub.observe({ onFault: (error) => errors.push(error) });
  hub.observe({ onWanted: ({ path }) => void asked.push(path.name) });
  play();
  hub.registry.unpublish(publish(), clock.now());
  assert.deepEqual([errors, asked], [[], ["one"]]);
});

test("who observes no more is told nothing", () => {
  const { told, stop, publish } = setUp();
  stop();
  publish();
  assert.deepEqual(told, []);
});

test("once nobody observes who would answer nobody is asked, and claims are decided at once", () => {
  const { hub, stop } = setUp();
  const { wants } = hub.registry;
  const bringers = [0, 1].map(() => hub.observe({ onWanted() {} }));
  const claimant = hub.observe({ onClaimed: (claim) => void claim.hold() });
  const decided: unknown[] = [];
  const claim = () => hub.claim(PATH, INFO, 0, (reason) => decided.push(reason));
  claim();
  assert.deepEqual(decided, []);
  claimant();
  claim();
  assert.deepEqual(decided, [undefined]);
  bringers[0]!();
  stop();
  assert.notEqual(wants.ask, undefined);
  bringers[1]!();
  assert.equal(wants.ask, undefined);
});

test("a name that nobody looks for is refused where plays do not wait", () => {
  const asked: string[] = [];
  const { play } = setUp({ onWanted: ({ path }) => void asked.push(path.name) }, { playWaitMs: 0 });
  assert.equal(play().player, "not-found");
  assert.deepEqual(asked, ["one"]);
});

test("a play waits for whoever looks for its name, and gets the stream that is brought", () => {
  const { observer, asked, over } = bringer();
  const { clock, hub, publish, play } = setUp(observer, { playWaitMs: 0 });
  const [one, two] = [play(), play()];
  assert.equal(asked.length, 1, "it is asked for once");
  clock.advance(WANT_MS - 1000);
  const publisher = publish();
  assert.deepEqual([over, hub.registry.wants.size], [["one"], 0]);
  clock.advance(20);
  publisher.push(9, 0, keyFrame(10, 1), clock.now());
  hub.pushed(publisher.stream, clock.now());
  assert.deepEqual([one.sink.take().length > 0, two.sink.take().length > 0], [true, true]);
});

test("a play gets at once what is brought while it is asked for", () => {
  const { play, hub } = setUp({
    onWanted: ({ path }, now) => {
      hub.registry.publish(path, INFO, { onRevoked() {} }, now);
    },
  }, { playWaitMs: 0 });
  assert.equal(play().watcher.started, 1);
});

test("a play ends when nobody looks any more, not before its own time is over", () => {
  for (const playWaitMs of [0, 5000]) {
    const { observer, answers } = bringer();
    const { clock, play } = setUp(observer, { playWaitMs });
    const { watcher } = play();
    clock.advance(2000);
    answers[0]!(clock.now());
    clock.advance(1000);
    assert.deepEqual(watcher.ended, playWaitMs === 0 ? ["not-found"] : []);
    clock.advance(3000);
    assert.deepEqual(watcher.ended, ["not-found"]);
  }
});

test("who never says that it found nothing is waited for as long as the bound says", () => {
  const { observer, over } = bringer();
  const { clock, play, hub } = setUp(observer, { playWaitMs: 0 });
  const { watcher } = play();
  clock.advance(WANT_MS - 1000);
  assert.deepEqual(watcher.ended, []);
  clock.advance(2000);
  assert.deepEqual([watcher.ended, over, hub.registry.waits.size], [
    ["not-found"],
    ["one"],
    0,
  ]);
});

test("all who look have to give up before a name is given up", () => {
  const [a, b] = [bringer(), bringer()];
  const { clock, play, hub } = setUp(a.observer, { playWaitMs: 0 });
  hub.observe(b.observer);
  const { watcher } = play();
  a.answers[0]!(0);
  a.answers[0]!(0);
  clock.advance(1000);
  assert.deepEqual(watcher.ended, []);
  b.answers[0]!(clock.now());
  clock.advance(1000);
  assert.deepEqual([watcher.ended, a.over, b.over], [["not-found"], [], []]);
});

test("a name is looked for no more once everybody who asked has left", () => {
  const { observer, over, asked } = bringer();
  const { play, leave, hub } = setUp(observer);
  const [one, two] = [play(), play()];
  leave(one.player);
  assert.deepEqual(over, []);
  leave(two.player);
  assert.deepEqual([over, hub.registry.wants.size], [["one"], 0]);
  play();
  assert.equal(asked.length, 2, "it is asked for again");
});

test("names that are looked for are bounded; for one beyond the oldest is given up", () => {
  const { observer, asked, over } = bringer();
  const { clock, hub, play } = setUp(observer, { playWaitMs: 0, maxWants: 2 });
  const plays = ["a", "b", "c"].map((name) => play({ app: "live", name }));
  assert.deepEqual([asked.length, over, hub.registry.wants.size], [3, ["a"], 2]);
  clock.advance(1000);
  assert.deepEqual(plays.map(({ watcher }) => watcher.ended), [["not-found"], [], []]);
});

test("a name can be asked for without playing it", () => {
  const { observer, answers } = bringer();
  const { hub, clock, publish } = setUp(observer);
  const told: string[] = [];
  hub.want(PATH, 0, (live) => told.push(`a ${live}`));
  assert.equal(told.length, 0);
  publish();
  hub.want(PATH, 0, (live) => told.push(`b ${live}`));
  hub.want({ app: "live", name: "two" }, 0, (live) => told.push(`c ${live}`));
  answers[1]!(clock.now());
  assert.deepEqual(told, ["a true", "b true", "c false"]);
});

test("a question that is taken back has nobody look any more, unless a player asks as well", () => {
  const { observer, over } = bringer();
  const { hub, play, leave } = setUp(observer);
  const told: boolean[] = [];
  const cancel = hub.want(PATH, 0, (live) => told.push(live));
  const { player } = play();
  cancel();
  assert.deepEqual(over, []);
  leave(player);
  assert.deepEqual([over, told], [["one"], []]);
});

test("without anybody who brings names a question is answered at once", () => {
  const { hub, publish } = setUp();
  const told: boolean[] = [];
  hub.want(PATH, 0, (live) => told.push(live));
  publish();
  hub.want(PATH, 0, (live) => told.push(live));
  assert.deepEqual(told, [false, true]);
});

test("what waits for a name is ended when the server stops, and nobody looks for it any more", () => {
  const { observer, over } = bringer();
  const { hub, play } = setUp(observer, { playWaitMs: 0 });
  const { watcher } = play();
  const asked: boolean[] = [];
  hub.want({ app: "live", name: "two" }, 0, (live) => asked.push(live));
  hub.shutdown();
  assert.deepEqual([watcher.ended, over, asked], [["shutdown"], ["one", "two"], [false]]);
});

test("nothing is left of a hub that is closed", () => {
  const { clock, hub, publish } = setUp();
  publish();
  hub.shutdown();
  hub.close();
  assert.equal(clock.pending, 0);
  assert.equal(hub.registry.size, 0);
});

test("what is announced goes out though its publisher sends nothing", () => {
  const { clock, hub, publish, play } = setUp();
  publish();
  const { sink } = play();
  sink.take();
  assert.ok(hub.announce(PATH, "onCue", new TextEncoder().encode("cue")));
  clock.advance(100);
  assert.equal(sink.take(), "cue");
});

test("nothing is announced in a stream that nobody publishes", () => {
  const { clock, hub, publish, play } = setUp();
  const cue = new TextEncoder().encode("cue");
  assert.equal(hub.announce(PATH, "onCue", cue), false);
  const publisher = publish();
  const { sink } = play();
  hub.registry.unpublish(publisher, clock.now(), true);
  assert.equal(hub.announce(PATH, "onCue", cue), false, "it is waited for");
  publish();
  assert.equal(hub.announce(PATH, "onCue", cue, true), true);
  clock.advance(100);
  assert.equal(sink.take(), "cue");
});

test("a question of which nobody else wants to know is taken back with the search", () => {
  const { observer, over } = bringer();
  const { hub } = setUp(observer);
  hub.want(PATH, 0, () => {})();
  assert.deepEqual([over, hub.registry.wants.size], [["one"], 0]);
});

test("a hub is over from its shutdown on", () => {
  const { hub } = setUp();
  assert.equal(hub.over, false);
  hub.shutdown();
  assert.equal(hub.over, true);
});

test("a claim that nobody answers is over in time", () => {
  const { clock, hub } = setUp({ onClaimed: (claim) => void claim.hold() });
  const decided: (string | undefined)[] = [];
  hub.claim(PATH, INFO, clock.now(), (reason) => decided.push(reason));
  clock.advance(4000);
  assert.deepEqual(decided, []);
  clock.advance(2000);
  assert.equal(decided.length, 1);
  assert.equal(typeof decided[0], "string");
});

test("work that is asked for twice is done once, in slices with a timer each, until there is none", () => {
  const { clock, hub } = setUp();
  const before = clock.pending;
  let slices = 0;
  hub.registry.work = () => {
    slices++;
    clock.sleep(5);
    return slices < 3;
  };
  hub.registry.later?.();
  hub.registry.later?.();
  assert.equal(clock.pending, before + 1, "it is due once");
  clock.advance(100);
  assert.equal(slices, 3);
  assert.equal(clock.pending, before);
  slices = 0;
  hub.registry.later?.();
  clock.advance(100);
  assert.equal(slices, 3, "and may be asked for again");
});

test("work of one slice goes on while there is time", () => {
  const { clock, hub } = setUp();
  let count = 0;
  hub.registry.work = () => {
    clock.sleep(0.5);
    return ++count < 9;
  };
  hub.registry.later?.();
  clock.advance(2);
  assert.equal(count, 4, "2 ms of it");
  clock.advance(100);
  assert.equal(count, 9);
});

test("a fault in what is due is told, and what is due next still happens", () => {
  const { clock, hub, faults } = setUp({ onClaimed: (claim) => void claim.hold() });
  hub.registry.tick = () => {
    throw new Error("a bug of ours");
  };
  let decided = 0;
  hub.claim(PATH, INFO, clock.now(), () => decided++);
  clock.advance(6000);
  assert.equal(decided, 1);
  assert.ok(faults.length > 1);
  faults.length = 0;
  let calls = 0;
  hub.registry.work = () => {
    if (++calls === 1) throw new Error("a bug of ours");
    return false;
  };
  hub.registry.later?.();
  clock.advance(10);
  assert.deepEqual([calls, faults.length], [2, 1], "it goes on with what comes next");
});
