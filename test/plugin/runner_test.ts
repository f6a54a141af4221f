import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { UsageError } from "../../src/core/errors.ts";
import {
  type Decision,
  definePlugin,
  type HookName,
  NEUTRAL_REASON,
  type Plugin,
  PluginRunner,
  refuse,
  rename,
} from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";
import * as contexts from "../support/plugin_contexts.ts";

const FAULT = { allow: false, reason: NEUTRAL_REASON, fault: true };

/** A fault of this plugin. */
const faultOf = (plugin: string) => ({ ...FAULT, plugin });

/** A runner, its clock and the faults it told. */
function run(...plugins: Plugin[]) {
  const clock = new FakeClock();
  const faults: [plugin: string, hook: HookName, error: unknown][] = [];
  const runner = new PluginRunner(plugins, {
    clock,
    timeoutMs: 1000,
    onFault: (plugin, hook, error) => faults.push([plugin, hook, error]),
  });
  return { runner, clock, faults };
}

/** A plugin as JavaScript would write it: answers anything. */
function answering(answer: unknown, name = "odd"): Plugin {
  const hook = () => answer as undefined;
  return { name, onConnect: hook, onPublish: hook, onPlay: hook };
}

/** Lets pending promise reactions run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

test("without plugins everything is allowed at once", () => {
  const { runner } = run();
  assert.deepEqual(runner.connect(contexts.connect), { allow: true });
  assert.deepEqual(runner.publish(contexts.publish), { allow: true });
  assert.deepEqual(runner.play(contexts.publish), { allow: true });
  assert.equal(runner.decides("onPublish"), false);
  assert.deepEqual(runner.health(), []);
});

test("hooks that answer at once give a decision, not a promise", () => {
  const { runner, clock } = run(
    definePlugin({ name: "a", onPublish: () => true }),
    definePlugin({ name: "b", onPublish: () => undefined }),
    definePlugin({ name: "c", onPublish: () => refuse("Go away") }),
  );
  assert.deepEqual(runner.publish(contexts.publish), {
    allow: false,
    reason: "Go away",
    plugin: "c",
  });
  assert.equal(clock.pending, 0);
});

test("hooks run in the order of registration, sync and async mixed, until one refuses", async () => {
  const calls: string[] = [];
  const { runner, clock } = run(
    { name: "a", onConnect: () => void calls.push("a") },
    {
      name: "b",
      async onConnect() {
        await settle();
        calls.push("b");
      },
    },
    { name: "c" },
    {
      name: "d",
      onConnect() {
        calls.push("d");
        return refuse("No");
      },
    },
    { name: "e", onConnect: () => void calls.push("e") },
  );
  const decision = runner.connect(contexts.connect);
  assert.ok(decision instanceof Promise);
  assert.deepEqual(calls, ["a"]);
  assert.deepEqual(await decision, { allow: false, reason: "No", plugin: "d" });
  assert.deepEqual(calls, ["a", "b", "d"]);
  assert.equal(clock.pending, 0);
});

test("a plugin sees the name an earlier one chose, and the last choice counts", async () => {
  const seen: string[] = [];
  const hook = (to?: string, later = false) => ({ name }: { name: string }) => {
    seen.push(name);
    const verdict = to === undefined ? undefined : rename(to);
    return later ? Promise.resolve(verdict) : verdict;
  };
  for (const later of [false, true]) {
    seen.length = 0;
    const { runner } = run(
      { name: "a", onPlay: hook("one", later) },
      { name: "b", onPlay: hook(undefined, later) },
      { name: "c", onPlay: hook("two") },
      { name: "d", onPlay: hook(undefined, later) },
    );
    assert.deepEqual(await runner.play(contexts.publish), { allow: true, name: "two" });
    assert.deepEqual(seen, ["cam", "one", "one", "two"]);
  }
  assert.equal(contexts.publish.name, "cam");
});

test("a hook is called as a method of its plugin, with a context it cannot change", () => {
  class Counting implements Plugin {
    readonly name = "counting";
    count = 0;
    onPublish(context: { name: string }) {
      this.count++;
      context.name = "other";
    }
  }
  const plugin = new Counting();
  const { runner, faults } = run(plugin);
  assert.deepEqual(runner.publish({ ...contexts.publish }), faultOf("counting"));
  assert.equal(plugin.count, 1);
  assert.ok(faults[0]?.[2] instanceof TypeError);
});

test("a throw and a rejection refuse with a reason that tells the client nothing", async () => {
  const error = new Error("password is hunter2");
  const thrower: Plugin = {
    name: "thrower",
    onPublish() {
      throw error;
    },
    onPlay: () => Promise.reject(error),
  };
  const { runner, clock, faults } = run(thrower);
  assert.deepEqual(runner.publish(contexts.publish), faultOf("thrower"));
  assert.deepEqual(await runner.play(contexts.publish), faultOf("thrower"));
  assert.deepEqual(faults, [["thrower", "onPublish", error], ["thrower", "onPlay", error]]);
  assert.equal(clock.pending, 0);
  assert.ok(!JSON.stringify(runner.health()).includes("hunter2"));
});

test("whatever is not a verdict refuses and is a fault", async () => {
  const junk = [
    false,
    null,
    0,
    1,
    NaN,
    "",
    "yes",
    1n,
    Symbol("yes"),
    {},
    [],
    { allow: true },
    { refuse: 1 },
    { refuse: undefined },
    { rename: "" },
    { rename: "a/b" },
    { rename: ".." },
    { rename: 7 },
    { refuse: 1, rename: "ok" },
    { then: "soon" },
    () => true,
    new Error("no"),
  ];
  for (const answer of junk) {
    for (const later of [false, true]) {
      const { runner, faults } = run(answering(later ? Promise.resolve(answer) : answer));
      assert.deepEqual(await runner.publish(contexts.publish), faultOf("odd"), String(answer));
      assert.deepEqual(await runner.connect(contexts.connect), faultOf("odd"), String(answer));
      assert.equal(faults.length, 2);
      assert.ok(faults[0]?.[2] instanceof TypeError);
      assert.equal(runner.health()[0]?.lastFault?.kind, "bad-verdict");
    }
  }
});

test("answers that throw when they are looked at refuse", () => {
  const hostile = { get: () => assert.fail("get"), has: () => assert.fail("has") };
  const { runner } = run(answering(new Proxy({}, hostile)));
  assert.deepEqual(runner.connect(contexts.connect), faultOf("odd"));
});

test("a connect cannot be renamed", () => {
  assert.deepEqual(run(answering(rename("ok"))).runner.connect(contexts.connect), faultOf("odd"));
});

test("a refusal reaches the client as one line of bounded length", () => {
  const decide = (reason: string) => run(answering(refuse(reason))).runner.play(contexts.publish);
  assert.deepEqual(decide("a\r\nb\u001b[31m"), { allow: false, reason: "a b [31m", plugin: "odd" });
  assert.deepEqual(decide(" \n"), { allow: false, reason: NEUTRAL_REASON, plugin: "odd" });
  const long = decide("x".repeat(100_000)) as { reason: string };
  assert.equal(long.reason.length, 256);
});

test("a hook that does not settle in time refuses, and its late rejection harms nobody", async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", listener);
  try {
    let reject = (_error: Error) => {};
    const { runner, clock, faults } = run({
      name: "slow",
      onPublish: () => new Promise((_, no) => reject = no),
    });
    let decision: Decision | undefined;
    void Promise.resolve(runner.publish(contexts.publish)).then((value) => decision = value);
    clock.advance(999);
    await settle();
    assert.equal(decision, undefined);
    clock.advance(1);
    await settle();
    assert.deepEqual(decision, faultOf("slow"));
    assert.equal(clock.pending, 0);
    reject(new Error("too late"));
    await settle();
    await settle();
    assert.equal(faults.length, 1);
    const { late, pending } = runner.health()[0]!;
    assert.deepEqual([late, pending], [1, 0]);
    assert.match(String(faults[0]![2]), /onPublish did not settle within 1000 ms/);
    assert.equal(runner.health()[0]?.lastFault?.kind, "timeout");
    assert.deepEqual(unhandled, []);
  } finally {
    process.removeListener("unhandledRejection", listener);
  }
});

test("a late answer does not let a client in after all, nor ask the plugins behind it", async () => {
  let resolve = () => {};
  let asked = false;
  const { runner, clock } = run(
    { name: "slow", onPublish: () => new Promise<void>((yes) => resolve = yes) },
    { name: "next", onPublish: () => void (asked = true) },
  );
  for (let time = 0; time < 3; time++) {
    const decision = runner.publish(contexts.publish);
    clock.advance(1000);
    resolve();
    assert.deepEqual(await decision, faultOf("slow"));
    await settle();
  }
  assert.equal(asked, false);
  // Nor does it count as a success.
  assert.equal(runner.health()[0]?.healthy, false);
});

test("a thenable of another library is awaited", async () => {
  const thenable = { then: (yes: (value: unknown) => void) => yes(refuse("Later")) };
  const { runner } = run(answering(thenable));
  assert.deepEqual(await runner.connect(contexts.connect), {
    allow: false,
    reason: "Later",
    plugin: "odd",
  });
  const broken = {
    then() {
      throw new Error("broken");
    },
  };
  assert.deepEqual(await run(answering(broken)).runner.connect(contexts.connect), faultOf("odd"));
});

test("every plugin is told of an end, whatever the others do", async () => {
  const told: string[] = [];
  const error = new Error("broken");
  const { runner, faults } = run(
    {
      name: "a",
      onPlayEnd() {
        throw error;
      },
    },
    { name: "b", onPlayEnd: () => Promise.reject(error) },
    { name: "c", onPlayEnd: ({ reason, bytes }) => void told.push(`${reason} ${bytes}`) },
    { name: "d", onUnpublish: ({ name }) => Promise.resolve(void told.push(name)) },
    { name: "e", onDisconnect: ({ bytesIn }) => void told.push(`in ${bytesIn}`) },
  );
  assert.equal(runner.playEnd(contexts.playEnd), undefined);
  runner.unpublish(contexts.unpublish);
  runner.disconnect(contexts.disconnect);
  await settle();
  assert.deepEqual(told, ["client 10", "cam", "in 1"]);
  assert.deepEqual(faults, [["a", "onPlayEnd", error], ["b", "onPlayEnd", error]]);
});

test("three faults of a hook in a row make a plugin unhealthy, a success heals it", () => {
  let broken = true;
  const { runner, clock } = run({
    name: "flaky",
    onPublish() {
      if (broken) throw new Error("broken");
    },
    onDisconnect() {},
  }, { name: "fine" });
  const healthy = () => runner.health().map((plugin) => plugin.healthy);
  clock.advance(1500);
  for (const expected of [true, true, false, false]) {
    runner.publish(contexts.publish);
    runner.disconnect(contexts.disconnect); // A hook that works hides nothing.
    assert.deepEqual(healthy(), [expected, true]);
  }
  broken = false;
  runner.publish(contexts.publish);
  assert.deepEqual(runner.health(), [
    {
      name: "flaky",
      faults: 4,
      lastFault: {
        hook: "onPublish",
        kind: "threw",
        error: "Error",
        at: "2024-01-01T00:00:01.500Z",
      },
      pending: 0,
      late: 0,
      healthy: true,
    },
    { name: "fine", faults: 0, pending: 0, late: 0, healthy: true },
  ]);
});

test("a refusal is no fault", () => {
  const { runner } = run(answering(refuse("No")));
  for (let index = 0; index < 5; index++) runner.connect(contexts.connect);
  assert.deepEqual(runner.health(), [
    { name: "odd", faults: 0, pending: 0, late: 0, healthy: true },
  ]);
});

test("decides tells which commands need a decision", () => {
  const { runner } = run({ name: "a", onPlay() {}, onPlayEnd() {} });
  assert.deepEqual(
    (["onConnect", "onPublish", "onPlay"] as const).map((hook) => runner.decides(hook)),
    [false, false, true],
  );
});

test("what is no plugin, and two of one name, cannot be run", () => {
  assert.throws(() => run({ name: "a" }, { name: "a" }), UsageError);
  assert.throws(() => run({ name: "Not/a name" }), UsageError);
  assert.throws(() => run({ name: "a", onPubish() {} } as Plugin), UsageError);
});

test("every hook asks the first plugin, and the others behind it", () => {
  const asked: string[] = [];
  const plugin = (name: string): Plugin => {
    const hook = (what: string) => (): undefined => void asked.push(`${what} of ${name}`);
    return {
      name,
      onConnect: hook("connect"),
      onPublish: hook("publish"),
      onPlay: hook("play"),
      onSharedObject: hook("sharedObject"),
      onCall: hook("call"),
      onUnpublish: hook("unpublish"),
      onPlayEnd: hook("stop"),
      onDisconnect: hook("disconnect"),
    };
  };
  const { runner } = run(plugin("a"), plugin("b"));
  runner.connect(contexts.connect);
  runner.publish(contexts.publish);
  runner.play(contexts.publish);
  runner.sharedObject({ ...contexts.connect, name: "chat", persistent: false });
  runner.call("m", [], { ...contexts.connect, callClient: () => Promise.resolve() });
  runner.unpublish(contexts.unpublish);
  runner.playEnd(contexts.playEnd);
  runner.disconnect(contexts.disconnect);
  const hooks = "connect publish play sharedObject call unpublish stop disconnect".split(" ");
  assert.deepEqual(asked, hooks.flatMap((hook) => [`${hook} of a`, `${hook} of b`]));
});
