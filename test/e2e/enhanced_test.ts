/**
 * Enhanced RTMP from end to end: what FFmpeg 9 and GStreamer 1.28 sent is sent again byte by byte,
 * and what players get is decoded and compared with what FFmpeg 9 decodes of it.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { SessionView } from "../../src/http/mod.ts";
import type { Amf } from "../support/amf0.ts";
import type { WireMessage } from "../support/chunks.ts";
import { disposeAll } from "../support/dispose.ts";
import { decodedOf, enhancedMedia } from "../support/enhanced.ts";
import { Decoder, FFMPEG } from "../support/ffmpeg.ts";
import { matroska } from "../support/matroska.ts";
import { enhancedStream, replay } from "../support/replay.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { ANNOUNCE, startServer, type TestServer } from "../support/server.ts";

const MULTITRACK = { capsEx: 2 };

/** A client that plays `query` of the application that the captures publish to. */
async function play(
  server: TestServer,
  name: string,
  more: Record<string, Amf> = {},
): Promise<RtmpClient> {
  const client = await RtmpClient.open(server.rtmpPort);
  await client.connect("live", more);
  const id = await client.createStream();
  client.command(id, "play", null, name);
  return client;
}

const isMedia = ({ type }: WireMessage) => type === Type.Audio || type === Type.Video;

/** The media a player has been sent when its stream is over. */
async function mediaOf(client: RtmpClient): Promise<WireMessage[]> {
  await client.statusOf("NetStream.Play.UnpublishNotify");
  return client.messages.filter(isMedia);
}

/** Decodes what a player was sent; `like` says where to find the size and the rate. */
async function decode(
  messages: readonly WireMessage[],
  name: string,
  track = 0,
): Promise<{ pictures: string[]; sounds: number }> {
  const { video, audio } = decodedOf(name);
  const { width, height } = video[track]!;
  const { sampleRate, channels } = audio[track] ?? { sampleRate: 1, channels: 1 };
  const path = join(tmpdir(), `sluice-${crypto.randomUUID()}.mkv`);
  writeFileSync(path, matroska(messages, { width, height, sampleRate, channels }));
  try {
    await using pictures = new Decoder(path);
    const md5s = (await pictures.frames()).map(({ md5 }) => md5);
    if (audio.length === 0) return { pictures: md5s, sounds: 0 };
    await using sounds = new Decoder(path, "a");
    return { pictures: md5s, sounds: (await sounds.frames()).length };
  } finally {
    rmSync(path);
  }
}

/** How many messages hold coded sound, of those without multitrack header. */
function soundsIn(messages: readonly WireMessage[]): number {
  return messages.filter(({ type, payload }) =>
    type === Type.Audio && (payload[0] === 0x91 || (payload[0] === 0xaf && payload[1] === 1))
  ).length;
}

for (const [what, name] of [["HEVC and Opus", "ff-hevc-opus"], ["AV1 and AAC", "ff-av1-aac"]]) {
  test(`${what}: a player gets every byte, and a late one what it needs to decode`, async () => {
    await using server = await startServer(ANNOUNCE);
    const stream = enhancedStream(name!);
    await using early = await play(server, stream);
    await server.playRequested("live", stream);
    await using publisher = replay(server, name!, 0.85);
    const published = enhancedMedia(name!);
    // The first part has been taken in once the player has most of it.
    const before = Math.round(published.length * 0.7);
    await early.waitFor(() => early.messages.filter(isMedia).length >= before, "most of it");
    await using late = await play(server, stream);
    await late.waitFor(({ type }) => type === Type.Video, "video for the late player");
    publisher.finish();

    const [all, some] = [await mediaOf(early), await mediaOf(late)];
    assert.deepEqual(all.map(({ payload }) => payload), published.map(({ payload }) => payload));
    const expected = decodedOf(name!).video[0]!.frames;
    const whole = await decode(all, name!);
    assert.deepEqual(whole.pictures, expected);
    assert.equal(whole.sounds, soundsIn(published));
    const rest = await decode(some, name!);
    assert.deepEqual(rest.pictures, expected.slice(15), "from the key frame in the middle on");
    assert.ok(rest.sounds >= 0.4 * whole.sounds, `${rest.sounds} of ${whole.sounds}`);
    server.assertHealthy();
  });
}

