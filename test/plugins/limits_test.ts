import assert from "node:assert/strict";
import { test } from "node:test";
import { type Plugin, type PluginServer, refuse } from "../../src/plugin/mod.ts";
import { openRelayMistake } from "../../src/config/open_relay.ts";
import { limits, type LimitsOptions, type LimitsTiming } from "../../plugins/limits.ts";
import { until } from "../support/deadline.ts";
import * as contexts from "../support/plugin_contexts.ts";

/** Runs the plugin with a server whose sessions are these, and which notes what is ended. */
async function run(
  options: LimitsOptions,
  use: (plugin: Plugin, sessions: Set<string>, ended: string[]) => unknown,
  timing: LimitsTiming & { stream?: PluginServer["stream"] } = {},
): Promise<void> {
  const sessions = new Set<string>();
  const ended: string[] = [];
  const plugin = limits(options, timing);
  plugin.start!({
    hasSession: (id: string) => sessions.has(id),
    endSession: (id: string, why: string) => ended.push(`${id} ${why}`) > 0,
    stream: timing.stream ?? (() => undefined),
  } as unknown as PluginServer);
  try {
    await use(plugin, sessions, ended);
  } finally {
    plugin.stop!();
  }
}

const FULL = refuse("The stream has as many viewers as it may have");

test("a stream has so many viewers, each counted once, until they leave or are gone", async () => {
  await run(
    { viewersPerStream: 2, streams: { "vip/*": { viewersPerStream: 1 }, "big/*": {} } },
    (plugin, sessions) => {
      const play = (sessionId: string, change: object = {}) => {
        sessions.add(sessionId);
        return plugin.onPlay!({ ...contexts.publish, sessionId, ...change });
      };
      assert.equal(play("a"), undefined);
      assert.equal(play("b"), undefined);
      assert.equal(play("b"), undefined, "the same viewer");
      assert.deepEqual(play("c"), FULL);
      assert.equal(play("c", { name: "other" }), undefined);
      plugin.onPlayEnd!({ ...contexts.playEnd, sessionId: "a" });
      assert.equal(play("c"), undefined);
      assert.deepEqual(play("d"), FULL);
      // One that was refused by another plugin behind this one is gone without an end.
      sessions.delete("b");
      assert.equal(play("d"), undefined);
      assert.equal(play("e", { app: "vip" }), undefined);
      assert.deepEqual(play("f", { app: "vip" }), FULL);
      for (const id of ["g", "h", "i"]) assert.equal(play(id, { app: "big" }), undefined);
    },
  );
});

test("an address has so many connections, whatever they do, and one of IPv6 is 64 bits", async () => {
  await run({ connectionsPerAddress: 2 }, (plugin, sessions) => {
    const connect = (sessionId: string, hostname: string) => {
      sessions.add(sessionId);
      const client = { ...contexts.connect.client, address: { hostname, port: 1 } };
      return plugin.onConnect!({ ...contexts.connect, sessionId, client });
    };
    const many = refuse("Too many connections from this address");
    assert.equal(connect("a", "192.0.2.1"), undefined);
    assert.equal(connect("a", "192.0.2.1"), undefined, "another application");
    assert.equal(connect("b", "::ffff:192.0.2.1"), undefined);
    assert.deepEqual(connect("c", "192.0.2.1"), many);
    assert.equal(connect("d", "192.0.2.2"), undefined);
    for (const id of ["e", "f"]) assert.equal(connect(id, `2001:db8::${id}`), undefined);
    assert.deepEqual(connect("g", "2001:db8::1:2"), many);
    const client = { ...contexts.connect.client, address: { hostname: "192.0.2.1", port: 1 } };
    plugin.onDisconnect!({ ...contexts.disconnect, sessionId: "a", client });
    assert.equal(connect("c", "192.0.2.1"), undefined);
  });
});

test("with one key so many streams are published", async () => {
  await run({ streamsPerKey: 1, keyParameter: "who" }, (plugin, sessions) => {
    const publish = (sessionId: string, change: object) => {
      sessions.add(sessionId);
      return plugin.onPublish!({ ...contexts.publish, sessionId, ...change });
    };
    const query = new URLSearchParams({ who: "k" });
    const many = refuse("Too many streams with this key");
    assert.equal(publish("a", { query }), undefined);
    assert.deepEqual(publish("a", { query, name: "other" }), many);
    assert.deepEqual(publish("b", { query, name: "other" }), many);
    assert.equal(publish("b", { query, user: "ann" }), undefined);
    assert.deepEqual(publish("c", { user: "ann" }), many);
    assert.equal(publish("d", {}), undefined, "without a key");
    plugin.onUnpublish!({ ...contexts.unpublish, sessionId: "a", query });
    assert.equal(publish("b", { query, name: "other" }), undefined);
  });
});

