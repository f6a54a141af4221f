/** Long and odd streams as playlists, held against the rules of RFC 8216bis after every part. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sized } from "../../support/figure.ts";
import { PackagerRig, publish, watched } from "../../support/hls_packager.ts";
import { check } from "../../support/property.ts";

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
