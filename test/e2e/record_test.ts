/** Streams recorded as files, by a real server on a real disk. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { random } from "../support/feed.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { startServer } from "../support/server.ts";

/** A folder for recordings that goes with the test. */
class MediaFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), "sluice-record-"));
  readonly args: readonly string[] = ["--record-folder", this.path, "--record-streams", "live/*"];

  /** All files, hidden ones included. */
  files(): string[] {
    return readdirSync(this.path, { recursive: true }).map(String)
      .filter((name) => statSync(join(this.path, name), { throwIfNoEntry: false })?.isFile())
      .sort();
  }

  /** The only file. */
  get only(): string {
    const files = this.files();
    assert.equal(files.length, 1, files.join(" "));
    return join(this.path, files[0]!);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Whether both files show the same, at the same times from their beginning on, to the millisecond. */
async function assertSame(path: string, source: string, track: "v" | "a"): Promise<void> {
  const [frames, expected] = [
    await new Decoder(path, track).frames(),
    await framesOf(source, track),
  ];
  assert.deepEqual(frames.map(({ md5 }) => md5), expected.map(({ md5 }) => md5));
  for (const [index, { time }] of frames.entries()) {
    const wanted = expected[index]!.time - expected[0]!.time;
    assert.ok(Math.abs(time - frames[0]!.time - wanted) <= 1, `frame ${index} at ${time}`);
  }
}

for (
  const [format, name, ...tracks] of [
    ["flv", "av", "v", "a"],
    ["mp4", "bframes", "v", "a"],
    ["flv", "audio", "a"],
  ] as const satisfies readonly ["flv" | "mp4", ClipName, ...("v" | "a")[]][]
) {
  test(`a stream is recorded frame by frame: ${name} as ${format}`, async () => {
    using folder = new MediaFolder();
    await using server = await startServer([...folder.args, "--record-format", format]);
    const path = await clip(name);
    await using publisher = publish(path, server.url("live", name));
    await published(publisher);
    const { properties } = await server.waitForLog("recorded", { app: "live", name });
    assert.match(
      String(properties.file),
      new RegExp(`^live/${name}/\\d{8}T\\d{6}\\.\\d{3}Z\\.${format}$`),
    );
    assert.equal(folder.only, join(folder.path, String(properties.file)));
    for (const track of tracks) {
      await assertSame(folder.only, path, track);
    }
    assert.equal(properties.bytes, statSync(folder.only).size);
    server.assertHealthy();
  });
}

test("only streams that a pattern names are recorded, and the server's end finishes their files", async () => {
  using folder = new MediaFolder();
  await using server = await startServer(folder.args);
  const path = await clip("av");
  const looped = { loop: true, realTime: true };
  await using _one = publish(path, server.url("live", "one"), looped);
  await using _two = publish(path, server.url("other", "two"), looped);
  await server.waitForLog("publishing", { name: "two" });
  await server.waitForLog("recording", { name: "one" });
  const { code } = await server.stop();
  assert.equal(code, 0);
  assert.match(folder.only, /live.one.*\.flv$/);
  await server.waitForLog("recorded", { why: "shutdown" });
  assert.ok((await framesOf(folder.only)).length > 0);
  server.assertHealthy();
});

test("files are cut at key frames, and play by themselves, end to end", async () => {
  using folder = new MediaFolder();
  await using server = await startServer([...folder.args, "--record-segment-ms", "900"]);
  const path = await clip("av");
  await using publisher = publish(path, server.url("live", "demo"));
  await published(publisher);
  await server.waitForLog("recorded", { why: "unpublished" });
  // The first one may be finished behind the last one.
  const files = await until(() => {
    const files = folder.files();
    return Promise.resolve(files.every((file) => file.endsWith(".flv")) && files);
  }, "all files are finished");
  assert.equal(files.length, 2);
  const played: string[] = [];
  for (const file of files) {
    const frames = await framesOf(join(folder.path, file));
    assert.equal(frames.length, 25);
    played.push(...frames.map(({ md5 }) => md5));
  }
  assert.deepEqual(played, (await framesOf(path)).map(({ md5 }) => md5));
  server.assertHealthy();
});

test("whenever the server is killed, the next start leaves files that play without an error", async () => {
  using folder = new MediaFolder();
  const next = random(Date.now());
  const path = await clip("av");
  const seen = new Set<string>();
  for (let round = 0; round < 3; round++) {
    await using server = await startServer(folder.args);
    await using publisher = publish(path, server.url("live", "demo"), {
      loop: true,
      realTime: true,
    });
    await server.waitForLog("recording");
    const wanted = 20_000 + next() * 60_000;
    // Not one of a round before, which may not be mended yet.
    const hidden = await until(
      () =>
        Promise.resolve(
          folder.files().find((name) =>
            name.endsWith(".part") && !seen.has(name) && size(folder, name) > wanted
          ),
        ),
      "enough is recorded",
    );
    seen.add(hidden);
    await server.kill();
    await publisher.kill();
    // Hidden, it plays as it is: with no error but at a cut end.
    await using decoder = new Decoder(join(folder.path, hidden));
    const { stdout, stderr } = await decoder.ended();
    assert.match(stdout, /^0,/m, `${hidden}: ${stderr}`);
  }
  await using server = await startServer(folder.args);
  await server.waitForLog("recording mended");
  await until(
    () => Promise.resolve(!folder.files().some((name) => name.endsWith(".part"))),
    "every file is mended",
  );
  for (const file of folder.files()) {
    assert.ok((await framesOf(join(folder.path, file))).length > 0);
  }
  server.assertHealthy();
});

function size(folder: MediaFolder, name: string): number {
  // What is mended meanwhile has another name.
  return statSync(join(folder.path, name), { throwIfNoEntry: false })?.size ?? 0;
}

test("a folder that cannot be written to costs the recording, not the stream", async () => {
  using folder = new MediaFolder();
  mkdirSync(join(folder.path, "live"));
  writeFileSync(join(folder.path, "live", "demo"), "a file where the folder has to be");
  await using server = await startServer(folder.args);
  const path = await clip("av");
  await using player = new Decoder(server.url("live", "demo"));
  await using publisher = publish(path, server.url("live", "demo"), { realTime: true });
  const { level } = await server.waitForLog("recording failed", { stream: "live/demo" });
  assert.equal(level, "warning");
  await published(publisher);
  assert.equal((await player.frames()).length, 50);
  server.assertHealthy();
});
