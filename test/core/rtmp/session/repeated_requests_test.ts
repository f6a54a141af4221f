/** Requests that are repeated, decisions that nobody waits for, and what is not said. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NetStream } from "../../../../src/core/rtmp/session/mod.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

const stream = (peer: SessionPeer): NetStream => peer.session.streams.get(1)!;

test("a play that is repeated forgets what was to follow, one that follows does not", () => {
  for (const paused of [false, true]) {
    const peer = new SessionPeer().playing();
    peer.answers.play = "hold";
    stream(peer).playlist.push(peer.playRequest!);
    if (paused) peer.command(1, "pause", 0, null, true, 0);
    peer.take();
    peer.command(1, "play", 0, null, "test");
    assert.equal(peer.held.length, paused ? 1 : 0, "what is so already is not asked for");
    if (paused) peer.session.keepPlay(stream(peer));
    assert.deepEqual(stream(peer).playlist, []);
    assert.match(peer.take().join(), /NetStream\.Play\.Start/);
  }
});

test("a decision that nobody waits for changes nothing, and nobody is told", () => {
  const publishing = new SessionPeer().publishing();
  const playing = new SessionPeer().playing();
  for (const peer of [publishing, playing]) {
    const one = stream(peer);
    const { state, request } = one;
    const { session } = peer;
    session.acceptPublish(one, "other");
    session.keepPublish(one);
    session.rejectPublish(one, "Denied", "No.");
    session.acceptPlay(one, "other", true);
    session.keepPlay(one);
    session.rejectPlay(one, "Failed", "No.");
    session.acceptSwitch(one);
    session.rejectSwitch(one, "Failed", "No.");
    assert.deepEqual([one.state, one.request, one.attachment], [state, request, undefined]);
    assert.deepEqual([peer.take(), peer.takeEvents()], [[], []]);
  }
});

test("what was said with a repeated publish is what it runs under from then on", () => {
  const peer = new SessionPeer().publishing();
  peer.answers.publish = "hold";
  const before = stream(peer).request;
  peer.command(1, "publish", 0, null, "test?key=2", "live");
  assert.equal(peer.held.length, 1);
  peer.session.keepPublish(stream(peer));
  assert.notEqual(stream(peer).request, before);
  assert.equal(stream(peer).request!.said.endsWith("test?key=2"), true);
  assert.deepEqual(peer.take(), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Publish.Start",
  ]);
});

test("a pause tells the time that the client names, where it is one", () => {
  const peer = new SessionPeer().playing();
  const times: unknown[] = [];
  peer.onPause = (...told: unknown[]) => void times.push(told[2]);
  let paused = true;
  for (const time of [0, 1500.5, 2 ** 32 - 1, 2 ** 32, -1, "5", undefined]) {
    peer.command(1, "pause", 0, null, paused, time);
    paused = !paused;
  }
  assert.deepEqual(times, [0, 1500.5, 2 ** 32 - 1, undefined, undefined, undefined, undefined]);
});

test("receiveAudio and receiveVideo want a flag, and change nothing without one", () => {
  for (const kind of ["receiveAudio", "receiveVideo"] as const) {
    const peer = new SessionPeer().playing();
    peer.command(1, kind, 4, null, "no");
    assert.deepEqual(peer.take(), ["1 _error 4 null error:NetConnection.Call.Failed"]);
    assert.deepEqual([stream(peer)[kind], peer.takeEvents()], [true, []]);
    peer.command(1, kind, 0, null, 0);
    assert.equal(stream(peer)[kind], false);
  }
});

test("a play has the length that it names, and none where that is nothing to go by", () => {
  const lengths: [said: unknown, length: number][] = [
    ...[[undefined, -1], [-1, -1], ["5", -1], [0, 0], [2.5, 2.5]] as [unknown, number][],
  ];
  for (const [said, length] of lengths) {
    const peer = new SessionPeer().withStreams();
    peer.command(1, "play", 0, null, "test", 0, said as number);
    assert.equal(peer.playRequest!.duration, length, `${said}`);
  }
});

test("a fault of the owner at the end comes out of what ended the session, once it is over", () => {
  const peer = new SessionPeer().publishing();
  peer.onEnd = () => {
    throw new Error("a bug of ours");
  };
  assert.throws(() => peer.session.close(), /a bug of ours/);
  assert.equal(peer.session.streams.size, 0);
  peer.session.close();
});
