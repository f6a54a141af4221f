/** HLS of a real server, polled by the rules and read by players that know nothing of this server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { publish } from "../support/ffmpeg.ts";
import { sized } from "../support/figure.ts";
import { ffmpegReads, gstreamerPlays, vlcReads } from "../support/hls_players.ts";
import { PlaylistWatch, readPlaylist } from "../support/hls_validator.ts";
import { needs } from "../support/programs.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** How long players read (s): two minutes in the full form. */
const READ_S = sized(3, 120);

/** Versions of the playlist that are polled, and how long parts are (ms): in the full form one frame. */
const POLLS = sized(20, 10_000);
const PART_MS = sized(300, 50);

async function live(args: readonly string[] = []) {
  const server = await startServer(["--hls-mode", "always", ...args]);
  const publisher = publish(await clip("bframes"), server.url("live", "demo"), {
    loop: true,
    realTime: true,
  });
  await server.waitForLog("packaging");
  return {
    server,
    url: indexOf(server),
    [Symbol.asyncDispose]: async () => {
      await publisher[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

function indexOf(server: TestServer): string {
  return `http://127.0.0.1:${server.httpPort}/live/demo/index.m3u8`;
}

test("W5: every version of a real playlist keeps to the rules, every hint comes true, and deltas give the list", async () => {
  await using stream = await live(["--hls-part-ms", String(PART_MS)]);
  const master = await (await fetch(stream.url)).text();
  assert.match(master, /BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,CODECS="avc1\.\w{6},mp4a\.40\.2"/);
  assert.match(master, /RESOLUTION=320x240,FRAME-RATE=25\.\d+/);
  const list = new URL(/\n(~.*\.m3u8)\n/.exec(master)![1]!, stream.url);
  const watch = new PlaylistWatch();
  let query = "";
  while (watch.polls < POLLS) {
    const whole = await (await fetch(`${list}${query}`)).text();
    const { segments, open, mediaSequence, hint } = watch.see(whole);
    const part = await fetch(new URL(hint!, list));
    assert.equal(part.status, 200, `the hint of ${hint} comes true`);
    assert.ok((await part.arrayBuffer()).byteLength > 100);
    const msn = mediaSequence + segments.length;
    query = `?_HLS_msn=${msn}&_HLS_part=${open?.parts.length ?? 0}`;
    if (watch.polls % 5 === 0) {
      const delta = await (await fetch(`${list}${query}&_HLS_skip=YES`)).text();
      assert.ok(readPlaylist(delta).hint !== undefined);
    }
  }
  watch.assertHintsCameTrue();
  stream.server.assertHealthy();
});

for (const container of ["cmaf", "mpegts"]) {
  test(`W4: ffmpeg reads HLS without a warning: ${container}`, async () => {
    await using stream = await live(["--hls-container", container]);
    await ffmpegReads(stream.url, READ_S);
    stream.server.assertHealthy();
  });

  test(...needs("gstHls", `W4: GStreamer shows HLS without a warning: ${container}`), async () => {
    await using stream = await live(["--hls-container", container]);
    // hlsdemux shows MP4 when it has played for as long as the stream has lasted, whoever serves it.
    await Promise.all([
      gstreamerPlays("playbin3", stream.url, READ_S),
      gstreamerPlays("playbin", stream.url, READ_S, container === "mpegts"),
    ]);
    stream.server.assertHealthy();
  });

  test(...needs("vlc", `W4: VLC reads HLS without a warning: ${container}`), async () => {
    await using stream = await live(["--hls-container", container]);
    await vlcReads(stream.url, READ_S);
    stream.server.assertHealthy();
  });
}
