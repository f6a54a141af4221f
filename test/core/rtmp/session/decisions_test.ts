/** Requests that the owner decides later: nothing is read meanwhile, and nothing is lost. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_HELD_BYTES = 1024 * 1024;

const { Audio } = MessageType;

test("behind a connect that waits nothing is read; then all of it, in order", () => {
  const peer = new SessionPeer({}, "hold").shake();
  peer.connect();
  peer.command(0, "createStream", 2, null);
  peer.command(0, "releaseStream", 3, null, "test");
  assert.deepEqual(peer.take(), []);
  assert.equal(peer.session.phase, "connect");
  assert.ok(peer.session.deciding);
  peer.session.acceptConnect();
  assert.deepEqual(peer.take().slice(-3).map((reply) => reply.split(" ").slice(0, 3).join(" ")), [
    "0 _result 1",
    "0 _result 2",
    "0 _result 3",
  ]);
  assert.ok(!peer.session.deciding);
});

test("behind a publish that waits its media waits too, and is not lost", () => {
  const peer = new SessionPeer().withStreams();
  peer.answers.publish = "hold";
  peer.command(1, "publish", 3, null, "test");
  peer.message(Audio, 1, 5, Uint8Array.of(1));
  peer.command(0, "_checkbw", 4, null);
  peer.takeEvents();
  assert.deepEqual(peer.take(), []);
  peer.session.acceptPublish(peer.held[0]!);
  assert.deepEqual(peer.take(), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Publish.Start",
    "0 _result 4 null undefined",
  ]);
  assert.deepEqual(peer.takeEvents(), ["media 1 8 at 5: 01"]);
});

test("several requests in one segment are decided one after the other", () => {
  const peer = new SessionPeer().withStreams(3);
  peer.answers.publish = peer.answers.play = "hold";
  peer.recorded = [];
  peer.command(1, "publish", 0, null, "one");
  peer.command(0, "createStream", 7, null);
  peer.command(2, "play", 0, null, "two");
  peer.command(0, "createStream", 8, null);
  peer.command(3, "publish", 0, null, "three");
  peer.command(0, "_checkbw", 9, null);
  const segment = Uint8Array.from(peer.recorded.flatMap((bytes) => [...bytes]));
  peer.recorded = undefined;
  peer.takeEvents();
  peer.write(segment);
  assert.deepEqual(peer.takeEvents(), ["publish 1 live/one live"]);
  peer.session.rejectPublish(peer.held[0]!, "Denied", "No.");
  assert.deepEqual(peer.takeEvents(), ["play 2 live/two any"]);
  peer.session.acceptPlay(peer.held[1]!);
  assert.deepEqual(peer.takeEvents(), ["publish 3 live/three live"]);
  peer.session.startPlay(peer.held[1]!);
  peer.session.acceptPublish(peer.held[2]!);
  assert.deepEqual(peer.take(), [
    "1 onStatus 0 null error:NetStream.Publish.Denied",
    "0 _result 7 null 4",
    "0 _error 8 null error:NetConnection.Call.Failed",
    "streamBegin 2",
    "2 onStatus 0 null status:NetStream.Play.Reset",
    "2 onStatus 0 null status:NetStream.Play.Start",
    "2 data |RtmpSampleAccess true true",
    "streamBegin 3",
    "3 onStatus 0 null status:NetStream.Publish.Start",
    "0 _result 9 null undefined",
  ]);
});

test("bytes that come in many pieces while a request waits are put together again", () => {
  const peer = new SessionPeer({}, "hold").shake();
  peer.connect();
  const script = new SessionPeer().connected();
  script.recorded = [];
  for (let id = 2; id < 40; id++) script.command(0, "_checkbw", id, null);
  for (const bytes of script.recorded) for (const byte of bytes) peer.write(Uint8Array.of(byte));
  peer.session.acceptConnect();
  const results = peer.take().slice(5);
  assert.deepEqual(
    results,
    Array.from({ length: 38 }, (_, at) => `0 _result ${at + 2} null undefined`),
  );
});

test("a refusal is told by its code, and the connection stays", () => {
  const peer = new SessionPeer().withStreams();
  peer.answers.publish = peer.answers.play = "hold";
  const stream = peer.session.streams.get(1)!;
  for (const code of ["BadName", "Denied", "Rejected"] as const) {
    peer.command(1, "publish", 3, null, "test");
    peer.session.rejectPublish(stream, code, "No.");
    assert.deepEqual(peer.take(), [`1 onStatus 0 null error:NetStream.Publish.${code}`]);
  }
  for (const code of ["StreamNotFound", "Failed"] as const) {
    peer.command(1, "play", 3, null, "test");
    peer.session.rejectPlay(stream, code, "No.");
    assert.deepEqual(peer.take(), [`1 onStatus 0 null error:NetStream.Play.${code}`]);
  }
  assert.equal(stream.state, "idle");
  peer.command(0, "_checkbw", 9, null);
  assert.equal(peer.take().length, 1);
});

test("the end of a play that waits for its stream decides nothing about another request", () => {
  const peer = new SessionPeer().withStreams(2);
  peer.startsPlays = false;
  peer.command(1, "play", 0, null, "one");
  peer.answers.publish = "hold";
  peer.command(2, "publish", 0, null, "two");
  peer.command(0, "_checkbw", 9, null);
  peer.session.giveUpPlay(peer.session.streams.get(1)!, "StreamNotFound", "Nobody came.");
  assert.ok(peer.session.deciding);
  peer.session.acceptPlay(peer.session.streams.get(1)!);
  peer.session.startPlay(peer.session.streams.get(1)!);
  assert.ok(peer.session.deciding, "nor does a late answer");
  assert.deepEqual(peer.take(), ["1 onStatus 0 null error:NetStream.Play.StreamNotFound"]);
  peer.session.acceptPublish(peer.held[0]!);
  assert.equal(peer.take().at(-1), "0 _result 9 null undefined");
});

test("a session that ends while a request waits takes no late answer", () => {
  for (const kind of ["publish", "play"] as const) {
    const peer = new SessionPeer().withStreams();
    peer.answers[kind] = "hold";
    peer.command(1, kind, 3, null, "test");
    peer.command(0, "_checkbw", 9, null);
    peer.takeEvents();
    peer.session.close();
    const [stream] = peer.held;
    peer.session.acceptPublish(stream!);
    peer.session.rejectPublish(stream!, "Denied", "No.");
    peer.session.acceptPlay(stream!);
    peer.session.startPlay(stream!);
    peer.session.rejectPlay(stream!, "Failed", "No.");
    assert.deepEqual(peer.takeEvents(), ["end"], "nothing ran");
    assert.deepEqual(peer.take(), []);
    assert.ok(!peer.session.deciding);
  }
  const peer = new SessionPeer({}, "hold").shake();
  peer.connect();
  peer.session.close();
  peer.session.acceptConnect();
  assert.equal(peer.session.phase, "closed");
  assert.deepEqual(peer.take(), []);
});

test("a peer that sends on and on while a request waits is cut off", () => {
  const peer = new SessionPeer({}, "hold").shake();
  peer.connect();
  for (let sent = 0; sent < MAX_HELD_BYTES; sent += 65536) peer.write(new Uint8Array(65536));
  assert.equal(peer.session.phase, "connect");
  peer.write(new Uint8Array(1));
  assert.equal(peer.session.error?.code, "limit");
  peer.session.acceptConnect();
  assert.equal(peer.session.phase, "closed");
});

test("a request answered inside the call that asked leaves nothing behind", () => {
  const peer = new SessionPeer().withStreams();
  for (let round = 0; round < 3; round++) {
    peer.command(1, "publish", 0, null, `name${round}`);
    assert.ok(!peer.session.deciding);
  }
});

test("what the owner throws is thrown to whoever fed the session, and is no protocol error", () => {
  const peer = new SessionPeer().withStreams();
  peer.onPublish = () => {
    throw new RangeError("a bug of ours");
  };
  assert.throws(() => peer.command(1, "publish", 0, null, "test"), RangeError);
  assert.equal(peer.session.error, undefined);
});

test("messages may be large once a publish was accepted, and not before", () => {
  const large = new Uint8Array(100_000);
  const early = new SessionPeer().withStreams();
  early.message(Audio, 1, 0, large);
  assert.equal(early.session.error?.code, "limit");
  const refused = new SessionPeer().withStreams();
  refused.answers.publish = "hold";
  refused.command(1, "publish", 0, null, "test");
  refused.session.rejectPublish(refused.held[0]!, "Denied", "No.");
  refused.message(Audio, 1, 0, large);
  assert.equal(refused.session.error?.code, "limit");
  const accepted = new SessionPeer().withStreams();
  accepted.answers.publish = "hold";
  accepted.command(1, "publish", 0, null, "test");
  accepted.message(Audio, 1, 0, large);
  accepted.session.acceptPublish(accepted.held[0]!);
  assert.match(accepted.takeEvents().at(-1)!, /^media 1 8/);
});