test("a publisher is ended behind its minutes, those of each of its streams", async () => {
  let now = 0;
  await run({ publisherMinutes: 2 }, async (plugin, _, ended) => {
    plugin.onPublish!(contexts.publish);
    now = 60_000;
    plugin.onPublish!({ ...contexts.publish, name: "second" });
    plugin.onPublish!({ ...contexts.publish, sessionId: "s2" });
    plugin.onUnpublish!({ ...contexts.unpublish, sessionId: "s2" });
    plugin.onUnpublish!(contexts.unpublish);
    now = 179_999;
    plugin.onPublish!({ ...contexts.publish, sessionId: "s3" });
    now = 180_000;
    await until(() => Promise.resolve(ended.length > 0), "an end");
    assert.deepEqual(ended, ["s1 limits: published for as long as it may"]);
  }, { now: () => now });
});

test("a publisher that sends too much is ended, one that sends as much as it may is not", async () => {
  const bytes = new Map<string, number>();
  let now = 0;
  await run({ publisherKbps: 1000 }, async (plugin, _, ended) => {
    plugin.onPublish!({ ...contexts.publish, sessionId: "more", name: "more" });
    plugin.onPublish!({ ...contexts.publish, sessionId: "most", name: "most" });
    await until(() => Promise.resolve(ended.length > 0), "an end");
    assert.deepEqual(ended, ["more limits: more bits a second than a publisher may send"]);
  }, {
    now: () => now,
    windowMs: 2000,
    // Looked at once a second.
    stream: (_, name) => {
      if (name === "more") now += 1000;
      const bytesIn = (bytes.get(name) ?? 0) + (name === "more" ? 125_001 : 125_000);
      bytes.set(name, bytesIn);
      return { bytesIn, publisher: { sessionId: name } } as ReturnType<PluginServer["stream"]>;
    },
  });
});

test("limits decide nothing about who may publish, and mistakes in them stop the load", () => {
  const open = { host: "0.0.0.0", allowAnonymous: false };
  assert.notEqual(openRelayMistake(open, [limits({ viewersPerStream: 1 })]), undefined);
  const told = (options: unknown, message: string) =>
    assert.throws(() => limits(options as LimitsOptions), { message });
  told({ viewersPerStream: 0 }, "limits: viewersPerStream: expected >=1");
  told({ viewers: 1 }, "limits: viewers: there is no such option");
  told(
    { streams: { a: { streamsPerKey: 1 } } },
    "limits: streams.a.streamsPerKey: there is no such option",
  );
});

test("nobody fills the memory with names that somebody else refuses", async () => {
  const many = refuse("Too many streams in one session");
  await run({ viewersPerStream: 9, publisherKbps: 1, streamsPerKey: 9 }, (plugin, sessions) => {
    sessions.add("s1");
    const answers = Array.from({ length: 1000 }, (_, index) => {
      const query = new URLSearchParams({ key: `k${index}` });
      return [
        plugin.onPublish!({ ...contexts.publish, name: `p${index}`, query }),
        plugin.onPlay!({ ...contexts.publish, name: `p${index}` }),
      ];
    }).flat();
    assert.equal(answers.filter((answer) => answer === undefined).length, 64);
    assert.deepEqual(answers.at(-1), many);
    const query = new URLSearchParams({ key: "k0" });
    assert.equal(plugin.onPublish!({ ...contexts.publish, name: "p0", query }), undefined);
    plugin.onUnpublish!({ ...contexts.unpublish, name: "p0", query });
    assert.equal(plugin.onPublish!({ ...contexts.publish, name: "next" }), undefined);
    assert.deepEqual(plugin.onPublish!({ ...contexts.publish, name: "after" }), many);
    plugin.onDisconnect!(contexts.disconnect);
    assert.equal(plugin.onPublish!({ ...contexts.publish, name: "after" }), undefined);
  });
});

test("another version goes on with what was counted, beside what it has counted itself", async () => {
  let now = 0;
  const options: LimitsOptions = { viewersPerStream: 2, publisherMinutes: 2 };
  await run(options, (plugin, sessions) => {
    for (const id of ["a", "b"]) sessions.add(id);
    plugin.onPlay!({ ...contexts.publish, sessionId: "a" });
    plugin.onPublish!({ ...contexts.publish, sessionId: "a" });
    const left = plugin.handOver!();
    plugin.stop!();
    const ended: string[] = [];
    const next = limits(options, { now: () => now });
    // It is asked before it is started.
    assert.equal(next.onPlay!({ ...contexts.publish, sessionId: "b" }), undefined);
    next.start!({
      hasSession: (id: string) => sessions.has(id),
      endSession: (id: string) => ended.push(id) > 0,
      stream: () => undefined,
    } as unknown as PluginServer, left);
    try {
      assert.deepEqual(next.onPlay!({ ...contexts.publish, sessionId: "c" }), FULL);
      next.onPlayEnd!({ ...contexts.playEnd, sessionId: "a" });
      assert.equal(next.onPlay!({ ...contexts.publish, sessionId: "c" }), undefined);
      now = 120_000;
    } finally {
      assert.deepEqual(next.handOver!() instanceof Object, true);
      next.stop!();
    }
    for (const odd of [undefined, 7, {}, { counts: [], ends: {}, begun: new Map() }]) {
      const other = limits(options);
      other.start!({ hasSession: () => true } as unknown as PluginServer, odd);
      other.stop!();
    }
  }, { now: () => now });
});
