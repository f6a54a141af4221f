/** What is in a message of the old form, whatever was in the one before it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PacketKind, PacketReader } from "../../../src/core/samples/mod.ts";

const { Other, Config, Frame, End } = PacketKind;
const [AUDIO, VIDEO] = [8, 9];
const OPUS_HEAD = [..."OpusHead"].map((letter) => letter.charCodeAt(0));

/** Reads messages one after the other with one reader. */
function reading() {
  const reader = new PacketReader();
  return (kind: number, ...bytes: number[]) => {
    reader.open(kind, Uint8Array.from(bytes));
    if (!reader.next()) return undefined;
    const { trackId, packet, key, composition, start, end } = reader;
    assert.equal(reader.next(), false, "there is one track");
    assert.equal(trackId, 0);
    return { packet, key, composition, start, end };
  };
}

test("sound is a configuration or a frame, by the packet type of AAC and by the beginning of Opus", () => {
  const read = reading();
  const sound = { key: true, composition: 0 };
  assert.deepEqual(read(AUDIO, 0xaf, 0, 1, 2), { ...sound, packet: Config, start: 2, end: 4 });
  assert.deepEqual(read(AUDIO, 0xaf, 1, 1), { ...sound, packet: Frame, start: 2, end: 3 });
  assert.deepEqual(read(AUDIO, 0xaf, 2, 1), { ...sound, packet: Other, start: 2, end: 3 });
  assert.deepEqual(read(AUDIO, 0x2f, 1), { ...sound, packet: Frame, start: 1, end: 2 });
  const opus = { ...sound, packet: Config };
  assert.deepEqual(read(AUDIO, 0xdf, ...OPUS_HEAD), { ...opus, start: 1, end: 9 });
  assert.deepEqual(read(AUDIO, 0xdf, 0, ...OPUS_HEAD), { ...opus, start: 2, end: 10 });
  assert.deepEqual(read(AUDIO, 0xdf, 0xfc, 1), { ...sound, packet: Frame, start: 1, end: 3 });
  assert.deepEqual(read(AUDIO, 0xaf, 2, 1), { ...sound, packet: Other, start: 2, end: 3 });
  assert.deepEqual(read(AUDIO, 0x2f, 1), { ...sound, packet: Frame, start: 1, end: 2 });
});

test("pictures are configurations, frames or ends by their packet type, others are frames", () => {
  const read = reading();
  const at = { start: 5, end: 6 };
  assert.deepEqual(read(VIDEO, 0x17, 0, 0, 0, 0, 1), {
    ...at,
    ...{ packet: Config, key: true, composition: 0 },
  });
  assert.deepEqual(read(VIDEO, 0x27, 1, 0, 1, 2, 1), {
    ...at,
    ...{ packet: Frame, key: false, composition: 258 },
  });
  assert.equal(read(VIDEO, 0x27, 1, 0xff, 0xff, 0xfe, 1)!.composition, -2);
  assert.equal(read(VIDEO, 0x17, 2, 0, 0, 0)!.packet, End);
  assert.equal(read(VIDEO, 0x17, 3, 0, 0, 0)!.packet, Other);
  // Sorenson H.263, behind a message that was neither.
  const old = { packet: Frame, composition: 0, start: 1, end: 3 };
  assert.deepEqual(read(VIDEO, 0x12, 9, 9), { ...old, key: true });
  assert.deepEqual(read(VIDEO, 0x22, 9, 9), { ...old, key: false });
});

test("what is empty, of no codec, or marked as enhanced and is not, has nothing in it", () => {
  const read = reading();
  assert.equal(read(AUDIO), undefined);
  assert.equal(read(VIDEO), undefined);
  assert.equal(read(AUDIO, 0xaf), undefined);
  assert.equal(read(VIDEO, 0x17), undefined);
  assert.equal(read(VIDEO, 0x91, 1), undefined);
  assert.equal(read(AUDIO, 0x91, 1), undefined);
});
