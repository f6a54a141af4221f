/** Pause, receiveAudio and receiveVideo: a player gets what it asked for and no more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import type { Play } from "../../../src/service/rtmp/attachment.ts";
import {
  AUDIO_HEADER,
  audioFrame,
  interFrame,
  keyFrame,
  VIDEO_HEADER,
} from "../../support/media.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

const { Audio, Video } = MessageType;

test("receiveAudio(false) stops sound, and true brings it back", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  publishGop(publisher, 0);
  player.take();
  player.command(1, "receiveAudio", 0, null, false);
  player.media();
  publisher.message(Audio, 1, 50, audioFrame());
  publisher.message(Video, 1, 80, keyFrame(500, 7));
  publisher.message(Audio, 1, 90, audioFrame());
  assert.deepEqual(player.media(), ["9 80 7"]);
  player.command(1, "receiveAudio", 0, null, true);
  assert.deepEqual(player.codes(), ["NetStream.Seek.Notify", "NetStream.Play.Start"]);
  publisher.message(Audio, 1, 100, audioFrame());
  assert.deepEqual(player.media(), [`8 100 ${0x55}`]);
});

test("receiveVideo(false) leaves the sound alone", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  publishGop(publisher, 0);
  player.command(1, "receiveVideo", 0, null, false);
  player.media();
  publisher.message(Video, 1, 80, keyFrame(500, 7));
  publisher.message(Audio, 1, 90, audioFrame());
  assert.deepEqual(player.media(), [`8 90 ${0x55}`]);
});

test("receiveVideo(false) before play is obeyed from the first message on", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.client().connected();
  player.command(1, "receiveVideo", 0, null, false);
  player.play(1, "test");
  publisher.message(Audio, 1, 90, audioFrame());
  publisher.message(Video, 1, 120, keyFrame(500, 7));
  assert.deepEqual(player.media(), [`8 0 ${AUDIO_HEADER.at(-1)}`, `8 90 ${0x55}`]);
});

test("receiveAudio(false) before play is obeyed from the first message on", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0, 4);
  const player = rig.client().connected();
  player.command(1, "receiveAudio", 0, null, false);
  player.play(1, "test");
  publisher.message(Audio, 1, 90, audioFrame());
  assert.deepEqual(player.media(), [`9 0 ${VIDEO_HEADER.at(-1)}`, "9 0 4", "9 40 4"]);
});

test("a paused player gets nothing, and goes on from a key frame when it resumes", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  publishGop(publisher, 0, 1);
  player.take();
  player.command(1, "pause", 0, null, true, 40);
  assert.deepEqual(player.codes(), ["NetStream.Pause.Notify"]);
  publisher.message(Video, 1, 80, interFrame(300, 2));
  publisher.message(Video, 1, 120, keyFrame(300, 3));
  publisher.message(Video, 1, 160, interFrame(300, 4));
  assert.deepEqual(player.media(), []);
  player.command(1, "pause", 0, null, false, 40);
  const messages = player.takeMessages().filter(({ type }) => type === Video);
  assert.deepEqual(messages.map(({ payload }) => payload.at(-1)), [VIDEO_HEADER.at(-1), 3, 4]);
  publisher.message(Video, 1, 200, interFrame(300, 5));
  assert.deepEqual(player.media(), ["9 200 5"]);
});

for (
  const [what, time, expected] of [
    ["the last time it got", 40, ["9 80 2", "9 120 3"]],
    ["an earlier time", 0, [`8 10 ${0x55}`, "9 40 1", "9 80 2", "9 120 3"]],
    ["a fraction of a millisecond", 39.5, ["9 40 1", "9 80 2", "9 120 3"]],
    ["no time", null, ["9 80 2", "9 120 3"]],
    ["a time that is not a number", "40", ["9 80 2", "9 120 3"]],
    ["a time that is none", NaN, ["9 80 2", "9 120 3"]],
    ["a time before all", -1, ["9 80 2", "9 120 3"]],
    ["a time beyond all", 1e12, ["9 80 2", "9 120 3"]],
  ] as const
) {
  test(`a player that resumes and names ${what} is not sent again what it has seen`, () => {
    const rig = new Rig();
    const publisher = rig.publisher();
    const player = rig.player();
    publishGop(publisher, 0, 1);
    player.take();
    player.command(1, "pause", 0, null, true, 40);
    publisher.message(Video, 1, 80, interFrame(300, 2));
    player.command(1, "pause", 0, null, false, time);
    publisher.message(Video, 1, 120, interFrame(300, 3));
    assert.deepEqual(player.media(), expected);
  });
}

test("a play that was paused while it waited starts, and sends nothing until it resumes", () => {
  const rig = new Rig();
  const player = rig.player();
  player.command(1, "pause", 0, null, true);
  assert.deepEqual(player.codes(), ["NetStream.Pause.Notify"]);
  const publisher = rig.publisher();
  publishGop(publisher, 0, 1);
  const codes = player.take();
  assert.ok(codes.some((reply) => reply.includes("NetStream.Play.Start")));
  assert.ok(!codes.some((reply) => / type [89] /.test(reply)), "no media");
  player.command(1, "pause", 0, null, false);
  assert.deepEqual(player.media().map((one) => one.split(" ").at(-1)), [
    ...[`${VIDEO_HEADER.at(-1)}`, `${AUDIO_HEADER.at(-1)}`, "1", "85", "1"],
  ]);
});

/** Bytes that are kept for what this client plays. */
function lag(client: RigClient): number {
  return (client.session.core.streams.get(1)!.attachment as Play).player.lag;
}

for (const when of ["waited", "played"]) {
  test(`nothing is kept for a play that was paused while it ${when}`, () => {
    const rig = new Rig();
    const publisher = when === "played" ? rig.publisher() : undefined;
    const player = rig.player();
    player.command(1, "pause", 0, null, true);
    if (when === "played") player.command(1, "receiveAudio", 0, null, false);
    publishGop(publisher ?? rig.publisher(), 0);
    assert.equal(lag(player), 0);
  });
}

test("nothing is kept for a play that is paused", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  publishGop(publisher, 0);
  player.command(1, "pause", 0, null, true);
  publishGop(publisher, 100);
  assert.equal(lag(player), 0);
});

test("a player that is too slow too often is closed, once it was told", async () => {
  const rig = new Rig({ player: { bytes: 20_000, ms: 1e6, overflows: 1 } });
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  player.connection.block();
  for (let count = 0; count < 10; count++) {
    publisher.message(MessageType.Video, 1, 100 + count, interFrame(5000, count));
  }
  await settle();
  assert.equal(player.session.core.phase, "closed");
  assert.equal(player.session.endReason, "stalled");
  assert.equal(publisher.session.core.phase, "connected");
});
