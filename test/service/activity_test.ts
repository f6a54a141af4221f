/** What is told of clients, whatever they came by: each beginning and each end, once, with what it was of. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PluginRunner } from "../../src/plugin/mod.ts";
import { FlvRig } from "../support/flv_rig.ts";
import { VIDEO_HEADER } from "../support/media.ts";
import { playing, RecordedRig } from "../support/recorded_rig.ts";
import { publishGop, Rig, settle } from "../support/rtmp_service.ts";
import { DEMO, FileRig } from "./files/file_rig.ts";
import { RelayRig } from "./relay/relay_rig.ts";

type Event = [type: string, about: Record<string, unknown>];

/** What is told from now on, but for that. */
function listen(
  { activity }: Pick<PluginRunner, "activity">,
  without: RegExp = /^(?:session|stream)\./,
): Event[] {
  const heard: Event[] = [];
  activity.listen((type, about) => {
    if (!without.test(type)) heard.push([type, { ...about }]);
  });
  return heard;
}

const OF = { app: "live", name: "test" };

test("a client of RTMP plays from when there is something to play, and stops with it", async () => {
  const rig = new Rig();
  const player = rig.player();
  const heard = listen(rig.runner);
  rig.clock.advance(700);
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const session = player.session.id;
  assert.deepEqual(heard.splice(0), [["play.started", { session, ...OF }]]);
  rig.clock.advance(1234);
  player.command(1, "closeStream", 0, null);
  assert.deepEqual(heard.splice(0), [
    ["play.stopped", { session, ...OF, reason: "client", durationMs: 1934 }],
  ]);
  // A name that is only waited for is nobody's.
  const waiting = rig.player("nobody");
  waiting.command(1, "closeStream", 0, null);
  assert.equal(heard.length, 0);
  // One that is live at once.
  const late = rig.player();
  assert.deepEqual(heard.splice(0), [["play.started", { session: late.session.id, ...OF }]]);
  late.connection.hangUp();
  await settle();
  assert.deepEqual(heard.map(([type, { reason }]) => [type, reason]), [
    ["play.stopped", "disconnected"],
  ]);
});

test("who plays a recording is told of with its file", async () => {
  const rig = new RecordedRig();
  const heard = listen(rig.runner);
  const client = await playing(rig, 0);
  const session = client.session.id;
  const of = { session, app: "live", name: "demo" };
  assert.deepEqual(heard.splice(0), [["play.started", { ...of, file: "live/demo.flv" }]]);
  rig.clock.advance(250);
  client.command(1, "closeStream", 0, null);
  await settle();
  assert.deepEqual(heard, [["play.stopped", { ...of, reason: "client", durationMs: 250 }]]);
});

test("a player of FLV plays from when its stream is there", async () => {
  const rig = new FlvRig();
  const heard = listen(rig.runner);
  const ask = rig.ask("/live/test.flv");
  await settle();
  const [session] = rig.flv.sessions.values();
  assert.deepEqual([heard, session!.describe().state], [[], "waiting"]);
  assert.deepEqual([rig.admission.size, rig.admission.pending], [1, 0], "it makes no room");
  rig.clock.advance(700);
  publishGop(rig.publisher(), 0);
  const player = await ask.opened();
  const { id } = session!;
  assert.deepEqual(heard.splice(0), [["play.started", { session: id, ...OF }]]);
  rig.clock.advance(1234);
  player.connection.hangUp();
  await settle();
  assert.deepEqual(heard, [
    ["play.stopped", { session: id, ...OF, reason: "disconnected", durationMs: 1234 }],
  ]);
  assert.equal(session!.progress, 3);
});

test("a player of FLV that is gone before its stream has played nothing", async () => {
  const rig = new FlvRig();
  const heard = listen(rig.runner);
  const ask = rig.ask("/live/test.flv");
  await settle();
  const [session] = rig.flv.sessions.values();
  rig.takeTold();
  session!.evict();
  const { status, code } = await ask.refused();
  assert.deepEqual([status, code], [503, "crowded"]);
  assert.deepEqual(heard, []);
  assert.deepEqual(rig.takeTold(), ["stop test timeout", "disconnect timeout"]);
});

