/** Plugins that ask clients while they answer a call: what clients do is no fault of theirs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CallAnswer,
  ClientCallError,
  NEUTRAL_REASON,
  type Plugin,
  PluginRunner,
} from "../../src/plugin/mod.ts";
import { clientCallErrorIn, ClientWaits } from "../../src/plugin/client_call.ts";
import { FakeClock } from "../support/clock.ts";
import * as contexts from "../support/plugin_contexts.ts";

const TIMEOUT_MS = 1000;

/** A runner with one plugin, whose calls of the client are answered by `client`. */
function run(plugin: Omit<Plugin, "name">, client: () => Promise<unknown>, maxPending?: number) {
  const clock = new FakeClock();
  const runner = new PluginRunner([{ name: "asks", ...plugin }], {
    clock,
    timeoutMs: TIMEOUT_MS,
    maxPending,
    onFault() {},
  });
  const context = { ...contexts.connect, callClient: client };
  const call = async () => await runner.call("greet", [], context);
  const health = () => runner.health()[0]!;
  return { runner, clock, call, health };
}

/** Lets pending promise reactions run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

const hanging = () => new Promise(() => {});
const greet: Plugin["onCall"] = async (_method, _args, { callClient }) =>
  `Hello, ${await callClient("yourName")}!`;

test("what a client answers, or fails to answer, is no fault of the plugin that asked it", async () => {
  const passed: [string, Plugin["onCall"]][] = [
    ["lets it through", greet],
    ["names it as the cause", async (_method, _args, { callClient }) => {
      try {
        return await callClient("yourName");
      } catch (cause) {
        throw new Error("no name", { cause: new Error("asked", { cause }) });
      }
    }],
    [
      "asks for any of several",
      (_method, _args, { callClient }) => Promise.any([callClient("a"), callClient("b")]),
    ],
    ["forgets to wait", (_method, _args, { callClient }) => {
      void callClient("a");
      throw new ClientCallError("gone");
    }],
  ];
  for (const kind of ["error", "timeout", "gone", "busy"] as const) {
    for (const [what, onCall] of passed) {
      const { call, health } = run({ onCall }, () => Promise.reject(new ClientCallError(kind)));
      for (let time = 0; time < 5; time++) {
        const answer = await call() as CallAnswer & { ok: false };
        assert.equal(answer.ok, false, what);
        assert.notEqual(answer.reason, NEUTRAL_REASON, what);
      }
      assert.deepEqual([health().faults, health().healthy, health().pending], [0, true, 0], what);
    }
  }
});

test("what a plugin throws of its own is its fault, whatever the client did", async () => {
  const circular = new Error("a");
  circular.cause = circular;
  const own: Error[] = [
    new Error("own"),
    circular,
    new AggregateError([new ClientCallError("gone"), new Error("own")]),
    new AggregateError([]),
    Object.defineProperty(new Error("x"), "cause", {
      get() {
        throw new Error("hostile");
      },
    }),
  ];
  for (const error of own) {
    const { call, health } = run({ onCall: () => Promise.reject(error) }, hanging);
    assert.deepEqual(await call(), { ok: false, reason: NEUTRAL_REASON });
    assert.equal(health().faults, 1);
  }
});

test("the time that a client takes is not the plugin's, its own is", async () => {
  let answer: (name: string) => void = () => {};
  const client = () => new Promise((resolve) => answer = resolve);
  const onCall: Plugin["onCall"] = async (method, args, context) => {
    for (let time = 0; time < 3; time++) await greet!(method, args, context);
    return new Promise(() => {});
  };
  const { call, clock, health } = run({ onCall }, client);
  const called = call();
  for (let time = 0; time < 3; time++) {
    clock.advance(TIMEOUT_MS * 3);
    answer("me");
    await settle();
  }
  assert.deepEqual([health().faults, health().pending], [0, 1]);
  clock.advance(TIMEOUT_MS + 200);
  assert.deepEqual(await called, { ok: false, reason: NEUTRAL_REASON });
  assert.deepEqual([health().faults, health().lastFault?.kind], [1, "timeout"]);
  assert.equal(clock.pending, 0);
});

test("calls that wait take no place of hooks that decide, nor do they make the plugin unhealthy", async () => {
  const plugin: Omit<Plugin, "name"> = { onCall: greet, onPublish: () => Promise.resolve(true) };
  const { runner, call, health } = run(plugin, hanging, 10);
  const waiting = Array.from({ length: 10 }, call);
  const busy = await Promise.all(Array.from({ length: 20 }, call));
  for (const answer of busy) {
    assert.deepEqual(answer, { ok: false, reason: "Too many calls wait for an answer." });
  }
  assert.equal(waiting.length, health().pending);
  assert.deepEqual(await runner.publish(contexts.publish), { allow: true });
  assert.deepEqual([health().faults, health().healthy], [0, true]);
});

test("ends that are told for ever take no place of hooks that decide", async () => {
  const plugin: Omit<Plugin, "name"> = {
    onDisconnect: () => new Promise<void>(() => {}),
    onConnect: () => Promise.resolve(true),
  };
  const { runner } = run(plugin, hanging, 3);
  for (let time = 0; time < 9; time++) runner.disconnect({ ...contexts.disconnect });
  assert.deepEqual(await runner.connect(contexts.connect), { allow: true });
});

test("causes are followed eight errors deep and no deeper", async () => {
  for (const [around, faults] of [[7, 0], [8, 1]] as const) {
    let error: Error = new ClientCallError("gone");
    for (let depth = 0; depth < around; depth++) error = new Error("around", { cause: error });
    const { call, health } = run({ onCall: () => Promise.reject(error) }, hanging);
    await call();
    assert.equal(health().faults, faults, `${around} around it`);
  }
});

test("waits that overlap count once, and what was waited stays", async () => {
  const clock = new FakeClock();
  const waits = new ClientWaits(clock);
  assert.equal(waits.ms, 0);
  const answers: (() => void)[] = [];
  const ask = waits.measure(() => new Promise<void>((resolve) => answers.push(resolve)));
  clock.advance(50);
  void ask("a");
  clock.advance(100);
  assert.equal(waits.ms, 100);
  void ask("b");
  clock.advance(100);
  answers[0]!();
  await settle();
  clock.advance(100);
  answers[1]!();
  await settle();
  clock.advance(1000);
  assert.equal(waits.ms, 300);
  void ask("c");
  clock.advance(7);
  assert.equal(waits.ms, 307);
});

test("over the bound a hook that decides is a fault, which the log is told with what was asked", async () => {
  const told: unknown[][] = [];
  const clock = new FakeClock();
  const plugin: Plugin = {
    name: "slow",
    onPublish: () => new Promise(() => {}),
    onCall: () => Promise.reject(new TypeError("own")),
  };
  const runner = new PluginRunner([plugin], {
    clock,
    timeoutMs: TIMEOUT_MS,
    maxPending: 1,
    onFault: (name, hook, error, context, args) =>
      told.push([name, hook, (error as Error).name, context.app, args]),
  });
  void runner.publish(contexts.publish);
  assert.equal((await runner.publish(contexts.publish)).allow, false);
  await runner.call("greet", ["x", 1], { ...contexts.connect, callClient: hanging });
  assert.deepEqual(told, [
    ["slow", "onPublish", "HookOverload", "live", []],
    ["slow", "onCall", "TypeError", "live", ["greet", "x", 1]],
  ]);
  clock.advance(TIMEOUT_MS);
  assert.deepEqual(told[2]!.slice(0, 3), ["slow", "onPublish", "HookTimeout"]);
});

test("of several calls that all failed the first is named, and none where one failed otherwise", () => {
  const [first, second] = [new ClientCallError("timeout"), new ClientCallError("gone")];
  assert.equal(clientCallErrorIn(new AggregateError([first, second])), first);
  assert.equal(clientCallErrorIn(new AggregateError([second])), second);
  assert.equal(clientCallErrorIn(new AggregateError([first, new Error()])), undefined);
  assert.equal(clientCallErrorIn(new AggregateError([])), undefined);
});
