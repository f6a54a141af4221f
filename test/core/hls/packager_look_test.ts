/** How much of a stream is looked at before it is packaged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AAC_MS, PackagerRig } from "../../support/hls_packager.ts";
import { AUDIO_HEADER, VIDEO_HEADER } from "../../support/media.ts";

/** The time of the frame with which there are playlists (ms). */
function readyAt(rig: PackagerRig, frame: (time: number) => void, everyMs: number): number {
  for (let index = 0; index < 1000; index++) {
    const time = Math.round(index * everyMs);
    frame(time);
    if (rig.packager.renditions.length > 0) return time;
  }
  return Infinity;
}

/** Sound alone, or pictures alone. */
const sound = (rig: PackagerRig) => {
  rig.packager.push(8, 0, AUDIO_HEADER, false);
  return readyAt(rig, (time) => rig.audio(time), AAC_MS);
};
const pictures = (rig: PackagerRig) => {
  rig.packager.push(9, 0, VIDEO_HEADER, false);
  return readyAt(rig, (time) => rig.video(time, time === 0), 40);
};

test("three tenths of a second are looked at, of sound or of pictures", () => {
  const at = sound(new PackagerRig());
  assert.ok(at >= 300 && at < 300 + 2 * AAC_MS, `${at}`);
  assert.equal(pictures(new PackagerRig()), 320);
});

test("sound waits two seconds for pictures that are expected, and pictures for nothing", () => {
  const rig = new PackagerRig();
  rig.packager.expectsVideo = true;
  const at = sound(rig);
  assert.ok(at >= 2000 && at < 2000 + 2 * AAC_MS, `${at}`);
  const other = new PackagerRig();
  other.packager.expectsVideo = true;
  assert.equal(pictures(other), 320);
});

test("no more is looked at than a quarter of what the playlists may have", () => {
  // Samples of 195 bytes, and of 95 from then on: three of them have 385. Each comes out with the next.
  assert.equal(pictures(new PackagerRig({ bytes: 4 * 385 })), 160);
  assert.equal(pictures(new PackagerRig({ bytes: 4 * 385 - 1 })), 120);
});

test("a stream that ends, or is lost, is packaged with what there is, and nothing without media", () => {
  const rig = new PackagerRig();
  rig.packager.flush();
  assert.equal(rig.packager.renditions.length, 0);
  rig.packager.push(9, 0, VIDEO_HEADER, false);
  rig.video(0, true);
  rig.video(40, false);
  rig.packager.flush();
  assert.equal(rig.packager.renditions.length, 1);
  assert.equal(rig.packager.renditions[0]!.window.kept.length, 1);
});

test("of what is cached 20 000 samples are kept at the most", () => {
  const rig = new PackagerRig({ lowLatency: false }, false);
  rig.packager.push(8, 0, AUDIO_HEADER, false);
  for (let index = 0; index < 20_003; index++) rig.audio(Math.round(index * AAC_MS));
  assert.equal(rig.packager.renditions.length, 0, "not before all of it is in");
  rig.packager.settle();
  const samples = rig.parts.get("main")!.flatMap(({ tracks }) => tracks).reduce(
    (sum, { samples }) => sum + samples.length,
    0,
  );
  assert.equal(samples, 20_000);
});
