/** Recordings as files over HTTP, from a real server and a real disk. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { Decoder, framesOf, publish, published } from "../support/ffmpeg.ts";
import { TestPage } from "../support/browser.ts";
import { needs } from "../support/programs.ts";
import { startServer } from "../support/server.ts";

/** Runs `use` with a server that has recorded a clip, in this format. */
async function recorded(
  format: "mp4" | "flv",
  use: (url: string, bytes: Uint8Array) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-files-"));
  try {
    await using server = await startServer([
      ...["--record-folder", folder, "--record-streams", "live/*", "--record-format", format],
    ]);
    await using publisher = publish(await clip("av"), server.url("live", "demo"));
    await published(publisher);
    await server.waitForLog("recorded", { name: "demo" });
    const [file] = readdirSync(join(folder, "live", "demo"));
    const bytes = new Uint8Array(readFileSync(join(folder, "live", "demo", file!)));
    await use(`http://127.0.0.1:${server.httpPort}/live/demo/recordings/${file}`, bytes);
    server.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("ffmpeg plays a recording over HTTP, ranges are those of the file, and who takes nothing holds nothing", async () => {
  await recorded("mp4", async (url, bytes) => {
    const whole = await fetch(url);
    assert.deepEqual(new Uint8Array(await whole.arrayBuffer()), bytes);
    const tag = whole.headers.get("ETag")!;
    const part = await fetch(url, { headers: { "Range": "bytes=1000-70000", "If-Range": tag } });
    assert.equal(part.status, 206);
    assert.deepEqual(new Uint8Array(await part.arrayBuffer()), bytes.slice(1000, 70_001));
    const same = await fetch(url, { headers: { "If-None-Match": tag } });
    assert.equal(same.status, 304);
    await same.body?.cancel();
    const head = await fetch(url, { method: "HEAD" });
    assert.equal(Number(head.headers.get("Content-Length")), bytes.length);
    const behind = await fetch(url, { headers: { Range: `bytes=${bytes.length}-` } });
    assert.equal(behind.status, 416);
    await behind.body?.cancel();
    const { hostname, port, pathname } = new URL(url);
    const idle = connect({ host: hostname, port: Number(port) });
    idle.write(`GET ${pathname} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    for (const track of ["v", "a"] as const) {
      const frames = (await framesOf(await clip("av"), track)).map(({ md5 }) => md5);
      await using decoder = new Decoder(url, track);
      assert.deepEqual((await decoder.frames()).map(({ md5 }) => md5), frames);
    }
    idle.destroy();
  });
});

/** What happens in the page; evaluates to what was seen. */
const WATCH = (source: string) =>
  `(async () => {
  const video = document.createElement("video");
  const told = (event) => new Promise((resolve, reject) => {
    video.addEventListener(event, resolve, { once: true });
    video.addEventListener("error", () => reject(new Error(video.error?.message)));
  });
  document.body.append(video);
  video.muted = true;
  video.src = ${JSON.stringify(source)};
  await told("canplay");
  const { duration, videoWidth } = video;
  const sought = told("seeked");
  video.currentTime = 1.5;
  await sought;
  const at = video.currentTime;
  const ended = told("ended");
  await video.play();
  await ended;
  return { duration, videoWidth, at, end: video.currentTime };
})()`;

test(
  ...needs("chromium", "a finished MP4 plays in a browser, and can be sought in it"),
  async () => {
    await recorded("mp4", async (url) => {
      await using view = await TestPage.open(new URL("/", url).href);
      const seen = await view.page.evaluate<Record<string, number>>(WATCH(url));
      const said = JSON.stringify(seen);
      assert.ok(Math.abs(seen.duration! - 2) < 0.1, said);
      assert.equal(seen.videoWidth, 320);
      assert.equal(seen.at, 1.5);
      assert.ok(Math.abs(seen.end! - seen.duration!) < 0.1, said);
    });
  },
);
