/** MPEG transport streams of what real programs publish, read by ffmpeg and GStreamer. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { joined } from "../../src/core/bytes/join.ts";
import { sameBytes } from "../../src/core/samples/track_format.ts";
import { mpegTsProblem } from "../../src/core/mpegts/mod.ts";
import { clip, type ClipName } from "../support/clips.ts";
import { decodedOf, ENHANCED_NAMES, enhancedMedia } from "../support/enhanced.ts";
import { collect, type Collected, decodeClip, decodeFile, flvTags } from "../support/mux.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { TsReader, tsSegments } from "../support/ts.ts";

/** Tracks of a capture; none where a transport stream cannot hold one of them. */
function held(name: string): Collected[] {
  const { tracks } = collect(
    enhancedMedia(name).map(({ payload, ...rest }) => ({ ...rest, body: payload })),
  );
  return tracks.some(({ track }) => mpegTsProblem(track.format)) ? [] : tracks;
}

for (const name of ["av", "bframes"] satisfies ClipName[]) {
  test(`ffmpeg decodes from MPEG-TS what was in the source: ${name}`, async () => {
    const path = await clip(name);
    const source = await decodeClip(path);
    const { tracks } = collect(flvTags(path));
    // From the beginning, and where times of 33 bits wrap in the middle.
    for (const offsetMs of [1400, 2 ** 33 / 90 - 1000]) {
      const segments = tsSegments(tracks, 500, offsetMs);
      assert.ok(segments.length >= 4);
      const decoded = await decodeFile(joined(segments), "ts");
      assert.equal(decoded.length, 2);
      const start = Math.min(...decoded.map(({ times }) => times[0]!));
      const sourceStart = Math.min(...source.map(({ times }) => times[0]!));
      for (const { kind, md5, times } of decoded) {
        const original = source.find((one) => one.kind === kind)!;
        assert.deepEqual(md5, original.md5, kind);
        for (const [index, time] of times.entries()) {
          const off = time - start - (original.times[index]! - sourceStart);
          assert.ok(Math.abs(off) <= 1, `${kind} ${index} is ${off} ms off`);
        }
      }
    }
  });
}

for (const name of ENHANCED_NAMES) {
  const tracks = held(name);
  if (tracks.length === 0) continue;
  test(`what FFmpeg and GStreamer published decodes from MPEG-TS as it was: ${name}`, async () => {
    const decoded = await decodeFile(joined(tsSegments(tracks, 300)), "ts");
    const { video, audio } = decodedOf(name);
    assert.deepEqual(
      decoded.filter(({ kind }) => kind === "video").map(({ md5 }) => md5),
      video.map(({ frames }) => frames),
    );
    assert.deepEqual(
      decoded.filter(({ kind }) => kind === "audio").map(({ samples }) => samples),
      audio.map(({ samples }) => samples),
    );
  });
}

test("the captures that a transport stream can hold are most of those of H.264 and H.265", () => {
  const count = ENHANCED_NAMES.filter((name) => held(name).length > 0).length;
  assert.ok(count >= 8, `${count}`);
});

test(
  ...needs("gstTs", "GStreamer takes MPEG-TS apart into the streams that were put in"),
  async () => {
    const { tracks } = collect(flvTags(await clip("bframes")));
    const bytes = joined(tsSegments(tracks, 500));
    const reader = new TsReader();
    reader.add(bytes);
    const folder = mkdtempSync(join(tmpdir(), "sluice-ts-"));
    try {
      writeFileSync(join(folder, "file.ts"), bytes);
      await using gst = new TestProcess("gst-launch-1.0", [
        ..."-q filesrc location=file.ts ! tsdemux name=demux".split(" "),
        ..."demux. ! queue ! video/x-h264 ! filesink location=video".split(" "),
        ..."demux. ! queue ! audio/mpeg ! filesink location=audio".split(" "),
      ], { cwd: folder });
      const { code, stderr } = await gst.ended(60_000);
      assert.equal(`${code} ${stderr}`, "0 ");
      for (const [file, streamId] of [["video", 0xe0], ["audio", 0xc0]] as const) {
        const own = reader.packets.filter((packet) => packet.streamId === streamId);
        assert.ok(own.length > 0);
        const put = joined(own.map(({ data }) => data));
        assert.ok(sameBytes(put, readFileSync(join(folder, file))), file);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
