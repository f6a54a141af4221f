/** MP4 files that real clients play over RTMP, from a real server on a real disk. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { clip } from "../support/clips.ts";
import { Decoder, FFMPEG, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";

let folder: string;
let server: TestServer;

async function ffmpeg(...args: string[]): Promise<void> {
  await using run = new TestProcess(FFMPEG, ["-v", "error", "-nostdin", ...args]);
  const { code, stderr } = await run.ended();
  assert.equal(code, 0, stderr);
}

const inFolder = (name: string) => join(folder, "live", name);

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sluice-mp4-"));
  mkdirSync(join(folder, "live"));
  await ffmpeg("-i", await clip("bframes"), "-c", "copy", inFolder("plain.mp4"));
  await ffmpeg("-i", await clip("audio"), "-c", "copy", inFolder("audio.mp4"));
  await ffmpeg(
    ...["-stream_loop", "5", "-i", await clip("av"), "-c", "copy"],
    ...["-movflags", "frag_keyframe+empty_moov+delay_moov+default_base_moof"],
    inFolder("long.mp4"),
  );
  writeFileSync(inFolder("odd.mp4"), new Uint8Array(4000).fill(7));
  server = await startServer([
    ...["--record-folder", folder, "--record-streams", "live/rec*", "--record-format", "mp4"],
  ]);
});

after(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** Pictures or sound as what they are. */
async function shown(source: string, track: "v" | "a", more: string[] = []): Promise<string[]> {
  await using decoder = new Decoder(source, track, more);
  return (await decoder.frames()).map(({ md5 }) => md5);
}

async function hashes(path: string, track: "v" | "a"): Promise<string[]> {
  return (await framesOf(path, track)).map(({ md5 }) => md5);
}

test("ffmpeg plays MP4 frame by frame, however it is named", async () => {
  for (
    const [file, name, track] of [
      ["plain", "mp4:plain.mp4", "v"],
      ["plain", "plain", "a"],
      ["audio", "mp4:audio", "a"],
    ] as const
  ) {
    const wanted = await hashes(inFolder(`${file}.mp4`), track);
    assert.deepEqual(await shown(server.url("live", name), track), wanted, `${name} ${track}`);
  }
  server.assertHealthy();
});

test("ffmpeg -ss plays MP4 from the key frame on that it asks for, and the end when it asks for more", async () => {
  const all = await hashes(inFolder("long.mp4"), "v");
  const url = server.url("live", "long");
  const sought = await shown(url, "v", ["-ss", "7.5"]);
  assert.ok(sought.length >= 112 && sought.length <= 138, `${sought.length} frames`);
  assert.deepEqual(sought, all.slice(-sought.length));
  await using beyond = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-ss", "100", "-i", url],
    ...["-map", "0:v", "-c", "copy", "-f", "framecrc", "-"],
  ]);
  const { code } = await beyond.ended();
  assert.equal(code, 0);
  server.assertHealthy();
});

test("a stream that was recorded as MP4 is played as it was published", async () => {
  const url = server.url("live", "rec");
  const path = await clip("bframes");
  await using publisher = publish(path, url);
  await published(publisher);
  await server.waitForLog("recorded", { name: "rec" });
  assert.deepEqual(await shown(url, "v"), await hashes(path, "v"));
  server.assertHealthy();
});

test("a file that is damaged is refused, and nobody else notices", async () => {
  await using player = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-i", server.url("live", "odd"), "-f", "null", "-"],
  ]);
  const { code, stderr } = await player.ended();
  assert.notEqual(code, 0);
  assert.match(stderr, /damaged/);
  server.assertHealthy();
});

test(...needs("rtmpdump", "rtmpdump takes an MP4, and goes on with a part of it"), async () => {
  const out = join(folder, "out.flv");
  const dump = async (...args: string[]) => {
    const url = server.url("live", "long");
    await using run = new TestProcess("rtmpdump", ["-r", url, "-o", out, ...args]);
    const { code, stderr } = await run.ended();
    assert.equal(code, 0, stderr);
  };
  const wanted = await hashes(inFolder("long.mp4"), "v");
  await dump();
  assert.deepEqual(await shown(out, "v"), wanted);
  const whole = readFileSync(out);
  let end = 13;
  while (end < whole.length * 0.7) end += 15 + whole.readUIntBE(end + 1, 3);
  writeFileSync(out, whole.subarray(0, end));
  await dump("-e");
  assert.deepEqual(await shown(out, "v"), wanted);
  server.assertHealthy();
});

test(...needs("mpv", "mpv plays an MP4 from a place in it"), async () => {
  const out = join(folder, "mpv.txt");
  await using mpv = new TestProcess("mpv", [
    ...["--no-config", "--really-quiet", "--no-audio", "--start=9"],
    ...["--of=framemd5", "--ovc=rawvideo", `--o=${out}`, server.url("live", "long")],
  ]);
  const { code, stderr } = await mpv.ended();
  assert.equal(code, 0, stderr);
  const count = readFileSync(out, "latin1").split("\n").filter((one) => /^0,/.test(one)).length;
  assert.ok(Math.abs(count - 75) <= 26, `${count} frames`);
  server.assertHealthy();
});

test(...needs("gstRtmp2", "rtmp2src takes an MP4 to its end"), async () => {
  const out = join(folder, "gst.flv");
  const location = server.url("live", "plain");
  await using gst = new TestProcess("gst-launch-1.0", [
    ...`-q rtmp2src location=${location} ! filesink location=${out}`.split(" "),
  ]);
  const { code, stderr } = await gst.ended();
  assert.equal(code, 0, stderr);
  for (const track of ["v", "a"] as const) {
    const all = await hashes(inFolder("plain.mp4"), track);
    const got = await shown(out, track);
    // When a stream ends, rtmp2src drops the messages that it has not handed on yet.
    assert.ok(all.length - got.length <= 3, `${got.length} of ${all.length}`);
    assert.deepEqual(got, all.slice(0, got.length), track);
  }
  server.assertHealthy();
});
