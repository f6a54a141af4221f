/** What a plugin under test is told of clients that exist only there. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_CAPABILITIES } from "../../../src/core/rtmp/session/mod.ts";
import { NEUTRAL_REASON, PluginRunner, refuse, rename } from "../../../src/plugin/mod.ts";
import type { Plugin } from "../../../src/plugin/mod.ts";
import { TestClient, type TestClientOptions } from "../../../src/plugin/testing/client.ts";
import { Scene } from "../../../src/plugin/testing/scene.ts";
import { FakeClock } from "../../support/clock.ts";

/** A plugin that notes what each hook is told, and a clock that stands still. */
function setUp(answers: Partial<Plugin> = {}) {
  const clock = new FakeClock(Date.UTC(2026, 0, 2));
  const scene = new Scene();
  // deno-lint-ignore no-explicit-any -- of each hook other members are looked at
  const told: [hook: string, context: any][] = [];
  const note = (hook: string) => (context: unknown): undefined => void told.push([hook, context]);
  const hooks = ["onConnect", "onPublish", "onPlay", "onSharedObject", "onUnpublish"];
  const plugin: Plugin = {
    name: "p",
    ...Object.fromEntries(
      [...hooks, "onPlayEnd", "onDisconnect", "onLive", "onEnded"].map((
        hook,
      ) => [hook, note(hook)]),
    ),
    ...answers,
  };
  const runner = new PluginRunner([plugin], { clock, timeoutMs: 1000, onFault() {} });
  let ids = 0;
  const client = (options: TestClientOptions = {}) =>
    new TestClient({ runner, scene, clock, nextId: () => `c${++ids}` }, options);
  return { clock, scene, told, client };
}

const AT = "2026-01-02T00:00:00.000Z";

test("a client of which nothing is said is one of RTMP", async () => {
  const { client, told, scene } = setUp();
  const one = client();
  assert.equal(one.id, "c1");
  assert.deepEqual([told, scene.sessions()], [[], []], "it has said nothing yet");
  assert.deepEqual(await one.connect(), { allowed: true });
  assert.deepEqual(await one.connect(), { allowed: true }, "it is connected already");
  assert.equal(told.length, 1);
  const { query, ...rest } = told[0]![1];
  assert.equal(String(query), "");
  assert.deepEqual(rest, {
    sessionId: "c1",
    app: "live",
    client: {
      ...{ protocol: "rtmp", secure: false, agent: "test" },
      address: { hostname: "192.0.2.1", port: 50_000 },
    },
    rtmp: { tcUrl: "rtmp://localhost/live", capabilities: NO_CAPABILITIES },
  });
  assert.deepEqual(scene.sessions(), [{
    ...{ id: "c1", protocol: "rtmp", address: "192.0.2.1:50000", app: "live", state: "connected" },
    ...{ client: "test", since: AT, bytesIn: 0, bytesOut: 0, publishing: [], playing: [] },
  }]);
  assert.deepEqual([scene.hasSession("c1"), scene.hasSession("c2")], [true, false]);
});

test("what is said of a client is what plugins are told", async () => {
  const { client, told } = setUp();
  const said = {
    secure: true,
    address: "198.51.100.7",
    agent: "OBS",
    app: "a/b",
    query: "k=1&l=2",
  };
  await client({ ...said, protocol: "rtmps" }).connect();
  await client({ ...said, protocol: "hls", authorization: "Bearer x" }).connect();
  for (const [, { client, app, query }] of told) {
    assert.deepEqual([client.secure, client.address.hostname, client.agent, app, String(query)], [
      ...[true, "198.51.100.7", "OBS", "a/b", "k=1&l=2"],
    ]);
  }
  const [[, rtmps], [, hls]] = told as [typeof told[0], typeof told[0]];
  assert.deepEqual([rtmps.rtmp.tcUrl, rtmps.http], ["rtmp://localhost/a/b?k=1&l=2", undefined]);
  assert.equal(hls.rtmp, undefined);
  assert.deepEqual(hls.http, {
    url: "http://localhost:8080/a/b?k=1&l=2",
    authorization: "Bearer x",
  });
});

test("a publish is live under its public name until it ends, and that is told with its time", async () => {
  const { client, told, scene, clock } = setUp({ onPublish: ({ name }) => rename(`${name}-x`) });
  const one = client({ query: "k=1&m=3", agent: "enc" });
  clock.advance(500);
  assert.deepEqual(await one.publish("cam?k=2", "record"), { allowed: true, name: "cam-x" });
  assert.deepEqual(scene.streams(), [{
    ...{ app: "live", name: "cam-x", uptimeMs: 0, players: 0, bytesIn: 0, bytesOut: 0 },
    publisher: {
      ...{ sessionId: "c1", address: "192.0.2.1:50000", client: "enc" },
      since: "2026-01-02T00:00:00.500Z",
    },
  }]);
  assert.equal(scene.stream("live", "cam-x"), scene.streams()[0]);
  assert.equal(scene.stream("live", "cam"), undefined);
  clock.advance(1500);
  one.unpublish("cam");
  assert.equal(scene.streams().length, 1, "not by the name that it said");
  one.unpublish("cam-x");
  one.unpublish("cam-x");
  assert.deepEqual(scene.streams(), []);
  assert.deepEqual(told.map(([hook]) => hook), ["onConnect", "onLive", "onUnpublish", "onEnded"]);
  const [, [, live], [, over], [, ended]] = told as [string, Record<string, unknown>][];
  assert.deepEqual(live, {
    ...{ app: "live", name: "cam-x" },
    publisher: { sessionId: "c1", address: "192.0.2.1:50000", since: Date.UTC(2026, 0, 2) + 500 },
  });
  const { name, type, reason, bytes, durationMs, query } = over!;
  assert.deepEqual([name, type, reason, bytes, durationMs], ["cam-x", "record", "client", 0, 1500]);
  assert.equal(String(query), "k=2&m=3", "its own parameters first");
  assert.deepEqual(ended, {
    ...{ app: "live", name: "cam-x", reason: "unpublished", durationMs: 1500 },
  });
});

