import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import type { FaultCount } from "../../src/faults.ts";
import type { HealthView } from "../../src/http/mod.ts";
import { type Plugin, type PluginHealth, PluginRunner, refuse } from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";
import { figure } from "../support/figure.ts";
import * as contexts from "../support/plugin_contexts.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { Rig, settle } from "../support/rtmp_service.ts";
import { startServer } from "../support/server.ts";

/** Throws whatever is done to it. */
const cursed = new Proxy({}, {
  get: () => boom(),
  has: () => boom(),
  getPrototypeOf: () => boom(),
  ownKeys: () => boom(),
});

function boom(): never {
  throw new Error("key=hunter2");
}

/** A thenable whose `then` does `act`. */
const thenable = (act: (yes: (value: unknown) => void, no: (error: unknown) => void) => void) => ({
  then: act,
});

const self = thenable((yes) => yes(self));

/** A promise as somebody may have patched it. */
function patched(): Promise<unknown> {
  return Object.assign(Promise.resolve(true), { then: boom });
}

let flips = 0;

/** What a hook may do instead of answering, and what that counts as. */
const BROKEN: Readonly<Record<string, [kind: string, hook: () => unknown]>> = {
  "throws an error": ["threw", boom],
  "throws undefined": ["threw", () => {
    throw undefined;
  }],
  "throws what cannot be looked at": ["threw", () => {
    throw cursed;
  }],
  "rejects": ["threw", () => Promise.reject(new Error("key=hunter2"))],
  "rejects with nothing": ["threw", () => Promise.reject()],
  "rejects with what cannot be looked at": ["threw", () => Promise.reject(cursed)],
  "never settles": ["timeout", () => new Promise(() => {})],
  "answers a thenable that never settles": ["timeout", () => thenable(() => {})],
  "answers what cannot be looked at": ["threw", () => cursed],
  "answers a getter that throws": ["bad-verdict", () => ({
    get refuse() {
      return boom();
    },
  })],
  "answers a then that cannot be read": ["threw", () => ({
    get then() {
      return boom();
    },
  })],
  "answers a then that throws": ["threw", () => thenable(boom)],
  "answers a promise whose then was patched": ["threw", patched],
  "fulfils with itself": ["bad-verdict", () => self],
  "fulfils with a promise": ["bad-verdict", () => thenable((yes) => yes(Promise.resolve(true)))],
  "rejects and then fulfils": ["threw", () =>
    thenable((yes, no) => {
      no(new Error("first"));
      yes(true);
    })],
  "renames differently at each look": ["bad-verdict", () => ({
    get rename() {
      return flips++ % 2 === 0 ? "../../etc" : "cam";
    },
  })],
  "answers false": ["bad-verdict", () => false],
  "answers a text": ["bad-verdict", () => "yes"],
  "answers a list": ["bad-verdict", () => [true]],
  "answers a function": ["bad-verdict", () => () => true],
  "answers later with null": ["bad-verdict", () => Promise.resolve(null)],
};

/** The health of the plugin of a runner that has one. */
const healthOf = (runner: PluginRunner): PluginHealth => runner.health()[0]!;

