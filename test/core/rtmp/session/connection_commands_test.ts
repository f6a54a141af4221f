/** Commands that make, drop and name NetStreams: what is answered, on which stream. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject } from "../../../../src/core/amf/mod.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

test("createStream answers ids from 1, each once, on the stream it came on", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "createStream", 2, null);
  peer.command(0, "createStream", 3, null);
  peer.command(7, "createStream", 4.5, null);
  assert.deepEqual(peer.take(), [
    "0 _result 2 null 1",
    "0 _result 3 null 2",
    "7 _result 4.5 null 3",
  ]);
});

test("createStream with the id 0 makes a stream without an answer", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "createStream", 0, null);
  assert.deepEqual(peer.take(), []);
  assert.deepEqual([...peer.session.streams.keys()], [1]);
});

test("createStream over the limit is an error, and works again after deleteStream", () => {
  const peer = new SessionPeer({ maxNetStreams: 2 }).withStreams(2);
  peer.command(0, "createStream", 4, null);
  peer.command(0, "deleteStream", 5, null, 1);
  peer.command(0, "createStream", 6, null);
  assert.deepEqual(peer.take(), [
    "0 _error 4 null error:NetConnection.Call.Failed",
    "0 _result 6 null 1",
  ]);
});

test("releaseStream, FCUnsubscribe and _checkbw are answered with an empty result", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "releaseStream", 2, null, "nobody has this");
  peer.command(0, "FCUnsubscribe", 3, null, "test");
  peer.command(0, "_checkbw", 4, null);
  assert.deepEqual(peer.take(), [
    "0 _result 2 null undefined",
    "0 _result 3 null undefined",
    "0 _result 4 null undefined",
  ]);
});

test("FCPublish and FCSubscribe are answered with a result and a status of their own", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "FCPublish", 2, null, "test");
  peer.command(0, "FCSubscribe", 3, null, "test");
  assert.deepEqual(peer.take(), [
    "0 _result 2 null undefined",
    "0 onFCPublish 0 null status:NetStream.Publish.Start",
    "0 _result 3 null undefined",
    "0 onFCSubscribe 0 null status:NetStream.Play.Start",
  ]);
});

test("with the id 0 FCPublish and FCSubscribe have their status but no result", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "releaseStream", 0, null, "test");
  peer.command(0, "FCPublish", 0, null, "test");
  peer.command(0, "FCSubscribe", 0, null, "test");
  assert.deepEqual(peer.take(), [
    "0 onFCPublish 0 null status:NetStream.Publish.Start",
    "0 onFCSubscribe 0 null status:NetStream.Play.Start",
  ]);
});

test("FCUnpublish ends the publish of its name: onFCUnpublish, result, Unpublish.Success", () => {
  const peer = new SessionPeer().publishing();
  peer.command(0, "FCUnpublish", 6, null, "test?key=1");
  assert.deepEqual(peer.take(), [
    "0 onFCUnpublish 0 null status:NetStream.Unpublish.Success",
    "0 _result 6 null undefined",
    "1 onStatus 0 null status:NetStream.Unpublish.Success",
  ]);
  assert.deepEqual(peer.takeEvents(), ["unpublish 1 test"]);
});

test("FCUnpublish of another name, or of what is only played, ends nothing", () => {
  for (const peer of [new SessionPeer().publishing(), new SessionPeer().playing()]) {
    const name = peer.session.streams.get(1)!.isPlayer ? "test" : "other";
    peer.command(0, "FCUnpublish", 6, null, name);
    assert.deepEqual(peer.take(), [
      "0 onFCUnpublish 0 null status:NetStream.Unpublish.Success",
      "0 _result 6 null undefined",
    ]);
    assert.deepEqual(peer.takeEvents(), []);
  }
});

test("deleteStream by id stops the stream, says so and frees its id, without a result", () => {
  const peer = new SessionPeer().publishing();
  peer.command(0, "deleteStream", 7, null, 1);
  assert.deepEqual(peer.take(), ["1 onStatus 0 null status:NetStream.Unpublish.Success"]);
  assert.deepEqual(peer.takeEvents(), ["unpublish 1 test"]);
  assert.equal(peer.session.streams.size, 0);
});

test("deleteStream by name finds a publisher or a player among several streams", () => {
  const peer = new SessionPeer().withStreams(4);
  peer.command(1, "publish", 0, null, "one");
  peer.command(2, "play", 0, null, "two");
  peer.takeEvents();
  peer.command(0, "deleteStream", 0, null, "two");
  assert.deepEqual(peer.takeEvents(), ["stop 2 two"]);
  peer.command(0, "deleteStream", 0, null, "one");
  assert.deepEqual(peer.takeEvents(), ["unpublish 1 one"]);
  peer.command(0, "deleteStream", 0, null, "three");
  assert.deepEqual([...peer.session.streams.keys()], [3, 4]);
});

test("deleteStream by a name that says nothing deletes the only stream, as GStreamer means it", () => {
  const peer = new SessionPeer().publishing();
  peer.command(0, "FCUnpublish", 0, null, "test");
  peer.command(0, "deleteStream", 0, null, "test");
  assert.equal(peer.session.streams.size, 0);
});

test("deleteStream of an unknown id or of junk deletes nothing", () => {
  const peer = new SessionPeer().publishing();
  for (const which of [0, 2, -1, 1.5, NaN, Infinity, true, amfObject({ id: 1 })]) {
    peer.command(0, "deleteStream", 7, null, which);
  }
  assert.deepEqual(peer.take(), []);
  assert.deepEqual(peer.takeEvents(), []);
});

test("closeStream stops the stream of its message stream id, which can be used again", () => {
  const peer = new SessionPeer().withStreams(2);
  peer.command(1, "publish", 0, null, "one");
  peer.command(2, "publish", 0, null, "two");
  peer.take();
  peer.takeEvents();
  peer.command(2, "closeStream", 8, null);
  assert.deepEqual(peer.take(), ["2 onStatus 0 null status:NetStream.Unpublish.Success"]);
  peer.command(2, "publish", 0, null, "three");
  assert.deepEqual(peer.takeEvents(), ["unpublish 2 two", "publish 2 live/three live"]);
  peer.command(0, "closeStream", 9, null);
  assert.deepEqual(peer.takeEvents(), [], "message stream 0 means neither of two");
});

test("getStreamLength answers 0 seconds", () => {
  const peer = new SessionPeer().connected();
  peer.command(0, "getStreamLength", 3, null, "test");
  assert.deepEqual(peer.take(), ["0 _result 3 null 0"]);
});
