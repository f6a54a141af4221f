/** What the runner of plugins tells whoever watches the server, and how it asks for users. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  needLogin,
  type Plugin,
  PluginRunner,
  push,
  readOnly,
  record,
  refuse,
  rename,
} from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";
import * as contexts from "../support/plugin_contexts.ts";

function run(...plugins: Plugin[]) {
  const runner = new PluginRunner(plugins, {
    clock: new FakeClock(),
    timeoutMs: 1000,
    onFault() {},
  });
  const told: [type: string, about: unknown][] = [];
  runner.activity.listen((type, about) => told.push([type, about]));
  return { runner, told };
}

test("what clients do is told with their address, that of IPv6 in brackets", () => {
  const { runner, told } = run();
  const { client } = contexts.connect;
  runner.connected(contexts.connect);
  runner.connected({
    ...contexts.connect,
    client: { ...client, secure: true, address: { hostname: "2001:db8::1", port: 7 } },
  });
  runner.disconnect(contexts.disconnect);
  const session = "s1";
  assert.deepEqual(told, [
    ["session.connected", {
      ...{ session, protocol: "rtmp", secure: false, address: "192.0.2.7:50000" },
    }],
    ["session.connected", {
      ...{ session, protocol: "rtmp", secure: true, address: "[2001:db8::1]:7" },
    }],
    ["session.disconnected", {
      ...{ session, reason: "client", durationMs: 3, bytesIn: 1, bytesOut: 2 },
    }],
  ]);
});

test("what becomes of streams and recordings is told, and to plugins in full", () => {
  const seen: unknown[] = [];
  const note = (context: object) => void seen.push(context);
  const { runner, told } = run({
    name: "p",
    onLive: note,
    onEnded: note,
    onRecordStart: note,
    onRecorded: note,
    onRecordFailed: note,
  });
  const of = { app: "live", name: "cam" };
  const publisher = { sessionId: "s1", address: "192.0.2.7:1", since: 5 };
  const file = { ...of, file: "live/cam/1.flv", format: "flv", start: 6 } as const;
  const tracks = [{ kind: "video", id: 0, codec: "avc" }] as const;
  const all = [
    { ...of, publisher },
    { ...of, reason: "lost", durationMs: 7 },
    file,
    { ...file, durationMs: 8, bytes: 9, tracks, reason: "segment" },
    { ...of, file: file.file, format: "flv", error: "full" },
  ] as const;
  runner.live(all[0]);
  runner.ended(all[1]);
  runner.recordStart(all[2]);
  runner.recorded(all[3]);
  runner.recordFailed(all[4]);
  assert.deepEqual(seen, all);
  assert.ok(seen.every((context) => Object.isFrozen(context)));
  const { tracks: given } = seen[3] as { tracks: readonly object[] };
  assert.ok(Object.isFrozen(given) && given.every((track) => Object.isFrozen(track)));
  const name = { ...of, file: file.file };
  assert.deepEqual(told, [
    ["stream.live", { session: "s1", ...of, address: "192.0.2.7:1" }],
    ["stream.ended", { ...of, reason: "lost", durationMs: 7 }],
    ["record.started", name],
    ["record.finished", { ...name, durationMs: 8, bytes: 9, reason: "segment" }],
    ["record.failed", { ...name, error: "full" }],
  ]);
});

test("a user is proven by the first plugin that knows him, now or later", async () => {
  for (const later of [false, true]) {
    const asked: string[] = [];
    const plugin = (name: string, answer?: object): Plugin => ({
      name,
      onLogin: ({ user }) => {
        asked.push(`${name} ${user}`);
        return (later ? Promise.resolve(answer) : answer) as never;
      },
    });
    const context = { ...contexts.connect, user: "ann" };
    const knows = run(plugin("a"), plugin("b", { password: "x" }), plugin("c"));
    assert.deepEqual(await knows.runner.login(context), { kind: "password", password: "x" });
    assert.deepEqual(asked.splice(0), ["a ann", "b ann"]);
    const refuses = run(plugin("a"), plugin("b", refuse("Not ann")));
    assert.deepEqual(await refuses.runner.login(context), {
      ...{ kind: "refused", reason: "Not ann", plugin: "b" },
    });
    asked.length = 0;
    const nobody = run(plugin("a"), { name: "none" }, plugin("c"));
    assert.deepEqual(await nobody.runner.login(context), { kind: "unknown" });
    assert.deepEqual(asked, ["a ann", "c ann"]);
  }
});

test("it is known whether any plugin has a say, or answers calls", () => {
  const none = run({ name: "a" }).runner;
  assert.deepEqual([none.answers, none.decides("onLogin")], [false, false]);
  const some = run({ name: "a", onCall: () => 1, onLogin: () => undefined }).runner;
  assert.deepEqual([some.answers, some.decides("onLogin")], [true, true]);
});

test("verdicts are what they are called", () => {
  assert.deepEqual(
    [needLogin(), refuse("no"), rename("x"), record(), record(false), push("a", "b"), readOnly()],
    [
      { login: true },
      { refuse: "no" },
      { rename: "x" },
      { record: true },
      { record: false },
      { push: ["a", "b"] },
      { readOnly: true },
    ],
  );
});
