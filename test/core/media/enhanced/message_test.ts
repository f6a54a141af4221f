import { test } from "node:test";
import assert from "node:assert/strict";
import fc from "fast-check";
import { UsageError } from "../../../../src/core/errors.ts";
import {
  encodeEnhanced,
  type EnhancedMessage,
  EnhancedReader,
  FourCc,
  fourCcText,
  oneTrackMessage,
  parseEnhanced,
  singleTrackMessage,
  timestampOffsetNano,
  Tracks,
  videoFlags,
} from "../../../../src/core/media/mod.ts";
import { check } from "../../../support/property.ts";
import { hex, toHex } from "../../amf/hex.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_MOD_EX = 8;

const kinds = ["video", "audio"] as const;

/** Every form there is, each with its bytes: the claim, its kind, and what it holds as text. */
const forms: [string, "video" | "audio", string, string][] = [
  ["a SequenceStart", "video", "90 68766331 abcd", "f1 p0 hvc1 0:abcd"],
  ["CodedFrames of AVC", "video", "91 61766331 000050 ab", "f1 p1 avc1 0:000050ab"],
  ["CodedFramesX of VVC", "video", "a3 76766331 ab", "f2 p3 vvc1 0:ab"],
  ["CodedFrames of VP8", "video", "b1 76703038 ab", "f3 p1 vp08 0:ab"],
  ["a SequenceEnd of VP9", "video", "92 76703039", "f1 p2 vp09 0:"],
  ["an MPEG2TSSequenceStart of AV1", "video", "95 61763031 8004", "f1 p5 av01 0:8004"],
  ["metadata as OBS sends it", "video", "84 68766331 02", "f0 p4 hvc1 0:02"],
  ["metadata as FFmpeg sends it", "video", "d4 68766331 02", "f5 p4 hvc1 0:02"],
  ["metadata of one of several tracks", "video", "d6 04 68766331 01 02", "f5 p4 hvc1 1:02"],
  ["a packet type not defined", "video", "98 68766331 ab", "f1 p8 hvc1 0:ab"],
  ["a FourCC not known", "video", "91 78797a7a ab", "f1 p1 xyzz 0:ab"],
  ["a command", "video", "d0 01", "f5 p0 command 1"],
  ["a command behind an extension", "video", "d7 02 000001 01 00", "f5 p1 ns1 command 0"],
  ["nanoseconds", "video", "97 02 0f423f 01 68766331 ab", "f1 p1 ns999999 hvc1 0:ab"],
  ["two extensions", "video", "97 00 ee f7 02 00000a 03 61763031 ab", "f1 p3 ns10 av01 0:ab"],
  ["a 16-bit size that 8 bits could hold", "video", "97 ff0001 0102 11 68766331", "f1 p1 hvc1 0:"],
  ["OneTrack", "video", "96 01 68766331 02 abcd", "f1 p1 hvc1 2:abcd"],
  [
    "ManyTracks",
    "video",
    "96 13 68766331 00 000001 aa 01 000002 bbbb",
    "f1 p3 hvc1 0:aa hvc1 1:bbbb",
  ],
  [
    "ManyTracksManyCodecs",
    "video",
    "96 20 68766331 00 000001 aa 61763031 07 000000",
    "f1 p0 hvc1 0:aa av01 7:",
  ],
  [
    "OneTrack behind an extension",
    "video",
    "97 02 000007 06 01 61763031 01 ab",
    "f1 p1 ns7 av01 1:ab",
  ],
  ["a SequenceStart of Opus", "audio", "90 4f707573 4f", "f0 p0 Opus 0:4f"],
  ["an empty SequenceStart of AC-3", "audio", "90 61632d33", "f0 p0 ac-3 0:"],
  ["frames of E-AC-3", "audio", "91 65632d33 0b77", "f0 p1 ec-3 0:0b77"],
  ["frames of MP3", "audio", "91 2e6d7033 ff", "f0 p1 .mp3 0:ff"],
  ["a SequenceEnd of FLAC", "audio", "92 664c6143", "f0 p2 fLaC 0:"],
  ["frames of AAC", "audio", "91 6d703461 21", "f0 p1 mp4a 0:21"],
  ["a MultichannelConfig", "audio", "94 4f707573 01 02 00000003", "f0 p4 Opus 0:010200000003"],
  ["a MultichannelConfig of track 1", "audio", "95 04 4f707573 01 0102", "f0 p4 Opus 1:0102"],
  ["nanoseconds of audio", "audio", "97 02 000064 01 4f707573 ab", "f0 p1 ns100 Opus 0:ab"],
  [
    "ManyTracksManyCodecs of audio",
    "audio",
    "95 21 4f707573 00 000001 aa 6d703461 01 000001 bb",
    "f0 p1 Opus 0:aa mp4a 1:bb",
  ],
];

