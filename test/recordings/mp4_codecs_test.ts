/** Every codec that MP4 files hold, and several tracks: what FFmpeg 9 and GStreamer 1.28 sent, kept and played. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sameFormat } from "../../src/core/samples/track_format.ts";
import { Mp4File } from "../../src/recordings/mp4_file.ts";
import { enhancedMedia } from "../support/enhanced.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { BytesSource } from "../support/media_source.ts";
import { collect, type Collected, finishedMp4 } from "../support/mux.ts";
import { playedFrom } from "../support/played.ts";
import { TestProcess } from "../support/process.ts";

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
