/** Commands by name: those nobody knows, those at the wrong time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../../src/core/amf/mod.ts";
import { encodeMessage } from "../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

test("close ends every stream, then the session, without a word", () => {
  const peer = new SessionPeer().withStreams(2);
  peer.command(1, "publish", 0, null, "one");
  peer.command(2, "play", 0, null, "two");
  peer.take();
  peer.takeEvents();
  peer.command(0, "close", 0, null);
  assert.deepEqual(peer.take(), []);
  assert.deepEqual(peer.takeEvents(), ["unpublish 1 one", "stop 2 two", "end"]);
  assert.equal(peer.session.streams.size, 0);
  assert.equal(peer.session.phase, "closed");
  peer.command(0, "createStream", 9, null);
  assert.deepEqual(peer.take(), [], "nothing is read behind close");
});

test("an unknown method is an error when it wants an answer, else nothing", () => {
  const peer = new SessionPeer().connected();
  const names = ["call", "toString", "__proto__", "constructor", "", "x".repeat(5000), "onBWDone"];
  for (const name of names) {
    peer.command(0, name, 0, null);
    peer.command(3, name, 9, null);
    assert.deepEqual(peer.take(), ["3 _error 9 null error:NetConnection.Call.Failed"]);
  }
});

test("answers to calls the server did not make are read past", () => {
  const peer = new SessionPeer().connected();
  for (const name of ["_result", "_error"]) peer.command(0, name, 9, null, null);
  assert.deepEqual(peer.take(), []);
});

test("a second connect is rejected, and the connection goes on", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "connect", 5, amfObject({ app: "other" }));
  peer.command(0, "connect", 0, amfObject({ app: "other" }));
  peer.command(0, "createStream", 6, null);
  assert.deepEqual(peer.take(), [
    "0 _error 5 null error:NetConnection.Connect.Rejected",
    "0 _result 6 null 1",
  ]);
});

test("any command before connect ends the session", () => {
  for (const name of ["createStream", "publish", "play", "_result", "close", "whatever"]) {
    const peer = new SessionPeer().shake();
    peer.command(0, name, 1, null);
    assert.deepEqual(peer.takeEvents(), ["end: command"], name);
    assert.deepEqual(peer.take(), []);
  }
});

test("what is encoded already is sent to a client that is connected, and to no other", () => {
  const peer = new SessionPeer().connected();
  peer.take();
  const { session } = peer;
  const message = encodeMessage(MessageType.WindowAckSize, 0, 0, Uint8Array.of(0, 0, 1, 0), 2, 128);
  session.sendEncoded(message);
  session.sendSharedObject(19, Uint8Array.of(1, 2));
  assert.deepEqual(peer.takeMessages().map(({ type }) => type), [MessageType.WindowAckSize, 19]);
  session.close();
  session.sendEncoded(message);
  session.sendSharedObject(19, Uint8Array.of(1, 2));
  assert.deepEqual(peer.takeMessages(), []);
});
