/** Viewers from their first request to their end: what is told of them, and what ends them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DisconnectContext, PlayEndContext, Plugin } from "../../../src/plugin/mod.ts";
import { HlsRig } from "../../support/hls_rig.ts";
import { readPlaylist } from "../../support/hls_validator.ts";
import { settle } from "../../support/rtmp_service.ts";

/** A plugin that keeps what it is told. */
function witness() {
  const ends: PlayEndContext[] = [];
  const gone: DisconnectContext[] = [];
  const plugin: Plugin = {
    name: "watch",
    onPlayEnd: (context) => void ends.push(context),
    onDisconnect: (context) => void gone.push(context),
  };
  return { plugin, ends, gone };
}

test("a viewer is described from its first request on, with the bytes of media that it was sent", async () => {
  const { plugin, ends, gone } = witness();
  const rig = new HlsRig({}, {}, plugin);
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const since = rig.clock.wall();
  const folder = await rig.viewer();
  const [session] = rig.hls.sessions.values();
  assert.match(session!.id, /^[0-9a-f]{12}$/);
  assert.match(session!.key, /^[A-Za-z0-9_-]{22}$/);
  const { client: _, ...described } = session!.describe();
  assert.deepEqual(described, {
    ...{
      protocol: "hls",
      secure: false,
      address: "192.0.2.7:5000",
      app: "live",
      state: "playing",
      since,
    },
    ...{ bytesIn: 0, bytesOut: 0, publishing: [], playing: ["test"] },
  });
  rig.publish(publisher, 2000);
  const list = rig.plain(`${folder}main.m3u8`).answer!;
  const media = rig.plain(folder + readPlaylist(list.text).segments[0]!.uri).answer!;
  const bytes = list.bytes.length + media.bytes.length;
  assert.equal(session!.bytesOut, bytes);
  session!.end("kicked");
  session!.end("shutdown");
  const told = [...ends, ...gone].map(({ reason, durationMs }) => ({ reason, durationMs }));
  assert.deepEqual(told, Array(2).fill({ reason: "kicked", durationMs: 2000 }));
  assert.deepEqual([ends[0]!.bytes, ends[0]!.name], [bytes, "test"]);
  assert.deepEqual([gone[0]!.bytesIn, gone[0]!.bytesOut], [0, bytes]);
});

test("a viewer is gone when it has asked for nothing for so long, to the next look", async () => {
  const rig = new HlsRig({ sessionMs: 20_000 });
  rig.publish(rig.publisher(), 3000);
  const folder = await rig.viewer();
  rig.clock.advance(19_500);
  assert.equal(rig.hls.sessions.size, 1);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  rig.clock.advance(19_500);
  assert.equal(rig.hls.sessions.size, 1, "from its last request on");
  rig.clock.advance(750);
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
});

test("a viewer that waits is not forgotten", async () => {
  const rig = new HlsRig({ sessionMs: 1000 });
  rig.publish(rig.publisher(), 3000);
  const folder = await rig.viewer();
  const { segments, mediaSequence } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  const next = mediaSequence + segments.length;
  const waits = rig.plain(`${folder}main.m3u8?_HLS_msn=${next}&_HLS_part=0`);
  rig.clock.advance(3000);
  assert.deepEqual([rig.hls.sessions.size, waits.answer], [1, undefined]);
});

test("who only asks whether a stream is there is nobody to keep", async () => {
  const rig = new HlsRig();
  rig.publish(rig.publisher(), 1600);
  assert.equal((await rig.ask("/live/test/index.m3u8", { method: "HEAD" })).status, 200);
  assert.equal(rig.hls.sessions.size, 0);
});

test("a viewer that was let in does not end with the request that it began with", async () => {
  const rig = new HlsRig();
  rig.publish(rig.publisher(), 1600);
  const abort = new AbortController();
  await rig.ask("/live/test/index.m3u8", { signal: abort.signal });
  abort.abort();
  assert.equal(rig.hls.sessions.size, 1);
});

test("a viewer that is ended while it waits for playlists gets none", async () => {
  const rig = new HlsRig({ mode: "always" });
  const publisher = rig.publisher();
  const ask = rig.ask("/live/test/index.m3u8");
  await settle();
  for (const session of [...rig.hls.sessions.values()]) session.end("kicked");
  rig.publish(publisher, 1600);
  assert.equal((await ask).code, "stopping");
});

