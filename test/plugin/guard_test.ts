/** Calls of hooks of one plugin: how many may be awaited, for how long, and what is told of faults. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GuardOptions, type HookCall, PluginGuard } from "../../src/plugin/guard.ts";
import type { HookName } from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";

const TIMEOUT_MS = 1000;
// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_PENDING = 1000;
const RECHECK_MS = 100;

function setUp(more: Partial<GuardOptions> = {}) {
  const clock = new FakeClock();
  const faults: unknown[][] = [];
  const guard = new PluginGuard({ name: "p" }, {
    clock,
    timeoutMs: TIMEOUT_MS,
    onFault: (...told) => faults.push(told),
    ...more,
  });
  /** The hook `hook` that answers `answer`. */
  const call = (hook: HookName, answer: () => unknown, other: Partial<HookCall<string>> = {}) => ({
    hook,
    context: { app: "a" },
    call: answer,
    read: (value: unknown) => `read ${value}`,
    failed: "failed",
    ...other,
  });
  const ask = (
    hook: HookName,
    answer: () => unknown,
    other?: Partial<HookCall<string>>,
  ) => guard.ask(call(hook, answer, other));
  const tell = (hook: HookName, answer: () => unknown) =>
    guard.tell({ hook, context: { app: "a" }, call: answer, read() {}, failed: undefined });
  const kinds = () => faults.map(([, hook, error]) => `${hook} ${(error as Error).name}`);
  return { clock, faults, guard, ask, tell, kinds };
}

const hanging = () => new Promise(() => {});

