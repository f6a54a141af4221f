/** Plugins that are started with their server, and stopped. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { definePlugin, PluginLifecycle, type PluginServer } from "../../src/plugin/mod.ts";
import { createServer, PluginStartError } from "../../mod.ts";
import { FakeClock } from "../support/clock.ts";
import { settle } from "../support/rtmp_service.ts";

const SERVER = {} as PluginServer;

function setUp() {
  const clock = new FakeClock();
  const faults: [string, unknown][] = [];
  const lifecycle = new PluginLifecycle({
    clock,
    timeoutMs: 1000,
    onFault: (plugin, error) => faults.push([plugin, error]),
  });
  return { clock, lifecycle, faults };
}

test("plugins start in order, one after the other, and stop in the opposite order", async () => {
  const { lifecycle, clock } = setUp();
  const said: string[] = [];
  const plugin = (name: string) =>
    definePlugin({
      name,
      async start(server) {
        assert.equal(server, SERVER);
        await settle();
        said.push(`start ${name}`);
      },
      stop: () => void said.push(`stop ${name}`),
    });
  await lifecycle.start([plugin("a"), definePlugin({ name: "none" }), plugin("b")], SERVER);
  await lifecycle.stop();
  await lifecycle.stop();
  assert.deepEqual(said, ["start a", "start b", "stop b", "stop a"]);
  assert.equal(clock.pending, 0);
});

test("a plugin that throws, rejects or hangs keeps the server from starting, and is named", async () => {
  const starts: Record<string, () => unknown> = {
    throws: () => {
      throw new Error("boom");
    },
    rejects: () => Promise.reject(new Error("boom")),
    hangs: () => new Promise(() => {}),
  };
  for (const [name, start] of Object.entries(starts)) {
    const { lifecycle, clock } = setUp();
    const stopped: string[] = [];
    const before = definePlugin({ name: "before", stop: () => void stopped.push("before") });
    const failing = { name, start, stop: () => stopped.push(name) } as never;
    const never = definePlugin({ name: "never", start: () => void stopped.push("started") });
    const started = assert.rejects(
      lifecycle.start([before, failing, never], SERVER),
      (error: PluginStartError) => {
        assert.ok(error instanceof PluginStartError);
        assert.equal(error.name, "PluginStartError");
        return error.plugin === name && /Cannot start plugin.*(boom|1000 ms)/.test(error.message);
      },
    );
    await settle();
    clock.advance(1000);
    await started;
    await lifecycle.stop();
    assert.deepEqual(stopped, [name, "before"]);
  }
});

test("a plugin that fails to stop, or takes too long, keeps no other from stopping", async () => {
  const { lifecycle, clock, faults } = setUp();
  const stopped: string[] = [];
  await lifecycle.start([
    definePlugin({ name: "a", stop: () => void stopped.push("a") }),
    definePlugin({ name: "hangs", stop: () => new Promise(() => {}) }),
    definePlugin({ name: "throws", stop: () => Promise.reject(new Error("boom")) }),
  ], SERVER);
  const over = lifecycle.stop();
  await settle();
  clock.advance(1000);
  await over;
  assert.deepEqual([stopped, faults.map(([name]) => name)], [["a"], ["throws", "hangs"]]);
});

test("a real server starts and stops its plugins, and does not listen when one cannot be started", async () => {
  let server: PluginServer | undefined;
  const said: string[] = [];
  const config = { host: "127.0.0.1", rtmp: { port: 0 }, http: { port: 0 } } as const;
  const good = definePlugin({
    name: "good",
    start: (given) => void (server = given),
    stop: () => void said.push(`stop ${server!.streams().length}`),
  });
  const one = createServer({ ...config, plugins: [good] });
  await one.start();
  assert.deepEqual([server!.streams(), server!.sessions()], [[], []]);
  assert.equal(server!.frames("live", "none"), undefined);
  await one.stop();
  assert.deepEqual(said, ["stop 0"]);
  const bad = definePlugin({ name: "bad", start: () => Promise.reject(new Error("no database")) });
  const two = createServer({ ...config, plugins: [good, bad] });
  await assert.rejects(two.start(), /Cannot start plugin "bad": no database/);
  assert.deepEqual(said, ["stop 0", "stop 0"]);
});

test("a plugin takes the place of another with what that hands over, and those that stay are left alone", async () => {
  const { lifecycle } = setUp();
  const said: string[] = [];
  const plugin = (name: string, version: number, handOver?: () => unknown) =>
    definePlugin({
      name,
      start: (_server, before) => void said.push(`start ${name} ${version} ${before}`),
      stop: () => void said.push(`stop ${name} ${version}`),
      ...(handOver === undefined ? {} : { handOver }),
    });
  const [a, stays, gone] = [plugin("a", 1, () => 7), plugin("b", 1), plugin("c", 1)];
  await lifecycle.start([a, stays, gone], SERVER);
  said.length = 0;
  const [next, added] = [plugin("a", 2), plugin("d", 1)];
  await lifecycle.exchange([a, gone], [next, added], SERVER);
  assert.deepEqual(said, ["stop c 1", "stop a 1", "start a 2 7", "start d 1 undefined"]);
  said.length = 0;
  await lifecycle.stop();
  assert.deepEqual(said, ["stop d 1", "stop a 2", "stop b 1"]);
});

test("where the next plugin cannot be started, those before are started again with what they had", async () => {
  const { lifecycle, faults } = setUp();
  const said: string[] = [];
  const a = definePlugin({
    name: "a",
    start: (_server, before) => void said.push(`start a ${before}`),
    stop: () => void said.push("stop a"),
    handOver: () => "kept",
  });
  const odd = definePlugin({
    name: "odd",
    handOver() {
      throw new Error("boom");
    },
  });
  await lifecycle.start([a, odd], SERVER);
  const fails = definePlugin({
    name: "a",
    start: () => Promise.reject(new Error("no")),
    stop: () => void said.push("stop the next"),
  });
  const before = definePlugin({ name: "x", stop: () => void said.push("stop x") });
  await assert.rejects(lifecycle.exchange([a, odd], [before, fails], SERVER), PluginStartError);
  assert.deepEqual(said, [
    ...["start a undefined", "stop a"],
    ...["stop the next", "stop x", "start a kept"],
  ]);
  assert.deepEqual(faults.map(([plugin]) => plugin), ["odd"]);
  await lifecycle.stop();
  assert.equal(said.at(-1), "stop a");
});
