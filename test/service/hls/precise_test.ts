/** Bounds and ends of HLS to the millisecond, and what is told of viewers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type NeedLogin,
  needLogin,
  type Plugin,
  type Refusal,
  refuse,
} from "../../../src/plugin/mod.ts";
import { compressed, wantsCompressed } from "../../../src/service/hls/compressed.ts";
import { mediaFile } from "../../../src/service/hls/body.ts";
import { refusal } from "../../../src/service/hls/refusal.ts";
import { Mp4Container } from "../../../src/service/hls/container.ts";
import { Turns } from "../../../src/service/hls/turns.ts";
import { FakeClock } from "../../support/clock.ts";
import { HlsRig } from "../../support/hls_rig.ts";
import { AUDIO_HEADER, audioFrame } from "../../support/media.ts";
import { readPlaylist } from "../../support/hls_validator.ts";
import { settle } from "../../support/rtmp_service.ts";

const INDEX = "/live/test/index.m3u8";

/** A rig with a stream that is live for so long. */
function live(...args: ConstructorParameters<typeof HlsRig>) {
  const rig = new HlsRig(...args);
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  return { rig, publisher };
}

/** What a rig tells whoever listens. */
function activity(rig: HlsRig): [type: string, about: Record<string, unknown>][] {
  const heard: [string, Record<string, unknown>][] = [];
  rig.runner.activity.listen((type, about) => heard.push([type, { ...about }]));
  return heard;
}

test("a viewer that asks for nothing is ended by the first look at its time or behind it", async () => {
  for (const [sessionMs, least] of [[1000, 1000], [1001, 1250]] as const) {
    const { rig } = live({ sessionMs });
    await rig.viewer();
    const [session] = rig.hls.sessions.values();
    const now = rig.clock.now();
    assert.equal(session!.isForgotten(now + 999, 1000), false);
    assert.equal(session!.isForgotten(now + 1000, 1000), true);
    rig.clock.advance(least - 1);
    assert.equal(rig.hls.sessions.size, 1, `${least}`);
    rig.clock.advance(1);
    assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0], `${least}`);
  }
});

test("a stream for everybody is packaged until nobody has asked for so long", async () => {
  const { rig } = live({ addresses: "shared", sessionMs: 1000 });
  await rig.ask(INDEX);
  rig.clock.advance(999);
  assert.equal(rig.hls.streams, 1);
  rig.clock.advance(1);
  assert.equal(rig.hls.streams, 0);
});

test("what there was of a stream is served for half a minute", async () => {
  const { rig, publisher } = live({ sessionMs: 600_000 });
  await rig.viewer();
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(29_999);
  assert.equal(rig.hls.streams, 1);
  rig.clock.advance(1);
  assert.equal(rig.hls.streams, 0);
});

test("sound alone is packaged without waiting for pictures", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  publisher.message(8, 1, 0, AUDIO_HEADER);
  for (let time = 0; time < 6000; time += 20) {
    rig.clock.advance(20);
    publisher.message(8, 1, time, audioFrame());
  }
  const asked = rig.ask(INDEX);
  await settle();
  for (let time = 6000; time < 9000; time += 20) {
    rig.clock.advance(20);
    publisher.message(8, 1, time, audioFrame());
  }
  const { status, text } = await asked;
  assert.equal(status, 200, text);
  assert.match(text, /CODECS="mp4a\.40\.2"/);
});

test("nothing is looked at while nobody is there, nor once it has stopped", async () => {
  const { rig } = live({ sessionMs: 1000 });
  const { pending } = rig.clock;
  const folder = await rig.viewer();
  await rig.viewer();
  assert.equal(rig.clock.pending, pending + 1);
  rig.clock.advance(1000);
  assert.equal(rig.clock.pending, pending);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.code, "no-session");
  await rig.viewer();
  assert.equal(rig.clock.pending, pending + 1);
  rig.hls.stop();
  assert.equal(rig.clock.pending, pending);
});

test("beginnings and ends of viewers are told, with how long they took", async () => {
  const { rig } = live();
  const heard = activity(rig);
  await rig.viewer();
  const [session] = rig.hls.sessions.values();
  const { id } = session!;
  rig.clock.advance(1234);
  session!.end("kicked");
  assert.deepEqual(heard.map(([type]) => type), [
    "session.connected",
    "play.started",
    "play.stopped",
    "session.disconnected",
  ]);
  const what = { session: id, app: "live", name: "test" };
  assert.deepEqual(heard[1]![1], what);
  assert.deepEqual(heard[2]![1], { ...what, reason: "kicked", durationMs: 1234 });
  assert.equal(session!.progress, 3, "it has come as far as anybody can");
});

