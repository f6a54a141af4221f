/** What is read of the metadata of a file, whoever wrote it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AmfEcmaArray, type AmfValue, decodeAmf0, encodeAmf0 } from "../../../src/core/amf/mod.ts";
import { AmfObject, asRecord } from "../../../src/core/amf/value.ts";
import {
  encodePlayedMetadata,
  NO_METADATA,
  readPlayedMetadata,
} from "../../../src/core/flv/played_metadata.ts";

type Members = [string, AmfValue][];

const read = (members: Members) =>
  readPlayedMetadata(encodeAmf0("onMetaData", new AmfEcmaArray(members)));

/** A body of so many bytes, in strings of 60,000 bytes and one of what is left. */
function bodyOf(length: number): Uint8Array {
  const members: Members = [];
  let rest = length - encodeAmf0("onMetaData", new AmfEcmaArray([])).length;
  // Each member has its name, a marker, and two lengths of two bytes.
  for (; rest > 60_010; rest -= 60_010) {
    members.push([`n${1000 + members.length}`, "x".repeat(60_000)]);
  }
  members.push(["name5", "x".repeat(rest - 10)]);
  const body = encodeAmf0("onMetaData", new AmfEcmaArray(members));
  assert.equal(body.length, length);
  return body;
}

test("metadata is read up to 2 MiB, strings of 64 KiB, 16 levels and 100,000 values", () => {
  assert.ok(readPlayedMetadata(bodyOf(2_097_152)) !== undefined);
  assert.equal(readPlayedMetadata(bodyOf(2_097_153)), undefined);
  assert.ok(read([["a", "x".repeat(65_536)]]) !== undefined);
  assert.equal(read([["a", "x".repeat(65_537)]]), undefined);
  const nested = (depth: number): AmfValue =>
    depth === 0 ? 1 : new AmfObject([["a", nested(depth - 1)]]);
  assert.ok(read([["a", nested(15)]]) !== undefined);
  assert.equal(read([["a", nested(16)]]), undefined);
  // The handler, the array and the list count as well.
  const list = (length: number) => read([["a", Array.from({ length }, () => null)]]);
  assert.ok(list(99_997) !== undefined);
  assert.equal(list(99_998), undefined);
});

test("what is no metadata is none", () => {
  assert.equal(readPlayedMetadata(Uint8Array.of(255)), undefined);
  assert.equal(readPlayedMetadata(encodeAmf0("onCuePoint", new AmfEcmaArray([]))), undefined);
  assert.equal(readPlayedMetadata(encodeAmf0("onMetaData", 7)), undefined);
  assert.deepEqual(NO_METADATA.members, []);
  assert.equal(NO_METADATA.duration, 0);
});

test("a duration is a number above 0 that has an end", () => {
  const duration = (value: AmfValue) => read([["duration", value]])!.duration;
  assert.equal(duration(0.5), 0.5);
  for (const odd of [0, -1, Infinity, NaN, "5", null]) assert.equal(duration(odd), 0);
});

test("players are told what the file says of its media and how long it lasts, and nothing of the file", () => {
  const metadata = read([["width", 320], ["filesize", 9], ["duration", 3], ["keyframes", null]])!;
  assert.deepEqual(metadata.members, [["width", 320]]);
  const [handler, members] = decodeAmf0(encodePlayedMetadata(metadata, 2500));
  assert.equal(handler, "onMetaData");
  assert.deepEqual([...asRecord(members)!], [["duration", 2.5], ["width", 320]]);
});

test("hints are whole positions with times, as many as both lists have, and as are kept", () => {
  const hints = (times: AmfValue[], filepositions: AmfValue[]) =>
    read([["keyframes", new AmfObject([["times", times], ["filepositions", filepositions]])]])!
      .hints;
  assert.equal(hints([0, 1, 2], [13, 500]).size, 2);
  assert.equal(hints([0, NaN, "2", 3], [13, 500, 900, 1.5]).size, 1);
  assert.equal(read([["keyframes", new AmfObject([["times", [1]]])]])!.hints.size, 0);
  assert.equal(read([["keyframes", new AmfObject([["filepositions", [1]]])]])!.hints.size, 0);
});
