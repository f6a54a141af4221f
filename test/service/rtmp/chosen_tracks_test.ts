/** Players that choose tracks: ones that are there, ones that come, and more than there may be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Tracks, VideoFrameType, VideoPacketType } from "../../../src/core/media/mod.ts";
import { enhancedMedia } from "../../support/enhanced.ts";
import { AUDIO_HEADER, audioFrame } from "../../support/media.ts";
import { Rig } from "../../support/rtmp_service.ts";
import {
  Audio,
  lines,
  multitrack,
  player,
  send,
  sent,
  trackOf,
  Video,
  video,
} from "./tracks_rig.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_CHOSEN_RENDITIONS = 32;

const HVC1 = [..."hvc1"].map((letter) => letter.charCodeAt(0));
const { SequenceStart, CodedFramesX } = VideoPacketType;
const { Key, Inter } = VideoFrameType;

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
