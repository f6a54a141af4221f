/** Viewers of HLS: one decision, one session, and addresses that end with it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Plugin, refuse, rename } from "../../../src/plugin/mod.ts";
import { HlsRig } from "../../support/hls_rig.ts";
import { readPlaylist } from "../../support/hls_validator.ts";
import { interFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";

test("a viewer has a playable playlist at once, from what is cached", async () => {
  const rig = new HlsRig();
  rig.publish(rig.publisher(), 1600);
  const folder = await rig.viewer();
  const { answer } = rig.plain(`${folder}main.m3u8`);
  assert.equal(answer!.status, 200);
  const { segments, hint } = readPlaylist(answer!.text);
  assert.equal(segments.length, 1);
  assert.ok(segments[0]!.parts[0]!.independent);
  const media = rig.plain(folder + segments[0]!.uri).answer!;
  assert.equal(media.status, 200);
  const parts = segments[0]!.parts.map(({ uri }) => rig.plain(folder + uri).answer!.bytes);
  assert.deepEqual(Uint8Array.from(parts.flatMap((part) => [...part])), media.bytes);
  assert.ok(hint !== undefined);
  assert.equal(rig.plain(folder + segments[0]!.map).answer!.headers["Content-Type"], "video/mp4");
});

test("GStreamer, which loses its way in a playlist of one segment, waits for the second one, in bounds", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 1600);
  const init = { headers: { "user-agent": "GStreamer souphttpsrc 1.22.0 libsoup/3.2.3" } };
  let came = false;
  const asked = rig.ask("/live/test/index.m3u8", init).then((answer) => {
    came = true;
    return answer;
  });
  for (let count = 0; count < 20; count++) await Promise.resolve();
  assert.equal(came, false);
  rig.publish(publisher, 3000);
  const { status, text } = await asked;
  assert.equal(status, 200);
  const folder = `/live/test/${/\n(~[^/]+\/)/.exec(text)![1]}`;
  assert.ok(readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).segments.length >= 2);
  assert.equal((await rig.ask("/live/test/index.m3u8", init)).status, 200, "now at once");

  const other = new HlsRig();
  other.publish(other.publisher(), 1600);
  const late = other.ask("/live/test/index.m3u8", init);
  for (let count = 0; count < 20; count++) await Promise.resolve();
  other.clock.advance(10_500);
  assert.equal((await late).status, 200, "one is better than none");
});

test("a stream whose key frames are far apart has a Target Duration for that, once it is known", async () => {
  const targets: number[] = [];
  for (const gop of [25, 100]) {
    const rig = new HlsRig();
    const publisher = rig.publisher();
    publisher.message(9, 1, 0, VIDEO_HEADER);
    for (let picture = 0; picture < 220; picture++) {
      rig.clock.advance(40);
      const time = 40 * picture;
      publisher.message(9, 1, time, picture % gop === 0 ? keyFrame(2000) : interFrame(500));
    }
    const folder = await rig.viewer();
    targets.push(readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).targetDuration);
  }
  assert.deepEqual(targets, [3, 4]);
});

test("plugins decide once, are told what it is, and again when it is over", async () => {
  const told: string[] = [];
  const plugin: Plugin = {
    name: "watch",
    onPlay: ({ name, query }) => void told.push(`play ${name} ${query.get("token")}`),
    onDisconnect: ({ reason }) => void told.push(`disconnect ${reason}`),
  };
  const rig = new HlsRig({}, {}, plugin);
  const publisher = rig.publisher();
  rig.publish(publisher, 1000);
  const { text } = await rig.ask("/live/test/index.m3u8?token=abc");
  const folder = `/live/test/${/\n(~[^/]+\/)/.exec(text)![1]}`;
  for (let count = 0; count < 5; count++) {
    assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  }
  assert.deepEqual(told, ["play test abc"]);
  assert.equal(rig.hls.sessions.size, 1);
  const [session] = rig.hls.sessions.values();
  assert.deepEqual(session!.describe().playing, ["test"]);
  session!.end("kicked");
  assert.deepEqual(told, ["play test abc", "disconnect kicked"]);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.code, "no-session");
  assert.equal(rig.hls.sessions.size, 0);
});

test("who is refused gets nothing, and no session is left of it", async () => {
  const rig = new HlsRig({}, {}, { name: "no", onPlay: () => refuse("Members only") });
  rig.publish(rig.publisher(), 1000);
  const { status, code, text } = await rig.ask("/live/test/index.m3u8");
  assert.deepEqual([status, code], [403, "refused"]);
  assert.match(text, /Members only/);
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
});

test("a plugin may lead a secret name to a stream", async () => {
  const rig = new HlsRig({}, {}, { name: "keys", onPlay: () => rename("test") });
  rig.publish(rig.publisher(), 1000);
  const folder = await rig.viewer("/live/s3cret");
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  const [session] = rig.hls.sessions.values();
  assert.deepEqual(session!.describe().playing, ["test"]);
});

test("nobody publishes: there is nothing, and nothing is kept", async () => {
  const rig = new HlsRig();
  const { status, code } = await rig.ask("/live/test/index.m3u8");
  assert.deepEqual([status, code], [404, "not-found"]);
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
});

test("a viewer that asks for nothing any more is gone, and the last one takes the packaging along", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 2000);
  const before = rig.hub.registry.memory.used;
  const folder = await rig.viewer();
  assert.equal(rig.hls.streams, 1);
  rig.publish(publisher, 15_000);
  assert.ok(rig.hub.registry.memory.used > before + 100_000, "segments count as media");
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  rig.publish(publisher, 19_000);
  assert.equal(rig.hls.sessions.size, 1);
  rig.publish(publisher, 2000);
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
  assert.ok(rig.hub.registry.memory.used <= before + 20_000, "all of it is given back");
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.code, "no-session");
});

test("a stream that nobody watches takes no memory and no work of HLS", () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 5000);
  assert.equal(rig.hls.streams, 0);
  const { memory } = rig.hub.registry;
  const used = memory.used;
  rig.publish(publisher, 10_000);
  assert.ok(Math.abs(memory.used - used) < 100_000);
});

test("with always, segments are there before anybody asks", async () => {
  const rig = new HlsRig({ mode: "always" });
  rig.publish(rig.publisher(), 9000);
  assert.equal(rig.hls.streams, 1);
  const folder = await rig.viewer();
  assert.ok(readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).segments.length >= 4);
});

test("a publisher that says goodbye ends the playlists, which stay for who still plays them", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  const waiting = rig.plain(`${folder}main.m3u8?_HLS_msn=99999999999`);
  assert.equal(waiting.answer!.code, "too-far");
  publisher.connection.hangUp();
  await Promise.resolve();
  const list = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.equal(list.ended, true);
  assert.equal(rig.plain(folder + list.segments[0]!.uri).answer!.status, 200);
});

test("a publisher that comes back in time goes on in the same playlist, behind a discontinuity", async () => {
  const rig = new HlsRig({}, { reconnectWindowMs: 10_000 });
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  publisher.connection.hangUp();
  await Promise.resolve();
  const before = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.equal(before.ended, false);
  rig.clock.advance(3000);
  const again = rig.publisher();
  rig.time = 0;
  rig.publish(again, 5000);
  const after = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.equal(after.ended, false);
  assert.equal(after.mediaSequence, before.mediaSequence);
  const broken = after.segments.filter(({ discontinuity }) => discontinuity);
  assert.deepEqual(broken.map(({ msn }) => msn), [before.segments.at(-1)!.msn + 1]);
});

test("addresses for caches are the same for all, say how long they may be kept, and need no session", async () => {
  const rig = new HlsRig({ addresses: "shared" });
  const publisher = rig.publisher();
  rig.publish(publisher, 5000);
  const master = await rig.ask("/live/test/index.m3u8");
  assert.match(master.text, /\nmain\.m3u8\n/);
  assert.match(master.headers["Cache-Control"]!, /^public/);
  assert.equal(rig.hls.sessions.size, 0);
  rig.publish(publisher, 8000);
  const list = rig.plain("/live/test/main.m3u8").answer!;
  assert.equal(list.headers["Cache-Control"], "public, max-age=1");
  const { segments } = readPlaylist(list.text);
  const media = rig.plain(`/live/test/${segments[0]!.uri}`).answer!;
  assert.equal(media.headers["Cache-Control"], "public, max-age=3600, immutable");
  const reload = rig.plain(`/live/test/main.m3u8?_HLS_msn=${segments.at(-1)!.msn}`).answer!;
  assert.match(reload.headers["Cache-Control"]!, /^public, max-age=1[28]$/);
  // Nobody asks for a while: it is gone.
  rig.publish(publisher, 25_000);
  assert.equal(rig.hls.streams, 0);
});

test("who asks for the stream again and again, and for nothing of it, takes nobody's place", async () => {
  const rig = new HlsRig({ maxUnused: 3 });
  rig.publish(rig.publisher(), 1600);
  const folder = await rig.viewer();
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  const late = await rig.viewer();
  for (let count = 0; count < 20; count++) await rig.viewer();
  assert.equal(rig.hls.sessions.size, 4);
  assert.equal(rig.admission.size, 4);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  assert.equal(rig.plain(`${late}main.m3u8`).answer!.code, "no-session");
  for (const { id } of [...rig.hls.sessions.values()]) rig.hls.sessions.get(id)!.end("kicked");
  for (let count = 0; count < 5; count++) await rig.viewer();
  assert.equal(rig.hls.sessions.size, 3);
});

test("addresses for caches lead to the stream that a plugin has chosen, and however its path was written", async () => {
  const rig = new HlsRig({ addresses: "shared" }, {}, {
    name: "keys",
    onPlay: ({ name }) => name === "s3cret" ? rename("test") : undefined,
  });
  rig.publish(rig.publisher(), 1600);
  for (
    const [path, prefix] of [
      ["/live/test", ""],
      ["/live/s3cret", "../../live/test/"],
      ["/live/%74est", "../../live/test/"],
      ["//live//test", "../../../../live/test/"],
    ]
  ) {
    const { text } = await rig.ask(`${path}/index.m3u8`);
    const variant = text.split("\n").find((line) => line !== "" && !line.startsWith("#"))!;
    assert.equal(variant, `${prefix}main.m3u8`, path);
    const { pathname } = new URL(variant, `http://127.0.0.1${path}/index.m3u8`);
    if (path !== "//live//test") assert.equal(rig.plain(pathname).answer!.status, 200, path);
  }
});

test("a stream that nobody watches any more is tapped no more", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 1600);
  const stream = rig.hub.registry.get({ app: "live", name: "test" })!;
  const tap = stream.tap.bind(stream);
  let taps = 0;
  stream.tap = (...args) => {
    const untap = tap(...args);
    taps++;
    return () => {
      taps--;
      untap();
    };
  };
  await rig.viewer();
  assert.equal(taps, 1);
  for (let seconds = 0; seconds < 60; seconds++) rig.publish(publisher, 1000);
  assert.equal(taps, 0);
});

test("who waits for less is not kept by who came first and waits for more", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 80);
  const came: string[] = [];
  const ask = (agent: string) =>
    rig.ask("/live/test/index.m3u8", { headers: { "user-agent": agent } }).then(({ status }) => {
      came.push(`${agent.slice(0, 9)} ${status}`);
    });
  const asked = [ask("GStreamer souphttpsrc 1.22.0"), ask("Mozilla/5.0")];
  const turn = async () => {
    for (let count = 0; count < 20; count++) await Promise.resolve();
  };
  await turn();
  assert.deepEqual(came, []);
  rig.publish(publisher, 1500);
  await turn();
  assert.deepEqual(came, ["Mozilla/5 200"]);
  rig.publish(publisher, 5000);
  await Promise.all(asked);
  assert.deepEqual(came, ["Mozilla/5 200", "GStreamer 200"]);
});
