/**
 * What FFmpeg 9 and GStreamer 1.28 publish by Enhanced RTMP is recorded in both formats, and is played back as it
 * was: over RTMP, and by ffmpeg from the files.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createHash } from "node:crypto";
import type { WireMessage } from "../support/chunks.ts";
import { until } from "../support/deadline.ts";
import { decodedOf, enhancedMedia } from "../support/enhanced.ts";
import { random } from "../support/feed.ts";
import { FFMPEG, readFrameMd5 } from "../support/ffmpeg.ts";
import { collect, type Collected } from "../support/mux.ts";
import { matroska } from "../support/matroska.ts";
import { TestProcess } from "../support/process.ts";
import { enhancedStream, replay } from "../support/replay.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";

let folder: string;
let server: TestServer;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-codecs-"));
  server = await startServer([
    ...["--record-folder", folder, "--plugin", "test/support/plugins/record_both.ts"],
  ]);
});

after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const isMedia = ({ type }: WireMessage) => type === Type.Audio || type === Type.Video;

/** Publishes a capture, and waits until it is in both files. */
async function record(name: string): Promise<string> {
  const stream = enhancedStream(name);
  const done = () =>
    server.logs.filter(({ message, properties }) =>
      message === "recorded" && properties.name === stream
    ).length;
  const known = done();
  await using _publisher = replay(server, name);
  await until(() => Promise.resolve(done() === known + 2), `${name} is recorded twice`);
  return stream;
}

/** Plays a recording from its beginning, ahead of time. */
async function play(name: string): Promise<{ client: RtmpClient; id: number }> {
  const client = await RtmpClient.open(server.rtmpPort);
  await client.connect("live", { capsEx: 2, videoFourCcInfoMap: { "*": 1 } });
  const id = await client.createStream();
  // It buffers ten minutes.
  const buffer = Uint8Array.of(0, 3, 0, 0, 0, id, 0, 9, 0x27, 0xc0);
  client.send(4, 0, 0, buffer);
  client.command(id, "play", null, name, 0);
  return { client, id };
}

/** The media of a recording. */
async function played(name: string): Promise<WireMessage[]> {
  await using client = (await play(name)).client;
  await client.statusOf("NetStream.Play.Stop");
  return client.messages.filter(isMedia);
}

function tracksOf(messages: readonly WireMessage[]): Collected[] {
  const { tracks } = collect(
    messages.map(({ type, timestamp, payload: body }) => ({ ...{ type, timestamp, body } })),
  );
  return tracks.filter(({ samples }) => samples.length > 0);
}

/** When samples are shown or heard (ms), from the first of all on. */
function timesOf({ track: { format }, samples }: Collected, start: number): number[] {
  return samples.map(({ dts, composition }) =>
    (dts + composition) * 1000 / format.timescale - start
  );
}

function startOf(tracks: readonly Collected[]): number {
  return Math.min(
    ...tracks.map(({ track, samples }) => samples[0]!.dts * 1000 / track.format.timescale),
  );
}

/** The same frames of all tracks in the same order, each at its time to two milliseconds. */
function same(got: readonly Collected[], wanted: readonly Collected[], what: string): void {
  assert.equal(got.length, wanted.length, what);
  for (const track of wanted) {
    const { format, id } = track.track;
    const other = got.find((one) => one.track.id === id && one.track.format.kind === format.kind)!;
    const hashes = (of: Collected) =>
      of.samples.map(({ data }) => createHash("sha256").update(data).digest("hex"));
    assert.deepEqual(hashes(other), hashes(track), `${what}, ${format.codec} ${id}`);
    const times = timesOf(other, startOf(got));
    for (const [index, time] of timesOf(track, startOf(wanted)).entries()) {
      assert.ok(Math.abs(times[index]! - time) <= 2, `${what}, ${format.codec} ${index}`);
    }
  }
}

