import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  MAX_SAMPLE_TRACKS,
  SampleReader,
  type SampleReaderOptions,
} from "../../../src/core/samples/mod.ts";
import { encodeEnhanced, FourCc, Tracks } from "../../../src/core/media/mod.ts";
import { AUDIO_HEADER, VIDEO_HEADER } from "../../support/media.ts";
import { collect, SampleCollector } from "../../support/mux.ts";
import { check } from "../../support/property.ts";
import { allMediaBytes, bytesOf, mediaVectors } from "../media/vectors.ts";

/** An H.264 picture in the old form. */
function picture(
  type: "key" | "inter",
  composition = 0,
  body: readonly number[] = [1],
): Uint8Array {
  const first = type === "key" ? 0x17 : 0x27;
  return Uint8Array.of(first, 1, composition >> 16, composition >> 8, composition, ...body);
}

const SOUND = Uint8Array.of(0xaf, 1, 0x21);

/** A reader and what came out of it. */
function reading(options?: SampleReaderOptions) {
  const out = new SampleCollector();
  return { out, reader: new SampleReader(out, options) };
}

/** Times of the samples of a kind in ms: decode+composition/duration. */
function timesOf(out: SampleCollector, kind: "audio" | "video"): string[] {
  const { track, samples } = out.of(kind);
  const ms = (ticks: number) => Math.round(ticks * 1000 / track.format.timescale * 100) / 100;
  return samples.map(({ dts, composition, duration }) =>
    `${ms(dts)}${composition < 0 ? "" : "+"}${ms(composition)}/${ms(duration)}`
  );
}

test("pictures last until the next one, the last as long as the one before, at any frame rate", () => {
  const { out, reader } = reading();
  reader.push(9, 0, VIDEO_HEADER);
  for (const [index, ms] of [1000, 1033, 1067, 1300, 1310].entries()) {
    reader.push(9, ms, picture(index === 0 ? "key" : "inter"));
  }
  assert.deepEqual(timesOf(out, "video"), ["0+0/33", "33+0/34", "67+0/233", "300+0/10"]);
  reader.flush();
  assert.equal(timesOf(out, "video").at(-1), "310+0/10");
  reader.flush();
  assert.equal(timesOf(out, "video").length, 5);
});

test("B-frames keep the time at which they are shown, also before they are decoded", () => {
  const { out, reader } = reading({ startMs: 500 });
  reader.push(9, 0, VIDEO_HEADER);
  for (const [ms, composition] of [[0, 80], [40, 160], [80, 0], [120, -40], [160, 0]] as const) {
    reader.push(9, ms, picture("inter", composition));
  }
  reader.flush();
  assert.deepEqual(timesOf(out, "video"), [
    ...["500+80/40", "540+160/40", "580+0/40", "620-40/40", "660+0/40"],
  ]);
});

test("pictures stamped by when they are shown are decoded in the order in which they came", () => {
  const { out, reader } = reading();
  reader.push(9, 0, VIDEO_HEADER);
  for (const ms of [0, 120, 40, 80, 240]) reader.push(9, ms, picture("inter"));
  reader.flush();
  const { samples } = out.of("video");
  assert.deepEqual(samples.map(({ dts }) => dts), [0, 10_800, 10_801, 10_802, 21_600]);
  assert.deepEqual(samples.map(({ dts, composition }) => (dts + composition) / 90), [
    ...[0, 120, 40, 80, 240],
  ]);
});

test("equal timestamps are spread by a tick, presented where the source has them", () => {
  const { out, reader } = reading();
  reader.push(9, 0, VIDEO_HEADER);
  for (const ms of [7, 7, 7, 47]) reader.push(9, ms, picture("inter"));
  const { samples } = out.of("video");
  assert.deepEqual(samples.map(({ dts, duration, composition }) => [dts, duration, composition]), [
    ...[[0, 1, 0], [1, 1, -1], [2, 3598, -2]],
  ]);
});

