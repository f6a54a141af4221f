/** Plugins that are exchanged for others while they are asked. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src/core/errors.ts";
import { definePlugin, type Plugin, PluginRunner, rename } from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";
import * as contexts from "../support/plugin_contexts.ts";

function run(...plugins: Plugin[]) {
  const clock = new FakeClock();
  return {
    runner: new PluginRunner(plugins, { clock, timeoutMs: 1000, onFault: () => {} }),
    clock,
  };
}

/** Lets pending promise reactions run. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** An answer that is given later. */
function later<T>() {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, resolve };
}

test("what was asked of plugins is finished with them, and what is asked behind an exchange with the next", async () => {
  const answer = later<undefined>();
  const asked: string[] = [];
  const version = (number: number, wait?: Promise<undefined>): Plugin[] => [
    definePlugin({ name: "slow", onPublish: () => (asked.push(`slow ${number}`), wait) }),
    definePlugin({
      name: "last",
      onPublish: () => (asked.push(`last ${number}`), rename(`by-${number}`)),
    }),
  ];
  const { runner, clock } = run(...version(1, answer.promise));
  const first = runner.publish(contexts.publish);
  const before = runner.exchange(version(2));
  assert.deepEqual(runner.publish(contexts.publish), { allow: true, name: "by-2" });
  let idle = false;
  const done = before.idle(clock, 5000).then(() => idle = true);
  await settle();
  assert.equal(idle, false);
  answer.resolve(undefined);
  assert.deepEqual(await first, { allow: true, name: "by-1" });
  await done;
  assert.deepEqual(asked, ["slow 1", "slow 2", "last 2", "last 1"]);
  assert.equal(clock.pending, 0);
});

test("plugins that do not answer are waited for no longer than may be, and those that none asks not at all", async () => {
  const never = new Promise<undefined>(() => {});
  const { runner, clock } = run(definePlugin({ name: "a", onCall: () => never }));
  void runner.call("m", [], { ...contexts.connect, callClient: () => never });
  const idle = runner.exchange([]).idle(clock, 500);
  clock.advance(500);
  await idle;
  await runner.exchange([]).idle(clock, 500);
  assert.equal(runner.answers, false);
});

test("a plugin that stays keeps its faults, and a bad exchange changes nothing", () => {
  const odd = { name: "odd", onPublish: () => false } as unknown as Plugin;
  const other = definePlugin({ name: "other" });
  const { runner } = run(odd);
  void runner.publish(contexts.publish);
  runner.exchange([other, odd]);
  assert.deepEqual(runner.health().map(({ name, faults }) => [name, faults]), [["other", 0], [
    "odd",
    1,
  ]]);
  assert.throws(() => runner.exchange([other, other]), UsageError);
  assert.deepEqual(runner.plugins, [other, odd]);
});