function text(message: EnhancedMessage | undefined): string | undefined {
  if (message === undefined) return undefined;
  const nano = timestampOffsetNano(message);
  return [
    `f${message.frameType} p${message.packetType}`,
    ...(nano > 0 ? [`ns${nano}`] : []),
    ...(message.command === undefined ? [] : [`command ${message.command}`]),
    ...message.tracks.map(({ id, fourCc, body }) => `${fourCcText(fourCc)} ${id}:${toHex(body)}`),
  ].join(" ");
}

for (const [what, kind, bytes, expected] of forms) {
  test(`${what} (${kind}) is taken apart, and made again byte for byte`, () => {
    const message = parseEnhanced(kind, hex(bytes));
    assert.equal(text(message), expected);
    assert.equal(toHex(encodeEnhanced(message!)), toHex(hex(bytes)));
  });
}

test("a message that ends anywhere in its headers is none", () => {
  const headers: ["video" | "audio", string][] = [
    ["video", "91 687663"],
    ["video", "97 02 0f4240"],
    ["video", "97 ff ff"],
    ["video", "96 01 68766331"],
    ["video", "96 13 68766331 00 0000"],
    ["video", "96 13 68766331 00 000002 aa"],
    ["video", "96 13 68766331 00 000001 aa 01"],
    ["video", "96 20 68766331 00 000001 aa 6176"],
    ["video", "d0"],
    ["audio", "95 01 4f707573"],
    ["audio", ""],
  ];
  for (const [kind, bytes] of headers) {
    assert.equal(parseEnhanced(kind, hex(bytes)), undefined, bytes);
  }
});

test("tracks inside tracks, unknown forms and messages without Enhanced RTMP are none", () => {
  for (const bytes of ["96 06 68766331 01 ab", "96 07 68766331 01 ab", "96 31 68766331 01 ab"]) {
    assert.equal(parseEnhanced("video", hex(bytes)), undefined);
  }
  assert.equal(parseEnhanced("video", hex("17 01 000000 ab")), undefined);
  assert.equal(parseEnhanced("audio", hex("af 01 ab")), undefined);
});

const fourCcs = fc.constantFrom(...Object.values(FourCc), 0, 0xffffffff);
const body = fc.uint8Array({ maxLength: 12 });
const modEx = fc.record({
  type: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(15)),
  data: fc.oneof(
    { weight: 5, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 5 }) },
    fc.constantFrom(...Array(9).fill([255, 256, 257]).flat(), 65_536)
      .map((length) => new Uint8Array(length)),
  ),
});
const packetTypes = fc.constantFrom(0, 1, 2, 3, 4, 8, 15);

/** Any message that can be made. */
const messages: fc.Arbitrary<EnhancedMessage> = fc.record({
  kind: fc.constantFrom(...kinds),
  frameType: fc.constantFrom(0, 1, 2, 3, 4, 6, 7),
  packetType: packetTypes,
  modEx: fc.array(modEx, { maxLength: 3 }),
  form: fc.nat(3),
  fourCc: fourCcs,
  tracks: fc.array(fc.record({ id: fc.nat(255), fourCc: fourCcs, body }), {
    minLength: 1,
    maxLength: 4,
  }),
  command: fc.option(fc.nat(255), { freq: 6, nil: undefined }),
}).map(({ fourCc, command, ...message }) => {
  const { form, kind } = message;
  if (command !== undefined) {
    const packetType = message.packetType === 4 ? 0 : message.packetType;
    const plain = { kind: "video" as const, frameType: 5, form: Tracks.Single, tracks: [] };
    return { ...message, ...plain, packetType, command };
  }
  const few = form < Tracks.ManyTracks ? message.tracks.slice(0, 1) : message.tracks;
  const tracks = few.map((track) => ({
    ...track,
    id: form === Tracks.Single ? 0 : track.id,
    fourCc: form === Tracks.ManyTracksManyCodecs ? track.fourCc : fourCc,
  }));
  return { ...message, frameType: kind === "audio" ? 0 : message.frameType, tracks };
});