test("time goes on where timestamps wrap, for sound and pictures, in any order", () => {
  const { out, reader } = reading();
  reader.push(9, 0, VIDEO_HEADER);
  reader.push(8, 0, AUDIO_HEADER);
  const start = 2 ** 32 - 100;
  for (let ms = 0; ms < 300; ms += 20) {
    // Sound is a little behind, so that it wraps later than pictures.
    reader.push(9, (start + ms + 30) >>> 0, picture("inter"));
    reader.push(8, (start + ms + 30) >>> 0, SOUND);
  }
  reader.flush();
  assert.deepEqual(
    timesOf(out, "video"),
    Array.from({ length: 15 }, (_, index) => `${index * 20}+0/20`),
  );
  assert.ok(out.said.every((said) => said.startsWith("track")));
});

test("a frame before the beginning is left out, unless there is room for it", () => {
  for (const startMs of [0, 25, 30]) {
    const { out, reader } = reading({ startMs });
    reader.push(8, 0, AUDIO_HEADER);
    reader.push(9, 0, VIDEO_HEADER);
    reader.push(9, 1000, picture("key"));
    reader.push(8, 970, SOUND);
    assert.equal(out.of("audio").samples.length, startMs === 30 ? 1 : 0);
    assert.equal(reader.dropped, startMs === 30 ? 0 : 1);
  }
});

test("a picture that would last too long ends, and there is a gap behind it", () => {
  const { out, reader } = reading({ maxGapMs: 500 });
  reader.push(9, 0, VIDEO_HEADER);
  for (const ms of [0, 40, 80, 580, 1081]) reader.push(9, ms, picture("inter"));
  assert.deepEqual(timesOf(out, "video"), ["0+0/40", "40+0/40", "80+0/500", "580+0/500"]);
  assert.equal(out.said.at(-1), "gap 1 1");
});

test("what waits is handed over when nothing comes, and the next picture keeps its time", () => {
  const { out, reader } = reading({ maxGapMs: 500 });
  reader.push(9, 0, VIDEO_HEADER);
  for (const ms of [0, 40]) reader.push(9, ms, picture("inter"));
  reader.flush();
  for (const ms of [5000, 5040]) reader.push(9, ms, picture("inter"));
  assert.deepEqual(timesOf(out, "video"), ["0+0/40", "40+0/40", "5000+0/40"]);
});

test("a leap is told and closed, for all tracks by the same", () => {
  for (const leap of [3_600_000, -5_000]) {
    const { out, reader } = reading();
    reader.push(9, 0, VIDEO_HEADER);
    reader.push(8, 0, AUDIO_HEADER);
    const begin = 10_000;
    for (let ms = 0; ms < 2000; ms += 20) {
      const stamp = begin + ms + (ms >= 1000 ? leap : 0);
      if (ms % 40 === 0) reader.push(9, stamp, picture("inter"));
      // One frame of sound comes late, from before the leap.
      if (ms === 1000) reader.push(8, begin + ms - 20, SOUND);
      reader.push(8, stamp, SOUND);
    }
    reader.flush();
    const video = out.of("video").samples;
    assert.deepEqual(
      video.map(({ dts }) => dts / 90),
      Array.from({ length: 50 }, (_, index) => index * 40),
    );
    const { samples: audio, track } = out.of("audio");
    const last = audio.at(-1)!;
    assert.ok(Math.abs(last.dts / track.format.timescale * 1000 - 1980) < 60, `${last.dts}`);
    assert.deepEqual(out.said.filter((said) => said.startsWith("leap")), [`leap 1 ${leap}`]);
  }
});

test("a format that changes begins a track anew, one that is repeated does not", () => {
  const { out, reader } = reading();
  const other = VIDEO_HEADER.slice();
  other[other.length - 1]! ^= 1; // in the picture parameter set
  reader.push(9, 0, VIDEO_HEADER);
  reader.push(9, 0, picture("key"));
  reader.push(9, 20, VIDEO_HEADER);
  reader.push(9, 40, picture("inter"));
  reader.push(9, 80, other);
  reader.push(9, 80, picture("key"));
  reader.flush();
  assert.deepEqual(out.tracks.map(({ track: { id }, samples }) => [id, samples.length]), [
    ...[[1, 2], [1, 1]],
  ]);
  assert.deepEqual(out.tracks[1]!.samples.map(({ dts }) => dts), [7200]);
});