test("G4: a plugin that fails in any way refuses, is counted and named, and nothing is thrown", async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", listener);
  let refused = 0;
  try {
    for (const [what, [kind, hook]] of Object.entries(BROKEN)) {
      const clock = new FakeClock();
      const plugin: Plugin = { name: "broken", onPublish: hook as () => undefined };
      const runner = new PluginRunner([plugin], {
        clock,
        timeoutMs: 1000,
        onFault: () => boom(), // Not even a log that fails gets in the way.
      });
      for (let time = 1; time <= 3; time++) {
        flips = 0;
        const decision = runner.publish(contexts.publish);
        await settle();
        clock.advance(1000);
        assert.equal((await decision).allow, false, what);
        refused++;
        assert.equal(healthOf(runner).healthy, time < 3, what);
      }
      const { faults, lastFault, pending, late } = healthOf(runner);
      assert.deepEqual([faults, lastFault?.kind, pending, late], [3, kind, 0, 0], what);
      assert.match(lastFault!.error, /^[A-Za-z]+$/);
      assert.doesNotMatch(JSON.stringify(runner.health()), /hunter2/, what);
      assert.equal(clock.pending, 0, what);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(unhandled, []);
  } finally {
    process.removeListener("unhandledRejection", listener);
  }
  const ways = Object.keys(BROKEN).length;
  figure({ id: "G4", what: "ways for a hook to fail", value: ways, unit: "ways", atLeast: 20 });
  const letIn = 3 * ways - refused;
  figure({ id: "G4", what: "clients let in by a fault", value: letIn, unit: "", atMost: 0 });
});

test("G4: one that is told of an end may fail in any way, and nobody notices but its counters", async () => {
  for (const [what, [, hook]] of Object.entries(BROKEN)) {
    const clock = new FakeClock();
    const told: string[] = [];
    const runner = new PluginRunner([
      { name: "broken", onPlayEnd: hook as () => undefined },
      { name: "next", onPlayEnd: ({ name }) => void told.push(name) },
    ], { clock, timeoutMs: 1000, onFault: () => {} });
    runner.playEnd(contexts.playEnd);
    assert.deepEqual(told, ["cam"], what);
    clock.advance(1000);
    await settle();
    assert.equal(healthOf(runner).pending, 0, what);
    assert.equal(clock.pending, 0, what);
  }
});

test("G4: late answers and late rejections change nothing and are counted", async () => {
  const late: ((error?: unknown) => void)[] = [];
  const clock = new FakeClock();
  const runner = new PluginRunner([{
    name: "slow",
    onPublish: () => new Promise<void>((yes, no) => late.push(yes as () => void, no)),
    onPlayEnd: () => new Promise<void>((_, no) => late.push(no)),
  }], { clock, timeoutMs: 1000, onFault: () => {} });
  const decisions = [runner.publish(contexts.publish), runner.publish(contexts.publish)];
  runner.playEnd(contexts.playEnd);
  assert.equal(healthOf(runner).pending, 3);
  clock.advance(1000);
  assert.deepEqual((await Promise.all(decisions)).map(({ allow }) => allow), [false, false]);
  late[0]!();
  late[3]!(new Error("late"));
  late[4]!(new Error("late"));
  await settle();
  const { faults, pending, late: counted } = healthOf(runner);
  assert.deepEqual({ faults, pending, counted }, { faults: 3, pending: 0, counted: 3 });
});

test("G4: the hooks awaited at once are bounded, and over the bound the plugin is not asked", () => {
  let asked = 0;
  const clock = new FakeClock();
  const runner = new PluginRunner([{
    name: "hung",
    onPublish() {
      asked++;
      return new Promise(() => {});
    },
    onPlayEnd() {
      asked++;
      return new Promise(() => {});
    },
  }], { clock, timeoutMs: 1000, maxPending: 10, onFault: () => {} });
  for (let index = 0; index < 50; index++) void runner.publish(contexts.publish);
  assert.deepEqual([asked, healthOf(runner).pending, clock.pending], [10, 10, 10]);
  assert.equal((runner.publish(contexts.publish) as { allow: boolean }).allow, false);
  assert.equal(healthOf(runner).lastFault?.kind, "overloaded");
  // An end is told all the same: a plugin that counts would be wrong for ever.
  runner.playEnd(contexts.playEnd);
  assert.deepEqual([asked, healthOf(runner).pending], [11, 10]);
  clock.advance(1000);
  void runner.publish(contexts.publish);
  assert.deepEqual([asked, healthOf(runner).pending], [12, 1]);
});

