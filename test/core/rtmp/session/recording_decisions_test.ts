/** What the owner of a session says of a recording that is played: of no other play it says anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetStream } from "../../../../src/core/rtmp/session/mod.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

/** A peer with a play that was let happen, of a recording or live. */
function playing(live: "recorded" | true): { peer: SessionPeer; stream: NetStream } {
  const peer = new SessionPeer({}).withStreams(1);
  peer.answers.play = "hold";
  peer.command(1, "play", 0, null, "test");
  const stream = peer.held[0]!;
  peer.session.acceptPlay(stream, undefined, live);
  peer.take();
  return { peer, stream };
}

const END = { time: 90, seconds: 2, bytes: 700 };

/** The replies since the last call: what each says of its NetStream. */
const told = (peer: SessionPeer) =>
  peer.take().map((reply) => /NetStream\.\S+/.exec(reply)?.[0] ?? reply.split(" ")[0]);

const SOUGHT = [
  ...["streamEof", "streamIsRecorded", "streamBegin", "NetStream.Seek.Notify"],
  "NetStream.Play.Start",
];

test("of a live stream nothing is said that is of recordings", () => {
  const { peer, stream } = playing(true);
  const { session } = peer;
  session.moveRecording(stream);
  session.finishRecording(stream, END);
  session.followRecording(stream, 90);
  session.failRecording(stream, "It ends early.");
  assert.deepEqual(peer.take(), []);
  assert.equal(stream.state, "playing");
});

test("a recording ends once, and again behind a seek", () => {
  const { peer, stream } = playing("recorded");
  const { session } = peer;
  session.finishRecording(stream, END);
  const first = told(peer);
  assert.equal(first.at(-1), "NetStream.Play.Stop");
  assert.equal(first.length, 3);
  session.finishRecording(stream, END);
  assert.deepEqual(peer.take(), []);
  session.moveRecording(stream);
  assert.equal(told(peer).length, SOUGHT.length);
  session.finishRecording(stream, END);
  assert.deepEqual(told(peer), first);
  assert.equal(stream.state, "playing", "the client may seek back");
});

test("a recording that cannot be read on is over", () => {
  const { peer, stream } = playing("recorded");
  peer.session.failRecording(stream, "It ends early.");
  const said = told(peer);
  assert.deepEqual([said[0], said.at(-1), said.length], [
    ...["NetStream.Play.Failed", "NetStream.Play.Stop", 3],
  ]);
  assert.equal(stream.state, "idle");
  peer.session.failRecording(stream, "It ends early.");
  assert.deepEqual(peer.take(), []);
});

test("what was switched to is not over because what it replaced was", () => {
  for (const switched of [false, true]) {
    const { peer, stream } = playing("recorded");
    peer.session.finishRecording(stream, END);
    if (switched) peer.session.completeSwitch(stream, { app: "live", name: "next" }, 0);
    peer.takeEvents();
    // When the present one is over, which without a switch it is.
    peer.command(1, "play", 0, null, "last", -2, -1, false);
    assert.deepEqual(peer.takeEvents(), switched ? [] : ["play 1 live/last any"]);
    assert.equal(stream.playlist.length, switched ? 1 : 0);
  }
});
