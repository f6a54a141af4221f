/** Players of one file share what is read of it, and get the bytes that are right for each. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { MediaMemory } from "../../../src/hub/mod.ts";
import { FlvFile } from "../../../src/recordings/flv_file.ts";
import { RecordingLibrary } from "../../../src/recordings/library.ts";
import type { PlayedFile, Stand } from "../../../src/recordings/played_file.ts";
import { RtmpEncoders } from "../../../src/service/rtmp/frame_encoder.ts";
import { RecordedBlocks } from "../../../src/service/rtmp/recorded_blocks.ts";
import { flv, HEADERS, media, MemoryFolder, type Tag } from "../../support/flv_files.ts";
import { keyFrame } from "../../support/media.ts";
import { BytesSource } from "../../support/media_source.ts";
import { Rig, type RigClient } from "../../support/rtmp_service.ts";

const DEMO = flv(...HEADERS, ...media(60));

async function pass(rig: Rig, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    rig.clock.advance(50);
    for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  }
}

/** Media as kind, time and bytes, by the place in the file that its bytes are of. */
function took(client: RigClient): string[] {
  return client.takeMessages().filter(({ type }) => type === 8 || type === 9)
    .map(({ type, timestamp, payload }) => `${type} ${timestamp} ${payload.length}`);
}

/** All that a client gets which plays with a large buffer. */
async function all(rig: Rig, id: number, ...values: number[]): Promise<string[]> {
  const client = rig.client().connected(id);
  client.command(id, "play", 0, null, "demo", ...values);
  const buffer = [0, 3, 0, 0, 0, id, 0, 1, 0xff, 0xff];
  client.message(MessageType.UserControl, 0, 0, Uint8Array.from(buffer));
  await pass(rig, 500);
  return took(client);
}

/** Those of a file that are later than a key frame, as seen from there. */
function wanted(tags: readonly Tag[], from: number): string[] {
  const start = tags.findIndex(([kind, time]) => kind === 9 && time === from);
  return tags.slice(start).map(([kind, time, { length }]) => `${kind} ${time - from} ${length}`);
}

test("a crowd that plays in step reads the file once", async () => {
  const folder = new MemoryFolder({ "live/demo.flv": DEMO });
  const rig = new Rig({ recordings: new RecordingLibrary(folder, () => {}) });
  const clients = Array.from({ length: 20 }, () => {
    const client = rig.client().connected();
    client.command(1, "play", 0, null, "demo", 0);
    return client;
  });
  await pass(rig, 20_000);
  const got = clients.map(took);
  for (const one of got) assert.deepEqual(one, got[0]);
  assert.ok(got[0]!.length > 900, `${got[0]!.length}`);
  const read = folder.opened.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
  assert.ok(read < 1.5 * DEMO.length, `${read} bytes of ${DEMO.length}`);
});

test("who begins elsewhere or plays on another message stream gets times and ids of his own", async () => {
  const tags = media(60);
  const folder = new MemoryFolder({ "live/demo.flv": DEMO });
  const rig = new Rig({ recordings: new RecordingLibrary(folder, () => {}) });
  for (const id of [1, 2]) {
    for (const from of [0, 2000, 30_000]) {
      const got = await all(rig, id, from);
      assert.deepEqual(got.slice(2), wanted(tags, from), `${id} ${from}`);
    }
  }
});

test("times that need more bytes are right for whoever begins behind 0", async () => {
  const late = 0xff_ffff;
  const tags: Tag[] = [];
  for (
    const time of [0, 40, 1000, late - 2000, late - 1000, late - 1, late, late + 1, late + 5000]
  ) {
    tags.push([9, time, keyFrame(700)]);
  }
  const folder = new MemoryFolder({ "live/demo.flv": flv(...HEADERS, ...tags) });
  const rig = new Rig({ recordings: new RecordingLibrary(folder, () => {}) });
  for (const from of [0, 1000, late - 1000, late + 1]) {
    const client = rig.client().connected();
    client.command(1, "play", 0, null, "demo", from);
    const buffer = [0, 3, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff];
    client.message(MessageType.UserControl, 0, 0, Uint8Array.from(buffer));
    await pass(rig, 300);
    // No further than an hour ahead is sent.
    const seen = wanted(tags, from).filter((text) => Number(text.split(" ")[1]) <= 3_600_000);
    assert.deepEqual(took(client).slice(2), seen, `${from}`);
  }
});

async function opened(): Promise<{ file: PlayedFile; source: BytesSource }> {
  const source = new BytesSource(DEMO);
  const file = await FlvFile.open(source);
  assert.ok(file instanceof FlvFile);
  source.bytesRead = 0;
  return { file, source };
}

const encoder = new RtmpEncoders(4096).get(1, true, true);

/** Reads a file from its beginning; what is pinned goes at once. */
async function readAll(blocks: RecordedBlocks, file: PlayedFile): Promise<number> {
  let count = 0;
  let stand: Stand = { offset: (await file.place(0)).offset };
  for (;;) {
    const wanted = { file, stand, encoder, zero: 0, grows: false };
    const kept = blocks.peek(wanted);
    const block = kept ?? await blocks.load(wanted).read;
    if (block === undefined) return count;
    count += block.count;
    stand = block.next;
    if (kept === undefined) block.unpin();
  }
}

test("what is kept is bounded, counted, and given back when nobody plays the file", async () => {
  const memory = new MediaMemory(1024 * 1024);
  const blocks = new RecordedBlocks(memory);
  const { file, source } = await opened();
  blocks.enter(file);
  const count = await readAll(blocks, file);
  assert.equal(count, 60 * 50 + 2);
  assert.ok(blocks.bytes > 0 && blocks.bytes <= 64 * 1024, `${blocks.bytes}`);
  assert.ok(memory.used - memory.spare >= blocks.bytes);
  assert.ok(source.bytesRead < DEMO.length * 1.2);
  blocks.leave(file);
  assert.equal(blocks.bytes, 0);
  assert.equal(memory.used - memory.spare, 0);
});

test("where memory is short nothing is kept, and what was is let go of", async () => {
  const memory = new MediaMemory(1024 * 1024);
  const blocks = new RecordedBlocks(memory);
  const { file } = await opened();
  blocks.enter(file);
  await readAll(blocks, file);
  blocks.clear();
  assert.equal(blocks.bytes, 0);
  memory.count(1000 * 1024);
  await readAll(blocks, file);
  assert.equal(blocks.bytes, 0);
});

test("a block that cannot be read rejects for all who wait for it, and is tried again", async () => {
  const blocks = new RecordedBlocks(new MediaMemory());
  const { file } = await opened();
  let fails = true;
  const broken: PlayedFile = new Proxy(file, {
    get(target, name) {
      if (name === "read" && fails) return () => Promise.reject(new Error("disk"));
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  blocks.enter(broken);
  const wanted = { file: broken, stand: { offset: 13 }, encoder, zero: 0, grows: false };
  const waiting = Array.from({ length: 20 }, () => blocks.load(wanted).read);
  for (const read of waiting) await assert.rejects(read, /disk/);
  fails = false;
  assert.ok((await blocks.load(wanted).read)!.count > 0);
});