test("who takes a file is told of as a player, and who only asks is not", async () => {
  const rig = new FileRig();
  const heard = listen(rig.runner);
  assert.equal((await rig.ask(DEMO, {}, { method: "HEAD" })).status, 200);
  assert.deepEqual(heard, []);
  const answer = await rig.ask(DEMO);
  assert.deepEqual([rig.admission.size, rig.admission.pending], [1, 0]);
  const [session] = rig.files.sessions.values();
  const of = { session: session!.id, app: "live", name: "demo" };
  assert.equal(session!.progress, 3);
  assert.deepEqual(heard.splice(0), [["play.started", { ...of, file: "live/demo/1.mp4" }]]);
  rig.clock.advance(99);
  await answer.arrayBuffer();
  assert.deepEqual(heard, [["play.stopped", { ...of, reason: "client", durationMs: 99 }]]);
});

for (
  const [name, make] of [
    ["FLV", (plugin: { name: string }) => {
      const rig = new FlvRig({}, plugin);
      return { rig, ask: () => rig.ask("/live/test.flv").response().catch(() => undefined) };
    }],
    ["files", (plugin: { name: string }) => {
      const rig = new FileRig(plugin);
      return { rig, ask: () => rig.ask(DEMO) };
    }],
  ] as const
) {
  test(`of ${name} who is let in is told of, and who is not let in is not`, async () => {
    const { rig, ask } = make({ name: "any" });
    const heard = listen(rig.runner, /^(?:play|stream)\./);
    void ask();
    await settle();
    const all = [...("flv" in rig ? rig.flv : rig.files).sessions.values()];
    for (const session of all) session.end("kicked");
    assert.deepEqual(heard.map(([type]) => type), ["session.connected", "session.disconnected"]);
    assert.equal(heard[1]![1].reason, "kicked");
    const { rig: closed, ask: askInVain } = make(
      { name: "no", onConnect: () => ({ refuse: "No" }) } as { name: string },
    );
    const silence = listen(closed.runner, /^(?:play|stream)\./);
    const answer = await askInVain();
    assert.equal(answer?.status, 403);
    assert.deepEqual(silence, []);
  });
}

test("a relay is told of in each state that it comes to, with what went wrong", async () => {
  const heard: [state: string, kind: unknown][] = [];
  const rig = new RelayRig({}, {
    activity: {
      listen() {},
      tell: (type: string, about: Record<string, unknown>) => {
        assert.equal(type, "relay.state");
        const { state, error, ...rest } = about;
        heard.push([String(state), (error as { kind?: string } | null)?.kind ?? null]);
        assert.deepEqual(Object.keys(rest).sort(), ["app", "direction", "id", "name", "url"]);
        assert.deepEqual([rest.app, rest.name, rest.direction], ["live", "cam", "push"]);
        assert.equal(rest.url, "rtmp://target.test:1935/app/***");
      },
    },
  } as unknown as Pick<PluginRunner, "activity">);
  const publisher = rig.publish();
  rig.target();
  await rig.settle();
  assert.deepEqual(heard.splice(0), [["connecting", null], ["retrying", "dial"]]);
  const server = rig.next();
  await rig.settle(500);
  assert.deepEqual(heard.splice(0), [["connecting", "dial"], ["publishing", null]]);
  server.connection.hangUp();
  await rig.settle();
  assert.deepEqual(heard.splice(0), [["retrying", "closed"]]);
  rig.hub.registry.unpublish(publisher, rig.clock.now());
  await rig.settle(60_000);
  assert.deepEqual(heard.map(([state]) => state), ["waiting"]);
});

test("a source that gives something is told of without what went wrong before", async () => {
  const heard: unknown[][] = [];
  const tell = (_type: string, about: Record<string, unknown>) =>
    void heard.push([about.direction, about.state, about.error === null]);
  const pull = [{ pattern: "live/cam", sources: ["rtmp://one.test/a/b"], always: true }];
  const rig = new RelayRig({ pull }, { activity: { listen() {}, tell } } as never);
  await rig.settle();
  const server = rig.next();
  await rig.settle(500);
  server.message(9, 1, 0, VIDEO_HEADER);
  assert.deepEqual(heard, [
    ["pull", "connecting", true],
    ["pull", "retrying", false],
    ["pull", "connecting", false],
    ["pull", "playing", true],
  ]);
});
