/** Requests that wait for what is to come, and those that may not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { TURN_ANSWERS } from "../../../src/service/hls/turns.ts";
import { HlsRig } from "../../support/hls_rig.ts";
import { PlaylistWatch, readPlaylist } from "../../support/hls_validator.ts";

/** A stream that is watched, with some seconds of media. */
async function watched(hls: ConstructorParameters<typeof HlsRig>[0] = {}) {
  const rig = new HlsRig({ mode: "always", ...hls });
  const publisher = rig.publisher();
  rig.publish(publisher, 5000);
  const folder = await rig.viewer();
  const list = () => readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  return { rig, publisher, folder, list };
}

/** Where the next part of a playlist will be. */
function next({ segments, mediaSequence, open }: ReturnType<typeof readPlaylist>) {
  return { msn: mediaSequence + segments.length, part: open?.parts.length ?? 0 };
}

test("a reload waits for its part, and the part that was hinted at comes with it", async () => {
  const { rig, publisher, folder, list } = await watched();
  const before = list();
  const { msn, part } = next(before);
  const reload = rig.plain(`${folder}main.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`);
  const hinted = rig.plain(folder + before.hint);
  assert.deepEqual([reload.answer, hinted.answer], [undefined, undefined]);
  rig.publish(publisher, 400);
  const after = readPlaylist(reload.answer!.text);
  const uris = [...after.segments, after.open!].flatMap((one) => one?.parts ?? []).map(({ uri }) =>
    uri
  );
  assert.ok(uris.includes(before.hint!));
  assert.equal(hinted.answer!.status, 200);
  assert.notEqual(after.hint, before.hint);
});

test("a reload without a part waits for the whole segment; a part behind the last is the next one's first", async () => {
  const { rig, publisher, folder, list } = await watched();
  const { msn } = next(list());
  const whole = rig.plain(`${folder}main.m3u8?_HLS_msn=${msn}`);
  rig.publish(publisher, 200);
  assert.equal(whole.answer, undefined);
  for (let count = 0; count < 60; count++) rig.publish(publisher, 40);
  const { segments } = readPlaylist(whole.answer!.text);
  assert.equal(segments.at(-1)!.msn, msn);
  const beyond = rig.plain(`${folder}main.m3u8?_HLS_msn=${msn}&_HLS_part=9`);
  for (let count = 0; beyond.answer === undefined && count < 60; count++) {
    rig.publish(publisher, 40);
  }
  assert.equal(readPlaylist(beyond.answer!.text).open!.msn, msn + 1);
});

test("what is too far ahead, or no question, is refused at once", async () => {
  const { rig, folder, list } = await watched();
  const { msn } = next(list());
  for (
    const [query, code] of [
      [`_HLS_msn=${msn + 2}`, "too-far"],
      [`_HLS_msn=${msn}&_HLS_part=40`, "too-far"],
      ["_HLS_part=1", "bad-request"],
      ["_HLS_msn=-1", "bad-request"],
      ["_HLS_msn=1e9", "bad-request"],
      ["_HLS_msn=1&_HLS_part=x", "bad-request"],
      [`_HLS_msn=${"9".repeat(400)}`, "bad-request"],
    ]
  ) {
    const { answer } = rig.plain(`${folder}main.m3u8?${query}`);
    assert.deepEqual([answer!.status, answer!.code], [400, code], query);
  }
  // What is past is there, whole.
  assert.equal(rig.plain(`${folder}main.m3u8?_HLS_msn=1&_HLS_part=0`).answer!.status, 200);
});

test("a reload that waits for three Target Durations is told to ask again", async () => {
  const { rig, folder, list } = await watched();
  const { msn, part } = next(list());
  const reload = rig.plain(`${folder}main.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`);
  rig.clock.advance(3 * list().targetDuration * 1000 - 300);
  assert.equal(reload.answer, undefined);
  rig.clock.advance(600);
  assert.deepEqual([reload.answer!.status, reload.answer!.code], [503, "late"]);
});

test("a viewer whose client goes, or that is ended, waits for nothing any more", async () => {
  const { rig, publisher, folder, list } = await watched();
  const { msn, part } = next(list());
  const query = `main.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`;
  const left = rig.plain(folder + query);
  (left.leave as () => void)();
  const ended = rig.plain(folder + query);
  for (const session of rig.hls.sessions.values()) session.end("kicked");
  assert.equal(ended.answer!.code, "no-session");
  rig.publish(publisher, 1000);
  assert.equal(left.answer, undefined);
});

test("one viewer cannot fill the room that others wait in, and all of them together have a bound", async () => {
  const { rig, publisher, folder, list } = await watched({ maxWaiting: 20 });
  const { msn, part } = next(list());
  const query = `main.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`;
  const first = Array.from({ length: 30 }, () => rig.plain(folder + query));
  assert.equal(first.filter(({ answer }) => answer === undefined).length, 16);
  assert.ok(first.slice(16).every(({ answer }) => answer!.code === "crowded"));
  const other = await rig.viewer();
  const second = Array.from({ length: 10 }, () => rig.plain(other + query));
  assert.equal(second.filter(({ answer }) => answer === undefined).length, 4);
  rig.publish(publisher, 400);
  assert.ok([...first, ...second].every(({ answer }) => answer !== undefined));
  assert.equal(rig.plain(other + query).answer!.status, 200);
});