test("viewers that were let in make no room for others that come", async () => {
  const { rig } = live();
  await rig.viewer();
  assert.deepEqual([rig.admission.size, rig.admission.pending], [1, 0]);
});

test("a viewer that makes room for others was too slow", async () => {
  const reasons: string[] = [];
  const plugin: Plugin = {
    name: "watch",
    onPlayEnd: ({ reason }) => void reasons.push(reason),
  };
  const { rig } = live({ maxUnused: 1 }, {}, plugin);
  await rig.viewer();
  await rig.viewer();
  assert.deepEqual(reasons, ["timeout"]);
});

test("a name that nobody may have is refused, also one that plugins may map", async () => {
  const { rig } = live();
  for (const path of ["/live/~x/index.m3u8", "/live/a%20b/index.m3u8"]) {
    const { status, code } = await rig.ask(path);
    assert.deepEqual([status, code], [400, "bad-name"], path);
  }
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
});

test("who is to say who they are is told so by another status", async () => {
  // Whoever publishes by RTMP is let in.
  const only = (verdict: () => Refusal | NeedLogin): Plugin => ({
    name: "no",
    onConnect: ({ client }) => client.protocol === "hls" ? verdict() : undefined,
  });
  const { rig } = live({}, {}, only(needLogin));
  const { status, code } = await rig.ask(INDEX);
  assert.deepEqual([status, code], [401, "login"]);
  const { rig: other } = live({}, {}, only(() => refuse("Not you")));
  other.takeTold();
  const refused = await other.ask(INDEX);
  assert.deepEqual([refused.status, refused.code], [403, "refused"]);
  assert.match(refused.text, /Not you/);
  assert.deepEqual(other.takeTold(), [], "and nobody was connected");
});

test("a server that is full takes no further viewer, nor one from the same network", async () => {
  for (const settings of [{ maxConnections: 1 }, { maxConnectionsPerAddress: 1 }]) {
    const { rig } = live({}, settings);
    await rig.viewer();
    const { status, code } = await rig.ask(INDEX);
    assert.deepEqual([status, code], [503, "crowded"]);
    assert.equal(rig.hls.sessions.size, 1);
  }
});

test("a viewer that is ended while somebody is to bring its stream gets nothing", async () => {
  const { rig } = live();
  let bring = () => {};
  let forgotten = 0;
  rig.hub.want = (_path, _now, tell) => {
    bring = () => tell(true);
    return () => void forgotten++;
  };
  const kicked = rig.ask(INDEX);
  await settle();
  for (const session of [...rig.hls.sessions.values()]) session.end("kicked");
  bring();
  assert.equal((await kicked).code, "stopping");
  assert.equal(forgotten, 0);
  const abort = new AbortController();
  const gone = rig.ask(INDEX, { signal: abort.signal });
  await settle();
  abort.abort();
  assert.equal(forgotten, 1, "it is wanted no more");
  bring();
  assert.equal((await gone).code, "stopping");
  rig.clock.advance(250);
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
});

test("a fault while a viewer is let in ends it, and nobody else", async () => {
  const { rig } = live();
  const folder = await rig.viewer();
  rig.hub.want = () => {
    throw new TypeError("inside");
  };
  rig.takeTold();
  await assert.rejects(rig.ask(INDEX), TypeError);
  assert.deepEqual(rig.takeTold(), ["disconnect internal"]);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
});

test("a fault while frames are packaged ends the packaging, and is counted", async () => {
  const { rig, publisher } = live({ mode: "always" });
  const folder = await rig.viewer();
  const [session] = rig.hls.sessions.values();
  session!.stream!.onFault(new TypeError("inside"));
  assert.equal(rig.counted.list().find(({ subsystem }) => subsystem === "session")?.count, 1);
  assert.equal(session!.stream!.isClosed, true);
  const ask = rig.plain(`${folder}main.m3u8`);
  rig.publish(publisher, 1000);
  assert.equal(ask.answer!.code, "no-session");
  assert.equal(rig.hls.sessions.size, 0);
});

test("the time for a viewer to ask begins when it has its playlist, and anew when a wait is over", async () => {
  const rig = new HlsRig({ sessionMs: 20_000 });
  const publisher = rig.publisher();
  const asked = rig.ask(INDEX);
  await settle();
  rig.clock.advance(9000);
  rig.publish(publisher, 2000);
  const { status } = await asked;
  assert.equal(status, 200);
  rig.clock.advance(15_000);
  assert.equal(rig.hls.sessions.size, 1);

  const { rig: other, publisher: second } = live({ sessionMs: 1000 });
  const folder = await other.viewer();
  const { hint } = readPlaylist(other.plain(`${folder}main.m3u8`).answer!.text);
  const part = other.plain(folder + hint);
  other.clock.advance(1500);
  other.publish(second, 400);
  assert.equal(part.answer!.status, 200);
  other.clock.advance(600);
  assert.equal(other.hls.sessions.size, 1);
});

