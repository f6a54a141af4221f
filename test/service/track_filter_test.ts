/** Taking one track out of what a publisher sends, whatever that is. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import {
  audioFlags,
  encodeEnhanced,
  MediaFlag,
  parseEnhanced,
  Tracks,
  videoFlags,
} from "../../src/core/media/mod.ts";
import { FrameFlag, FrameKind, LEFT_OUT } from "../../src/hub/mod.ts";
import { TrackFilter } from "../../src/service/track_filter.ts";
import { check } from "../support/property.ts";

const FOUR_CCS = ["avc1", "hvc1", "vvc1", "av01", "vp09", "mp4a", "Opus", "????"].map((text) =>
  [...text].reduce((value, letter) => value * 256 + letter.charCodeAt(0), 0)
);

const anyKind = fc.constantFrom("video" as const, "audio" as const);
const anyFourCc = fc.constantFrom(...FOUR_CCS);
const anyBody = fc.uint8Array({ maxLength: 40 });

/** The hub's flags, as far as a filter looks at them. */
function frameOf(kind: "video" | "audio", payload: Uint8Array) {
  const media = kind === "video" ? videoFlags(payload) : audioFlags(payload);
  const flags = (media & MediaFlag.Multitrack) !== 0 ? FrameFlag.Multitrack : 0;
  return {
    kind: kind === "video" ? FrameKind.Video : FrameKind.Audio,
    timestamp: 0,
    payload,
    flags: flags | ((media & MediaFlag.Key) !== 0 ? FrameFlag.TrackKey : 0),
  };
}

/** A message of several tracks that have different ids. */
const anyMultitrack = fc.record({
  kind: anyKind,
  frameType: fc.constantFrom(1, 2, 3),
  packetType: fc.constantFrom(0, 1, 2, 4),
  modEx: fc.array(
    fc.record({ type: fc.nat(15), data: fc.uint8Array({ minLength: 1, maxLength: 9 }) }),
    { maxLength: 2 },
  ),
  manyCodecs: fc.boolean(),
  tracks: fc.uniqueArray(fc.record({ id: fc.nat(255), fourCc: anyFourCc, body: anyBody }), {
    minLength: 1,
    maxLength: 6,
    selector: ({ id }) => id,
  }),
}).map(({ manyCodecs, tracks, kind, frameType, ...rest }) => ({
  ...rest,
  kind,
  frameType: kind === "video" ? frameType : 0,
  form: manyCodecs ? Tracks.ManyTracksManyCodecs : Tracks.ManyTracks,
  tracks: manyCodecs ? tracks : tracks.map((track) => ({ ...track, fourCc: tracks[0]!.fourCc })),
}));

test("each track of a message comes out alone: codec, packet, extensions and body as they were", () => {
  check(fc.property(anyMultitrack, (message) => {
    const frame = frameOf(message.kind, encodeEnhanced(message));
    for (const track of message.tracks) {
      const filter = new TrackFilter(track.id, false);
      assert.notEqual(filter.flags(frame), LEFT_OUT);
      const parsed = parseEnhanced(message.kind, filter.payload)!;
      assert.equal(parsed.form, Tracks.Single);
      assert.equal(parsed.packetType, message.packetType);
      assert.equal(parsed.frameType, message.frameType);
      assert.deepEqual(parsed.modEx, message.modEx.map((modEx) => ({ ...modEx })));
      assert.deepEqual(parsed.tracks, [{ ...track, id: 0 }]);
    }
    const absent = [...Array(256).keys()].find((id) =>
      message.tracks.every((track) => track.id !== id)
    )!;
    assert.equal(new TrackFilter(absent, false).flags(frame), LEFT_OUT);
  }));
});

