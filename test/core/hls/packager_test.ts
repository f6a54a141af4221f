/** Streams as playlists, held against the rules of RFC 8216bis after every part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mostSegments } from "../../../src/core/hls/mod.ts";
import {
  AAC_MS,
  OTHER_VIDEO_HEADER,
  PackagerRig,
  publish,
  watched,
} from "../../support/hls_packager.ts";
import { AUDIO_HEADER, VIDEO_HEADER } from "../../support/media.ts";

test("a stall of the publisher is a discontinuity, and the time before it is not stretched", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 6000, 40, 25);
  publish(rig, 11_000, 20_000, 40, 25);
  const broken = watch.last!.segments.filter(({ discontinuity }) => discontinuity);
  assert.equal(broken.length, 1);
  assert.equal(broken[0]!.programTime! - 10_000, 11_000);
});

test("another sequence header is a discontinuity with another map, a repeated one is nothing", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 4000, 40, 25);
  rig.headers();
  publish(rig, 4000, 8000, 40, 25);
  assert.equal(rig.maps.length, 1);
  rig.headers(OTHER_VIDEO_HEADER);
  publish(rig, 8000, 12_000, 40, 25);
  assert.equal(rig.maps.length, 2);
  const broken = watch.last!.segments.filter(({ discontinuity }) => discontinuity);
  assert.deepEqual(broken.map(({ map }) => map), [rig.maps[1]]);
});

test("a publisher that comes back is a discontinuity, and numbers go on", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 5000, 40, 25);
  rig.packager.flush();
  const { segments } = watch.last!;
  rig.restart();
  rig.headers();
  publish(rig, 900_000, 905_000, 40, 25);
  const after = watch.last!.segments;
  assert.ok(after.length > segments.length);
  assert.deepEqual(after.map(({ discontinuity }) => discontinuity).filter(Boolean), [true]);
  assert.equal(after[segments.length]!.discontinuity, true);
});

test("discontinuities that are not listed any more are counted", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  for (let run = 0; run < 12; run++) {
    publish(rig, run * 5000, run * 5000 + 4000, 40, 25);
    rig.restart();
    rig.headers();
  }
  assert.ok(watch.last!.discontinuitySequence > 5);
});

test("a GOP that is longer than the Target Duration is cut, and nothing claims that it begins a segment", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 40_000, 40, 250);
  const { segments, independent, targetDuration } = watch.last!;
  assert.equal(targetDuration, 3);
  assert.equal(independent, false);
  // Each GOP of ten seconds begins a segment of its own.
  const starts = segments.filter(({ parts }) => parts[0]?.independent);
  assert.ok(starts.length >= 1);
});

test("what is known of the GOP makes the Target Duration", () => {
  const rig = new PackagerRig({ gopMs: 4000 });
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 40_000, 40, 100);
  assert.equal(watch.last!.targetDuration, 4);
  assert.equal(watch.last!.independent, true);
});

test("a stream that ends says so, and lists what there was", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 5000, 40, 25);
  rig.packager.end();
  assert.equal(watch.last!.ended, true);
  const all = watch.last!.segments.reduce((sum, { duration }) => sum + duration, 0);
  assert.ok(Math.abs(all - 5) < 0.05, `${all} s`);
});

test("what was cached is a segment at once, and every part of it is there", () => {
  const rig = new PackagerRig();
  const cached = new PackagerRig();
  rig.headers();
  publish(rig, 0, 800, 40, 100);
  assert.equal(rig.packager.renditions[0]!.window.kept.length, 0);
  rig.packager.settle();
  const [segment] = rig.packager.renditions[0]!.window.kept;
  assert.ok(segment!.duration >= 700 * 90);
  assert.equal(segment!.independent, true);
  assert.equal(cached.packager.renditions.length, 0);
});

test("sound alone makes parts of whole frames", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.packager.push(8, 0, AUDIO_HEADER, false);
  for (let index = 0; index * AAC_MS < 20_000; index++) rig.audio(Math.round(index * AAC_MS));
  watch.assertHintsCameTrue();
  assert.equal(watch.last!.independent, true);
  assert.ok(watch.polls > 50);
});

test("pictures that come seconds behind the sound join it", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.packager.push(8, 0, AUDIO_HEADER, false);
  for (let index = 0; index * AAC_MS < 5000; index++) rig.audio(Math.round(index * AAC_MS));
  rig.packager.push(9, 5000, VIDEO_HEADER, false);
  publish(rig, 5000, 12_000, 40, 25);
  assert.deepEqual(rig.maps.length, 2);
  assert.deepEqual(
    watch.last!.segments.filter(({ discontinuity }) => discontinuity).map(({ map }) => map),
    [rig.maps[1]],
  );
  assert.deepEqual(rig.packager.renditions[0]!.tracks.map(({ format }) => format.kind), [
    "video",
    "audio",
  ]);
});

test("the frame rate is not known before anything has come, then it is that of the pictures", () => {
  const rig = new PackagerRig();
  assert.equal(rig.packager.frameRate, undefined);
  rig.headers();
  for (let time = 0; time < 4000; time += 40) rig.video(time, time % 1000 === 0);
  assert.equal(Math.round(rig.packager.frameRate!), 25);
});

/** What a packager tells, one playlist or several of sound beside it. */
function told(options: Partial<ConstructorParameters<typeof PackagerRig>[0]> = {}) {
  const rig = new PackagerRig(options);
  const changes = new Map<string, number>();
  rig.onChange = ({ name }) => changes.set(name, (changes.get(name) ?? 0) + 1);
  return { rig, changes };
}

