/** What playlists and their files say of themselves: versions, numbers, for how long caches may keep them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MediaOrigins } from "../../../src/service/media_origins.ts";
import { HlsRig } from "../../support/hls_rig.ts";
import { readPlaylist } from "../../support/hls_validator.ts";

async function watched(hls: ConstructorParameters<typeof HlsRig>[0] = {}, wallMs = 0) {
  const rig = new HlsRig({ mode: "always", ...hls });
  rig.clock.advance(wallMs);
  const publisher = rig.publisher();
  rig.publish(publisher, 5000);
  const folder = await rig.viewer();
  return { rig, publisher, folder, list: rig.plain(`${folder}main.m3u8`).answer! };
}

test("numbers begin with the seconds of the wall clock, so that they rise whenever a stream begins", async () => {
  const { rig, list } = await watched({}, 900);
  // The stream began at 0.94 s: its first picture came after 40 ms.
  const began = Math.floor((rig.clock.wall() - 5000) / 1000);
  assert.equal(readPlaylist(list.text).mediaSequence, began);
});

for (
  const [container, latency, media, multivariant] of [
    ["cmaf", "low", 9, 6],
    ["cmaf", "usual", 6, 6],
    ["mpegts", "usual", 3, 3],
    ["mpegts", "low", 9, 3],
  ] as const
) {
  test(`the versions of ${container} with ${latency} latency are what its tags need`, async () => {
    const { rig, list } = await watched({ container, latency });
    assert.match(list.text, new RegExp(`^#EXTM3U\n#EXT-X-VERSION:${media}\n`));
    const { text } = await rig.ask("/live/test/index.m3u8");
    assert.match(text, new RegExp(`^#EXTM3U\n#EXT-X-VERSION:${multivariant}\n`));
  });
}

test("no cache keeps a viewer's playlist, and its own may keep the media", async () => {
  const { rig, folder, list } = await watched();
  assert.equal(list.headers["Cache-Control"], "no-store");
  const { segments } = readPlaylist(list.text);
  const media = rig.plain(folder + segments[0]!.uri).answer!;
  assert.equal(media.headers["Cache-Control"], "private, max-age=3600, immutable");
});

for (
  const [what, seconds, gop, least] of [
    ["", 3, 25, 1],
    [" behind a GOP that is longer than a segment may be", 24, 1000, 2],
  ] as const
) {
  test(`all that the first playlist lists is there before anything else comes${what}`, async () => {
    const rig = new HlsRig();
    rig.publish(rig.publisher(), 1000 * seconds, gop);
    const folder = await rig.viewer();
    const { segments, open } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
    assert.ok(segments.length >= least, `${segments.length} segments`);
    const listed = [...segments, ...(open === undefined ? [] : [open])];
    const uris = [
      ...segments.map(({ uri }) => uri),
      ...listed.flatMap(({ parts }) => parts.map(({ uri }) => uri)),
    ];
    assert.ok(uris.length > 3);
    for (const uri of uris) assert.equal(rig.plain(folder + uri).answer?.status, 200, `${uri}`);
  });
}

test("the first answer says a rate, however little has come by then", async () => {
  const rig = new HlsRig({ mode: "always", partMs: 1000 });
  const publisher = rig.publisher();
  rig.publish(publisher, 600);
  const ask = rig.ask("/live/test/index.m3u8");
  for (let count = 0; count < 20; count++) await Promise.resolve();
  rig.publish(publisher, 1000);
  const { status, text } = await ask;
  assert.equal(status, 200, text);
  assert.match(text, /:BANDWIDTH=\d{5,},AVERAGE-BANDWIDTH=\d{5,},/);
});

test("a stream that is closed serves nothing any more, its texts neither", async () => {
  const { rig, publisher, folder } = await watched();
  publisher.connection.hangUp();
  await Promise.resolve();
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200, "for those who still play it");
  rig.clock.advance(31_000);
  assert.equal(rig.hls.streams, 0);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 404);
});

test("a delta update says the version that it needs, whatever the whole playlist has", async () => {
  const { rig, publisher, folder } = await watched({
    latency: "usual",
    listedMs: 60_000,
    sessionMs: 1e6,
  });
  for (let count = 0; count < 20; count++) rig.publish(publisher, 2000);
  const { mediaSequence, segments } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  const msn = mediaSequence + segments.length - 1;
  const { text } = rig.plain(`${folder}main.m3u8?_HLS_msn=${msn}&_HLS_skip=YES`).answer!;
  assert.match(text, /^#EXTM3U\n#EXT-X-VERSION:9\n/);
  assert.match(text, /\n#EXT-X-SKIP:SKIPPED-SEGMENTS=\d+\n/);
});

test("a playlist says how players are to ask: three parts from the end, and all of six targets", async () => {
  const { list } = await watched();
  assert.equal(list.headers["Content-Type"], "application/vnd.apple.mpegurl");
  const number = (name: string) => Number(new RegExp(`${name}=?:?([0-9.]+)`).exec(list.text)?.[1]);
  const [part, target] = [number("PART-TARGET"), number("TARGETDURATION")];
  assert.ok(part > 0 && target > 0);
  assert.ok(Math.abs(number("PART-HOLD-BACK") - 3 * part) < 1e-3, list.text);
  assert.ok(Math.abs(number("CAN-SKIP-UNTIL") - 6 * target) < 1e-3, list.text);
});

test("a page that may not play is refused, and so is any method that changes something", async () => {
  const origins = new MediaOrigins(["https://here.example"], "127.0.0.1");
  const rig = new HlsRig({ mode: "always" }, {}, undefined, undefined, origins);
  rig.publish(rig.publisher(), 5000);
  const ask = async (origin: string, method = "GET") => {
    const headers = { Origin: origin };
    return (await rig.ask("/live/test/index.m3u8", { method, headers })).status;
  };
  assert.equal(await ask("https://elsewhere.example"), 403);
  assert.equal(await ask("https://here.example"), 200);
  assert.equal(await ask("https://here.example", "POST"), 405);
  assert.equal(await ask("https://here.example", "OPTIONS"), 204);
});
