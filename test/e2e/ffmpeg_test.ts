import assert from "node:assert/strict";
import { test } from "node:test";
import { clip, type ClipName } from "../support/clips.ts";
import { Decoder, FFMPEG, framesOf, publish, published } from "../support/ffmpeg.ts";
import { sharedServer } from "../support/server.ts";

/** Each clip, the tracks it has, and what is special about it. */
const CLIPS: readonly [name: ClipName, tracks: ("v" | "a")[], what: string][] = [
  ["av", ["v", "a"], "video and audio"],
  ["bframes", ["v", "a"], "video with B-frames and audio"],
  ["video", ["v"], "video alone"],
  ["audio", ["a"], "audio alone"],
];

for (const [name, tracks, what] of CLIPS) {
  test(`ffmpeg plays exactly the frames that ffmpeg publishes: ${what}`, async () => {
    const server = await sharedServer();
    const path = await clip(name);
    for (const track of tracks) {
      const stream = `ffmpeg-${name}-${track}`;
      const url = server.url("live", stream);
      await using player = new Decoder(url, track, [], FFMPEG);
      await server.playRequested("live", stream);
      await using publisher = publish(path, url);
      await published(publisher);
      const [played, source] = [await player.frames(), await framesOf(path, track, FFMPEG)];
      assert.ok(source.length >= 50, `${source.length} frames`);
      assert.deepEqual(played.map(({ md5 }) => md5), source.map(({ md5 }) => md5));
      const offset = played[0]!.time - source[0]!.time;
      for (const [index, { time }] of played.entries()) {
        // Both are cut to whole milliseconds.
        assert.ok(Math.abs(time - source[index]!.time - offset) <= 2, `frame ${index} at ${time}`);
      }
    }
    server.assertHealthy();
  });
}
