/** Who is sent which track of a stream, and in which form [E-RTMP v2 "Multitrack Streaming"]. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { AmfValue } from "../../../src/core/amf/mod.ts";
import {
  encodeEnhanced,
  FourCc,
  type ModEx,
  Tracks,
  VideoFrameType,
  VideoPacketType,
} from "../../../src/core/media/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { MAX_CHOSEN_RENDITIONS } from "../../../src/hub/fanout/fanout.ts";
import type { WireMessage } from "../../support/chunks.ts";
import { ENHANCED_NAMES, enhancedMedia } from "../../support/enhanced.ts";
import { AUDIO_HEADER, audioFrame } from "../../support/media.ts";
import { Rig, type RigClient } from "../../support/rtmp_service.ts";
import { hex } from "../../support/scripted_client.ts";

const { Audio, Video } = MessageType;

/** What a client says that reads several tracks. */
const MULTITRACK = { capsEx: 2 };

/** A client that plays, and said this of itself in connect. */
function player(rig: Rig, name: string, more: Record<string, AmfValue> = {}): RigClient {
  const client = rig.client().shake();
  client.connect("live", more);
  client.command(0, "createStream", 2, null);
  client.play(1, name);
  return client;
}

/** A message as a line: its type and its bytes, of a long one the first, the length and a digest. */
function line({ type, payload }: { readonly type: number; readonly payload: Uint8Array }): string {
  if (payload.length <= 32) return `${type} ${hex(payload)}`;
  const digest = createHash("sha256").update(payload).digest("hex").slice(0, 16);
  return `${type} ${hex(payload.subarray(0, 12))} ${payload.length} ${digest}`;
}

const lines = (messages: readonly { type: number; payload: Uint8Array }[]) => messages.map(line);

/** Media that a client was sent since the last call. */
function sent(client: RigClient): string[] {
  return lines(client.takeMessages().filter(({ type }) => type === Audio || type === Video));
}

function send(publisher: RigClient, messages: readonly WireMessage[]): void {
  for (const { type, timestamp, payload } of messages) {
    publisher.message(type, 1, timestamp, payload);
  }
}

const concat = (...parts: Iterable<number>[]) => Uint8Array.from(parts.flatMap((x) => [...x]));

/**
 * Track `id` of messages of which each holds one track, by the letter of the specification: what has
 * a multitrack header loses it, H.264 and AAC also their FourCC where `legacy` says so.
 */
function trackOf(messages: readonly WireMessage[], id: number, legacy: boolean): WireMessage[] {
  return messages.flatMap((message) => {
    const { type, payload } = message;
    const isVideo = type === Video;
    const multitrack = isVideo
      ? payload[0]! >= 0x80 && (payload[0]! & 15) === 6
      : payload[0] === 0x95;
    if (!multitrack) return id === 0 ? [message] : [];
    assert.equal(payload[1]! >> 4, 0, "one track");
    if (payload[6] !== id) return [];
    const packetType = payload[1]! & 15;
    const fourCc = String.fromCharCode(...payload.subarray(2, 6));
    const body = payload.subarray(7);
    let unwrapped = concat([(payload[0]! & 0xf0) | packetType], payload.subarray(2, 6), body);
    if (legacy && fourCc === "avc1") {
      const first = payload[0]! & 0x70 | 7;
      const head = { 0: [0, 0, 0, 0], 1: [1], 2: [2, 0, 0, 0], 3: [1, 0, 0, 0] }[packetType];
      if (head === undefined) return [];
      unwrapped = concat([first, ...head], body);
    } else if (legacy && fourCc === "mp4a") {
      if (packetType > 1) return [];
      unwrapped = concat([0xaf, packetType], body);
    }
    return [{ ...message, payload: unwrapped }];
  });
}

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

/** A message of several tracks in one of the three forms; bodies are told by their last byte. */
function multitrack(
  packetType: number,
  frameType: number,
  form: number,
  tracks: readonly { id: number; fourCc?: number; body: readonly number[] }[],
  modEx: readonly ModEx[] = [],
): Uint8Array {
  return encodeEnhanced({
    kind: "video",
    frameType,
    packetType,
    modEx,
    form,
    tracks: tracks.map(({ id, fourCc = FourCc.Hevc, body }) => ({
      id,
      fourCc,
      body: Uint8Array.from(body),
    })),
  });
}

const HVC1 = [..."hvc1"].map((letter) => letter.charCodeAt(0));
const AV01 = [..."av01"].map((letter) => letter.charCodeAt(0));
const video = (...bytes: number[]) => line({ type: Video, payload: Uint8Array.from(bytes) });
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

test("who chooses a video track that is not there hears the sound, and sees it when it comes", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publisher.message(Audio, 1, 0, AUDIO_HEADER);
  publisher.message(Video, 1, 0, Uint8Array.of(0x90, ...HVC1, 1));
  publisher.message(Video, 1, 0, Uint8Array.of(0x93, ...HVC1, 2));
  const client = player(rig, "test?video=3");
  publisher.message(Audio, 1, 20, audioFrame());
  assert.deepEqual(
    sent(client),
    lines([
      { type: Audio, payload: AUDIO_HEADER },
      { type: Audio, payload: audioFrame() },
    ]),
  );
  const { OneTrack } = Tracks;
  publisher.message(Video, 1, 40, multitrack(SequenceStart, Key, OneTrack, [{ id: 3, body: [7] }]));
  publisher.message(Video, 1, 40, multitrack(CodedFramesX, Key, OneTrack, [{ id: 3, body: [8] }]));
  assert.deepEqual(sent(client), [video(0x90, ...HVC1, 7), video(0x93, ...HVC1, 8)]);
});