test("several hundred that wait are given the same bytes, so many in a turn; who leaves meanwhile gets none", async () => {
  const { rig, publisher, folder, list } = await watched();
  const { msn, part } = next(list());
  const folders = [folder];
  for (let count = 0; count < 60; count++) folders.push(await rig.viewer());
  const query = `main.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`;
  const asks = folders.flatMap((one) => Array.from({ length: 10 }, () => rig.plain(one + query)));
  const answered = () => asks.filter(({ answer }) => answer !== undefined);
  while (answered().length === 0) rig.publish(publisher, 40);
  assert.equal(asks.length, 610);
  assert.equal(answered().length, TURN_ANSWERS);
  // A client goes, and a viewer is ended, while their answers are due.
  const [gone, ended] = [asks[TURN_ANSWERS + 3]!, asks.slice(-10)];
  (gone.leave as () => void)();
  [...rig.hls.sessions.values()].at(-1)!.end("kicked");
  rig.clock.advance(0);
  assert.deepEqual(ended.map(({ answer }) => answer!.code), Array(10).fill("no-session"));
  assert.equal(gone.answer, undefined);
  assert.equal(answered().length, 609);
  assert.equal(new Set(answered().map(({ answer }) => answer!.text)).size, 2);
});

test("a delta update gives the whole list with what was known before", async () => {
  const { rig, publisher, folder } = await watched({ listedMs: 40_000 });
  const watch = new PlaylistWatch();
  for (let count = 0; count < 60; count++) {
    rig.publish(publisher, 1000);
    // Viewers that ask keep their session.
    const whole = rig.plain(`${folder}main.m3u8`).answer!.text;
    watch.see(whole);
    const delta = rig.plain(`${folder}main.m3u8?_HLS_skip=YES`).answer!.text;
    watch.assertDelta(delta, whole);
    if (count === 59) assert.ok(readPlaylist(delta).skipped > 5, delta);
  }
});

test("ranges are served of segments, and those that are not there are refused", async () => {
  const { rig, folder, list } = await watched();
  const uri = folder + list().segments[0]!.uri;
  const { bytes } = rig.plain(uri).answer!;
  const ask = (range: string) => rig.plain(uri, { range }).answer!;
  const middle = ask("bytes=10-4999");
  assert.deepEqual([middle.status, middle.bytes], [206, bytes.slice(10, 5000)]);
  assert.equal(middle.headers["Content-Range"], `bytes 10-4999/${bytes.length}`);
  assert.deepEqual(ask("bytes=-7").bytes, bytes.slice(-7));
  assert.deepEqual(ask(`bytes=${bytes.length - 3}-`).bytes, bytes.slice(-3));
  assert.equal(ask(`bytes=${bytes.length}-`).status, 416);
  for (const odd of ["bytes=-", "bytes=5-2", "bytes=1-2,4-5", "lines=1-2", "bytes=a-b"]) {
    assert.equal(ask(odd).status, 200, odd);
  }
});

test("long playlists are compressed for who reads that, and for nobody else", async () => {
  const { rig, publisher, folder } = await watched({ listedMs: 200_000 });
  for (let count = 0; count < 20; count++) {
    rig.publish(publisher, 5000);
    rig.plain(`${folder}main.m3u8`);
  }
  const plain = rig.plain(`${folder}main.m3u8`, { "accept-encoding": "gzip;q=0, br" }).answer!;
  assert.ok(plain.bytes.length > 4096);
  const ask = await rig.ask(`${folder}main.m3u8`, { headers: { "Accept-Encoding": "br, gzip" } });
  assert.equal(ask.headers["Content-Encoding"], "gzip");
  assert.match(ask.headers.Vary!, /Accept-Encoding/);
  const body = new Blob([ask.bytes as Uint8Array<ArrayBuffer>]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new Response(body).text(), plain.text);
  assert.ok(ask.bytes.length < plain.bytes.length / 3);
});

test("names lead nowhere but to what a playlist lists", async () => {
  const { rig, folder } = await watched();
  for (
    const name of [
      "../../../etc/passwd",
      "main.m3u8/../x.ts",
      ".env",
      "main-x-s1.exe",
    ]
  ) {
    const handled = rig.hls.plain(
      { method: "GET", target: folder + name, header: () => undefined, body: () => {} },
      () => {
        assert.fail(`${name} is answered`);
      },
    );
    assert.equal(handled, false, name);
  }
  for (
    const name of [
      "main-zzzz-s1.m4s",
      "main-a-p999999999999999.m4s",
      "audio7.m3u8",
      "%2e%2e/main.m3u8",
      "audio7-a-s1.m4s",
    ]
  ) {
    assert.equal(rig.plain(folder + name).answer!.code, "no-file", name);
  }
});
