/** What is kept of `onMetaData`, and that it is read once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AmfEcmaArray, type AmfObject, type AmfValue, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { metadataView } from "../../src/view/metadata_view.ts";
import { publicMetadata } from "../../src/view/public_metadata.ts";

function message(members: Record<string, AmfValue>): Uint8Array {
  return encodeAmf0("onMetaData", new AmfEcmaArray(Object.entries(members)));
}

const array = (members: Record<string, AmfValue>) => new AmfEcmaArray(Object.entries(members));

test("a message is read once, and another one with the same bytes anew", () => {
  const payload = message({ width: 640 });
  const view = metadataView(payload);
  assert.equal(metadataView(payload), view);
  assert.notEqual(metadataView(payload.slice()), view);
  assert.deepEqual(metadataView(payload.slice()), view);
});

test("of nothing, of damage and of what has no members there is nothing to show", () => {
  const nothing = { members: undefined, shown: undefined, encoder: undefined };
  const cut = message({ width: 640 }).slice(0, 25);
  for (const payload of [undefined, new Uint8Array(), cut, encodeAmf0("onMetaData", "text")]) {
    const { members, shown, encoder } = metadataView(payload);
    assert.deepEqual({ members, shown, encoder }, nothing);
  }
});

test("what describes the stream and each of its tracks is kept, and nothing that is large", () => {
  const { members, encoder } = metadataView(message({
    width: 640,
    stereo: true,
    encoder: "obs",
    videocodecid: "x".repeat(64),
    audiocodecid: "x".repeat(65),
    keyframes: [1, 2, 3],
    custom: array({ width: 1 }),
    videoTrackIdInfoMap: array({ 1: array({ width: 320, videoTrackIdInfoMap: array({ 2: 1 }) }) }),
    audioTrackIdInfoMap: array({ 7: array({ audiochannels: 2 }), 8: 5 }),
  }));
  assert.equal(encoder, "obs");
  assert.deepEqual([...members!.keys()].sort(), [
    "audioTrackIdInfoMap",
    "encoder",
    "stereo",
    "videoTrackIdInfoMap",
    "videocodecid",
    "width",
  ]);
  const video = (members!.get("videoTrackIdInfoMap") as AmfObject).entries;
  assert.deepEqual([...(video.get("1") as AmfObject).entries], [["width", 320]]);
  const audio = (members!.get("audioTrackIdInfoMap") as AmfObject).entries;
  assert.deepEqual([...(audio.get("7") as AmfObject).entries], [["audiochannels", 2]]);
  assert.deepEqual([...(audio.get("8") as AmfObject).entries], []);
});

test("of members and tracks as many are kept as anybody describes", () => {
  const numbered = (count: number, value: AmfValue) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, value]));
  assert.equal(metadataView(message(numbered(256, 1))).members!.size, 256);
  assert.equal(metadataView(message(numbered(257, 1))).members!.size, 256);
  for (const [count, kept] of [[64, 64], [65, 64]] as const) {
    const tracks = array(numbered(count, array({ width: 1 })));
    const { members } = metadataView(message({ videoTrackIdInfoMap: tracks }));
    assert.equal((members!.get("videoTrackIdInfoMap") as AmfObject).entries.size, kept);
  }
});

test("objects are shown four deep", () => {
  const nested = (depth: number): object => depth === 0 ? { width: 1 } : { 1: nested(depth - 1) };
  assert.deepEqual(publicMetadata({ 1: nested(3) }), { 1: nested(3) });
  assert.deepEqual(publicMetadata({ 1: nested(4) }), { 1: { 1: { 1: { 1: {} } } } });
});