test("a player of a track whose key frames are other than the default's starts at one of its own", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const { OneTrack } = Tracks;
  const one = (frameType: number, packetType: number, body: number) =>
    multitrack(packetType, frameType, OneTrack, [{ id: 1, body: [body] }]);
  const push = (time: number, payload: Uint8Array) => publisher.message(Video, 1, time, payload);
  push(0, Uint8Array.of(0x93, ...HVC1, 1));
  push(0, one(Key, SequenceStart, 2));
  push(0, one(Key, CodedFramesX, 3));
  push(40, one(Inter, CodedFramesX, 4));
  push(80, Uint8Array.of(0x93, ...HVC1, 5));
  push(80, one(Inter, CodedFramesX, 6));
  const client = player(rig, "test?video=1");
  push(120, one(Inter, CodedFramesX, 7));
  push(160, one(Key, CodedFramesX, 8));
  push(200, one(Inter, CodedFramesX, 9));
  assert.deepEqual(sent(client), [
    video(0x90, ...HVC1, 2),
    video(0x93, ...HVC1, 8),
    video(0xa3, ...HVC1, 9),
  ]);
});

test("a track that never has another key frame does not make its log grow", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const { OneTrack } = Tracks;
  const body = Array.from({ length: 10_000 }, () => 1);
  const push = (time: number, frameType: number) => {
    publisher.message(
      Video,
      1,
      time,
      multitrack(CodedFramesX, frameType, OneTrack, [{ id: 1, body }]),
    );
  };
  publisher.message(Video, 1, 0, Uint8Array.of(0x93, ...HVC1, 1));
  push(0, Key);
  const client = player(rig, "test?video=1");
  const heldBytes = () => {
    const use = client.session.core.streams.get(1)!.attachment as {
      player: { encoding: { heldBytes: number } };
    };
    return use.player.encoding.heldBytes;
  };
  for (let time = 40; time < 40_000; time += 40) {
    push(time, Inter);
    if (time % 1000 === 0) publisher.message(Video, 1, time, Uint8Array.of(0x93, ...HVC1, 1));
  }
  assert.ok(heldBytes() < 2_000_000, `${heldBytes()} bytes of 10 MB`);
});

test("receiveAudio keeps the tracks that were chosen", () => {
  const rig = new Rig();
  const client = player(rig, "test?video=1&audio=1");
  client.command(1, "receiveAudio", 0, null, false);
  const published = enhancedMedia("ff-two-tracks-avc-aac");
  send(rig.publisher(), published);
  const wanted = trackOf(published, 1, true).filter(({ type }) => type === Video);
  assert.deepEqual(sent(client), lines(wanted));
});

test("players that ask for the same share one encoding, however they come to it", () => {
  const rig = new Rig();
  const clients = [
    player(rig, "test"),
    player(rig, "test?video=0&audio=0"),
    player(rig, "test?video=0"),
    player(rig, "test?video=0&other=1"),
  ];
  rig.publisher();
  const encodings = clients.map((client) => {
    const use = client.session.core.streams.get(1)!.attachment as { player: { encoding: object } };
    return use.player.encoding;
  });
  assert.equal(new Set(encodings).size, 1);
});

test("what is no track id is no choice: the player gets what it gets without", () => {
  for (const value of ["", "1080p", "-1", "256", "1.0", "0x1", "01234", "ALL", " 1"]) {
    const rig = new Rig();
    const client = player(rig, `test?video=${encodeURIComponent(value)}`);
    const published = enhancedMedia("ff-two-tracks-mixed");
    send(rig.publisher(), published);
    assert.deepEqual(sent(client), lines(trackOf(published, 0, true)), value);
  }
});

test("players cannot make a stream be encoded in more ways than it may, others play on", () => {
  for (const waits of [false, true]) {
    const rig = new Rig({ maxConnections: 1000, playWaitMs: 10_000 });
    if (!waits) rig.publisher();
    const refused: number[] = [];
    for (let id = 1; id <= MAX_CHOSEN_RENDITIONS + 5; id++) {
      const client = rig.client().connected();
      client.play(1, `test?audio=${id}`);
      if (client.codes().includes("NetStream.Play.Failed")) refused.push(id);
    }
    assert.deepEqual(refused, [1, 2, 3, 4, 5].map((more) => MAX_CHOSEN_RENDITIONS + more));
    const same = rig.client().connected();
    same.play(1, "test?audio=1");
    const usual = rig.client().connected();
    usual.play(1, "test");
    if (waits) rig.publisher();
    rig.clock.advance(10);
    for (const client of [same, usual]) {
      assert.ok(client.codes().includes("NetStream.Play.Start"));
    }
  }
});

test("choices of tracks that are not there keep nobody from those that are", () => {
  for (const waits of [false, true]) {
    const rig = new Rig({ maxConnections: 1000, playWaitMs: 10_000 });
    const publisher = () => send(rig.publisher(), enhancedMedia("ff-two-tracks-mixed"));
    if (!waits) publisher();
    for (let id = 2; id <= MAX_CHOSEN_RENDITIONS + 1; id++) {
      const client = rig.client().connected();
      client.play(1, `test?audio=${id}`);
      assert.ok(!client.codes().includes("NetStream.Play.Failed"));
    }
    if (waits) publisher();
    rig.clock.advance(10);
    const playing = (name: string) => {
      const client = rig.client().connected();
      client.play(1, name);
      return client.codes().includes("NetStream.Play.Start");
    };
    assert.ok(!playing("test?audio=99"));
    for (const name of ["test?video=1", "test?audio=1", "test?video=1&audio=1"]) {
      assert.ok(playing(name), name);
    }
  }
});