/** Bytes that begin like Enhanced RTMP, or a message with bytes changed and its end cut off. */
const hostile = fc.oneof(
  fc.tuple(
    fc.constantFrom(0x90, 0x91, 0x94, 0x95, 0x96, 0x97, 0xd4, 0xd6, 0xd7),
    fc.uint8Array({
      maxLength: 40,
    }),
  ).map(([first, rest]) => Uint8Array.of(first, ...rest)),
  fc.tuple(messages, fc.array(fc.tuple(fc.nat(24), fc.nat(255)), { maxLength: 3 }), fc.nat(6))
    .map(([message, changes, cut]) => {
      const bytes = encodeEnhanced(message);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      return bytes.subarray(0, Math.max(0, bytes.length - cut));
    }),
);

test("any message that is made is read as it was", () => {
  check(
    fc.property(messages, (message) => {
      const bytes = encodeEnhanced(message);
      const read = parseEnhanced(message.kind, bytes);
      assert.equal(text(read), text(message));
      assert.deepEqual(
        read!.modEx.map(({ type, data }) => [type, toHex(data)]),
        message.modEx.map(({ type, data }) => [type, toHex(data)]),
      );
      assert.equal(read!.form, message.form);
    }),
    1000,
  );
});

test("any bytes that are a message are made again byte for byte", () => {
  let understood = 0;
  check(
    fc.property(fc.constantFrom(...kinds), hostile, (kind, bytes) => {
      const message = parseEnhanced(kind, bytes);
      if (message === undefined) return;
      understood++;
      assert.equal(toHex(encodeEnhanced(message)), toHex(bytes));
    }),
    3000,
  );
  assert.ok(understood > 100, `${understood} understood`);
});

test("a reader never leaves the message, whatever lengths it is told, and comes to an end", () => {
  const reader = new EnhancedReader();
  check(
    fc.property(hostile, (bytes) => {
      // What lies behind the view must not be seen.
      const padded = new Uint8Array(bytes.length + 64).fill(0xff);
      padded.set(bytes);
      const view = padded.subarray(0, bytes.length);
      for (const kind of kinds) {
        const seen: string[] = [];
        for (const payload of [bytes, view]) {
          let tracks = "";
          if (kind === "video" ? reader.openVideo(payload) : reader.openAudio(payload)) {
            while (reader.next()) {
              const { trackId, fourCc, start, end, cut } = reader;
              assert.ok(0 < start && start <= end && end <= bytes.length);
              tracks += `${trackId} ${fourCc} ${start} ${end} ${cut} `;
            }
          }
          assert.equal(reader.next(), false);
          seen.push(tracks);
        }
        assert.equal(seen[0], seen[1]);
      }
    }),
    3000,
  );
});

test("any track of a message is a message of its own, with and without its id", () => {
  const reader = new EnhancedReader();
  check(
    fc.property(messages, (message) => {
      if (message.command !== undefined) return;
      const { kind } = message;
      const bytes = encodeEnhanced(message);
      const open = (payload: Uint8Array) =>
        kind === "video" ? reader.openVideo(payload) : reader.openAudio(payload);
      message.tracks.forEach((track, index) => {
        open(bytes);
        for (let count = 0; count <= index; count++) reader.next();
        const one = parseEnhanced(kind, oneTrackMessage(bytes, reader));
        const single = parseEnhanced(kind, singleTrackMessage(bytes, reader));
        const tracks = [track];
        const form = message.form === Tracks.Single ? Tracks.Single : Tracks.OneTrack;
        assert.equal(text(one), text({ ...message, tracks }));
        assert.equal(one!.form, form);
        assert.equal(text(single), text({ ...message, tracks: [{ ...track, id: 0 }] }));
        assert.equal(single!.form, Tracks.Single);
      });
    }),
    1000,
  );
});

test("a message with more tracks than there are ids ends with the last id", () => {
  const one = hex("00 000000");
  const bytes = new Uint8Array(6 + 300 * 4);
  bytes.set(hex("96 11 68766331"));
  for (let index = 0; index < 300; index++) bytes.set(one, 6 + index * 4);
  const reader = new EnhancedReader();
  assert.ok(reader.openVideo(bytes));
  let count = 0;
  while (reader.next()) count++;
  assert.equal(count, 256);
  assert.equal(parseEnhanced("video", bytes), undefined);
});

