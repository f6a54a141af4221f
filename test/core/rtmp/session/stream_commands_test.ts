/** Commands of a NetStream [RTMP 1.0 §7.2.2]: what is answered, on which stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../../src/core/amf/mod.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

test("publish is answered with StreamBegin and Publish.Start on its stream, with the id 0", () => {
  const peer = new SessionPeer().withStreams();
  peer.command(1, "publish", 3, null, "test", "live");
  assert.deepEqual(peer.take(), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Publish.Start",
  ]);
  assert.equal(peer.session.streams.get(1)!.state, "publishing");
});

test("the publish type may have any case, be unknown or be missing", () => {
  const types = [
    ["record", "record"],
    ["APPEND", "append"],
    ["LIVE", "live"],
    ["anything", "live"],
    [undefined, "live"],
    [7, "live"],
  ] as const;
  for (const [sent, seen] of types) {
    const peer = new SessionPeer().withStreams();
    peer.takeEvents();
    peer.command(1, "publish", 3, null, "test", sent);
    assert.deepEqual(peer.takeEvents(), [`publish 1 live/test ${seen}`]);
  }
});

test("play is answered with StreamBegin, Play.Reset, Play.Start and sample access", () => {
  const peer = new SessionPeer().withStreams();
  peer.command(1, "play", 3, null, "test", -2000);
  assert.deepEqual(peer.take(), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Play.Reset",
    "1 onStatus 0 null status:NetStream.Play.Start",
    "1 data |RtmpSampleAccess true true",
  ]);
});

test("play without reset leaves Play.Reset out", () => {
  for (const reset of [false, 0]) {
    const peer = new SessionPeer().withStreams();
    peer.command(1, "play", 3, null, "test", -2, -1, reset);
    assert.deepEqual(peer.take(), [
      "streamBegin 1",
      "1 onStatus 0 null status:NetStream.Play.Start",
      "1 data |RtmpSampleAccess true true",
    ]);
  }
});

test("a play that is accepted says nothing until it starts", () => {
  const peer = new SessionPeer().withStreams();
  peer.startsPlays = false;
  peer.command(1, "play", 3, null, "test");
  assert.deepEqual(peer.take(), []);
  peer.session.startPlay(peer.session.streams.get(1)!);
  assert.equal(peer.take().length, 4);
  peer.session.startPlay(peer.session.streams.get(1)!);
  assert.deepEqual(peer.take(), [], "it starts once");
});

test("play's start means live, any, or a second to start from, whatever the unit", () => {
  const starts = [
    [-1, "live"],
    [-1000, "live"],
    [-2, "any"],
    [-2000, "any"],
    [undefined, "any"],
    ["-2000", "any"],
    [NaN, "any"],
    [Infinity, "any"],
    [-Infinity, "any"],
    [0, 0],
    [12.5, 12.5],
  ] as const;
  for (const [sent, seen] of starts) {
    const peer = new SessionPeer().withStreams();
    peer.command(1, "play", 3, null, "test", sent);
    assert.equal(peer.playRequest!.start, seen, `start ${sent}`);
  }
});

test("a play without its stream is an error on the message stream it came on", () => {
  const peer = new SessionPeer().withStreams(2);
  for (const name of ["publish", "play", "pause", "receiveAudio", "receiveVideo"]) {
    peer.command(9, name, 7, null, name === "pause" ? true : "test");
    assert.deepEqual(peer.take(), ["9 _error 7 null error:NetStream.Failed"], name);
    peer.command(9, name, 0, null, "test");
    assert.deepEqual(peer.take(), [], `${name} without an id`);
  }
});

test("a command on message stream 0 means the only stream there is", () => {
  const peer = new SessionPeer().withStreams();
  peer.takeEvents();
  peer.command(0, "publish", 3, null, "test");
  assert.deepEqual(peer.takeEvents(), ["publish 1 live/test live"]);
  assert.equal(peer.take()[1], "1 onStatus 0 null status:NetStream.Publish.Start");
});

test("a name that is not allowed is BadName for publish and StreamNotFound for play", () => {
  for (const name of ["..", "a/./b", "\u0000", "a\\b", "x".repeat(1025), "a/b/c/d"]) {
    const peer = new SessionPeer().withStreams();
    peer.takeEvents();
    peer.command(1, "publish", 3, null, name);
    peer.command(1, "play", 4, null, name);
    peer.command(1, "play2", 5, null, amfObject({ streamName: name }));
    assert.deepEqual(peer.take(), [
      "1 onStatus 0 null error:NetStream.Publish.BadName",
      "1 onStatus 0 null error:NetStream.Play.StreamNotFound",
      "1 onStatus 0 null error:NetStream.Play.StreamNotFound",
    ]);
    assert.deepEqual(peer.takeEvents(), [], "the owner is not asked");
  }
});

test("a second publish on the same stream ends the first once it is let in", () => {
  const peer = new SessionPeer().publishing();
  peer.command(1, "publish", 5, null, "again");
  assert.deepEqual(peer.takeEvents(), ["publish 1 live/again live", "unpublish 1 test"]);
  assert.deepEqual(peer.take(), [
    "1 onStatus 0 null status:NetStream.Unpublish.Success",
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Publish.Start",
  ]);
});

test("a stream may play after it published, and publish after it played", () => {
  const peer = new SessionPeer().publishing();
  peer.command(1, "play", 5, null, "other");
  peer.command(1, "publish", 6, null, "test");
  assert.deepEqual(peer.takeEvents(), [
    "play 1 live/other any",
    "unpublish 1 test",
    "publish 1 live/test live",
    "stop 1 other",
  ]);
});

test("publish(false) and play(false) of ActionScript mean stop", () => {
  const publisher = new SessionPeer().publishing();
  publisher.command(1, "publish", 0, null, false);
  assert.deepEqual(publisher.takeEvents(), ["unpublish 1 test"]);
  const player = new SessionPeer().playing();
  player.command(1, "play", 0, null, false);
  assert.deepEqual(player.takeEvents(), ["stop 1 test"]);
  assert.deepEqual(publisher.take(), ["1 onStatus 0 null status:NetStream.Unpublish.Success"]);
  assert.deepEqual(player.take(), ["streamEof 1", "1 onStatus 0 null status:NetStream.Play.Stop"]);
});

test("pause and pauseRaw are answered with Pause.Notify and StreamEOF, or Unpause and StreamBegin", () => {
  for (const name of ["pause", "pauseRaw"]) {
    const peer = new SessionPeer().playing();
    peer.command(1, name, 0, null, true, 1000);
    assert.deepEqual(peer.take(), [
      "1 onStatus 0 null status:NetStream.Pause.Notify",
      "streamEof 1",
    ]);
    peer.command(1, name, 0, null, false, 1000);
    assert.deepEqual(peer.take(), [
      "1 onStatus 0 null status:NetStream.Unpause.Notify",
      "streamBegin 1",
    ]);
    assert.deepEqual(peer.takeEvents(), ["pause 1", "resume 1"]);
  }
});

test("pause twice is answered twice and happens once; without a flag it toggles", () => {
  const peer = new SessionPeer().playing();
  peer.command(1, "pause", 0, null, true);
  peer.command(1, "pause", 0, null, true);
  assert.equal(peer.take().length, 4);
  peer.command(1, "pause", 0, null);
  peer.command(1, "pause", 0, null, null);
  peer.command(1, "pause", 0, null, 0);
  assert.deepEqual(peer.takeEvents(), ["pause 1", "resume 1", "pause 1", "resume 1"]);
});

test("seek on a live stream is answered with Seek.Notify, and the owner begins anew", () => {
  const peer = new SessionPeer().playing();
  for (const to of [5000, 0, -1, 1e12]) {
    peer.command(1, "seek", 0, null, to);
    assert.deepEqual(peer.take(), ["1 onStatus 0 null status:NetStream.Seek.Notify"]);
    assert.deepEqual(peer.takeEvents(), ["seek 1"]);
  }
});

test("seek to what is no position fails, for its caller and as a status of the stream", () => {
  for (const to of ["5000", NaN, Infinity, null, undefined, true]) {
    const peer = new SessionPeer().playing();
    peer.command(1, "seek", 8, null, to);
    peer.command(1, "seek", 0, null, to);
    assert.deepEqual(peer.take(), [
      "1 _error 8 null error:NetStream.Seek.Failed",
      "1 onStatus 0 null error:NetStream.Seek.Failed",
      "1 onStatus 0 null error:NetStream.Seek.Failed",
    ]);
    assert.deepEqual(peer.takeEvents(), [], "and it plays on");
  }
});

test("seek of what waits is noted, and of what plays nothing is an error", () => {
  const waiting = new SessionPeer().withStreams();
  waiting.startsPlays = false;
  waiting.command(1, "play", 0, null, "test");
  waiting.takeEvents();
  waiting.command(1, "seek", 0, null, 2000);
  assert.deepEqual(waiting.take(), ["1 onStatus 0 null status:NetStream.Seek.Notify"]);
  assert.deepEqual(waiting.takeEvents(), []);
  const publisher = new SessionPeer().publishing();
  publisher.command(1, "seek", 8, null, 2000);
  assert.deepEqual(publisher.take(), ["1 _error 8 null error:NetStream.Failed"]);
});

test("receiveAudio and receiveVideo false are obeyed without a word, true with Seek and Start", () => {
  for (const kind of ["Audio", "Video"]) {
    const peer = new SessionPeer().playing();
    const seen = (on: boolean) =>
      `receive 1 audio ${kind !== "Audio" || on} video ${kind !== "Video" || on}`;
    peer.command(1, `receive${kind}`, 0, null, false);
    assert.deepEqual(peer.take(), []);
    assert.deepEqual(peer.takeEvents(), [seen(false)]);
    peer.command(1, `receive${kind}`, 0, null, true);
    peer.command(1, `receive${kind}`, 0, null, true);
    assert.deepEqual(peer.take(), [
      "1 onStatus 0 null status:NetStream.Seek.Notify",
      "1 onStatus 0 null status:NetStream.Play.Start",
      "1 onStatus 0 null status:NetStream.Seek.Notify",
      "1 onStatus 0 null status:NetStream.Play.Start",
    ]);
    assert.deepEqual(peer.takeEvents(), [seen(true)], "told once, as it changed once");
  }
});

test("receiveAudio and receiveVideo before play hold for that play", () => {
  for (
    const [name, audio, video] of [
      ["receiveAudio", false, true],
      ["receiveVideo", true, false],
    ] as const
  ) {
    const peer = new SessionPeer().withStreams();
    peer.command(1, name, 4, null, false);
    assert.deepEqual(peer.take(), []);
    peer.command(1, "play", 0, null, "test");
    const { receiveAudio, receiveVideo } = peer.session.streams.get(1)!;
    assert.deepEqual([receiveAudio, receiveVideo], [audio, video]);
  }
});

test("pause and receiveAudio of a publisher are errors", () => {
  const peer = new SessionPeer().publishing();
  peer.command(1, "pause", 7, null, true);
  peer.command(1, "receiveAudio", 8, null, false);
  assert.deepEqual(peer.take(), [
    "1 _error 7 null error:NetStream.Failed",
    "1 _error 8 null error:NetStream.Failed",
  ]);
});
