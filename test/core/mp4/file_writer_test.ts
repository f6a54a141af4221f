import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../../../src/core/bytes/join.ts";
import { Mp4FileWriter } from "../../../src/core/mp4/mod.ts";
import type { Sample } from "../../../src/core/samples/mod.ts";
import { AAC_LC, AVC } from "../samples/formats.ts";

const VIDEO = { id: 1, format: AVC };
const AUDIO = { id: 2, format: { ...AAC_LC, timescale: 1000 } };

function picture(ms: number, key: boolean, length = 10): Sample {
  return { dts: ms * 90, duration: 3600, composition: 0, key, data: new Uint8Array(length) };
}

function sound(ms: number, length = 10): Sample {
  return { dts: ms, duration: 20, composition: 0, key: true, data: new Uint8Array(length) };
}

/** Decode times of the first samples and numbers of samples of a fragment, by track. */
function fragmentOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: string[] = [];
  for (let at = 24; at < view.getUint32(0); at += view.getUint32(at)) {
    found.push(`${view.getUint32(at + 20)}: ${view.getUint32(at + 40)} ${view.getUint32(at + 56)}`);
  }
  return `${view.getUint32(20)} | ${found.join(" | ")}`;
}

test("a fragment is from one key frame to the next, with the sound of that time", () => {
  const writer = new Mp4FileWriter([VIDEO, AUDIO], { baseMs: 1000 });
  const push = (id: number, sample: Sample) => fragmentOf(writer.push(id, sample));
  assert.equal(push(2, sound(990)), undefined); // before the beginning
  assert.equal(push(1, picture(1000, true)), undefined);
  assert.equal(push(2, sound(1010)), undefined);
  assert.equal(push(1, picture(1040, false)), undefined);
  // Sound that is ahead of pictures waits for its fragment.
  for (const ms of [1060, 1080, 1100]) assert.equal(push(2, sound(ms)), undefined);
  assert.equal(writer.pendingBytes, 60);
  assert.equal(push(1, picture(1080, true)), "1 | 1: 0 2 | 2: 10 2");
  assert.equal(writer.pendingBytes, 30);
  assert.equal(writer.durationMs, 80);
  const { end } = writer.finish();
  assert.equal(fragmentOf(end), "2 | 1: 7200 1 | 2: 80 2");
  assert.equal(writer.durationMs, 120);
  assert.equal(writer.pendingBytes, 0);
});

test("a fragment that gets too long or too large is cut before the next key frame", () => {
  const long = new Mp4FileWriter([VIDEO], { maxFragmentMs: 100 });
  const cuts = [0, 40, 80, 99, 100, 140].map((ms) =>
    fragmentOf(long.push(1, picture(ms, ms === 0)))
  );
  assert.deepEqual(cuts, [...new Array(4).fill(undefined), "1 | 1: 0 4", undefined]);
  const large = new Mp4FileWriter([VIDEO, AUDIO], { maxFragmentBytes: 100 });
  assert.equal(large.push(1, picture(0, true, 60)), undefined);
  assert.equal(large.push(2, sound(0, 40)), undefined);
  assert.equal(fragmentOf(large.push(2, sound(20, 1))), "1 | 1: 0 1 | 2: 0 1");
  // One that is larger by itself is a fragment of its own.
  assert.equal(fragmentOf(large.push(1, picture(40, false, 500))), "2 | 2: 20 1");
  assert.equal(fragmentOf(large.push(1, picture(80, false, 1))), "3 | 1: 3600 1");
});

test("a file of sound alone has a fragment for each second", () => {
  const writer = new Mp4FileWriter([AUDIO]);
  const cuts = Array.from(
    { length: 101 },
    (_, index) => fragmentOf(writer.push(2, sound(index * 20))),
  ).filter((cut) => cut !== undefined);
  assert.deepEqual(cuts, ["1 | 2: 0 50", "2 | 2: 1000 50"]);
});

test("samples of tracks that the file does not have are left out, and a file may have none at all", () => {
  const writer = new Mp4FileWriter([VIDEO], { references: 2 });
  assert.equal(writer.push(9, sound(0)), undefined);
  assert.equal(writer.pendingBytes, 0);
  const { end, patches } = writer.finish();
  assert.equal(String.fromCharCode(...end.subarray(4, 8)), "mfra");
  for (const { position, bytes } of patches) {
    assert.ok(position + bytes.length <= writer.head.length);
  }
});

test("the length and the index are written into the beginning, and nothing moves", () => {
  const writer = new Mp4FileWriter([VIDEO, AUDIO], { references: 3 });
  const parts = [writer.head];
  for (let ms = 0; ms < 400; ms += 40) {
    parts.push(writer.push(1, picture(ms, ms % 80 === 0)) ?? new Uint8Array(0));
  }
  const { end, patches } = writer.finish();
  const bytes = joined([...parts, end]);
  const before = bytes.slice();
  for (const { position, bytes: patch } of patches) bytes.set(patch, position);
  const view = new DataView(bytes.buffer);
  const types: string[] = [];
  for (let at = 0; at < bytes.length; at += view.getUint32(at)) {
    types.push(String.fromCharCode(...bytes.subarray(at + 4, at + 8)));
  }
  const fragments = new Array(5).fill(["moof", "mdat"]).flat();
  assert.deepEqual(types, ["ftyp", "moov", "sidx", "free", ...fragments, "mfra"]);
  assert.deepEqual(bytes.subarray(writer.head.length), before.subarray(writer.head.length));
  const mehd = patches[0]!;
  assert.equal(new DataView(mehd.bytes.buffer).getUint32(4), 400);
});