test("several tracks have numbers of their own, and times of their own", () => {
  const { out, reader } = reading();
  const tracks = (packetType: number, body: (id: number) => Uint8Array) =>
    encodeEnhanced({
      ...{ kind: "video", frameType: 1, packetType, modEx: [], form: Tracks.ManyTracks },
      tracks: [0, 3].map((id) => ({ id, fourCc: FourCc.Avc, body: body(id) })),
    });
  reader.push(9, 0, tracks(0, () => VIDEO_HEADER.subarray(5)));
  reader.push(9, 0, tracks(1, (id) => Uint8Array.of(0, 0, 10 * id, id)));
  reader.push(9, 40, tracks(3, (id) => Uint8Array.of(id)));
  reader.flush();
  assert.deepEqual(reader.tracks.map(({ id, trackId }) => [id, trackId]), [[1, 0], [7, 3]]);
  assert.deepEqual(
    out.tracks.map(({ samples }) => samples.map(({ composition, data }) => [composition, ...data])),
    [[[0, 0], [0, 0]], [[2700, 3], [0, 3]]],
  );
});

test("what cannot be held or read is told once, in words, and stops no other track", () => {
  const { out, reader } = reading();
  reader.push(8, 0, Uint8Array.of(0xb2, 1, 2)); // Speex
  reader.push(8, 20, Uint8Array.of(0xb2, 1, 2));
  reader.push(9, 0, picture("key"));
  reader.push(9, 0, picture("inter"));
  reader.push(9, 0, VIDEO_HEADER.subarray(0, 12));
  reader.push(9, 40, VIDEO_HEADER);
  reader.push(9, 40, picture("key"));
  reader.flush();
  assert.deepEqual(out.said, [
    "audio 0: Codec 12 has no place in MP4 or MPEG-TS here",
    "video 0: avc comes without a configuration",
    "video 0: The configuration of H.264 is damaged (7 bytes)",
    "track 1 avc1.42c00d",
  ]);
  assert.equal(out.of("video").samples.length, 1);
});

test("behind a configuration that cannot be read there are no samples, until one can be", () => {
  const { out, reader } = reading();
  reader.push(9, 0, VIDEO_HEADER);
  reader.push(9, 0, picture("key"));
  reader.push(9, 0, VIDEO_HEADER.subarray(0, 12));
  reader.push(9, 40, picture("key"));
  reader.push(9, 40, VIDEO_HEADER);
  reader.push(9, 80, picture("key"));
  reader.flush();
  assert.deepEqual(timesOf(out, "video"), ["0+0/40"]);
  assert.deepEqual(out.tracks.map(({ samples }) => samples.length), [1, 1]);
});

test("the caller may know better where decoding can start, of the default track", () => {
  const { out, reader } = reading();
  const one = (packetType: number, id: number, body: Uint8Array) =>
    encodeEnhanced({
      ...{ kind: "video", frameType: 2, packetType, modEx: [], form: Tracks.OneTrack },
      tracks: [{ id, fourCc: FourCc.Avc, body }],
    });
  for (const id of [0, 1]) reader.push(9, 0, one(0, id, VIDEO_HEADER.subarray(5)));
  for (const [ms, key] of [[0, true], [40, false]] as const) {
    for (const id of [0, 1]) reader.push(9, ms, one(3, id, Uint8Array.of(1)), key);
  }
  reader.flush();
  assert.deepEqual(out.tracks.map(({ samples }) => samples.map(({ key }) => key)), [
    ...[[true, false], [false, false]],
  ]);
});

