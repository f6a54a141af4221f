import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, type AmfValue } from "../../../../src/core/amf/mod.ts";
import { ConnectQuery } from "../../../../src/core/rtmp/stream_name.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_PLAYLIST = 16;
const MAX_PLAYLIST_CHARACTERS = 65_536;

const STARTED = [
  "streamBegin 1",
  "1 onStatus 0 null status:NetStream.Play.Transition",
  "1 onStatus 0 null status:NetStream.Play.Start",
  "1 data |RtmpSampleAccess true true",
];

const STOPPED = ["streamEof 1", "1 onStatus 0 null status:NetStream.Play.Stop"];

function play2(peer: SessionPeer, streamName: AmfValue, transition?: AmfValue): void {
  const more = transition === undefined ? {} : { transition };
  peer.command(1, "play2", 4, null, amfObject({ streamName, oldStreamName: "test", ...more }));
}

function playing(): SessionPeer {
  const peer = new SessionPeer().playing();
  peer.take();
  peer.takeEvents();
  return peer;
}

test("play2 without a transition, or with one nobody knows, plays at once", () => {
  for (const transition of [undefined, null, "resume", "constructor", "__proto__", 5]) {
    const peer = playing();
    play2(peer, "other", transition);
    assert.deepEqual(peer.takeEvents(), ["play 1 live/other any", "stop 1 test"]);
    assert.deepEqual(peer.take(), [...STOPPED, ...STARTED]);
  }
});

test("switch and swap let the present stream go on until the other can begin", () => {
  for (const transition of ["switch", "swap"]) {
    const peer = playing();
    const stream = peer.session.streams.get(1)!;
    play2(peer, "other", transition);
    assert.deepEqual(peer.takeEvents(), ["switch 1 to live/other"]);
    assert.deepEqual(peer.take(), ["1 onStatus 0 null status:NetStream.Play.Transition"]);
    assert.equal(stream.path!.name, "test");
    peer.session.completeSwitch(stream, { app: "live", name: "other" });
    assert.deepEqual(peer.take(), ["1 onStatus 0 null status:NetStream.Play.TransitionComplete"]);
    assert.equal(stream.path!.name, "other");
    assert.equal(stream.state, "playing");
  }
});

test("nothing is read until a switch is decided, and one that is refused changes nothing", () => {
  const peer = playing();
  peer.answers.play = "hold";
  play2(peer, "other", "switch");
  peer.command(1, "pause", 5, null, true);
  assert.deepEqual(peer.takeEvents(), ["switch 1 to live/other"]);
  const stream = peer.session.streams.get(1)!;
  peer.session.rejectSwitch(stream, "StreamNotFound", "no");
  assert.deepEqual(peer.takeEvents(), ["pause 1"]);
  assert.equal(peer.take()[0], "1 onStatus 0 null error:NetStream.Play.StreamNotFound");
  assert.equal(stream.path!.name, "test");
});

test("a switch that fails is told, unless what was played is over", () => {
  const peer = playing();
  play2(peer, "other", "switch");
  peer.take();
  const stream = peer.session.streams.get(1)!;
  peer.session.failSwitch(stream, "StreamNotFound", "no");
  assert.deepEqual(peer.take(), ["1 onStatus 0 null error:NetStream.Play.StreamNotFound"]);
  peer.session.failSwitch(stream, "Failed", "no");
  assert.deepEqual(peer.take(), ["1 onStatus 0 null error:NetStream.Play.Failed"]);
  peer.command(1, "closeStream", 0, null);
  peer.take();
  peer.session.failSwitch(stream, "Failed", "no");
  assert.deepEqual(peer.take(), []);
});

test("switch on a NetStream that plays nothing plays at once", () => {
  const peer = new SessionPeer().withStreams();
  peer.take();
  peer.takeEvents();
  play2(peer, "other", "switch");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/other any"]);
  assert.deepEqual(peer.take(), STARTED);
});

test("reset plays at once, says so, and forgets what was appended", () => {
  const peer = playing();
  play2(peer, "later", "append");
  play2(peer, "other", "reset");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/other any", "stop 1 test"]);
  assert.equal(peer.take()[4], "1 onStatus 0 null status:NetStream.Play.Reset");
  assert.equal(peer.session.streams.get(1)!.playlist.length, 0);
});

test("stop ends the play, and what was appended with it", () => {
  const peer = playing();
  play2(peer, "later", "append");
  play2(peer, "test", "stop");
  assert.deepEqual(peer.takeEvents(), ["stop 1 test"]);
  assert.deepEqual(peer.take(), STOPPED);
  play2(peer, "test", "stop");
  assert.deepEqual(peer.take(), [], "there is nothing to stop");
});

