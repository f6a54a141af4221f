/** Segments beyond memory: viewers go back, and a folder has what a web server needs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mostSegments } from "../../../src/core/hls/mod.ts";
import type { SegmentStore } from "../../../src/segments/store.ts";
import { OTHER_VIDEO_HEADER } from "../../support/hls_packager.ts";
import { HlsRig } from "../../support/hls_rig.ts";
import { readPlaylist, validatePlaylist } from "../../support/hls_validator.ts";
import { keyFrame, VIDEO_HEADER } from "../../support/media.ts";

/** A folder in memory that notes the order of what happens; `fail` makes it refuse. */
class MemoryStore implements SegmentStore {
  readonly files = new Map<string, Uint8Array>();
  fail = false;

  write(folder: string, name: string, chunks: readonly Uint8Array[]): Promise<void> {
    if (this.fail) return Promise.reject(new Error("The disk is full"));
    const bytes = chunks.flatMap((chunk) => [...chunk]);
    this.files.set(`${folder}/${name}`, Uint8Array.from(bytes));
    return Promise.resolve();
  }

  read(folder: string, name: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.files.get(`${folder}/${name}`));
  }

  remove(folder: string, name: string): Promise<void> {
    this.files.delete(`${folder}/${name}`);
    return Promise.resolve();
  }

  clear(folder: string, isOurs: (name: string) => boolean): Promise<void> {
    for (const path of this.files.keys()) {
      if (path.startsWith(`${folder}/`) && isOurs(path.slice(folder.length + 1))) {
        this.files.delete(path);
      }
    }
    return Promise.resolve();
  }
}

async function turns(): Promise<void> {
  for (let count = 0; count < 300; count++) await Promise.resolve();
}

/** A stream that has been packaged for `seconds`, with the disk keeping up. */
async function packaged(
  seconds: number,
  hls: ConstructorParameters<typeof HlsRig>[0],
  store = new MemoryStore(),
) {
  const rig = new HlsRig({ mode: "always", ...hls }, {}, undefined, store);
  const publisher = rig.publisher();
  for (let count = 0; count < seconds; count++) {
    rig.publish(publisher, 1000);
    await turns();
  }
  return { rig, publisher, store };
}

test("a window of minutes is on the disk but for its newest part, and every segment of it can be had", async () => {
  const { rig, store } = await packaged(120, { listedMs: 100_000 });
  const folder = await rig.viewer();
  const { segments } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.ok(segments.length >= 50);
  // Two seconds are 60 kB here: all of them would be 3 MB.
  const { used } = rig.hub.registry.memory;
  // Of each what goes is counted once: the newest minute or so is there still.
  assert.ok(used < 1_500_000 && used > 300_000, `${used} bytes`);
  for (const { uri } of segments) {
    const { status, bytes } = await rig.ask(folder + uri);
    assert.equal(status, 200, String(uri));
    assert.deepEqual(bytes, store.files.get(`live/test/${uri}`) ?? bytes);
  }
  const range = await rig.ask(folder + segments[0]!.uri, { headers: { Range: "bytes=4-7" } });
  assert.deepEqual([range.status, new TextDecoder().decode(range.bytes)], [206, "moof"]);
  // What is listed no more is removed from the disk.
  const stored = [...store.files.keys()].filter((name) => name.endsWith(".m4s"));
  assert.ok(stored.length <= segments.length + 8, `${stored.length} of ${segments.length}`);
});

test("the folder has whole playlists of whole segments that are there", async () => {
  const { store } = await packaged(30, { listedMs: 20_000 });
  const text = (name: string) => new TextDecoder().decode(store.files.get(`live/test/${name}`));
  assert.match(text("index.m3u8"), /\nmain\.m3u8\n/);
  const list = readPlaylist(text("main.m3u8"));
  validatePlaylist(list);
  assert.equal(list.partTarget, undefined);
  assert.ok(list.segments.length >= 10);
  for (const { uri, map } of list.segments) {
    assert.ok(store.files.has(`live/test/${uri}`), String(uri));
    assert.ok(store.files.has(`live/test/${map}`), String(map));
  }
});

test("the index in the folder comes behind what it leads to, and says rates and formats as they are", async () => {
  const { rig, publisher, store } = await packaged(1, {});
  const path = "live/test/index.m3u8";
  assert.ok(!store.files.has(path), "no segment is whole");
  rig.publish(publisher, 4000);
  await turns();
  const index = () => new TextDecoder().decode(store.files.get(path));
  const said = () => /:BANDWIDTH=(\d+),.*CODECS="([^,]+)/.exec(index())!.slice(1);
  const [before, codec] = said();
  publisher.message(9, 1, rig.time, OTHER_VIDEO_HEADER);
  for (let picture = 0; picture < 125; picture++) {
    rig.clock.advance(40);
    publisher.message(9, 1, rig.time + 40 * picture, keyFrame(20_000));
  }
  await turns();
  const [after, other] = said();
  assert.deepEqual([codec, other], ["avc1.42c00d", "avc1.42c01f"]);
  assert.ok(Number(after) > 4 * Number(before), `${after} behind ${before}`);
});

test("an event lists everything from the beginning, and its end", async () => {
  const { rig, publisher, store } = await packaged(60, { playlist: "event", listedMs: 3_600_000 });
  const folder = await rig.viewer();
  const list = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.equal(list.type, "EVENT");
  const first = list.segments[0]!;
  assert.equal(list.mediaSequence, first.msn);
  assert.ok(list.segments.reduce((sum, { duration }) => sum + duration, 0) >= 56);
  publisher.connection.hangUp();
  await turns();
  const end = readPlaylist(new TextDecoder().decode(store.files.get("live/test/main.m3u8")));
  assert.equal(end.ended, true);
  assert.equal(end.segments[0]!.uri, first.uri);
});

test("an event of which little is left by each change of its pictures ends with so many segments", async () => {
  const listedMs = 60_000;
  const { rig, publisher, store } = await packaged(2, { playlist: "event", listedMs });
  const most = mostSegments(listedMs, 2000);
  assert.equal(most, 64 + 4 * 30);
  assert.equal(mostSegments(listedMs + 1, 2000), most + 4);
  const folder = await rig.viewer();
  for (let count = 0; count < 2 * most; count++) {
    publisher.message(9, 1, rig.time, count % 2 === 0 ? OTHER_VIDEO_HEADER : VIDEO_HEADER);
    for (const end = rig.time + 80; rig.time < end; rig.time += 40) {
      publisher.message(9, 1, rig.time, keyFrame(200));
    }
    await turns();
  }
  rig.clock.advance(250);
  await turns();
  const list = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.equal(list.ended, true);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.tapped, false, "it takes no more");
  assert.ok(list.segments.length >= most && list.segments.length <= most + 1);
  assert.equal(list.segments[0]!.msn, list.mediaSequence);
  const end = readPlaylist(new TextDecoder().decode(store.files.get("live/test/main.m3u8")));
  assert.equal(end.segments.length, list.segments.length);
});

test("a disk that refuses costs what is not in memory, and is told of once", async () => {
  const store = new MemoryStore();
  store.fail = true;
  const { rig, publisher } = await packaged(20, { listedMs: 12_000 }, store);
  const folder = await rig.viewer();
  const { segments } = readPlaylist(rig.plain(`${folder}main.m3u8`).answer!.text);
  assert.ok(segments.length >= 6);
  for (const { uri } of segments) assert.equal((await rig.ask(folder + uri)).status, 200);
  rig.publish(publisher, 3000);
  assert.equal(rig.plain(`${folder}main.m3u8`).answer!.status, 200);
});
