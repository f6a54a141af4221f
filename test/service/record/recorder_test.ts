import assert from "node:assert/strict";
import { readFileSync, renameSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { AmfObject } from "../../../src/core/amf/mod.ts";
import type { MediaTarget } from "../../../src/recordings/folder.ts";
import { mendFlv } from "../../../src/recordings/mend_flv.ts";
import { AAC, AVC, inter, key, META, Rig, sound } from "../../support/recorder_rig.ts";
import { MediaFiles } from "../../../src/storage/media_files.ts";

/** Waits for something that is about to happen. */
async function until(happened: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    if (happened()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.fail("it never happened");
}

const HEADERS = ["picture header 0", "sound header 0"];

test("a file begins with headers and a key frame at 0, and ends with its duration and its index", async () => {
  await using rig = new Rig();
  rig.feed(META, AVC, AAC, sound(4400), inter(4980), key(5000), sound(5010), inter(5040));
  rig.feed(key(6000), sound(6020));
  assert.deepEqual(rig.names(), [], "until it is written");
  await rig.end();
  assert.deepEqual(rig.names(), ["1.flv"]);
  const { tags, metadata, flags } = rig.read("1.flv");
  assert.deepEqual(tags, [
    ...HEADERS,
    ...["picture key 0", "sound 10", "picture 40", "picture key 1000", "sound 1020"],
  ]);
  assert.equal(flags, 5);
  assert.equal(metadata.get("width"), 320);
  assert.equal(metadata.get("duration"), 1.02);
  const bytes = readFileSync(join(rig.path, "1.flv"));
  assert.equal(metadata.get("filesize"), bytes.length);
  const index = metadata.get("keyframes") as AmfObject;
  assert.deepEqual(index.get("times"), [0, 1]);
  const places = index.get("filepositions") as number[];
  assert.deepEqual(places.map((place) => bytes[place + 11]), [0x17, 0x17]);
  assert.deepEqual(rig.finished, [
    { path: "1.flv", duration: 1020, bytes: bytes.length, why: "unpublished" },
  ]);
});

test("sound shortly before the first key frame is kept, and comes first", async () => {
  await using rig = new Rig();
  rig.feed(sound(4499), sound(4500), sound(4960), inter(4980), key(5000), sound(5010));
  await rig.end();
  assert.deepEqual(rig.read("1.flv").tags, [
    ...HEADERS,
    ...["sound 0", "sound 460", "picture key 500", "sound 510"],
  ]);
  await using many = new Rig();
  for (let time = 4800; time < 5000; time++) many.feed(sound(time));
  many.feed(key(5000));
  await many.end();
  assert.equal(many.read("1.flv").tags.length, 2 + 64 + 1);
});

test("a recording that had nothing leaves no file", async () => {
  await using rig = new Rig();
  rig.feed(META, AVC, AAC, sound(0), inter(40));
  await rig.end();
  assert.deepEqual([rig.names(), rig.finished], [[], []]);
});

test("sound alone begins at once, has an index by seconds, and beside pictures waits for ten", async () => {
  await using alone = new Rig({ headers: [AAC] });
  for (let time = 500; time < 4000; time += 20) alone.feed(sound(time));
  await alone.end();
  const { tags, metadata, flags } = alone.read("1.flv");
  assert.deepEqual(tags.slice(0, 2), ["sound header 0", "sound 0"]);
  assert.deepEqual((metadata.get("keyframes") as AmfObject).get("times"), [0, 1, 2, 3]);
  assert.equal(flags, 4);

  await using beside = new Rig();
  beside.feed(sound(0), inter(20), sound(9_999), sound(10_000), inter(10_020), key(10_040));
  await beside.end();
  assert.deepEqual(beside.read("1.flv").tags, [
    ...HEADERS,
    "sound 0",
    "sound 1",
    "picture 21",
    "picture key 41",
  ]);
});

test("files are cut at key frames, and each has its headers and begins at 0", async () => {
  await using rig = new Rig({ segmentMs: 2000 });
  for (let time = 0; time < 5000; time += 500) {
    rig.feed(time % 1000 === 0 ? key(time) : inter(time));
  }
  await rig.end();
  assert.deepEqual(rig.finished.map(({ path, why }) => `${path} ${why}`).sort(), [
    "1.flv segment",
    "2.flv segment",
    "3.flv unpublished",
  ]);
  const four = ["picture key 0", "picture 500", "picture key 1000", "picture 1500"];
  assert.deepEqual(rig.read("1.flv").tags, [...HEADERS, ...four]);
  assert.deepEqual(rig.read("2.flv").tags, [...HEADERS, ...four]);
  assert.deepEqual(rig.read("3.flv").tags, [...HEADERS, ...four.slice(0, 2)]);
  assert.deepEqual(rig.starts, [0, 2000, 4000]);
});

test("files are cut by their bytes as well, at the first key frame behind them", async () => {
  await using rig = new Rig({ segmentBytes: 1e9 });
  rig.feed(key(0), inter(40));
  const { bytes } = rig.files[0]!;
  await using cut = new Rig({ segmentBytes: bytes });
  cut.feed(key(0), key(20), inter(40), key(60), inter(80), sound(90));
  await cut.end();
  assert.deepEqual(
    cut.read("1.flv").tags.slice(2),
    [
      "picture key 0",
      "picture key 20",
      "picture 40",
    ].slice(0, cut.read("1.flv").tags.length - 2),
  );
  assert.equal(cut.finished.length, 2);
  await using one = new Rig({ segmentBytes: bytes + 1 });
  one.feed(key(0), inter(40), key(60), key(80));
  await one.end();
  assert.equal(one.read("1.flv").tags.length, 2 + 3, "one byte less than enough is not enough");
});

test("the first file begins where it is told to, and the next one at 0", async () => {
  await using rig = new Rig({ start: 5040, segmentMs: 6000 });
  rig.feed(key(1000), inter(1040), key(2000), inter(2040));
  await rig.end();
  assert.deepEqual(rig.read("1.flv").tags.slice(-2), ["picture key 5040", "picture 5080"]);
  assert.deepEqual(rig.read("2.flv").tags.slice(-2), ["picture key 0", "picture 40"]);
});

test("what was recorded is handed on a second later, whether more comes or not", async () => {
  await using rig = new Rig();
  rig.feed(key(5000));
  const file = rig.recorder.file!;
  const handed = () => file.handed;
  rig.recorder.flushOld(5000);
  const first = handed();
  rig.feed(inter(5999));
  rig.recorder.flushOld(5999);
  assert.equal(handed(), first);
  rig.recorder.flushOld(6000);
  assert.ok(handed() > first);
  const second = handed();
  rig.feed(inter(6100));
  rig.recorder.flushOld(6999);
  assert.equal(handed(), second);
  rig.feed(inter(7000));
  assert.ok(handed() > second, "a frame does it as well");
  const third = handed();
  rig.feed(inter(7100));
  rig.recorder.onUnpublish(7200);
  assert.ok(handed() > third, "and the end of the publisher at once");
});

test("a fault ends the file as one, once, and nothing comes behind it", async () => {
  await using rig = new Rig();
  rig.feed(key(0));
  rig.recorder.onFault();
  rig.recorder.stop("unpublished");
  rig.feed(key(1000));
  rig.recorder.onPublish();
  rig.feed(key(2000));
  await rig.end();
  assert.deepEqual(rig.finished.map(({ path, why }) => [path, why]), [["1.flv", "fault"]]);
});

test("sound held for a key frame that is far away is not recorded", async () => {
  await using rig = new Rig();
  rig.feed(sound(5501), sound(5500), key(5000), inter(5040));
  await rig.end();
  assert.deepEqual(rig.read("1.flv").tags.slice(2, 4), ["sound 0", "picture key 0"].slice(0, 2));
});

test("another publisher goes on in the file, with headers of its own and from a key frame", async () => {
  await using rig = new Rig();
  rig.feed(key(0), inter(40));
  rig.recorder.onUnpublish(50);
  rig.headers = [{ ...AVC, payload: Uint8Array.of(0x17, 0, 0, 0, 0, 2) }];
  rig.recorder.onPublish();
  rig.feed(inter(3), key(9_000_000), inter(9_000_040));
  await rig.end();
  assert.deepEqual(rig.read("1.flv").tags, [
    ...HEADERS,
    ...["picture key 0", "picture 40", "picture header 80", "picture key 80", "picture 120"],
  ]);
});

test("another publisher whose media this file cannot hold begins another one, at once", async () => {
  await using rig = new Rig({ oneFormat: true });
  rig.feed(key(0), inter(40));
  rig.recorder.onUnpublish(50);
  rig.headers = [{ ...AVC, payload: Uint8Array.of(0x17, 0, 0, 0, 0, 2) }];
  rig.recorder.onPublish();
  rig.feed(key(0), inter(40), key(1000));
  await rig.end();
  assert.equal(rig.behind, 0, "that is no fault of the disk");
  assert.equal(rig.recorder.omitted, 0);
  assert.deepEqual(rig.read("1.flv").tags, [...HEADERS, "picture key 0", "picture 40"]);
  assert.deepEqual(rig.read("2.flv").tags, [
    ...["picture header 0", "picture key 0", "picture 40", "picture key 1000"],
  ]);
  assert.deepEqual(rig.starts, [0, 80], "behind the one before");
});

test("a header in mid-stream stands where it came", async () => {
  await using rig = new Rig();
  rig.feed(key(0), inter(40), { ...AVC, timestamp: 0 }, key(80));
  await rig.end();
  assert.deepEqual(rig.read("1.flv").tags.slice(2), [
    "picture key 0",
    "picture 40",
    "picture header 40",
    "picture key 80",
  ]);
});

test("a disk that is behind costs frames up to the next key frame for which there is room, and is told of once", async () => {
  const gate = Promise.withResolvers<void>();
  let held = true;
  const disk = (target: MediaTarget): MediaTarget => ({
    path: target.path,
    write: async (bytes, position) => {
      if (held) await gate.promise;
      await target.write(bytes, position);
    },
    truncate: (size) => target.truncate(size),
    read: () => target.read(),
    finish: (replace) => target.finish(replace),
    discard: () => target.discard(),
    leave: () => target.leave(),
  });
  await using rig = new Rig({ most: 700, disk });
  rig.feed(key(0));
  for (let time = 40; time < 2000; time += 40) rig.feed(inter(time));
  rig.feed(key(2000), sound(2010));
  assert.equal(rig.behind, 1);
  assert.ok(rig.recorder.omitted > 30);
  held = false;
  gate.resolve();
  await rig.files[0]!.flush();
  await until(() => rig.budget.bytes === 0);
  rig.feed(inter(2040), sound(2050), key(3000), inter(3040));
  await rig.end();
  const { tags } = rig.read("1.flv");
  const hole = tags.indexOf("picture key 3000");
  assert.deepEqual(tags.slice(hole - 2), [
    "picture header 3000",
    "sound header 3000",
    "picture key 3000",
    "picture 3040",
  ]);
  assert.ok(tags.includes("picture 40") && !tags.includes("sound 2010"));
  assert.equal(rig.behind, 1);
  assert.equal(rig.budget.bytes, 0);
});

test("a disk that fails ends the recording, and what is whole is kept and finished", async () => {
  let left = 0;
  const disk = (target: MediaTarget): MediaTarget => ({
    path: target.path,
    write: (bytes, position) => {
      if (position < 13 || left-- > 0) return target.write(bytes, position);
      // As a full disk does: a part of it is written.
      return target.write(bytes.subarray(0, bytes.length - 3), position).then(() => {
        left = 100;
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      });
    },
    truncate: (size) => target.truncate(size),
    read: () => target.read(),
    finish: (replace) => target.finish(replace),
    discard: () => target.discard(),
    leave: () => target.leave(),
  });
  await using rig = new Rig({ disk });
  rig.feed(key(0));
  rig.recorder.flush(0);
  rig.feed(inter(40), key(1000));
  rig.recorder.flush(1000);
  await until(() => rig.faults.length > 0);
  rig.feed(inter(1040), key(2000));
  assert.equal(rig.recorder.file, undefined);
  await rig.end();
  assert.deepEqual(rig.finished.map(({ why, duration }) => [why, duration]), [["disk", 40]]);
  const { tags, metadata } = rig.read("1.flv");
  assert.deepEqual(tags, [...HEADERS, "picture key 0", "picture 40"]);
  assert.equal(metadata.get("duration"), 0.04);
});

test("a recording that the disk ended goes on with the next publisher, and no file stays open", async () => {
  let isFull = true;
  let left = 0;
  const disk = (target: MediaTarget): MediaTarget => ({
    path: target.path,
    write: (bytes, position) =>
      isFull ? Promise.reject(new Error("full")) : target.write(bytes, position),
    truncate: (size) => target.truncate(size),
    read: () => isFull ? Promise.reject(new Error("broken")) : target.read(),
    finish: (replace) => target.finish(replace),
    discard: () => target.discard(),
    leave: () => {
      left++;
      return target.leave();
    },
  });
  await using rig = new Rig({ disk });
  rig.feed(key(0));
  rig.recorder.flush(0);
  await until(() => rig.faults.length > 0);
  rig.feed(key(40));
  await rig.files[0]!.ended;
  assert.equal(left, 1);
  isFull = false;
  rig.feed(key(80));
  assert.equal(rig.files.length, 1);
  rig.recorder.onPublish();
  rig.feed(key(120), inter(160));
  rig.recorder.stop("unpublished");
  await rig.files[1]!.ended;
  assert.deepEqual(rig.finished.map(({ path, why }) => `${path} ${why}`), ["2.flv unpublished"]);
});

test("wherever a file was cut off, it is mended to its last whole tag, with duration and index", async () => {
  await using rig = new Rig();
  rig.feed(key(0), sound(10), inter(40), key(1000), inter(1040));
  await rig.end();
  const whole = readFileSync(join(rig.path, "1.flv"));
  const first = whole.length - 4 * 21 - 18;
  for (let cut = first; cut <= whole.length; cut++) {
    renameSync(join(rig.path, "1.flv"), join(rig.path, ".1.flv.part"));
    truncateSync(join(rig.path, ".1.flv.part"), cut);
    for await (const target of new MediaFiles(rig.path).leftovers(() => true)) {
      const { duration, size } = await mendFlv(target);
      await target.finish(false);
      const { tags, metadata } = rig.read("1.flv");
      assert.equal(metadata.get("duration"), duration / 1000);
      assert.equal(readFileSync(join(rig.path, "1.flv")).length, size);
      assert.equal(metadata.get("filesize"), size);
      const times = (metadata.get("keyframes") as AmfObject).get("times");
      const keys = tags.filter((tag) => tag.startsWith("picture key"));
      assert.deepEqual(times, keys.map((tag) => Number(tag.split(" ").at(-1)) / 1000));
      assert.equal(duration, Number(tags.at(-1)!.split(" ").at(-1)));
    }
    writeFileSync(join(rig.path, "1.flv"), whole);
  }
});