test("a request that was answered counts no more as one that waits", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  const [session] = rig.hls.sessions.values();
  const { hint } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  const part = rig.plain(folder + hint);
  assert.equal(session!.waiting, 1);
  rig.publish(publisher, 1000);
  assert.deepEqual([part.answer!.status, session!.waiting], [200, 0]);
  // The first fragment of a playlist has the number 1, and each the one behind that of the last.
  const { segments } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  const numbers = segments.flatMap(({ parts }) => parts).map(({ uri }) =>
    new DataView(rig.plain(folder + uri).answer!.bytes.buffer).getUint32(20)
  );
  assert.deepEqual(numbers, numbers.map((_, index) => index + 1));
});

test("requests that wait are told when their stream is closed", async () => {
  const rig = new HlsRig();
  rig.publish(rig.publisher(), 3000);
  const folder = await rig.viewer();
  const { hint, segments, mediaSequence } = readPlaylist(
    rig.plain(`${folder}main.m3u8`).answer!.text,
  );
  const reload = rig.plain(`${folder}main.m3u8?_HLS_msn=${mediaSequence + segments.length}`);
  const part = rig.plain(folder + hint);
  rig.hls.stop();
  assert.deepEqual([reload.answer!.code, part.answer!.code], ["no-session", "no-session"]);
});

test("parts of a segment that is gone are gone with it", async () => {
  const rig = new HlsRig({ listedMs: 2000 });
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  const [segment] = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).segments;
  const asked = () =>
    [segment!.uri, segment!.parts[0]!.uri].map((uri) => rig.plain(folder + uri).answer!.code);
  assert.deepEqual(asked(), [undefined, undefined]);
  for (let count = 0; count < 8; count++) {
    rig.publish(publisher, 5000);
    assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
  }
  assert.deepEqual(asked(), ["no-file", "no-file"]);
});

test("other methods than those that read are refused, and a preflight is answered", async () => {
  const rig = new HlsRig();
  rig.publish(rig.publisher(), 1600);
  assert.equal((await rig.ask("/live/test/index.m3u8", { method: "POST" })).status, 405);
  assert.equal((await rig.ask("/live/test/index.m3u8", { method: "OPTIONS" })).status, 204);
  assert.equal(rig.hls.sessions.size, 0);
});

test("what is for others, and all where HLS is off, is not answered", () => {
  const peer = { hostname: "192.0.2.7", port: 1 };
  const request = (path: string) => new Request(`http://127.0.0.1${path}`);
  const on = new HlsRig();
  assert.equal(on.hls.handle(request("/live/test"), peer), undefined);
  const off = new HlsRig({ mode: "off" });
  assert.equal(off.hls.handle(request("/live/test/index.m3u8"), peer), undefined);
  assert.equal(off.plain("/live/test/main.m3u8").leave, false);
  assert.notEqual(on.plain("/live/test/main.m3u8").leave, false);
});

test("so many may wait for an answer of plugins at once, and the next one may when one has its answer", async () => {
  const answers: (() => void)[] = [];
  const plugin: Plugin = {
    name: "slow",
    onPlay: () => new Promise<void>((resolve) => answers.push(resolve)),
  };
  const rig = new HlsRig({ maxUnanswered: 2 }, {}, plugin);
  rig.publish(rig.publisher(), 1600);
  const ask = () => rig.ask("/live/test/index.m3u8");
  const [one, two] = [ask(), ask()];
  await settle();
  assert.equal((await ask()).code, "crowded");
  answers[0]!();
  assert.equal((await one).status, 200);
  const three = ask();
  await settle();
  answers[1]!();
  answers[2]!();
  assert.deepEqual([(await two).status, (await three).status], [200, 200]);
});

test("a client that goes before plugins have decided leaves no session", async () => {
  const answers: (() => void)[] = [];
  const plugin: Plugin = {
    name: "slow",
    onPlay: () => new Promise<void>((resolve) => answers.push(resolve)),
  };
  const rig = new HlsRig({}, {}, plugin);
  rig.publish(rig.publisher(), 1600);
  const abort = new AbortController();
  void rig.ask("/live/test/index.m3u8", { signal: abort.signal }).catch(() => {});
  await settle();
  assert.equal(rig.hls.sessions.size, 1);
  abort.abort();
  assert.equal(rig.hls.sessions.size, 0);
  answers[0]!();
  await settle();
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
});

