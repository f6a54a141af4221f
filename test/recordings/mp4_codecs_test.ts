/** Every codec that MP4 files hold, and several tracks: what FFmpeg 9 and GStreamer 1.28 sent, kept and played. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sameFormat } from "../../src/core/samples/track_format.ts";
import { Mp4File } from "../../src/recordings/mp4_file.ts";
import { isHeader } from "../../src/recordings/played_file.ts";
import { enhancedMedia } from "../support/enhanced.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { BytesSource } from "../support/media_source.ts";
import { collect, type Collected, finishedMp4 } from "../support/mux.ts";
import { playedFrom } from "../support/played.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";

/** What those get who play a file from its beginning, taken apart again. */
async function played(bytes: Uint8Array): Promise<Collected[]> {
  const file = await Mp4File.open(new BytesSource(bytes, "live/demo.mp4"));
  assert.ok(file instanceof Mp4File, String(file));
  const place = await file.place(0);
  const tags = place.headers.map(({ kind: type, payload: body }) => ({ type, timestamp: 0, body }));
  for (const { kind: type, time: timestamp, payload: body } of await playedFrom(file, place)) {
    tags.push({ type, timestamp, body });
  }
  return collect(tags).tracks;
}

function sent(name: string): Collected[] {
  return collect(
    enhancedMedia(name).map(({ type, timestamp, payload: body }) => ({
      ...{ type, timestamp, body },
    })),
  ).tracks.filter(({ samples }) => samples.length > 0);
}

/** The same samples, each at its time to a millisecond. */
function same(got: readonly Collected[], wanted: readonly Collected[]): void {
  assert.equal(got.length, wanted.length);
  // A file begins with what is decoded first.
  const starts = wanted.map(({ track, samples }) => samples[0]!.dts / track.format.timescale);
  const start = Math.min(...starts) * 1000;
  for (const track of wanted) {
    const { format } = track.track;
    const other = got.find((one) => one.track.id === track.track.id)!;
    assert.ok(sameFormat(other.track.format, format), format.codecString);
    assert.deepEqual(
      other.samples.map(({ data, key }) => [key, [...data.subarray(0, 32)], data.length]),
      track.samples.map(({ data, key }) => [key, [...data.subarray(0, 32)], data.length]),
    );
    const times = timesOf(other);
    for (const [index, time] of timesOf(track).entries()) {
      assert.ok(Math.abs(times[index]! - (time - start)) <= 2, `${format.codec} ${index}`);
    }
  }
}

/** When samples are shown or heard (ms). */
function timesOf({ track: { format }, samples }: Collected): number[] {
  return samples.map(({ dts, composition }) => (dts + composition) * 1000 / format.timescale);
}

for (
  const name of [
    ...["ff-av1-opus", "ff-avc-ac3", "ff-avc-eac3", "ff-avc-flac", "ff-avc-mp3-48k"],
    ...["ff-hevc-bframes", "ff-two-tracks-avc-aac", "ff-two-tracks-hevc-opus", "ff-vp9-opus"],
    "ff-avc-opus51",
  ]
) {
  test(`${name} is played from a file as it was recorded`, async () => {
    const wanted = sent(name);
    same(await played(finishedMp4(wanted)), wanted);
  });
}

for (const name of ["ff-two-tracks-hevc-opus", "ff-avc-flac", "ff-avc-mp3-48k", "ff-vp9-opus"]) {
  test(`${name} is played from a file with tables`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-codecs-"));
    try {
      const wanted = sent(name);
      writeFileSync(join(folder, "a.mp4"), finishedMp4(wanted));
      await using ffmpeg = new TestProcess(FFMPEG, [
        ...["-v", "error", "-i", join(folder, "a.mp4"), "-map", "0", "-c", "copy", "-strict", "-2"],
        join(folder, "b.mp4"),
      ]);
      const { code, stderr } = await ffmpeg.ended();
      assert.equal(code, 0, stderr);
      same(await played(new Uint8Array(readFileSync(join(folder, "b.mp4")))), wanted);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

/** Of each packet of a file when it is due (ticks of a millisecond), and its bytes. */
async function packets(path: string): Promise<[number, string][]> {
  await using ffmpeg = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-i", path, "-c", "copy", "-f", "framemd5", "-"],
  ]);
  const { code, stdout, stderr } = await ffmpeg.ended();
  assert.equal(code, 0, stderr);
  return stdout.split("\n").filter((line) => /^0,/.test(line)).map((line) => {
    const [, , dts, , , md5] = line.split(",").map((part) => part.trim());
    return [Number(dts), md5!];
  });
}

test(...needs("gstQt", "VP8 is played from a file of GStreamer's"), async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-codecs-"));
  try {
    const path = join(folder, "a.mov");
    await using gst = new TestProcess("gst-launch-1.0", [
      ...[
        "-q",
        "videotestsrc",
        "num-buffers=60",
        "!",
        "video/x-raw,width=160,height=120,framerate=25/1",
      ],
      ...[
        "!",
        "vp8enc",
        "keyframe-max-dist=25",
        "!",
        "qtmux",
        "!",
        "filesink",
        `location=${path}`,
      ],
    ]);
    assert.equal((await gst.ended()).code, 0);
    const wanted = await packets(path);
    assert.ok(wanted.length >= 59, `${wanted.length} packets`);
    const file = await Mp4File.open(new BytesSource(new Uint8Array(readFileSync(path)), "a.mov"));
    assert.ok(file instanceof Mp4File, String(file));
    const all = (await playedFrom(file, await file.place(0))).filter(({ media }) =>
      !isHeader(media)
    );
    assert.deepEqual(
      all.map(({ payload }) => md5(payload.subarray(5))),
      wanted.map(([, sum]) => sum),
    );
    for (const { payload } of all) {
      assert.equal(String.fromCharCode(...payload.subarray(1, 5)), "vp08");
    }
    const keys = all.filter(({ payload }) => (payload[0]! & 0x70) === 0x10);
    assert.ok(keys.length >= 2, `${keys.length} key frames`);
    assert.equal((await file.place(2000)).time, keys.findLast(({ time }) => time <= 2000)!.time);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function md5(bytes: Uint8Array): string {
  return createHash("md5").update(bytes).digest("hex");
}