test("tracks are listed by their numbers, and there are so many of a kind at the most", () => {
  const { out, reader } = reading();
  const one = (kind: "audio" | "video", id: number, fourCc: number, body: Uint8Array) =>
    encodeEnhanced({
      ...{ kind, frameType: kind === "video" ? 1 : 0, packetType: 0, modEx: [] },
      ...{ form: Tracks.OneTrack, tracks: [{ id, fourCc, body }] },
    });
  for (let id = 20; id > 0; id--) {
    reader.push(8, 0, one("audio", id, FourCc.Aac, AUDIO_HEADER.subarray(2)));
    reader.push(9, 0, one("video", id, FourCc.Avc, VIDEO_HEADER.subarray(5)));
  }
  const ids = Array.from({ length: 2 * MAX_SAMPLE_TRACKS }, (_, index) => 11 + index);
  assert.deepEqual(reader.tracks.map(({ id }) => id), ids);
  assert.equal(out.said.length, ids.length);
});

test("samples are copies, and what comes behind restart has nothing to do with what was before", () => {
  const { out, reader } = reading();
  const message = picture("key", 0, [5]);
  reader.push(9, 0, VIDEO_HEADER);
  reader.push(9, 70_000, message);
  message.fill(0);
  reader.restart();
  assert.deepEqual([...out.of("video").samples[0]!.data], [5]);
  reader.push(9, 0, VIDEO_HEADER);
  reader.push(9, 5, picture("inter"));
  reader.flush();
  assert.deepEqual(out.said, ["track 1 avc1.42c00d", "track 1 avc1.42c00d"]);
  assert.deepEqual(out.tracks[1]!.samples.map(({ dts }) => dts), [0]);
});

test("no message throws, whatever is in it, and what comes out can be written", () => {
  const heads = [VIDEO_HEADER, AUDIO_HEADER, picture("key"), SOUND, ...allMediaBytes()];
  const anyMessage = fc.record({
    kind: fc.constantFrom(8, 9, 18),
    timestamp: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.nat(2 ** 32 - 1)),
    head: fc.constantFrom(...heads),
    cut: fc.nat(80),
    change: fc.option(fc.tuple(fc.nat(40), fc.nat(255))),
  });
  check(
    fc.property(fc.array(anyMessage, { maxLength: 60 }), (messages) => {
      const tags = messages.map(({ kind, timestamp, head, cut, change }) => {
        const body = cut > 40 ? head.slice() : head.slice(0, cut);
        if (change !== null && change[0] < body.length) body[change[0]] = change[1];
        return { type: kind, timestamp, body };
      });
      const { tracks } = collect(tags);
      for (const { samples } of tracks) {
        for (const [index, { dts, duration, data }] of samples.entries()) {
          assert.ok(Number.isSafeInteger(dts) && dts >= 0 && duration > 0 && data.length > 0);
          if (index > 0) assert.ok(dts > samples[index - 1]!.dts, "decode times rise");
        }
      }
    }),
    400,
  );
});

test("a sample of AV1 is without the temporal delimiter that a message may begin with", () => {
  const config = bytesOf(mediaVectors("av1", 1)[0]!.hex);
  const enhanced = (frameType: number, packetType: number, body: readonly number[]) =>
    Uint8Array.of(
      0x80 | frameType << 4 | packetType,
      ...[..."av01"].map((letter) => letter.charCodeAt(0)),
      ...body,
    );
  const read = (...body: number[]) => {
    const { out, reader } = reading();
    reader.push(9, 0, enhanced(1, 0, [...config]));
    reader.push(9, 0, enhanced(1, 1, body));
    reader.flush();
    return [...out.of("video").samples[0]!.data];
  };
  assert.deepEqual(read(0x12, 0, 0x32, 1, 7), [0x32, 1, 7]);
  assert.deepEqual(read(0x12, 1, 0x32, 1, 7), [0x12, 1, 0x32, 1, 7]);
  assert.deepEqual(read(0, 0, 0x32, 1, 7), [0, 0, 0x32, 1, 7]);
  assert.deepEqual(read(0x32, 0, 0x32, 1, 7), [0x32, 0, 0x32, 1, 7]);
});