test("a composition time is in CodedFrames of AVC, HEVC and VVC only", () => {
  const reader = new EnhancedReader();
  const has = (bytes: string) => {
    assert.ok(reader.openVideo(hex(bytes)) && reader.next());
    return reader.hasCompositionTime;
  };
  for (const fourCc of ["61766331", "68766331", "76766331"]) {
    assert.equal(has(`91 ${fourCc} 000000`), true);
    assert.equal(has(`93 ${fourCc} 00`), false);
    assert.equal(has(`90 ${fourCc} 00`), false);
  }
  assert.equal(has("91 61763031 00"), false);
  assert.equal(has("96 21 61763031 00 000000 68766331 01 000003 000000"), false);
  reader.next();
  assert.equal(reader.hasCompositionTime, true);
});

test("nanoseconds of a millisecond and more are none", () => {
  const nano = (bytes: string) => timestampOffsetNano(parseEnhanced("video", hex(bytes))!);
  assert.equal(nano("97 02 0f423f 01 68766331"), 999_999);
  assert.equal(nano("97 02 0f4240 01 68766331"), 0);
  assert.equal(nano("97 01 0001 01 68766331"), 0);
  assert.equal(nano("97 02 000001 11 68766331"), 0);
});

test("a message that cannot be is not made", () => {
  const track = { id: 0, fourCc: FourCc.Hevc, body: new Uint8Array(1) };
  const good: EnhancedMessage = {
    ...{ kind: "video", frameType: 1, packetType: 1, modEx: [], form: 0, tracks: [track] },
  };
  assert.equal(videoFlags(encodeEnhanced(good)), 1);
  const data = new Uint8Array(1);
  const bad: Partial<EnhancedMessage>[] = [
    { frameType: 8 },
    { kind: "audio" },
    { packetType: 6 },
    { packetType: 7 },
    { packetType: 16 },
    { form: 4 },
    { tracks: [] },
    { tracks: [track, track] },
    { tracks: [{ ...track, id: 1 }] },
    { form: 1, tracks: [{ ...track, id: 256 }] },
    { form: 2, tracks: [track, { ...track, fourCc: FourCc.Av1 }] },
    { form: 2, tracks: Array(257).fill(track) },
    { form: 2, tracks: [{ ...track, body: new Uint8Array(0x1000000) }] },
    { tracks: [{ ...track, fourCc: -1 }] },
    { modEx: [{ type: 16, data }] },
    { modEx: [{ type: 0, data: new Uint8Array(0) }] },
    { modEx: [{ type: 0, data: new Uint8Array(65_537) }] },
    { modEx: Array(MAX_MOD_EX + 1).fill({ type: 0, data }) },
    { command: 0 },
    { frameType: 5, command: 0 },
    { frameType: 5, command: 256, tracks: [] },
    { frameType: 5, command: 0, form: 1, tracks: [] },
    { frameType: 5 },
  ];
  for (const [index, change] of bad.entries()) {
    assert.throws(() => encodeEnhanced({ ...good, ...change }), UsageError, `${index}`);
  }
});

test("a track of more than 64 KiB is read and written with all three bytes of its size", () => {
  const body = Uint8Array.from({ length: 0x012345 }, (_, index) => index % 251);
  const tracks = [{ id: 3, fourCc: 0x68766331, body }, {
    id: 4,
    fourCc: 0x68766331,
    body: Uint8Array.of(9),
  }];
  for (const form of [Tracks.ManyTracks, Tracks.ManyTracksManyCodecs]) {
    const message = {
      kind: "video",
      frameType: 2,
      packetType: 3,
      modEx: [],
      form,
      tracks,
    } as const;
    const payload = encodeEnhanced(message);
    // "hvc1" and the id, or the id alone behind the FourCC of all, then the size.
    assert.deepEqual([...payload.subarray(7, 10)], [1, 0x23, 0x45]);
    assert.deepEqual(payload.subarray(-1), Uint8Array.of(9));
    assert.deepEqual(parseEnhanced("video", payload)?.tracks.map(({ body }) => body.length), [
      0x012345,
      1,
    ]);
  }
});
