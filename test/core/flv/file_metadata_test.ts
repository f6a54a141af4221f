import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AmfEcmaArray,
  type AmfObject,
  type AmfValue,
  decodeAmf0,
  encodeAmf0,
} from "../../../src/core/amf/mod.ts";
import { FlvFileMetadata } from "../../../src/core/flv/file_metadata.ts";
import { FlvReader } from "../../../src/core/flv/reader.ts";

function read(tag: Uint8Array): ReadonlyMap<string, AmfValue> {
  const reader = new FlvReader(13, false);
  reader.add(tag);
  const { type, timestamp, body } = reader.next()!;
  assert.deepEqual([type, timestamp, reader.offset], [18, 0, 13 + tag.length]);
  const [handler, value, ...more] = decodeAmf0(body, {
    maxNodes: 10_000,
    maxStringBytes: 70_000,
    maxTotalBytes: 200_000,
  });
  assert.equal(handler, "onMetaData");
  assert.deepEqual(more, []);
  return (value as AmfEcmaArray).entries;
}

const keys = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ time: index * 2000, offset: 1000 + index * 7 }));

const indexOf = (members: ReadonlyMap<string, AmfValue>) => {
  const index = members.get("keyframes") as AmfObject;
  return [index.get("times"), index.get("filepositions")];
};

test("until the file is finished it says nothing of the end, and afterwards all in as many bytes", () => {
  const metadata = new FlvFileMetadata([["width", 320], ["encoder", "Lavf"]], 100);
  const begun = metadata.encode();
  const members = read(begun);
  assert.equal(members.get("width"), 320);
  assert.equal(members.get("encoder"), "Lavf");
  assert.equal(members.get("duration"), 0);
  assert.deepEqual(indexOf(members), [[], []]);
  assert.equal(members.get("lastkeyframetimestamp"), 0);
  for (const count of [0, 1, 50, 100]) {
    const tag = metadata.encode({ duration: 4_321, size: 9_999, keyFrames: keys(count) });
    assert.equal(tag.length, begun.length);
    assert.equal(tag.length, metadata.length);
    const done = read(tag);
    assert.equal(done.get("duration"), 4.321);
    assert.equal(done.get("filesize"), 9_999);
    assert.equal(done.get("lastkeyframetimestamp"), count === 0 ? 0 : (count - 1) * 2);
    const [times, places] = indexOf(done);
    assert.deepEqual(times, keys(count).map(({ time }) => time / 1000));
    assert.deepEqual(places, keys(count).map(({ offset }) => offset));
  }
});

test("files that begin share the room for their indexes, of which nothing is written twice", () => {
  const [one, other] = [5, 3600].map((entries) => new FlvFileMetadata([["width", 1280]], entries));
  const pieces = [one!.pieces(), other!.pieces()];
  const rooms = pieces.map(([, room]) => room!);
  assert.deepEqual(rooms.map(({ length }) => length), [5 * 18, 3600 * 18]);
  assert.equal(rooms[0]!.buffer, rooms[1]!.buffer);
  for (const [number, metadata] of [one!, other!].entries()) {
    const bytes = pieces[number]!.flatMap((piece) => [...piece]);
    assert.equal(bytes.length, metadata.length);
    assert.deepEqual(bytes, [...metadata.encode()]);
    const own = pieces[number]!.filter((piece) => piece !== rooms[number]);
    assert.ok(own.reduce((sum, { length }) => sum + length, 0) < 500);
  }
});

test("of more key frames than there is room for some are in the index, evenly", () => {
  const metadata = new FlvFileMetadata([], 10);
  const tag = metadata.encode({ duration: 1, size: 1, keyFrames: keys(25) });
  assert.equal(tag.length, metadata.length);
  assert.deepEqual(indexOf(read(tag))[0], [0, 6, 12, 18, 24, 30, 36, 42, 48]);
  assert.ok(new FlvFileMetadata([], 1e6).length < 66_000, "a bound of its own");
});

test("what a publisher says of another file is left out, and what is long or cannot be written", () => {
  const old = new FlvFileMetadata([["duration", 77], ["keyframes", 1], ["filesize", 2]], 1);
  assert.equal(read(old.encode()).get("duration"), 0);
  const long = new FlvFileMetadata([["xmp", "x".repeat(60_000)], ["xml", "y".repeat(9_000)], [
    "width",
    640,
  ]], 1);
  const members = read(long.encode());
  assert.equal(members.get("xmp"), undefined);
  assert.equal(members.get("width"), 640);
  let deep: AmfValue = 1;
  for (let depth = 0; depth < 300; depth++) deep = [deep];
  assert.equal(read(new FlvFileMetadata([["a", deep], ["b", 2]], 1).encode()).get("b"), 2);
});

test("it is reopened from what is in a file, and then writes as many bytes as before", () => {
  const metadata = new FlvFileMetadata([["width", 320], ["title", "Füße"]], 50);
  for (const count of [0, 7, 50]) {
    const facts = { duration: 9_000, size: 10_000, keyFrames: keys(count) };
    const body = metadata.encode(facts).subarray(11, -4);
    const again = FlvFileMetadata.reopen(body)!;
    assert.equal(again.length, metadata.length);
    assert.deepEqual(again.encode(facts), metadata.encode(facts));
  }
  assert.equal(FlvFileMetadata.reopen(Uint8Array.of(2, 0, 1, 65)), undefined);
  assert.equal(FlvFileMetadata.reopen(Uint8Array.of(2, 0)), undefined);
  const others = encodeAmf0("onMetaData", new AmfEcmaArray([["duration", 3]]));
  assert.equal(FlvFileMetadata.reopen(others), undefined);
});
