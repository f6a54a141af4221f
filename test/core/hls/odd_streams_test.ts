/** Streams that cameras, and publishers who mean harm, make of time: playlists go on and stay bounded. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { interFrame, keyFrame } from "../../support/media.ts";
import { PackagerRig } from "../../support/hls_packager.ts";
import { PlaylistWatch } from "../../support/hls_validator.ts";

const AAC_MS = 1024 / 44.1;

/** Sound from `from` to `to` (ms). */
function sound(rig: PackagerRig, from: number, to: number): void {
  for (let index = Math.ceil(from / AAC_MS); index * AAC_MS < to; index++) {
    rig.audio(Math.round(index * AAC_MS));
  }
}

/** Sound and pictures from `from` to `to` (ms), a key frame a second. */
function both(rig: PackagerRig, from: number, to: number): void {
  for (let time = from; time < to; time += 40) {
    sound(rig, time, time + 40);
    rig.video(time, time % 1000 === 0);
  }
}

test("a camera that is switched off takes no sound along, and one that comes back leads again", () => {
  const rig = new PackagerRig();
  const watch = new PlaylistWatch();
  rig.onChange = () => watch.see(rig.playlist());
  rig.headers();
  both(rig, 0, 4000);
  const before = rig.parts.get("main")!.length;
  sound(rig, 4000, 24_000);
  const parts = rig.parts.get("main")!.slice(before);
  const frames = parts.flatMap(({ tracks }) =>
    tracks.flatMap(({ track, samples }) => track.format.kind === "audio" ? samples : [])
  );
  const heard = frames.reduce((all, { duration }) => all + duration, 0) / 44_100;
  assert.ok(heard > 19, `${heard} s of sound came out`);
  assert.ok(Math.max(...parts.slice(1).map(({ size }) => size)) < 2000, "none of it in one heap");
  const gone = rig.parts.get("main")!.length;
  both(rig, 24_000, 30_000);
  const after = rig.parts.get("main")!.slice(gone + 2);
  assert.ok(after.length > 10);
  assert.ok(after.every(({ tracks }) => tracks.some(({ track }) => track.format.kind === "video")));
  watch.assertHintsCameTrue();
});

test("pictures whose time stands still fill no segment without end", () => {
  const rig = new PackagerRig({ bytes: 400_000 });
  rig.headers();
  both(rig, 0, 4000);
  for (let count = 0; count < 20_000; count++) rig.video(4000, count % 100 === 0);
  const { window } = rig.packager.renditions[0]!;
  assert.ok(window.bytes <= 400_000, `${window.bytes} bytes`);
  assert.ok(window.open === undefined || window.open.parts.length <= 64);
  assert.ok(window.kept.length <= window.limits.segments);
  assert.ok(rig.playlist().length < 200_000);
});

test("segments that are next to nothing do not become many", () => {
  const rig = new PackagerRig();
  rig.headers();
  both(rig, 0, 4000);
  for (let count = 0; count < 4000; count++) rig.video(count % 2 * 100_000, true);
  assert.ok(rig.packager.renditions[0]!.window.kept.length <= 100);
});

test("a part and a segment end where they hold half of what there may be", () => {
  const rig = new PackagerRig({ bytes: 100_000 });
  rig.headers();
  both(rig, 0, 4000);
  for (let count = 0; count < 200; count++) {
    const picture = count % 50 === 0 ? keyFrame(20_000) : interFrame(20_000);
    rig.packager.push(9, 4000 + 40 * count, picture, count % 50 === 0);
  }
  const { window } = rig.packager.renditions[0]!;
  const open = window.open?.parts.reduce((all, { body }) => all + body.size, 0) ?? 0;
  assert.ok(window.bytes <= 200_000, `${window.bytes} bytes`);
  assert.ok(open <= 100_000, `${open} bytes in the open segment`);
});

test("before there are playlists each frame costs the same, and their bytes are bounded", () => {
  const rig = new PackagerRig({ bytes: 400_000 });
  rig.headers();
  let reads = 0;
  for (let count = 0; count < 2000 && rig.packager.renditions.length === 0; count++) {
    rig.packager.push(9, 0, count === 0 ? keyFrame(1000) : interFrame(1000), count === 0);
    reads++;
  }
  assert.ok(reads < 110, `${reads} frames until there were playlists`);

  const long = new PackagerRig();
  long.headers();
  const turns = (frames: number) => {
    const start = process.cpuUsage();
    for (let count = 0; count < frames; count++) long.video(0, false);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  turns(2000);
  const early = turns(2000);
  turns(8000);
  const late = turns(2000);
  assert.equal(long.packager.renditions.length, 0);
  // Six times as many wait by then; what looks through all of them takes three to six times as long.
  assert.ok(late < 2.5 * early + 20_000, `${early} us, then ${late} us`);
});