test("G5: while one hook hangs, sessions of other streams publish and play in the same turn", () => {
  const rig = new Rig({}, {
    name: "hangs",
    onPublish: ({ name }) => name === "hung" ? new Promise<undefined>(() => {}) : undefined,
  });
  const hung = rig.client().connected();
  hung.publish(1, "hung");
  const waits = hung.take().length;
  const other = rig.client().connected();
  other.publish(1, "other");
  assert.deepEqual(other.codes(), ["NetStream.Publish.Start"]);
  const player = rig.player("other");
  assert.ok(player.codes().includes("NetStream.Play.Start"));
  assert.equal(waits, 0);
});

test("G5: a hook that hangs refuses its client in time, and heals with its first success", async () => {
  let hangs = true;
  const rig = new Rig({ hookTimeoutMs: 1000, pingIntervalMs: 600_000 }, {
    name: "hangs",
    onPublish: () => hangs ? new Promise<undefined>(() => {}) : Promise.resolve(refuse("No")),
  });
  const client = rig.client().connected();
  for (let time = 1; time <= 3; time++) {
    client.publish(1, "cam");
    rig.clock.advance(1000);
    await settle();
    assert.deepEqual(client.codes(), ["NetStream.Publish.Denied"]);
  }
  assert.equal(rig.runner.health()[0]!.healthy, false);
  hangs = false;
  client.publish(1, "cam");
  await settle();
  assert.deepEqual(client.codes(), ["NetStream.Publish.Denied"]);
  assert.equal(rig.runner.health()[0]!.healthy, true);
});

test("G4: health names a plugin that keeps failing, with counts and a class, until it succeeds", async () => {
  await using server = await startServer(["--plugin", "test/support/plugins/faulty.ts"]);
  const health = async () => (await server.api("/health")).body as HealthView;
  const publish = async (name: string) => {
    await using client = await RtmpClient.open(server.rtmpPort);
    return (await client.publish("live", name)).info.code;
  };
  for (let time = 1; time <= 3; time++) {
    assert.equal((await health()).status, "ok");
    assert.equal(await publish("throws"), "NetStream.Publish.Denied");
  }
  const { status, plugins: [plugin], faults } = await health();
  assert.equal(status, "degraded");
  const { at: _, ...lastFault } = plugin!.lastFault!;
  assert.deepEqual({ ...plugin, lastFault }, {
    name: "faulty",
    faults: 3,
    lastFault: { hook: "onPublish", kind: "threw", error: "SyntaxError" },
    pending: 0,
    late: 0,
    healthy: false,
  });
  const [{ lastAt: __, ...counted }] = faults as [FaultCount];
  assert.deepEqual(counted, {
    subsystem: "plugin",
    plugin: "faulty",
    count: 3,
    lastError: "SyntaxError",
  });
  assert.equal(await publish("good"), "NetStream.Publish.Start");
  assert.equal((await health()).status, "ok");
});

test("G5: a client whose hook hangs is refused in time by a real server, others publish meanwhile", async () => {
  const args = ["--plugin", "test/support/plugins/faulty.ts", "--hook-timeout-ms", "300"];
  await using server = await startServer(args);
  await using hung = await RtmpClient.open(server.rtmpPort);
  const start = performance.now();
  const answer = hung.publish("live", "hangs").then(({ info }) => ({
    code: info.code,
    ms: performance.now() - start,
  }));
  await using other = await RtmpClient.open(server.rtmpPort);
  const { info } = await other.publish("live", "good");
  const otherMs = performance.now() - start;
  assert.equal(info.code, "NetStream.Publish.Start");
  const { code, ms } = await answer;
  assert.equal(code, "NetStream.Publish.Denied");
  assert.ok(ms >= 250, `${ms}`);
  const [what, unit, by] = ["refusal, limit of 300 ms", "ms", "wall"] as const;
  figure({ id: "G5", what, value: ms, unit, atMost: 500, by });
  figure({
    id: "G5",
    what: "publish of another meanwhile",
    value: otherMs,
    unit,
    atMost: 200,
    by,
  });
});
