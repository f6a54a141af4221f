/** MP4 files that real clients play over RTMP, from a real server on a real disk. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, type MediaMessage, type Playback } from "../../src/client/mod.ts";
import { clip } from "../support/clips.ts";
import { within } from "../support/deadline.ts";
import { random } from "../support/feed.ts";
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
  await ffmpeg("-i", inFolder("long.mp4"), "-c", "copy", inFolder("long.flv"));
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
  const dump = async (args: string[], ended = 0) => {
    const url = server.url("live", "long");
    await using run = new TestProcess("rtmpdump", ["-r", url, "-o", out, ...args]);
    const { code, stderr } = await run.ended();
    assert.equal(code, ended, stderr);
  };
  const wanted = await hashes(inFolder("long.mp4"), "v");
  await dump([]);
  assert.deepEqual(await shown(out, "v"), wanted);
  const whole = readFileSync(out);
  let end = 13;
  while (end < whole.length * 0.7) end += 15 + whole.readUIntBE(end + 1, 3);
  writeFileSync(out, whole.subarray(0, end));
  await dump(["-e"]);
  assert.deepEqual(await shown(out, "v"), wanted);
  // Of 25 pictures a second and a key frame each; it calls incomplete what does not reach the end.
  await dump(["--start", "3.1", "--stop", "5"], 2);
  const part = await shown(out, "v");
  assert.ok(part.length >= 48 && part.length <= 53, `${part.length} pictures`);
  assert.deepEqual(part, wanted.slice(75, 75 + part.length));
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

/** Media that comes, without headers and data. */
class Media {
  readonly playback: Playback;
  readonly #reader;

  constructor(playback: Playback) {
    this.playback = playback;
    this.#reader = playback.getReader();
  }

  async next(): Promise<MediaMessage> {
    for (;;) {
      const { value, done } = await within(this.#reader.read(), "media comes");
      assert.ok(!done && value !== undefined, "the play has ended");
      if (value.kind !== "data" && value.payload[1] !== 0) return value;
    }
  }

  /** Reads on to a key frame within a second before this time (ms); what was on its way is passed over. */
  async keyBefore(time: number): Promise<MediaMessage> {
    for (;;) {
      const message = await this.next();
      const { kind, timestamp, payload } = message;
      const isNear = timestamp <= time && timestamp > time - 1_100;
      if (kind === "video" && payload[0] === 0x17 && isNear) return message;
    }
  }

  /**
   * The next pictures and sounds, which belong together. `behind`: what was on its way is followed by what
   * comes behind this time (ms).
   */
  async together(what: string, behind?: number): Promise<number> {
    let last = { video: NaN, audio: NaN };
    let isBack = behind === undefined;
    for (let count = 0; count < 24; count++) {
      const { kind, timestamp } = await this.next();
      const before = last[kind as "video" | "audio"];
      const step = timestamp - before;
      if (step < 0 && !isBack && timestamp > behind! && timestamp <= behind! + 50) {
        isBack = true;
        count = 0;
        last = { video: NaN, audio: NaN };
        continue;
      }
      assert.ok(!(step < 0 || step > 50), `${what}: ${kind} goes from ${before} to ${timestamp}`);
      last[kind as "video" | "audio"] = timestamp;
    }
    const apart = Math.abs(last.video - last.audio);
    assert.ok(apart <= 50, `${what}: sound and picture are ${apart} ms apart`);
    return Math.max(last.video, last.audio);
  }
}

for (const name of ["mp4:long", "flv:long"]) {
  test(`20 seeks and pauses in a row leave sound and picture together: ${name}`, async () => {
    const seed = Math.floor(Math.random() * 1e6);
    const roll = random(seed);
    await using client = await connect(server.url("live", name));
    const media = new Media(await client.play(undefined, { start: 0 }));
    let at = 0;
    for (let turn = 0; turn < 20; turn++) {
      const what = `seed ${seed}, turn ${turn}`;
      const isPause = turn % 3 === 2;
      if (isPause) {
        media.playback.pause(true, at);
        media.playback.pause(false, at);
      } else {
        // To where nothing is that is on its way already.
        let to: number;
        do to = 1_100 + Math.floor(roll() * 8_000); while (to >= at && to < at + 3_500);
        media.playback.seek(to);
        await media.keyBefore(to);
      }
      at = await media.together(what, isPause ? at : undefined);
    }
    server.assertHealthy();
  });
}

/**
 * Seeks to places in turn, and says where it is behind each and how far sound and picture are apart. None is
 * near the end: FFmpeg takes a Play.Stop that it has not read yet for the end of what it seeks to.
 */
const SEEKS = `
local places = {6.3, 2.7, 7.9, 0.4, 6.6, 1.5, 4.2, 7.1, 1.1, 7.7, 3.3, 5.5}
local number = 0
local out = io.open(mp.get_opt("out"), "w")
local function look()
  local time = mp.get_property_number("time-pos")
  local apart = mp.get_property_number("avsync")
  if time == nil or apart == nil then return end
  if number > 0 then out:write(places[number], " ", time, " ", apart, "\\n") end
  number = number + 1
  if number > #places then
    out:close()
    return mp.command("quit")
  end
  mp.commandv("seek", places[number], "absolute", "keyframes")
end
mp.register_event("playback-restart", function() mp.add_timeout(0.25, look) end)
`;

for (const [name, what] of [["long.flv", "an FLV"], ["mp4:long.mp4", "an MP4"]] as const) {
  test(
    ...needs("mpv", `mpv goes back and forth in ${what}, sound and picture together`),
    async () => {
      const script = join(folder, "seeks.lua");
      const out = join(folder, "seeks.txt");
      writeFileSync(script, SEEKS);
      await using mpv = new TestProcess("mpv", [
        ...["--no-config", "--really-quiet", "--vo=null", "--ao=null", "--cache=no"],
        ...[`--script=${script}`, `--script-opts=out=${out}`, server.url("live", name)],
      ]);
      const { code, stderr } = await mpv.ended();
      assert.equal(code, 0, stderr);
      const lines = readFileSync(out, "latin1").trim().split("\n");
      assert.equal(lines.length, 12);
      for (const line of lines) {
        const [wanted, time, apart] = line.split(" ").map(Number) as [number, number, number];
        // Within a GOP, and it has played on since.
        assert.ok(time >= wanted - 1.1 && time <= wanted + 1, line);
        assert.ok(Math.abs(apart) <= 0.05, line);
      }
      server.assertHealthy();
    },
  );
}