test("a request that comes as one can be given up as well", async () => {
  const { rig, publisher } = live();
  const folder = await rig.viewer();
  const [session] = rig.hls.sessions.values();
  const { hint } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  const abort = new AbortController();
  let answered = false;
  void rig.ask(folder + hint, { signal: abort.signal }).then(() => answered = true);
  assert.equal(session!.waiting, 1);
  abort.abort();
  assert.equal(session!.waiting, 0);
  rig.publish(publisher, 1000);
  await settle();
  assert.equal(answered, false);
});

test("a playlist is none of a name that it does not list", async () => {
  const { rig } = live();
  const folder = await rig.viewer();
  assert.equal(rig.plain(`${folder}audio7.m3u8`).answer!.code, "no-file");
});

test("who has played one that ended plays on, and who comes behind it plays the next", async () => {
  const { rig, publisher } = live({ sessionMs: 600_000 });
  const folder = await rig.viewer();
  publisher.connection.hangUp();
  await settle();
  rig.time = 0;
  rig.publish(rig.publisher(), 3000);
  const next = await rig.viewer();
  assert.equal(rig.hls.streams, 2);
  assert.equal(readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).ended, true);
  assert.equal(readPlaylist(rig.plain(`${next}main.m3u8`).answer!.text).ended, false);
  rig.clock.advance(31_000);
  assert.equal(rig.hls.streams, 1);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.code, "no-session");
  assert.equal(rig.plain(`${next}main.m3u8`).answer!.status, 200);
  rig.hls.stop();
  assert.equal(rig.hls.streams, 0);
});

test("files are at the addresses of their viewers, and nobody else's", () => {
  const { rig } = live({ mode: "always" });
  assert.equal(rig.plain("/live/test/main.m3u8").answer!.code, "no-file");
  const taken = rig.hls.plain({
    method: "POST",
    target: "/live/test/main.m3u8",
    header: () => undefined,
    body: () => {},
  }, () => assert.fail("a POST is for somebody else"));
  assert.equal(taken, false);
});

test("caches keep a playlist for half of its target, and one that was waited for for six of them", async () => {
  const { rig, publisher } = live({ addresses: "shared", segmentMs: 6000, listedMs: 60_000 });
  await rig.ask(INDEX);
  const list = () => rig.plain("/live/test/main.m3u8").answer!;
  for (let second = 0; second < 20; second++) {
    rig.publish(publisher, 1000);
    list();
  }
  const { targetDuration, mediaSequence } = readPlaylist(list().text);
  assert.ok(targetDuration % 2 === 1 && targetDuration > 4, `${targetDuration}`);
  const half = (targetDuration - 1) / 2;
  assert.equal(list().headers["Cache-Control"], `public, max-age=${half}`);
  const reload = rig.plain(`/live/test/main.m3u8?_HLS_msn=${mediaSequence}`).answer!;
  assert.equal(reload.headers["Cache-Control"], `public, max-age=${6 * targetDuration}`);
});

test("playlists of 4 KiB are compressed, once for all, and shorter ones are not", async () => {
  const file = (size: number) => mediaFile("text/plain", [new Uint8Array(size)]);
  assert.equal(wantsCompressed(file(4095), "gzip"), false);
  assert.equal(wantsCompressed(file(4096), "gzip"), true);
  assert.equal(wantsCompressed(file(4096), undefined), false);
  const long = file(4096);
  assert.equal(compressed(long), compressed(long));
  const small = await compressed(long);
  assert.equal(small.type, "text/plain");
  assert.ok(small.size < 100 && small.size === small.chunks[0]!.length);
});

test("who is late is told when to ask again, and nobody else is", () => {
  assert.equal(refusal("late").headers["Retry-After"], "1");
  assert.equal(refusal("no-file").headers["Retry-After"], undefined);
});

test("eight beginnings of a playlist are kept, whatever the others have", () => {
  const container = new Mp4Container("run");
  const first = container.begin("audio0", []);
  const names = Array.from({ length: 10 }, () => container.begin("main", []));
  assert.deepEqual([...container.maps.keys()], [first, ...names.slice(2)]);
});

test("a turn of answers takes three milliseconds", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  let told = 0;
  turns.tell(new Set([1, 2, 3, 4, 5, 6, 7]), () => {
    told++;
    clock.sleep(1);
  });
  assert.equal(told, 3);
});