test("whatever a message is, a filter makes no more of it than there is, and does not throw", () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    // Multitrack headers with anything behind.
    fc.tuple(fc.constantFrom(0x95, 0x96, 0xa6, 0xd6), fc.uint8Array({ maxLength: 60 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest)),
    fc.tuple(anyMultitrack, fc.nat(60), fc.nat(255)).map(([message, at, value]) => {
      const bytes = encodeEnhanced(message);
      bytes[at % bytes.length] = value;
      return bytes.subarray(0, bytes.length - (at % 3));
    }),
  );
  check(fc.property(anyBytes, anyKind, fc.boolean(), (bytes, kind, legacy) => {
    const frame = frameOf(kind, bytes);
    for (const id of [0, 1, 200]) {
      const filter = new TrackFilter(id, legacy);
      if (filter.flags(frame) === LEFT_OUT) continue;
      // Of the old forms the header may be as long as that of Enhanced RTMP.
      assert.ok(filter.payload.length <= bytes.length);
      if ((frame.flags & FrameFlag.Multitrack) === 0) assert.equal(filter.payload, bytes);
    }
  }));
});

test("frames without multitrack header are those of track 0, and not copied", () => {
  const frame = frameOf("video", Uint8Array.of(0x17, 1, 0, 0, 0, 1));
  const zero = new TrackFilter(0, true);
  assert.equal(zero.flags(frame), frame.flags);
  assert.equal(zero.payload, frame.payload);
  assert.equal(new TrackFilter(1, true).flags(frame), LEFT_OUT);
});

test("a key frame of another track than the default is one to those who see that track alone", () => {
  const payload = Uint8Array.of(
    0x96,
    3,
    ...[..."hvc1"].map((letter) => letter.charCodeAt(0)),
    7,
    1,
  );
  const flags = new TrackFilter(7, true).flags({
    kind: FrameKind.Video,
    timestamp: 0,
    payload,
    flags: FrameFlag.Multitrack | FrameFlag.TrackKey,
  });
  assert.equal(flags, FrameFlag.Key);
  const inter = FrameFlag.Multitrack | FrameFlag.Inter | FrameFlag.Disposable;
  const left = new TrackFilter(7, true).flags({
    kind: FrameKind.Video,
    timestamp: 0,
    payload,
    flags: inter,
  });
  assert.equal(left, FrameFlag.Inter | FrameFlag.Disposable);
});

/** A message of two tracks of HEVC pictures; 7 is the second one. */
const TWO_TRACKS = Uint8Array.of(
  0xa6,
  0x13,
  ...[..."hvc1"].map((letter) => letter.charCodeAt(0)),
  ...[0, 0, 0, 1, 9],
  ...[7, 0, 0, 1, 8],
);

test("of a chosen track a frame is a key frame or one between, by what it is to that track", () => {
  const { Key, Header, Disposable, Inter, Multitrack, TrackKey } = FrameFlag;
  // As the hub sees the message, and as players of the one track do.
  const cases: [flags: number, own: number][] = [
    [0, 0],
    [Header, Header],
    [Inter, Inter],
    [Inter | Disposable, Inter | Disposable],
    [Key, Key],
    // A key frame, but of another track than the default one: to players of all it is between.
    [TrackKey, Key],
    [TrackKey | Inter, Key],
    [TrackKey | Key, Key],
    [TrackKey | Header, Key | Header],
  ];
  for (const [flags, own] of cases) {
    const frame = {
      kind: FrameKind.Video,
      timestamp: 0,
      payload: TWO_TRACKS,
      flags: flags | Multitrack,
    };
    for (const track of [0, 7]) {
      assert.equal(new TrackFilter(track, true).flags(frame), own, `${flags} of track ${track}`);
    }
  }
});

test("a chosen track may be larger than 64 KiB, in front of others and behind them", () => {
  const fourCc = FOUR_CCS[1]!;
  const large = Uint8Array.from({ length: 0x012345 }, (_, index) => index % 251);
  const small = Uint8Array.of(1, 2, 3);
  for (const form of [Tracks.ManyTracks, Tracks.ManyTracksManyCodecs]) {
    for (const bodies of [[large, small], [small, large], [large, large]]) {
      const tracks = bodies.map((body, id) => ({ id, fourCc, body }));
      const message = {
        kind: "video",
        frameType: 2,
        packetType: 3,
        modEx: [],
        form,
        tracks,
      } as const;
      const frame = frameOf("video", encodeEnhanced(message));
      for (const [id, body] of bodies.entries()) {
        const filter = new TrackFilter(id, false);
        assert.notEqual(filter.flags(frame), LEFT_OUT);
        assert.ok(Buffer.from(filter.payload.subarray(5)).equals(body), `track ${id}`);
      }
    }
  }
});