test("each part of a playlist is told, the end of a segment with its last one, and the end of all", () => {
  const { rig, changes } = told();
  rig.headers();
  publish(rig, 0, 6000, 40, 25);
  const { window } = rig.packager.renditions[0]!;
  const made = rig.parts.get("main")!.length;
  const segments = window.kept.length;
  assert.ok(segments >= 2 && made > segments);
  assert.equal(changes.get("main"), made, "the last part of a segment with the segment");
  rig.packager.end();
  assert.equal(window.ended, true);
  const after = rig.parts.get("main")!.length;
  assert.equal(changes.get("main"), after + 1, "what was left, and that nothing comes any more");
});

test("a publisher that comes back leaves what was open in a segment of its own", () => {
  const { rig } = told();
  rig.headers();
  publish(rig, 0, 5500, 40, 25);
  const { window } = rig.packager.renditions[0]!;
  assert.ok(window.open !== undefined);
  const before = window.kept.length;
  rig.restart();
  assert.equal(window.open, undefined);
  assert.equal(window.kept.length, before + 1);
  rig.headers();
  publish(rig, 50, 3000, 40, 25);
  const next = window.kept[before + 1]!;
  assert.equal(next.discontinuity, true);
});

test("pictures that were announced late are in the map, and sound leads no more", () => {
  const { rig } = told();
  rig.packager.push(8, 0, AUDIO_HEADER, false);
  for (let index = 0; index * AAC_MS < 3000; index++) rig.audio(Math.round(index * AAC_MS));
  const [main] = rig.packager.renditions;
  assert.equal(rig.packager.renditions.length, 1);
  const target = main!.window.limits.partTarget;
  rig.packager.push(9, 3000, VIDEO_HEADER, false);
  assert.equal(main!.tracks.length, 2);
  assert.equal(rig.maps.length, 1, "not before there is a picture");
  publish(rig, 3000, 6000, 40, 25);
  assert.equal(rig.maps.length, 2);
  assert.equal(main!.window.limits.partTarget, target, "what was promised of parts holds");
  const last = rig.parts.get("main")!.at(-1)!;
  assert.ok(last.tracks.some(({ track }) => track.format.kind === "video"));
});

test("without parts that are listed none is promised", () => {
  const { rig } = told({ lowLatency: false });
  rig.headers();
  publish(rig, 0, 6000, 40, 25);
  const { limits } = rig.packager.renditions[0]!.window;
  assert.equal(limits.partTarget, 0);
  rig.headers(OTHER_VIDEO_HEADER);
  publish(rig, 6000, 9000, 40, 25);
  assert.equal(rig.packager.renditions[0]!.window.limits.partTarget, 0);
});

test("a playlist may keep 64 segments, and four more for each that it lists", () => {
  assert.equal(mostSegments(12_000, 2000), 64 + 4 * 6);
  assert.equal(mostSegments(12_001, 2000), 64 + 4 * 7);
});
