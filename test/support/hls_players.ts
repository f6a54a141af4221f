/**
 * Players of HLS that know nothing of this server, and whether they are content with what they read.
 *
 * @module
 */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { FFMPEG, framesOf } from "./ffmpeg.ts";
import { TestProcess } from "./process.ts";

/** Frames of the clips in a second. */
const RATE = 25;

/** How long a player may take beside what it plays (ms). */
const SPARE_MS = 60_000;

/**
 * ffmpeg 5 says so whenever it has read a playlist again, of every live playlist with an `EXT-X-MAP`,
 * those that it wrote itself included: it fetches the map anew, into the reader that has it.
 */
const MAP_AGAIN =
  /^(?:\[.*\] Found duplicated MOOV Atom\. Skipped it|\s+Last message repeated .*)$/;

/** Lets ffmpeg read so many seconds; it may not say a word, but for {@link MAP_AGAIN}. */
export async function ffmpegReads(url: string, seconds: number): Promise<void> {
  const input = ["-v", "warning", "-nostdin", "-i", url, "-t", String(seconds)];
  await using player = new TestProcess(FFMPEG, [...input, "-f", "null", "-"]);
  const { code, stderr } = await player.ended(seconds * 1000 + SPARE_MS);
  const said = stderr.split("\n").filter((line) => line !== "" && !MAP_AGAIN.test(line));
  assert.deepEqual([code, said], [0, []]);
}

/**
 * Lets GStreamer play until it has shown the pictures of so many seconds, without a warning of the
 * pipeline.
 *
 * @param element `playbin3`, which reads HLS with hlsdemux2, or `playbin`, which does with hlsdemux
 * @param sync whether pictures are shown at their times, and not as they come
 */
export async function gstreamerPlays(
  element: "playbin3" | "playbin",
  url: string,
  seconds: number,
  sync = true,
): Promise<void> {
  const sink = (name: string) => `${name}-sink=fakesink silent=${name !== "video"} sync=${sync}`;
  const args = ["-v", element, `uri=${url}`, sink("video"), sink("audio")];
  await using player = new TestProcess("gst-launch-1.0", args);
  let pictures = 0;
  await player.waitForLine(
    (line) => line.includes("chain ") && ++pictures >= seconds * RATE ? true : undefined,
    `${element} shows ${seconds} s`,
    seconds * 1000 + SPARE_MS,
  );
  assert.deepEqual(player.lines.filter((line) => /WARN|ERROR/.test(line)), []);
}

/**
 * What VLC 3 says of itself where there is neither screen nor sound, and of every fragmented MP4: it looks
 * for the samples in the header.
 */
const VLC_SAYS = new RegExp([
  "XDG_RUNTIME_DIR .* is not owned by us|interface (?:error|:)|libvlc error: interface|interface: using the dummy|vlcpulse|idummy demux",
  "mp4 demux warning: (?:no chunk defined|STTS table of 0 entries|that media doesn't look inter)",
  "mp4 demux: Fragment sequence discontinuity detected \\d+ != 0$",
  "adaptive demux: Changing stream format Unknown ->|mpeg4audio decoder: AAC channels",
  "mux warning: no more input streams|VLC media player|Running vlc|--no-color",
].join("|"));

/** Lets VLC copy so many seconds into a file, without a warning, and looks at the pictures in it. */
export async function vlcReads(url: string, seconds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-vlc-"));
  // It refuses to be root, as who runs the tests may be.
  chmodSync(folder, 0o777);
  const file = join(folder, "out.ts");
  const vlc = [
    ...["vlc", "-I", "dummy", "-v", "--no-color", "--no-dbus", "--run-time", String(seconds)],
    ...["--sout", `#standard{access=file,mux=ts,dst=${file}}`, url, "vlc://quit"],
  ];
  const other = process.getuid?.() === 0 ? ["setpriv", "--reuid", "nobody", "--clear-groups"] : [];
  const [program, ...args] = [...other, ...vlc];
  try {
    const env = { HOME: folder, XDG_RUNTIME_DIR: folder, DISPLAY: undefined };
    await using player = new TestProcess(program!, args, { env, cwd: folder });
    const { code } = await player.ended(seconds * 1000 + SPARE_MS);
    const said = player.lines.filter((line) => line !== "" && !VLC_SAYS.test(line));
    assert.deepEqual([code, said], [0, []], player.describe());
    const pictures = (await framesOf(file)).length;
    assert.ok(pictures >= 0.9 * seconds * RATE, `${pictures} pictures in ${seconds} s`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
