/** Real clients, replayed: whatever the cut of their bytes, the session sees the same. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { capture, captureNames } from "../../../support/captures.ts";
import { feedings } from "../../../support/feed.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

interface Replay {
  readonly events: string[];
  readonly replies: string[];
  readonly peer: SessionPeer;
}

/** What comes of these segments; each is overwritten once it was read. */
function replay(segments: readonly Uint8Array[]): Replay {
  const peer = new SessionPeer();
  // The capture speaks for the client.
  peer.recorded = [];
  for (const segment of segments) {
    peer.session.receive(segment);
    segment.fill(0xee);
  }
  return { events: peer.events, replies: peer.take(), peer };
}

const isMedia = (event: string) => event.startsWith("media ") || event.startsWith("set ");

/** Events of every capture, all media but its metadata left out, and how much media there is. */
const EXPECTED: Record<string, { events: string[]; media: number; set: number }> = {
  ...Object.fromEntries(
    [
      ["ffmpeg-publish", 78, 1],
      ["ffmpeg-publish-query", 17, 1],
      ["gst-rtmp2sink-publish", 76, 17],
      ["gst-rtmpsink-publish", 76, 17],
    ].map(([name, media, set]) => [name, {
      events: ["connect live", "publish 1 live/test live", "unpublish 1 test"],
      media: Number(media),
      set: Number(set),
    }]),
  ),
  ...Object.fromEntries(
    [
      ["curl-play", "0", true],
      ["ffmpeg-play", "any", true],
      ["gst-rtmp2src-play", "any", false],
      ["gst-rtmpsrc-play", "live", true],
      ["rtmpdump-play", "live", true],
      ["rtmpdump-play-recorded", "0", true],
      ["rtmpdump-swf-play", "live", true],
    ].map(([name, start, stops]) => [name, {
      events: ["connect live", `play 1 live/src ${start}`, ...(stops ? ["stop 1 src"] : [])],
      media: 0,
      set: 0,
    }]),
  ),
};

test("there is an expectation for every capture", () => {
  assert.deepEqual(captureNames("c2s"), Object.keys(EXPECTED).sort());
});

for (const name of captureNames("c2s")) {
  test(`${name} means the same whole, byte by byte and in random cuts`, () => {
    const bytes = capture(name, "c2s");
    const whole = replay([bytes.slice()]);
    for (const segments of feedings(bytes, 7)) {
      const { events, replies } = replay(segments);
      assert.deepEqual(events, whole.events, `in ${segments.length} segments`);
      assert.deepEqual(replies, whole.replies, `in ${segments.length} segments`);
    }
    const { events, media, set } = EXPECTED[name]!;
    assert.deepEqual(whole.events.filter((event) => !isMedia(event)), events);
    assert.equal(whole.events.filter((event) => event.startsWith("media ")).length, media);
    assert.equal(whole.events.filter((event) => event.startsWith("set 1 onMetaData")).length, set);
    assert.equal(whole.peer.session.strayMessages, 0);
    assert.equal(whole.peer.session.error, undefined);
    assert.equal(whole.peer.session.bytesIn, bytes.length);
  });
}

test("the query of a publish reaches the owner decoded once", () => {
  const { peer } = replay([capture("ffmpeg-publish-query", "c2s")]);
  assert.deepEqual(Object.fromEntries(peer.publishRequest!.query), { user: "u", pass: "p q" });
});

test("the whole conversation with FFmpeg's publisher", () => {
  const { replies } = replay([capture("ffmpeg-publish", "c2s")]);
  assert.deepEqual(replies.slice(5), [
    "0 _result 2 null undefined",
    "0 _result 3 null undefined",
    "0 onFCPublish 0 null status:NetStream.Publish.Start",
    "0 _result 4 null 1",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Publish.Start",
    "0 onFCUnpublish 0 null status:NetStream.Unpublish.Success",
    "0 _result 6 null undefined",
    "1 onStatus 0 null status:NetStream.Unpublish.Success",
  ]);
});

test("the whole conversation with rtmpdump's player", () => {
  const { replies, peer } = replay([capture("rtmpdump-play", "c2s")]);
  assert.deepEqual(replies.slice(5), [
    "0 _result 2 null 1",
    "0 _result 3 null undefined",
    "0 onFCSubscribe 0 null status:NetStream.Play.Start",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.Reset",
    "1 onStatus 0 null status:NetStream.Play.Start",
    "1 data |RtmpSampleAccess true true",
    "streamEof 1",
    "1 onStatus 0 null status:NetStream.Play.Stop",
  ]);
  assert.equal(peer.session.streams.size, 0, "deleteStream came");
});

test("GStreamer's deleteStream, which names the stream, leaves no NetStream behind", () => {
  const { peer } = replay([capture("gst-rtmp2sink-publish", "c2s")]);
  assert.equal(peer.session.streams.size, 0);
});
