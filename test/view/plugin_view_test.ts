/** The server as plugins see it: streams, sessions, events and media. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Plugin, PluginRunner } from "../../src/plugin/mod.ts";
import { MAX_FEEDS, PluginView } from "../../src/view/plugin_view.ts";
import { publishGop, Rig, settle } from "../support/rtmp_service.ts";

function setUp(plugin: Partial<Plugin> = {}) {
  const rig = new Rig({ reconnectWindowMs: 1000 });
  const view = new PluginView(rig.hub, rig.view(), rig.clock);
  const runner = new PluginRunner([{ name: "told", ...plugin }], {
    clock: rig.clock,
    timeoutMs: 1000,
    onFault() {},
  });
  view.tell(runner);
  return { rig, view };
}

test("plugins see streams and sessions, and may end them", () => {
  const { rig, view } = setUp();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  const stream = view.stream("live", "test")!;
  assert.deepEqual([view.streams().length, stream.players], [1, 1]);
  assert.equal(stream.publisher!.sessionId, publisher.session.id);
  assert.equal(stream.bytesIn > 0, true);
  assert.deepEqual(
    view.sessions().map(({ protocol, publishing, playing }) => [protocol, publishing, playing]),
    [["rtmp", ["test"], []], ["rtmp", [], ["test"]]],
  );
  assert.equal(view.sendData("live", "test", "onTextData", { text: "hi" }), true);
  assert.equal(view.endSession(player.session.id), true);
  assert.equal(view.endSession("nobody"), false);
  assert.equal(view.endStream("live", "test"), true);
  assert.equal(view.endStream("live", "test"), false);
  assert.deepEqual(view.streams(), []);
});

test("plugins are told once that a stream is live, and once that it is over", async () => {
  const told: unknown[] = [];
  const { rig } = setUp({
    onLive: ({ app, name, publisher }) => void told.push([app, name, publisher.sessionId]),
    onEnded: ({ app, name, reason, durationMs }) => void told.push([app, name, reason, durationMs]),
  });
  const publisher = rig.publisher();
  rig.player();
  rig.clock.advance(700);
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(2000);
  assert.deepEqual(told, [["live", "test", publisher.session.id], ["live", "test", "lost", 2000]]);
});

test("a feed has the headers and the GOP, then what follows, and ends with the stream", async () => {
  const { rig, view } = setUp();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const feed = view.frames("live", "test")!;
  publishGop(publisher, 1000);
  publisher.command(1, "FCUnpublish", 0, null, "test");
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(2000);
  const seen: string[] = [];
  for await (const { kind, timestamp, isKey, isHeader } of feed) {
    seen.push(`${kind[0]}${isHeader ? "h" : isKey ? "k" : ""}${timestamp}`);
  }
  assert.deepEqual(seen.filter((each) => each.startsWith("vk")), ["vk0", "vk1000"]);
  assert.deepEqual(seen.slice(0, 2).map((each) => each[1]), ["h", "h"]);
  const { used, spare } = rig.registry.memory;
  assert.equal(used, spare, "all memory was given back");
});

test("feeds are bounded, count as memory of media, and end with the server", async () => {
  const { rig, view } = setUp();
  publishGop(rig.publisher(), 0);
  const before = rig.registry.memory.used;
  const feeds = Array.from({ length: MAX_FEEDS }, () => view.frames("live", "test")!);
  assert.ok(rig.registry.memory.used > before + MAX_FEEDS * 5000);
  assert.equal(view.frames("live", "test"), undefined);
  feeds[0]!.close();
  assert.ok(view.frames("live", "test") !== undefined);
  view.close();
  for (const feed of feeds) {
    for await (const _ of feed);
  }
  assert.equal(view.frames("live", "test"), undefined);
  assert.deepEqual(view.streams(), []);
});
