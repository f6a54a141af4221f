/** Streams as playlists, held against the rules of RFC 8216bis after every part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sized } from "../../support/figure.ts";
import { PlaylistWatch } from "../../support/hls_validator.ts";
import { OTHER_VIDEO_HEADER, PackagerRig } from "../../support/hls_packager.ts";
import { check } from "../../support/property.ts";
import { AUDIO_HEADER, VIDEO_HEADER } from "../../support/media.ts";

const AAC_MS = 1024 / 44.1;

/** Watches every version of the main playlist, with its delta. */
function watched(rig: PackagerRig): PlaylistWatch {
  const watch = new PlaylistWatch();
  rig.onChange = ({ name }) => {
    if (name !== "main") return;
    const text = rig.playlist();
    watch.see(text);
    if (watch.polls % 16 === 0) watch.assertDelta(rig.playlist("main", true), text);
  };
  return watch;
}

/** Publishes sound and pictures from `from` to `to` (ms). */
function publish(
  rig: PackagerRig,
  from: number,
  to: number,
  frameMs: number,
  gop: number,
  jitter: (index: number) => number = () => 0,
): void {
  let audio = Math.ceil(from / AAC_MS);
  for (let index = 0; from + index * frameMs < to; index++) {
    const time = from + index * frameMs;
    for (; audio * AAC_MS < time; audio++) rig.audio(Math.round(audio * AAC_MS));
    rig.video(Math.round(time + jitter(index)), index % gop === 0);
  }
}

/** 300 s in the quick form, 55 minutes and 10,000 versions of the playlist in the full one. */
const LONG_S = sized(300, 3300);

test("25 frames a second keep to the rules through all versions of a long playlist", () => {
  const rig = new PackagerRig();
  const watch = watched(rig);
  rig.headers();
  publish(rig, 0, 1000 * LONG_S, 40, 50);
  assert.ok(watch.polls >= 3 * LONG_S, `${watch.polls} versions`);
  watch.assertHintsCameTrue();
  const { segments, partTarget, targetDuration } = watch.last!;
  assert.equal(targetDuration, 3);
  assert.ok(partTarget! >= 0.3 && partTarget! <= 0.36);
  assert.ok(segments.every(({ duration }) => duration === 2), "segments end with each GOP");
  // After all that time sound and pictures are still where the source has them.
  const last = rig.parts.get("main")!.at(-1)!;
  const [video, audio] = last.tracks.map(({ track, samples }) =>
    samples.at(-1)!.dts / track.format.timescale
  );
  assert.ok(Math.abs(video! - audio!) < 0.34, `${video} and ${audio}`);
  assert.ok(Math.abs(video! - 10 - LONG_S) < 0.4, `${video} s`);
});

test("whatever the frame rate, the GOP and the jitter, every version keeps to the rules", () => {
  check(
    fc.property(
      fc.double({ min: 1, max: 120, noNaN: true }),
      fc.integer({ min: 1, max: 300 }),
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 100, max: 1000 }),
      (fps, gop, jitter, partMs) => {
        const rig = new PackagerRig({ partMs });
        const watch = watched(rig);
        rig.headers();
        const most = Math.min(2, 250 / fps);
        publish(
          rig,
          0,
          40_000,
          1000 / fps,
          gop,
          (index) => Math.max(-most, Math.min(most, jitter[index % jitter.length]!)) * 0.5,
        );
        watch.assertHintsCameTrue();
        assert.ok(watch.polls > 10);
      },
    ),
    15,
  );
});

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