test("what is appended plays when the present stream is over, one after the other", () => {
  const peer = playing();
  play2(peer, "second", "append");
  peer.command(1, "play", 5, null, "third", -1, -1, false);
  assert.deepEqual(peer.takeEvents(), [], "not before");
  const stream = peer.session.streams.get(1)!;
  peer.session.endPlay(stream, "over");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/second any"]);
  assert.deepEqual(peer.take(), ["1 onStatus 0 null status:NetStream.Play.Switch", ...STARTED]);
  peer.session.endPlay(stream, "over");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/third live"]);
  peer.take();
  peer.session.endPlay(stream, "over");
  assert.deepEqual(peer.take(), [
    "1 onStatus 0 null status:NetStream.Play.UnpublishNotify",
    "streamEof 1",
    "1 onStatus 0 null status:NetStream.Play.Stop",
  ]);
});

test("when one of a playlist is refused, the next one plays", () => {
  const peer = playing();
  play2(peer, "second", "append");
  play2(peer, "third", "append");
  const stream = peer.session.streams.get(1)!;
  peer.answers.play = "hold";
  peer.session.endPlay(stream, "over");
  peer.answers.play = "accept";
  peer.take();
  peer.session.rejectPlay(stream, "StreamNotFound", "no");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/second any", "play 1 live/third any"]);
  assert.deepEqual(peer.take(), [
    "1 onStatus 0 null error:NetStream.Play.StreamNotFound",
    ...STARTED,
  ]);
  peer.command(1, "pause", 5, null, true);
  assert.deepEqual(peer.takeEvents(), ["pause 1"], "it reads on");
});

test("when one of a playlist is given up that waited for its stream, the next one plays", () => {
  const peer = playing();
  play2(peer, "second", "append");
  play2(peer, "third", "append");
  const stream = peer.session.streams.get(1)!;
  peer.startsPlays = false;
  peer.session.endPlay(stream, "over");
  peer.take();
  peer.startsPlays = true;
  peer.session.giveUpPlay(stream, "StreamNotFound", "Nobody came.");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/second any", "play 1 live/third any"]);
  assert.deepEqual(peer.take(), [
    "1 onStatus 0 null error:NetStream.Play.StreamNotFound",
    ...STARTED,
  ]);
  assert.equal(stream.state, "playing");
});

test("appendAndWait waits for an append", () => {
  const peer = new SessionPeer().withStreams();
  peer.take();
  peer.takeEvents();
  play2(peer, "first", "appendAndWait");
  assert.deepEqual(peer.takeEvents(), []);
  play2(peer, "second", "append");
  assert.deepEqual(peer.takeEvents(), ["play 1 live/first any"]);
  assert.equal(peer.session.streams.get(1)!.playlist.length, 1);
});

test("a playlist is bounded, and over the bound the client is told", () => {
  const peer = playing();
  for (let count = 0; count < MAX_PLAYLIST; count++) play2(peer, `s${count}`, "append");
  assert.deepEqual(peer.take(), []);
  play2(peer, "more", "append");
  assert.deepEqual(peer.take(), ["1 onStatus 0 null error:NetStream.Play.Failed"]);
  assert.equal(peer.session.streams.get(1)!.playlist.length, MAX_PLAYLIST);
  assert.equal(MAX_PLAYLIST, 16, "as the client is told");
});

test("a name that cannot be played changes nothing, whatever the transition", () => {
  for (const transition of ["switch", "swap", "append", "reset", undefined, "resume"]) {
    const peer = playing();
    play2(peer, "..", transition);
    assert.deepEqual(peer.takeEvents(), []);
    assert.deepEqual(peer.take(), ["1 onStatus 0 null error:NetStream.Play.StreamNotFound"]);
  }
});

test("what waits in playlists keeps the text of its parameters only, so many characters of it", () => {
  const peer = playing();
  const stream = peer.session.streams.get(1)!;
  const query = `key=${"v".repeat(8000)}`;
  for (let index = 0; index < 10; index++) play2(peer, `next?${query}`, "append");
  assert.equal(stream.playlist.length, Math.floor(MAX_PLAYLIST_CHARACTERS / 8009));
  const [first] = stream.playlist;
  assert.equal(typeof Object.getOwnPropertyDescriptor(first, "query")?.get, "function");
  assert.equal(first!.query.get("key")?.length, 4096 - "key=".length, "as much as is looked at");
});

test("parameters are read when they are asked for, and once: what only waits costs its text", () => {
  const peer = playing();
  const { with: read } = ConnectQuery.prototype;
  let reads = 0;
  ConnectQuery.prototype.with = function (name) {
    reads++;
    return read.call(this, name);
  };
  try {
    for (let index = 0; index < MAX_PLAYLIST + 5; index++) {
      play2(peer, "next?key=1", index % 2 === 0 ? "append" : "appendAndWait");
    }
    assert.equal(reads, 0);
    const [first] = peer.session.streams.get(1)!.playlist;
    assert.equal(first!.query.get("key"), "1");
    assert.equal(first!.query, first!.query);
    assert.equal(reads, 1);
  } finally {
    ConnectQuery.prototype.with = read;
  }
});
