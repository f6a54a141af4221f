/** Who is sent which track of a stream, and in which form [E-RTMP v2 "Multitrack Streaming"]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FourCc, Tracks, VideoFrameType, VideoPacketType } from "../../../src/core/media/mod.ts";
import type { WireMessage } from "../../support/chunks.ts";
import { ENHANCED_NAMES, enhancedMedia } from "../../support/enhanced.ts";
import { Rig } from "../../support/rtmp_service.ts";
import {
  Audio,
  line,
  lines,
  multitrack,
  player,
  send,
  sent,
  trackOf,
  Video,
  video,
} from "./tracks_rig.ts";

/** What a client says that reads several tracks. */
const MULTITRACK = { capsEx: 2 };

const TWO_TRACKS = [
  ...["ff-two-tracks-avc-aac", "ff-two-tracks-hevc-opus", "ff-two-tracks-mixed"],
  "gst-two-tracks-avc-aac",
];

for (const name of TWO_TRACKS) {
  test(`${name}: who reads several tracks is sent every message as it was published`, () => {
    const rig = new Rig();
    const published = enhancedMedia(name);
    const players = [
      player(rig, "test", MULTITRACK),
      player(rig, "test", { fourCcList: ["hvc1", "avc1"] }),
      player(rig, "test?video=all&audio=all"),
    ];
    send(rig.publisher(), published);
    for (const client of players) assert.deepEqual(sent(client), lines(published));
  });

  test(`${name}: who says nothing is sent track 0 without multitrack, in the oldest form`, () => {
    const rig = new Rig();
    const client = player(rig, "test");
    send(rig.publisher(), enhancedMedia(name));
    assert.deepEqual(sent(client), lines(trackOf(enhancedMedia(name), 0, true)));
  });

  test(`${name}: who knows FourCCs but not several tracks is sent track 0 with its FourCC`, () => {
    const rig = new Rig();
    const client = player(rig, "test", { fourCcList: ["*"], capsEx: 1 });
    send(rig.publisher(), enhancedMedia(name));
    assert.deepEqual(sent(client), lines(trackOf(enhancedMedia(name), 0, false)));
  });

  test(`${name}: any player is sent the tracks that its query names, alone`, () => {
    const rig = new Rig();
    const published = enhancedMedia(name);
    const legacy = player(rig, "test?video=1&audio=1");
    const modern = player(rig, "test?audio=1&video=1", MULTITRACK);
    const mixed = player(rig, "test?audio=1");
    send(rig.publisher(), published);
    assert.deepEqual(sent(legacy), lines(trackOf(published, 1, true)));
    assert.deepEqual(sent(modern), lines(trackOf(published, 1, false)));
    const videoOf = (list: readonly WireMessage[]) => list.filter(({ type }) => type === Video);
    const audioOf = (list: readonly WireMessage[]) => list.filter(({ type }) => type === Audio);
    const both = sent(mixed);
    assert.deepEqual(
      both.filter((line) => line.startsWith("9")),
      lines(videoOf(trackOf(published, 0, true))),
    );
    assert.deepEqual(
      both.filter((line) => line.startsWith("8")),
      lines(audioOf(trackOf(published, 1, true))),
    );
  });

  for (const id of [0, 1]) {
    test(`${name}: a late player of track ${id} gets its headers, and a key frame to start at`, () => {
      const rig = new Rig();
      const published = enhancedMedia(name);
      send(rig.publisher(), published.slice(0, -20));
      const client = player(rig, `test?video=${id}&audio=${id}`);
      const [early, late] = [trackOf(published.slice(0, -20), id, true), client];
      const keyAt = early.findLastIndex(({ type, payload }) =>
        type === Video && ((payload[0]! >> 4) & 7) === 1 &&
        (payload[0]! < 0x80 ? payload[1] === 1 : [1, 3].includes(payload[0]! & 15))
      );
      const isHeader = ({ type, payload }: WireMessage) =>
        type === Video
          ? payload[0]! < 0x80 ? payload[1] === 0 : [0, 4].includes(payload[0]! & 15)
          : payload[0] === 0xaf
          ? payload[1] === 0
          : [0x90, 0x94].includes(payload[0]!);
      const headers = new Map<string, WireMessage>();
      for (const message of early.filter(isHeader)) {
        headers.set(`${message.type} ${message.payload[0]! & 15}`, message);
      }
      const got = sent(late);
      assert.deepEqual(got.slice(0, headers.size).sort(), lines([...headers.values()]).sort());
      assert.deepEqual(got.slice(headers.size), lines(early.slice(keyAt)));
    });
  }
}

test("what has one track goes to every player as it was published, whatever the codec", () => {
  const names = ENHANCED_NAMES.filter((name) => !TWO_TRACKS.includes(name));
  assert.equal(names.length, 13);
  for (const name of names) {
    const rig = new Rig();
    const players = [
      player(rig, "test"),
      player(rig, "test", { fourCcList: ["hvc1"] }),
      player(rig, "test?video=0&audio=0", MULTITRACK),
    ];
    send(rig.publisher(), enhancedMedia(name));
    for (const client of players) assert.deepEqual(sent(client), lines(enhancedMedia(name)), name);
  }
});