for (
  const [what, media, refused] of [
    ["nothing yet", undefined, [503, "late"]],
    // Speex, which no container of HLS holds.
    ["nothing that can be played", Uint8Array.of(0xb6, 1, 2, 3), [415, "unplayable"]],
  ] as const
) {
  test(`a stream that shows ${what} is waited for ten seconds`, async () => {
    const rig = new HlsRig();
    const publisher = rig.publisher();
    const show = (time: number) => {
      if (media !== undefined) publisher.message(8, 1, time, media);
    };
    show(0);
    const ask = rig.ask("/live/test/index.m3u8");
    let done = false;
    void ask.then(() => done = true);
    await settle();
    for (let time = 0; time < 9750; time += 250) {
      assert.equal(done, false);
      rig.clock.advance(250);
      show(time);
      await Promise.resolve();
    }
    await settle();
    assert.equal(done, false);
    rig.clock.advance(250);
    const { status, code } = await ask;
    assert.deepEqual([status, code], refused);
    assert.equal(rig.hls.sessions.size, 0);
  });
}

test("a stream that ends while somebody waits for it to begin is not found", async () => {
  const rig = new HlsRig();
  const publisher = rig.publisher();
  const ask = rig.ask("/live/test/index.m3u8");
  await settle();
  publisher.connection.hangUp();
  await settle();
  assert.equal((await ask).code, "not-found");
  assert.equal(rig.hls.sessions.size, 0);
});

test("a server that stops ends all viewers and takes no others", async () => {
  const { plugin, ends } = witness();
  const rig = new HlsRig({}, {}, plugin);
  rig.publish(rig.publisher(), 1600);
  const folder = await rig.viewer();
  rig.hls.stop();
  assert.deepEqual(ends.map(({ reason }) => reason), ["shutdown"]);
  assert.deepEqual([rig.hls.sessions.size, rig.hls.streams], [0, 0]);
  assert.equal((await rig.ask("/live/test/index.m3u8")).code, "stopping");
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.code, "no-session");
});

test("a playlist that has ended is served for half a minute, and then its viewers are ended too", async () => {
  const { plugin, ends } = witness();
  const rig = new HlsRig({ sessionMs: 60_000 }, {}, plugin);
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(29_500);
  assert.equal(readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).ended, true);
  rig.clock.advance(1000);
  assert.deepEqual(ends.map(({ reason }) => reason), ["unpublished"]);
  assert.equal(rig.hls.streams, 0);
});

test("a publisher that is lost and does not come back in time ends the playlist", async () => {
  const rig = new HlsRig({}, { reconnectWindowMs: 5000 });
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  const ended = () => readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text).ended;
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(4500);
  assert.equal(ended(), false);
  rig.clock.advance(1000);
  assert.equal(ended(), true);
});

test("dates of a publisher that comes back are those of the clock on the wall", async () => {
  const rig = new HlsRig({}, { reconnectWindowMs: 10_000 });
  const publisher = rig.publisher();
  rig.publish(publisher, 3000);
  const folder = await rig.viewer();
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(4000);
  const again = rig.publisher();
  rig.time = 0;
  const begun = rig.clock.wall();
  rig.publish(again, 5000);
  const { segments } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  const first = segments.find(({ discontinuity }) => discontinuity)!;
  assert.ok(Math.abs(first.programTime! - begun) < 500, `${first.programTime! - begun} ms off`);
});

test("behind its last viewer a stream is packaged no more, and takes no more memory than any", async () => {
  const used = async (watched: boolean) => {
    const rig = new HlsRig({ sessionMs: 20_000 });
    const publisher = rig.publisher();
    rig.publish(publisher, 3000);
    if (watched) await rig.viewer();
    rig.clock.advance(25_000);
    rig.publish(publisher, 10_000);
    assert.equal(rig.hls.streams, 0);
    return rig.registry.memory.used;
  };
  assert.equal(await used(true), await used(false));
});

for (const hook of ["onConnect", "onPlay"] as const) {
  test(`a viewer that is sent away while ${hook} decides is told that the server stops`, async () => {
    const go: (() => void)[] = [];
    const rig = new HlsRig({}, {}, {
      name: "slow",
      [hook]: ({ client }: { client: { protocol: string } }) =>
        client.protocol === "hls" ? new Promise<void>((done) => go.push(done)) : undefined,
    });
    rig.publish(rig.publisher(), 3000);
    rig.takeTold();
    const answer = rig.ask("/live/test/index.m3u8");
    await settle();
    const [session] = rig.hls.sessions.values();
    const { state, app, playing } = session!.describe();
    assert.deepEqual([state, app, playing], ["waiting", "", []]);
    assert.equal(session!.deciding, true);
    session!.end("kicked");
    assert.equal(rig.hls.sessions.size, 0);
    go[0]!();
    assert.equal((await answer).status, 503);
    assert.deepEqual(rig.takeTold(), hook === "onPlay" ? ["disconnect kicked"] : []);
    assert.equal(rig.hls.streams, 0);
  });
}