test("a play ends under its public name, with its time and what else is said of it", async () => {
  const { client, told, clock } = setUp({ onPlay: ({ name }) => rename(`${name}-y`) });
  const one = client();
  const verdict = await one.play("cam?t=5", { recorded: true, start: 40 });
  assert.deepEqual(verdict, { allowed: true, name: "cam-y" });
  clock.advance(300);
  one.stop("cam");
  one.stop("cam-y", "not-found");
  one.stop("cam-y");
  assert.deepEqual(told.map(([hook]) => hook), ["onConnect", "onPlayEnd"]);
  const { name, reason, bytes, durationMs, recorded, start, query } = told[1]![1];
  assert.deepEqual([name, reason, bytes, durationMs], ["cam-y", "not-found", 0, 300]);
  assert.deepEqual([recorded, start, String(query)], [true, 40, "t=5"]);
});

test("a publish is one of live media, and an object none that persists, unless that is said", async () => {
  const { client, told } = setUp();
  const one = client();
  await one.publish("a");
  await one.sharedObject("o");
  assert.deepEqual([told[1]![1].type, told[1]![1].name], ["live", "a"]);
  assert.deepEqual([told.at(-1)![1].name, told.at(-1)![1].persistent], ["o", false]);
});

test("who is refused is told why, does nothing, and ends nothing", async () => {
  const { client, told, scene } = setUp({
    onPublish: () => refuse("Not you"),
    onPlay() {
      throw new Error("a bug");
    },
  });
  const one = client();
  assert.deepEqual(await one.publish("a"), { allowed: false, reason: "Not you" });
  assert.deepEqual(await one.play("a"), { allowed: false, reason: NEUTRAL_REASON, fault: true });
  assert.deepEqual(scene.streams(), []);
  one.unpublish("a");
  one.stop("a");
  assert.deepEqual(told.map(([hook]) => hook), ["onConnect"]);
});

test("whose connect is refused asks for nothing else, and its end is not told", async () => {
  const asked: string[] = [];
  const hook = (what: string) => (): undefined => void asked.push(what);
  const { client, scene } = setUp({
    onConnect: () => refuse("Not here"),
    onPublish: hook("publish"),
    onPlay: hook("play"),
    onSharedObject: hook("object"),
    onDisconnect: hook("disconnect"),
  });
  const one = client();
  const refused = { allowed: false, reason: "Not here" };
  assert.deepEqual(await one.connect(), refused);
  assert.deepEqual(await one.publish("a"), refused);
  assert.deepEqual(await one.play("a"), refused);
  assert.deepEqual(await one.sharedObject("a"), refused);
  one.disconnect();
  assert.deepEqual([asked, scene.sessions()], [[], []]);
});

test("a session ends with all that it does, is told of once, and can be begun anew", async () => {
  const { client, told, scene, clock } = setUp();
  const one = client();
  one.disconnect();
  clock.advance(100);
  await one.publish("a");
  await one.play("b");
  clock.advance(900);
  one.disconnect("timeout");
  one.disconnect("timeout");
  assert.deepEqual([scene.sessions(), scene.streams()], [[], []]);
  const ends = told.slice(4);
  assert.deepEqual(ends.map(([hook, { reason }]) => `${hook} ${reason}`), [
    ...["onUnpublish timeout", "onEnded unpublished", "onPlayEnd timeout", "onDisconnect timeout"],
  ]);
  const { sessionId, bytesIn, bytesOut, durationMs } = ends[3]![1];
  assert.deepEqual([sessionId, bytesIn, bytesOut, durationMs], ["c1", 0, 0, 1000]);
  await one.connect();
  assert.deepEqual(told.at(-1)![0], "onConnect");
  one.disconnect();
  assert.deepEqual(told.at(-1)![1].reason, "client");
});

test("a call has the answer of the plugin, which may call the client in turn", async () => {
  const seen: unknown[] = [];
  const { client } = setUp({
    async onCall(method, args, { callClient, sessionId }) {
      seen.push([method, args, sessionId]);
      if (method === "none") return undefined;
      if (method === "no") return refuse("Not that");
      return [await callClient("back", 1, "x")];
    },
  });
  const one = client();
  assert.equal(await one.call("none"), undefined);
  assert.deepEqual(await one.call("ask", [5]), [null], "a client that answers nothing");
  assert.deepEqual(await one.call("ask", [], (...said) => said.join()), ["back,1,x"]);
  await assert.rejects(one.call("no"), /^Error: Not that$/);
  await assert.rejects(one.call("ask", [() => {}]), /cannot|Cannot/);
  assert.deepEqual(seen.slice(0, 2), [["none", [], "c1"], ["ask", [5], "c1"]]);
  assert.equal(seen.length, 4, "what cannot be sent is not");
});