const HVC1 = [..."hvc1"].map((letter) => letter.charCodeAt(0));
const AV01 = [..."av01"].map((letter) => letter.charCodeAt(0));
const { SequenceStart, CodedFrames, CodedFramesX } = VideoPacketType;
const { Key, Inter } = VideoFrameType;

test("a track is taken out of messages that hold several, each with its own frames", () => {
  const rig = new Rig();
  const zero = player(rig, "test");
  const one = player(rig, "test?video=1");
  const all = player(rig, "test", MULTITRACK);
  const publisher = rig.publisher();
  const { ManyTracks } = Tracks;
  const messages = [
    multitrack(SequenceStart, Key, ManyTracks, [{ id: 0, body: [1] }, { id: 1, body: [2] }]),
    multitrack(CodedFramesX, Key, ManyTracks, [{ id: 0, body: [3] }, { id: 1, body: [4, 4] }]),
    multitrack(CodedFrames, Inter, ManyTracks, [
      { id: 1, body: [0, 0, 9, 6] },
      { id: 0, body: [0, 0, 7, 5] },
    ]),
  ];
  messages.forEach((payload, index) => publisher.message(Video, 1, 40 * index, payload));
  assert.deepEqual(sent(zero), [
    video(0x90, ...HVC1, 1),
    video(0x93, ...HVC1, 3),
    video(0xa1, ...HVC1, 0, 0, 7, 5),
  ]);
  assert.deepEqual(sent(one), [
    video(0x90, ...HVC1, 2),
    video(0x93, ...HVC1, 4, 4),
    video(0xa1, ...HVC1, 0, 0, 9, 6),
  ]);
  assert.deepEqual(sent(all), messages.map((payload) => line({ type: Video, payload })));
});

test("a track of a codec of its own is taken out with that codec, and extensions stay in front", () => {
  const rig = new Rig();
  const zero = player(rig, "test");
  const one = player(rig, "test?video=1");
  const publisher = rig.publisher();
  const tracks = (bytes: number) => [
    { id: 0, fourCc: FourCc.Avc, body: [0, 0, 0, bytes] },
    { id: 1, fourCc: FourCc.Av1, body: [bytes + 1] },
  ];
  const modEx = [{ type: 0, data: Uint8Array.of(0, 1, 2) }];
  const form = Tracks.ManyTracksManyCodecs;
  publisher.message(Video, 1, 0, multitrack(SequenceStart, Key, form, tracks(1)));
  publisher.message(Video, 1, 0, multitrack(CodedFrames, Key, form, tracks(3), modEx));
  assert.deepEqual(sent(zero), [
    video(0x17, 0, 0, 0, 0, 0, 0, 0, 1),
    video(0x17, 1, 0, 0, 0, 3),
  ]);
  assert.deepEqual(sent(one), [
    video(0x90, ...AV01, 2),
    video(0x97, 2, 0, 1, 2, 0x01, ...AV01, 4),
  ]);
});

test("a message that is cut in the track, or lacks it, is left out; nobody else is hurt", () => {
  const rig = new Rig();
  const zero = player(rig, "test");
  const one = player(rig, "test?video=1");
  const all = player(rig, "test", MULTITRACK);
  const publisher = rig.publisher();
  const whole = multitrack(CodedFramesX, Key, Tracks.ManyTracks, [
    { id: 0, body: [1, 2, 3] },
    { id: 1, body: [4, 5, 6] },
  ]);
  for (let length = 1; length <= whole.length; length++) {
    publisher.message(Video, 1, length, whole.subarray(0, length));
  }
  const complete = video(0x93, ...HVC1, 1, 2, 3);
  assert.ok(sent(zero).every((line) => line === complete));
  assert.deepEqual(sent(one), [video(0x93, ...HVC1, 4, 5, 6)]);
  assert.equal(sent(all).at(-1), line({ type: Video, payload: whole }));
});

test("messages without multitrack header go to all as published, extensions and all", () => {
  const rig = new Rig();
  const players = [
    player(rig, "test"),
    player(rig, "test", MULTITRACK),
    player(rig, "test?video=0"),
  ];
  const published = [
    [0x90, ...HVC1, 1],
    [0x97, 2, 0, 1, 2, 0x01, ...HVC1, 0, 0, 0, 4],
    [0xa3, ..."avc1".split("").map((letter) => letter.charCodeAt(0)), 9],
    [0x27, 1, 0, 0, 0, 7],
  ];
  const publisher = rig.publisher();
  published.forEach((bytes, index) => publisher.message(Video, 1, index, Uint8Array.from(bytes)));
  for (const client of players) {
    assert.deepEqual(sent(client), published.map((bytes) => video(...bytes)));
  }
});