test("HEVC with B-frames, in HDR, of GStreamer, and VP9 go through whole, all at once", async () => {
  await using server = await startServer(ANNOUNCE);
  const names = ["ff-hevc-bframes", "ff-hevc-hdr", "ff-vp9-opus", "gst-hevc-aac"];
  await Promise.all(names.map(async (name) => {
    const stream = enhancedStream(name);
    await using player = await play(server, stream);
    await server.playRequested("live", stream);
    await using _publisher = replay(server, name);
    const all = await mediaOf(player);
    const published = enhancedMedia(name);
    assert.deepEqual(all.map(({ payload }) => payload), published.map(({ payload }) => payload));
    const { pictures } = await decode(all, name);
    assert.deepEqual(pictures, decodedOf(name).video[0]!.frames, name);
  }));
  server.assertHealthy();
});

test("two tracks: each player gets the ones it asks for, decodes them, or everything", async () => {
  await using server = await startServer(ANNOUNCE);
  const name = "ff-two-tracks-hevc-opus";
  const stream = enhancedStream(name);
  const players = [
    await play(server, stream),
    await play(server, `${stream}?video=1&audio=1`),
    await play(server, `${stream}?video=1`, MULTITRACK),
    await play(server, stream, MULTITRACK),
  ];
  await using _players = disposeAll(...players);
  await server.playRequested("live", stream, 4);
  await using _publisher = replay(server, name);
  const [zero, one, mixed, all] = await Promise.all(players.map((player) => mediaOf(player)));
  const published = enhancedMedia(name);
  assert.deepEqual(all!.map(({ payload }) => payload), published.map(({ payload }) => payload));
  const { video } = decodedOf(name);
  const decoded = [await decode(zero!, name), await decode(one!, name, 1)];
  decoded.forEach(({ pictures, sounds }, track) => {
    assert.deepEqual(pictures, video[track]!.frames, `track ${track}`);
    assert.ok(sounds >= 100, `${sounds} packets of sound`);
  });
  const videoOf = (messages: WireMessage[]) =>
    messages.filter(({ type }) => type === Type.Video).map(({ payload }) => payload);
  assert.deepEqual(videoOf(mixed!), videoOf(one!));
  server.assertHealthy();
});

for (const name of ["ff-two-tracks-avc-aac", "gst-two-tracks-avc-aac"]) {
  test(`${name}: an ffmpeg of any age decodes track 0, and the track it names`, async () => {
    await using server = await startServer(ANNOUNCE);
    const stream = enhancedStream(name);
    const { video } = decodedOf(name);
    const players = video.map((_, track) =>
      new Decoder(
        server.url("live", track === 0 ? stream : `${stream}?video=1&audio=1`),
        "v",
        [],
        FFMPEG,
      )
    );
    await using _players = disposeAll(...players);
    await server.playRequested("live", stream, 2);
    await using _publisher = replay(server, name);
    for (const [track, player] of players.entries()) {
      const pictures = (await player.frames()).map(({ md5 }) => md5);
      assert.deepEqual(pictures, video[track]!.frames, `track ${track}`);
    }
    server.assertHealthy();
  });
}

test("what a client announces is in the control API, and what it did not is null", async () => {
  await using server = await startServer();
  const announced = { fourCcList: ["hvc1", "*"], videoFourCcInfoMap: { "*": 1 }, capsEx: 3 };
  await using modern = await RtmpClient.open(server.rtmpPort);
  const info = await modern.connect("live", announced) as Record<string, unknown>;
  assert.deepEqual([info.capsEx, info.fourCcList], [15, ["*"]]);
  const { body } = await server.api("/sessions");
  const [session] = (body as { sessions: SessionView[] }).sessions;
  assert.deepEqual(session!.enhanced, { ...announced, audioFourCcInfoMap: {}, videoFunction: 0 });
  await using legacy = await RtmpClient.open(server.rtmpPort);
  const answer = await legacy.connect("live") as Record<string, unknown>;
  assert.equal("fourCcList" in answer, false, "cameras cannot read an array");
  const { sessions } = (await server.api("/sessions")).body as { sessions: SessionView[] };
  assert.deepEqual(sessions.map(({ enhanced }) => enhanced === null), [false, true]);
});
