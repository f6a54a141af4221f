/**
 * Every codec by HLS: what FFmpeg 9 sent once as Enhanced RTMP is read from the playlists by ffmpeg, picture
 * by picture, and the names of its codecs are held against what a library makes of the media.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ALL_FORMATS, BufferSource, Input } from "mediabunny";
import { decodedOf } from "../support/enhanced.ts";
import { FFMPEG } from "../support/ffmpeg.ts";
import { attributes, type Playlist, readPlaylist } from "../support/hls_validator.ts";
import { TestProcess } from "../support/process.ts";
import { enhancedStream, replay } from "../support/replay.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Sound that a decoder may begin and end with beside what was made (samples): priming, and a last frame. */
const PADDING = 3000;

/** A playlist whose addresses are whole, and where its media playlists are. */
interface Master {
  readonly text: string;
  readonly codecs: readonly string[];
  readonly lists: readonly string[];
}

/** Becomes a viewer of a stream. */
async function master(server: TestServer, name: string): Promise<Master> {
  const url = `http://127.0.0.1:${server.httpPort}/live/${name}/index.m3u8`;
  const answer = await fetch(url);
  const text = (await answer.text()).replaceAll(
    /~[\w-]+\/\S+\.m3u8/g,
    (uri) => `${new URL(uri, url)}`,
  );
  assert.equal(answer.status, 200, text);
  const variant = attributes(/#EXT-X-STREAM-INF:(.*)/.exec(text)![1]!);
  const lists = [...new Set(text.match(/http:[^"\s]+/g))];
  return { text, codecs: variant.get("CODECS")!.split(","), lists };
}

/** The playlist of a stream that is over. */
async function ended(url: string): Promise<Playlist> {
  for (let next = "";;) {
    const list = readPlaylist(await (await fetch(`${url}${next}`)).text());
    if (list.ended) return list;
    next = `?_HLS_msn=${list.mediaSequence + list.segments.length}`;
  }
}

/** The names of the codecs in all that a playlist lists, as a library has them. */
async function codecsIn(url: string): Promise<string[]> {
  const { segments } = await ended(url);
  const uris = [segments[0]!.map!, ...segments.map(({ uri }) => uri!)];
  const parts = await Promise.all(
    uris.map(async (uri) => await (await fetch(new URL(uri, url))).bytes()),
  );
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) });
  const configs = (await input.getTracks()).map((track) => track.getCodecParameterString());
  return (await Promise.all(configs)).map((name) => name!);
}

/** What ffmpeg reads: codecs by its names, pictures, and samples of each track of sound. */
async function decoded({ text }: Master) {
  const path = join(tmpdir(), `sluice-${crypto.randomUUID()}.m3u8`);
  writeFileSync(path, text);
  try {
    const input = ["-protocol_whitelist", "file,http,tcp", "-live_start_index", "0", "-i", path];
    const output = ["-map", "0:v", "-map", "0:a?", "-vsync", "passthrough", "-f", "framemd5", "-"];
    await using ffmpeg = new TestProcess(FFMPEG, ["-hide_banner", "-nostdin", ...input, ...output]);
    const { code, stdout, stderr } = await ffmpeg.ended();
    assert.equal(code, 0, stderr);
    const about = stderr.slice(0, stderr.indexOf("Output #0"));
    const codecs = [...about.matchAll(/Stream #0:\d+.*?: (?:Video|Audio): (\w+)/g)];
    const frames = stdout.split("\n").filter((line) => /^\d+,/.test(line))
      .map((line) => line.split(",").map((field) => field.trim()));
    const sounds = new Map<string, number>();
    for (const [stream, , , samples] of frames) {
      if (stream !== "0") sounds.set(stream!, (sounds.get(stream!) ?? 0) + Number(samples));
    }
    const pictures = frames.filter(([stream]) => stream === "0").map((fields) => fields[5]!);
    for (const [line] of about.matchAll(/Stream #.*Video: hevc.*/g)) {
      assert.match(line, /\((?:hvc1|HEVC) /);
    }
    return { codecs: codecs.map(([, name]) => name!), pictures, sounds: [...sounds.values()] };
  } finally {
    rmSync(path);
  }
}

/** Plays a capture: its first track of pictures, and all of its sound. */
async function plays(
  server: TestServer,
  name: string,
  container: "cmaf" | "mpegts",
): Promise<void> {
  const stream = enhancedStream(name);
  await using publisher = replay(server, name, 0.85);
  await server.waitForLog("packaging", { name: stream });
  const viewer = await master(server, stream);
  publisher.finish();
  const { video, audio } = decodedOf(name);
  // Several tracks of sound are renditions.
  assert.equal(viewer.lists.length, audio.length > 1 ? 1 + audio.length : 1, name);
  await Promise.all(viewer.lists.map((url) => ended(url)));
  const { codecs, pictures, sounds } = await decoded(viewer);
  assert.deepEqual(
    codecs.sort(),
    [video[0]!.codec, ...audio.map(({ codec }) => codec)].sort(),
    name,
  );
  assert.deepEqual(pictures, video[0]!.frames, name);
  assert.equal(sounds.length, audio.length, name);
  for (const [track, { samples }] of audio.entries()) {
    assert.ok(Math.abs(sounds[track]! - samples) <= PADDING, `${name}: ${sounds} of ${samples}`);
  }
  if (container === "mpegts") return;
  const found = new Set((await Promise.all(viewer.lists.map(codecsIn))).flat());
  // The library has one name for H.265 in both ways of keeping parameter sets, and of AV1 and VP9 it says
  // more than has to be said.
  const short = (codec: string) =>
    /^(?:av01|vp09)/.test(codec) ? codec.slice(0, 10) : codec.replace(/^hev1/, "hvc1");
  assert.deepEqual(viewer.codecs.map(short).sort(), [...found].map(short).sort(), name);
}

for (
  const [container, names] of [
    ["cmaf", [
      ...["ff-hevc-aac", "ff-hevc-bframes", "ff-av1-opus", "ff-vp9-opus", "ff-avc-flac"],
      ...["ff-avc-ac3", "ff-avc-mp3-48k", "ff-two-tracks-hevc-opus"],
    ]],
    ["mpegts", ["ff-hevc-bframes", "ff-avc-ac3", "ff-avc-mp3-48k", "ff-two-tracks-avc-aac"]],
  ] as const
) {
  test(`ffmpeg reads every codec by HLS, and the playlist names it: ${container}`, async () => {
    await using server = await startServer(["--hls-mode", "always", "--hls-container", container]);
    await Promise.all(names.map((name) => plays(server, name, container)));
    server.assertHealthy();
  });
}