/** Lets pending promise reactions run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("a thousand answers of hooks that decide are awaited, and no more, whichever they are", () => {
  const { ask, guard, kinds } = setUp();
  const hooks = ["onConnect", "onPublish", "onPlay", "onSharedObject", "onLogin"] as const;
  for (let count = 0; count < MAX_PENDING; count++) {
    assert.ok(ask(hooks[count % hooks.length]!, hanging) instanceof Promise);
  }
  assert.equal(guard.faults.pending, MAX_PENDING);
  let called = 0;
  for (const hook of hooks) assert.equal(ask(hook, () => called++), "failed", hook);
  assert.equal(called, 0);
  assert.deepEqual(kinds(), hooks.map((hook) => `${hook} HookOverload`));
  assert.equal(guard.faults.health().lastFault!.kind, "overloaded");
  assert.equal(ask("onCall", () => 1), "read 1", "calls have places of their own");
});

test("an overload says how many wait, and one that is answered makes room", async () => {
  const { ask, faults } = setUp({ maxPending: 2 });
  let answer = (_value: unknown) => {};
  const first = ask("onPlay", () => new Promise((resolve) => answer = resolve));
  ask("onPlay", hanging);
  assert.equal(ask("onPlay", () => 1), "failed");
  assert.equal((faults[0]![2] as Error).message, "2 hooks have not settled yet");
  answer("yes");
  assert.equal(await first, "read yes");
  assert.equal(ask("onPlay", () => 1), "read 1");
});

test("so does one that failed, and one whose time is over", async () => {
  const { ask, clock, guard } = setUp({ maxPending: 1 });
  assert.equal(await ask("onPlay", () => Promise.reject(new Error("x"))), "failed");
  const late = ask("onPlay", hanging);
  assert.equal(ask("onPlay", () => 1), "failed");
  clock.advance(TIMEOUT_MS);
  assert.equal(await late, "failed");
  assert.equal(ask("onPlay", () => 1), "read 1");
  assert.deepEqual([guard.faults.pending, guard.faults.late, clock.pending], [0, 0, 0]);
});

test("too many calls are no fault, and keep nobody from deciding; nor do ends that are told", () => {
  const { ask, tell, faults, kinds } = setUp({ maxPending: 2 });
  for (let count = 0; count < 2; count++) ask("onCall", hanging);
  assert.equal(ask("onCall", () => 1, { busy: "busy" }), "busy");
  assert.deepEqual(faults, []);
  for (let count = 0; count < 2; count++) tell("onDisconnect", hanging);
  assert.deepEqual(faults, []);
  for (let count = 0; count < 2; count++) ask("onPlay", hanging);
  assert.deepEqual(faults, []);
  ask("onPublish", hanging);
  assert.deepEqual(kinds(), ["onPublish HookOverload"]);
});

test("hooks that are told something are called in any case, and watched while few decide", () => {
  const { ask, tell, guard, kinds } = setUp({ maxPending: 2 });
  for (let count = 0; count < 2; count++) ask("onPlay", hanging);
  let called = 0;
  tell("onPlayEnd", () => {
    called++;
    return Promise.reject(new Error("of which nobody hears"));
  });
  assert.deepEqual([called, guard.faults.pending], [1, 2]);
  assert.deepEqual(kinds(), ["onPlayEnd HookOverload"]);
  tell("onPlayEnd", () => void called++);
  assert.deepEqual([called, kinds().length], [2, 1], "one that is done has nothing to watch");
});

test("a hook has its time and not a millisecond more", async () => {
  const { ask, clock, guard, faults } = setUp();
  const answers: ((value: unknown) => void)[] = [];
  const wait = () => ask("onPlay", () => new Promise((resolve) => answers.push(resolve)));
  const [one, two] = [wait(), wait()];
  clock.advance(TIMEOUT_MS - 1);
  answers[0]!(1);
  assert.equal(await one, "read 1");
  clock.advance(1);
  answers[1]!(2);
  assert.equal(await two, "failed");
  await settle();
  assert.deepEqual([guard.faults.late, faults.length], [1, 1]);
  assert.match(String(faults[0]![2]), /^HookTimeout: onPlay did not settle within 1000 ms$/);
});

test("the time that a client takes is not the hook's, and is looked at again behind it", async () => {
  const { ask, clock, kinds } = setUp();
  let waited = 0;
  const answer = ask("onCall", hanging, { waitedMs: () => waited });
  const over: unknown[] = [];
  void Promise.resolve(answer).then((value) => over.push(value));
  // It asks its client for 950 of the first 1000 ms, and for 20 of the next.
  clock.advance(TIMEOUT_MS - 1);
  waited = 950;
  clock.advance(1);
  await settle();
  assert.deepEqual(over, []);
  clock.advance(900);
  waited = 970;
  clock.advance(50);
  await settle();
  assert.deepEqual([over, kinds()], [[], []], "20 are left, and it is looked at no sooner than");
  clock.advance(RECHECK_MS - 1);
  await settle();
  assert.deepEqual(over, []);
  clock.advance(1);
  await settle();
  assert.deepEqual([over, kinds()], [["failed"], ["onCall HookTimeout"]]);
});

test("what a client had been waited for before is no time of this hook either", async () => {
  const { ask, clock } = setUp();
  const over: unknown[] = [];
  void Promise.resolve(ask("onCall", hanging, { waitedMs: () => 5000 }))
    .then((value) => over.push(value));
  clock.advance(TIMEOUT_MS - 1);
  await settle();
  assert.deepEqual(over, []);
  clock.advance(1);
  await settle();
  assert.deepEqual(over, ["failed"]);
});

test("an excuse stands for the answer, now and later, and is no fault", async () => {
  const { ask, faults } = setUp();
  const excuse = (error: unknown) => (error as Error).message === "mine" ? "excused" : undefined;
  const fail = (message: string) => () => {
    throw new Error(message);
  };
  assert.equal(ask("onCall", fail("mine"), { excuse }), "excused");
  assert.equal(await ask("onCall", () => Promise.reject(new Error("mine")), { excuse }), "excused");
  assert.deepEqual(faults, []);
  assert.equal(ask("onCall", fail("other"), { excuse }), "failed");
  assert.equal(faults.length, 1);
});

test("a fault is told with what the hook was told, and a log that fails changes nothing", () => {
  const error = new Error("a bug");
  const fail = () => {
    throw error;
  };
  const { ask, tell, faults } = setUp();
  ask("onCall", fail, { args: ["m", 1] });
  tell("onPlayEnd", fail);
  assert.deepEqual(faults, [
    ["p", "onCall", error, { app: "a" }, ["m", 1]],
    ["p", "onPlayEnd", error, { app: "a" }, []],
  ]);
  const broken = setUp({ onFault: fail });
  assert.equal(broken.ask("onPlay", fail), "failed");
  broken.tell("onPlayEnd", fail);
  assert.equal(broken.guard.faults.health().faults, 2);
});

test("faults in a row make it unhealthy by its own limit, and each success of the hook ends the row", async () => {
  const { ask, tell, guard } = setUp({ faultLimit: 1 });
  const healthy = () => guard.faults.health().healthy;
  const bad = () => {
    throw new Error("x");
  };
  for (const good of [() => 1, () => Promise.resolve(1)]) {
    ask("onPlay", bad);
    assert.equal(healthy(), false);
    await ask("onPlay", good);
    assert.equal(healthy(), true);
    tell("onPlayEnd", bad);
    assert.equal(healthy(), false);
    tell("onPlayEnd", good);
    await settle();
    assert.equal(healthy(), true);
  }
  const nonsense = () => {
    throw new TypeError("no verdict");
  };
  assert.equal(ask("onPlay", () => 1, { read: nonsense }), "failed");
  assert.equal(guard.faults.health().lastFault!.kind, "bad-verdict");
});
