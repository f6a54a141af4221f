/** Recordings that real clients play, from a real server on a real disk. */
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { Decoder, FFMPEG, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestProcess } from "../support/process.ts";
import { needs } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** A folder of media that goes with the test. */
class MediaFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "sluice-recorded-"));
  readonly args: readonly string[] = ["--record-folder", this.path];

  /** Puts a clip there as `live/NAME.flv`. */
  async put(name: ClipName): Promise<string> {
    mkdirSync(join(this.path, "live"), { recursive: true });
    const path = join(this.path, "live", `${name}.flv`);
    copyFileSync(await clip(name), path);
    return path;
  }

  /** Puts twelve seconds there as `live/long.flv`. */
  async putLong(): Promise<string> {
    mkdirSync(join(this.path, "live"), { recursive: true });
    const path = join(this.path, "live", "long.flv");
    await using made = new TestProcess(FFMPEG, [
      ...["-v", "error", "-nostdin", "-stream_loop", "5", "-i", await clip("av")],
      ...["-c", "copy", "-f", "flv", path],
    ]);
    assert.equal((await made.ended()).code, 0);
    return path;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Pictures or sound as what they are. */
async function shown(source: string, track: "v" | "a", more: string[] = []): Promise<string[]> {
  await using decoder = new Decoder(source, track, more);
  return (await decoder.frames()).map(({ md5 }) => md5);
}

async function rtmpdump(server: TestServer, out: string, ...args: string[]): Promise<string> {
  const url = server.url("live", "av");
  await using dump = new TestProcess("rtmpdump", ["-r", url, "-o", out, ...args]);
  const { code, stderr } = await dump.ended();
  assert.equal(code, 0, stderr);
  return stderr;
}

test("ffmpeg plays files frame by frame, and from key frames on", async () => {
  using folder = new MediaFolder();
  await using server = await startServer(folder.args);
  for (const [name, ...tracks] of [["av", "v", "a"], ["audio", "a"]] as const) {
    const path = await folder.put(name);
    for (const track of tracks) {
      const frames = (await framesOf(path, track)).map(({ md5 }) => md5);
      assert.deepEqual(await shown(server.url("live", name), track), frames, `${name} ${track}`);
    }
  }
  server.assertHealthy();
});

test("ffmpeg -ss plays from the key frame on that it asks for", async () => {
  using folder = new MediaFolder();
  await using server = await startServer(folder.args);
  const path = await folder.putLong();
  const all = (await framesOf(path)).map(({ md5 }) => md5);
  // What it shows of the second before, it drops by itself.
  const sought = await shown(server.url("live", "long"), "v", ["-ss", "7.5"]);
  assert.ok(sought.length >= 112 && sought.length <= 138, `${sought.length} frames`);
  assert.deepEqual(sought, all.slice(-sought.length));
  server.assertHealthy();
});

test("what was recorded plays under the name of the stream", async () => {
  using folder = new MediaFolder();
  await using server = await startServer([...folder.args, "--record-streams", "live/*"]);
  const path = await clip("bframes");
  await using publisher = publish(path, server.url("live", "demo"));
  await published(publisher);
  await server.waitForLog("recorded", { name: "demo" });
  const frames = (await framesOf(path)).map(({ md5 }) => md5);
  assert.deepEqual(await shown(server.url("live", "demo"), "v"), frames);
  server.assertHealthy();
});

test(
  ...needs("rtmpdump", "rtmpdump takes all of a file, a part of it, and goes on with a part"),
  async () => {
    using folder = new MediaFolder();
    const path = await folder.put("av");
    await using server = await startServer(folder.args);
    const out = join(folder.path, "out.flv");
    await rtmpdump(server, out);
    for (const track of ["v", "a"] as const) {
      const all = (await framesOf(path, track)).map(({ md5 }) => md5);
      assert.deepEqual(await shown(out, track), all);
    }
    const whole = readFileSync(out);
    // It wants whole tags.
    let end = 13;
    while (end < whole.length * 0.7) end += 15 + whole.readUIntBE(end + 1, 3);
    writeFileSync(out, whole.subarray(0, end));
    await rtmpdump(server, out, "-e");
    assert.deepEqual(await shown(out, "v"), (await framesOf(path)).map(({ md5 }) => md5));
    const part = join(folder.path, "part.flv");
    await rtmpdump(server, part, "--start", "1.1", "--stop", "2");
    const taken = await shown(part, "v");
    assert.ok(taken.length >= 24 && taken.length <= 27, `${taken.length} frames`);
    server.assertHealthy();
  },
);

test("a recording is played from its beginning while it grows, and ends when it does", async () => {
  using folder = new MediaFolder();
  await using server = await startServer([...folder.args, "--record-streams", "live/*"]);
  const url = server.url("live", "demo");
  const path = await clip("av");
  await using publisher = publish(path, url, { realTime: true });
  await server.waitForLog("recording", { name: "demo" });
  await using player = new TestProcess(FFMPEG, [
    ...["-v", "error", "-nostdin", "-rtmp_live", "recorded", "-i", url],
    ...["-map", "0:v", "-vsync", "passthrough", "-f", "framemd5", "-"],
  ]);
  await server.waitForLog("playing", { name: "demo" });
  await published(publisher);
  const { stdout } = await player.ended();
  const played = stdout.split("\n").filter((text) => /^\d+,/.test(text));
  assert.deepEqual(
    played.map((text) => text.split(",").at(-1)!.trim()),
    (await framesOf(path)).map(({ md5 }) => md5),
  );
  server.assertHealthy();
});

for (const format of ["flv", "mp4"]) {
  test(`a recording that is cut into files of ${format} is played over them while it grows, and sought in`, async () => {
    using folder = new MediaFolder();
    await using server = await startServer([
      ...[...folder.args, "--record-streams", "live/*", "--record-format", format],
      ...["--record-segment-ms", "1500"],
    ]);
    const url = server.url("live", "demo");
    const path = await folder.putLong();
    await using publisher = publish(path, url, { realTime: true });
    const cut = (count: number) =>
      until(() => {
        const done = server.logs.filter(({ message }) => message === "recorded");
        return Promise.resolve(done.length >= count);
      }, `${count} files are finished`);
    await cut(1);
    const play = (...more: string[]) => new Decoder(url, "v", ["-rtmp_live", "recorded", ...more]);
    await using player = play();
    await server.waitForLog("playing", { name: "demo" });
    await cut(3);
    await using seeking = play("-ss", "2.5");
    await published(publisher, 30_000);
    const all = await framesOf(path);
    const frames = await player.frames();
    assert.deepEqual(frames.map(({ md5 }) => md5), all.map(({ md5 }) => md5));
    assert.deepEqual(
      frames.map(({ time }) => Math.round(time - frames[0]!.time)),
      all.map(({ time }) => Math.round(time - all[0]!.time)),
    );
    const sought = (await seeking.frames()).map(({ md5 }) => md5);
    assert.ok(sought.length >= 230 && sought.length <= 265, `${sought.length} frames`);
    assert.deepEqual(sought, all.slice(-sought.length).map(({ md5 }) => md5));
    server.assertHealthy();
  });
}