/** The pictures of one track of a file or of messages, by what they are. */
async function pictures(path: string, track = 0): Promise<string[]> {
  const output = ["-map", `0:v:${track}`, "-vsync", "passthrough", "-f", "framemd5", "-"];
  await using ffmpeg = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-i", path, ...output],
  ]);
  const { stdout, stderr } = await ffmpeg.ended();
  assert.equal(stderr, "", path);
  return readFrameMd5(stdout).map(({ md5 }) => md5);
}

async function decoded(name: string, messages: readonly WireMessage[]): Promise<string[]> {
  const { video, audio } = decodedOf(name);
  const { width, height } = video[0]!;
  const { sampleRate, channels } = audio[0]!;
  const path = join(folder, `${crypto.randomUUID()}.mkv`);
  writeFileSync(path, matroska(messages, { width, height, sampleRate, channels }));
  return await pictures(path);
}

const fileOf = (stream: string, end: string) =>
  join(
    folder,
    "live",
    stream,
    readdirSync(join(folder, "live", stream)).find((one) => one.endsWith(end))!,
  );

for (
  const [what, name] of [
    ["HEVC and Opus", "ff-hevc-opus"],
    ["HEVC with B-frames", "ff-hevc-bframes"],
    ["two tracks of HEVC and Opus", "ff-two-tracks-hevc-opus"],
    ["two tracks of GStreamer's", "gst-two-tracks-avc-aac"],
  ] as const
) {
  test(`${what}: every frame is played from both formats as it was published`, async () => {
    const stream = await record(name);
    const published = tracksOf(enhancedMedia(name));
    const fromFlv = await played(`flv:${stream}`);
    const fromMp4 = await played(`mp4:${stream}`);
    same(tracksOf(fromFlv), published, "FLV");
    same(tracksOf(fromMp4), published, "MP4");
    const wanted = decodedOf(name).video;
    for (const messages of wanted.length === 1 ? [fromFlv, fromMp4] : []) {
      assert.deepEqual(await decoded(name, messages), wanted[0]!.frames);
    }
    for (const [track, { frames }] of wanted.entries()) {
      assert.deepEqual(await pictures(fileOf(stream, ".mp4"), track), frames, `track ${track}`);
    }
    server.assertHealthy();
  });
}

for (const container of ["flv", "mp4"]) {
  test(`20 seeks and pauses in HEVC and Opus leave sound and picture together: ${container}`, async () => {
    const stream = await record("ff-hevc-opus");
    const seed = Math.floor(Math.random() * 1e6);
    const roll = random(seed);
    const { client, id } = await play(`${container}:${stream}`);
    await using _client = client;
    await client.statusOf("NetStream.Play.Stop");
    const told = ({ type, payload }: WireMessage) => `${type} ${payload.length} ${payload}`;
    const all = client.messages.filter(isMedia);
    const longest = Math.max(...all.map(({ timestamp }) => timestamp));
    // The same silence comes more than once.
    const times = Map.groupBy(all, told);
    const headers = all.filter(({ timestamp }) => timestamp === 0).map(told);
    for (let turn = 0; turn < 20; turn++) {
      client.messages.length = 0;
      const to = Math.floor(roll() * longest);
      const pauses = turn % 3 === 2;
      if (pauses) client.command(id, "pause", null, true, to);
      client.command(id, "seek", null, to);
      if (pauses) client.command(id, "pause", null, false, to);
      await client.statusOf("NetStream.Play.Stop");
      const what = `seed ${seed}, turn ${turn}: to ${to}`;
      const media = client.messages.filter(isMedia).filter((one) => !headers.includes(told(one)));
      const kinds = new Set(media.map(({ type }) => type));
      assert.ok(to > longest - 1000 || kinds.size === 2, what);
      for (const message of media) {
        const apart = Math.min(
          ...times.get(told(message))!.map(({ timestamp }) =>
            Math.abs(message.timestamp - timestamp)
          ),
        );
        assert.ok(apart <= 50, `${what}: ${apart} ms`);
      }
    }
    server.assertHealthy();
  });
}
