/** Remote calls and shared objects: what a session hands to its owner, and takes from it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

test("a call is the owner's to answer, whenever it likes, and others are read meanwhile", () => {
  const peer = new SessionPeer().connected();
  peer.answers.call = "hold";
  peer.command(0, "add", 5, null, 1, 2);
  peer.command(0, "sub", 6, amfObject({ ignored: true }));
  peer.command(0, "createStream", 7, null);
  assert.deepEqual(peer.takeEvents(), ["call add 2", "call sub 0"]);
  assert.deepEqual(peer.take(), ["0 _result 7 null 1"]);
  const [add, sub] = peer.calls;
  assert.deepEqual([add!.args, add!.transactionId, sub!.args], [[1, 2], 5, []]);
  peer.session.failCall(sub!, "no");
  peer.session.answerCall(add!, 3);
  assert.deepEqual(peer.take(), [
    "0 _error 6 null error:NetConnection.Call.Failed",
    "0 _result 5 null 3",
  ]);
});

test("a call without a transaction id gets no answer", () => {
  const peer = new SessionPeer().connected();
  peer.answers.call = "hold";
  peer.command(0, "log", 0, null, "line");
  peer.session.answerCall(peer.calls[0]!, 1);
  peer.session.failCall(peer.calls[0]!, "no");
  assert.deepEqual(peer.take(), []);
});

test("an answer goes to the message stream that the call came on", () => {
  const peer = new SessionPeer().withStreams(1);
  peer.answers.call = "hold";
  peer.command(1, "add", 5, null);
  peer.session.answerCall(peer.calls[0]!, true);
  assert.deepEqual(peer.take(), ["1 _result 5 null true"]);
});

test("a call that cannot be read fails without the owner", () => {
  const peer = new SessionPeer().connected();
  const body = [...encodeAmf0("add", 5), 0xff];
  peer.message(MessageType.CommandAmf0, 0, 0, Uint8Array.from(body));
  assert.deepEqual(peer.takeEvents(), []);
  assert.deepEqual(peer.take(), ["0 _error 5 null error:NetConnection.Call.Failed"]);
});

test("what a client answers reaches the owner, whatever it calls itself", () => {
  const peer = new SessionPeer().connected();
  peer.session.call("ask", 9, [1, "two"]);
  assert.deepEqual(peer.take(), ["0 ask 9 null 1 two"]);
  peer.command(0, "_result", 9, null, "yes");
  peer.command(0, "_error", 9, null, "no");
  peer.command(0, "_result", 9, "bare");
  peer.command(0, "_result", 9);
  assert.deepEqual(peer.takeEvents(), [
    "result 9 yes",
    "error 9 no",
    "result 9 bare",
    "result 9 undefined",
  ]);
});

test("shared object messages reach the owner once the client is let in, as they came", () => {
  const peer = new SessionPeer({}, "hold").shake();
  peer.message(19, 0, 0, Uint8Array.of(1));
  peer.connect();
  peer.message(19, 0, 0, Uint8Array.of(2));
  assert.deepEqual(peer.takeEvents(), ["connect live"]);
  peer.session.acceptConnect();
  peer.message(16, 0, 0, Uint8Array.of(3, 4));
  assert.deepEqual(peer.takeEvents(), ["shared object 19: 02", "shared object 16: 0304"]);
});

test("a session that is held takes no message until it goes on, and then all in order", () => {
  const peer = new SessionPeer().connected();
  peer.session.hold();
  assert.equal(peer.session.deciding, true);
  peer.command(0, "createStream", 2, null);
  peer.message(19, 0, 0, Uint8Array.of(3));
  assert.deepEqual([peer.take(), peer.takeEvents()], [[], []]);
  peer.session.goOn();
  assert.deepEqual([peer.take(), peer.takeEvents()], [
    ["0 _result 2 null 1"],
    ["shared object 19: 03"],
  ]);
  peer.session.goOn();
  peer.session.close();
  peer.session.hold();
  assert.equal(peer.session.deciding, false);
});

test("a call in AMF3 whose arguments cannot be read is an error for its caller, format byte or not", () => {
  for (const format of [[0], []]) {
    const peer = new SessionPeer().connected();
    peer.take();
    // An object that never ends.
    const body = Uint8Array.from([...format, ...encodeAmf0("hello", 7), 3, 0, 1]);
    peer.message(MessageType.CommandAmf3, 0, 0, body);
    assert.deepEqual(peer.take(), ["0 _error 7 null error:NetConnection.Call.Failed"]);
  }
});
