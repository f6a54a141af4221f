/** What a client session makes of the answers and statuses of a server. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, encodeAmf0 } from "../../../../../src/core/amf/mod.ts";
import { UsageError } from "../../../../../src/core/errors.ts";
import { Owner } from "./owner.ts";

test("a publish or play that a status answered waits for nothing any more", () => {
  const owner = new Owner({ maxTransactions: 2 });
  const stream = owner.withStream();
  // Each would take a place for good.
  for (let time = 0; time < 5; time++) {
    owner.session.publish(stream, "a");
    owner.status(1, "status", "NetStream.Publish.Start");
    assert.equal(stream.requestId, 0);
    owner.session.closeStream(stream);
    owner.session.play(stream, "a");
    owner.status(1, "error", "NetStream.Play.StreamNotFound");
    owner.session.play(stream, "a");
    owner.session.closeStream(stream);
    assert.equal(stream.requestId, 0);
  }
  assert.equal(stream.requestId, 0);
  assert.equal(stream.state, "idle");
});

test("a status that decides nothing leaves a request to its answer", () => {
  const owner = new Owner();
  const stream = owner.withStream();
  owner.session.play(stream, "a");
  const { requestId } = stream;
  owner.status(1, "status", "NetStream.Play.Reset");
  assert.equal(stream.requestId, requestId);
  owner.command(1, "_error", requestId, null, amfObject({ code: "NetStream.Play.Failed" }));
  assert.deepEqual([stream.requestId, stream.state], [0, "idle"]);
  assert.equal(owner.takeEvents().at(-1), "refused 1 NetStream.Play.Failed");
});

test("a refusal that comes behind the start of a stream is none", () => {
  const owner = new Owner();
  const stream = owner.withStream();
  owner.session.publish(stream, "a");
  const { requestId } = stream;
  owner.command(1, "_result", requestId, null, null);
  owner.status(1, "status", "NetStream.Publish.Start");
  owner.takeEvents();
  owner.command(1, "_error", requestId, null, amfObject({ code: "late" }));
  assert.deepEqual(owner.takeEvents(), []);
  assert.equal(stream.state, "publishing");
  assert.equal(owner.session.strayMessages, 1);
});

test("the information object of a status is the second value, or the first where that was left out", () => {
  const owner = new Owner();
  owner.playing();
  const info = (code: string) => amfObject({ level: "status", code });
  owner.command(1, "onStatus", 0, info("first"));
  owner.command(1, "onStatus", 0, info("command"), info("second"));
  owner.command(1, "onStatus", 0, null, null, info("too late"));
  owner.command(1, "onStatus", 0);
  assert.deepEqual(owner.takeEvents(), ["status 1 status:first", "status 1 status:second"]);
  assert.equal(owner.session.strayMessages, 2);
});

test("what cannot be read, and answers nobody waits for, are strays", () => {
  const owner = new Owner().connected();
  owner.message(20, 0, new Uint8Array(0));
  assert.equal(owner.session.strayMessages, 1);
  owner.command(0, "_result", 99, null, 1).command(0, "_error", 99, null, 1);
  assert.equal(owner.session.strayMessages, 3);
  assert.deepEqual(owner.takeEvents(), []);
});

test("calls of a server are told once it let us in", () => {
  const owner = new Owner().shake();
  owner.command(0, "hello", 0, null, 1);
  assert.deepEqual(owner.takeEvents(), []);
  assert.equal(owner.session.strayMessages, 1);
  const info = amfObject({ level: "status", code: "NetConnection.Connect.Success" });
  owner.command(0, "_result", 1, null, info).command(0, "hello", 0, null, 1);
  assert.deepEqual(owner.takeEvents(), ["connect NetConnection.Connect.Success", "call hello 1"]);
});

test("a call that cannot be read to its end is a stray, and the session goes on", () => {
  const owner = new Owner().connected();
  const call = encodeAmf0("hello", 0, null, "text");
  owner.message(20, 0, call.subarray(0, call.length - 2));
  assert.deepEqual(owner.takeEvents(), []);
  assert.equal(owner.session.strayMessages, 1);
  owner.command(0, "hello", 0, null);
  assert.deepEqual(owner.takeEvents(), ["call hello"]);
});

test("a stream without a usable id is forgotten, and its place is free", () => {
  const owner = new Owner({ maxStreams: 1 }).connected();
  for (let id = 2; id < 6; id++) {
    const stream = owner.session.createStream();
    owner.command(0, "_error", id, null, amfObject({ code: "NetConnection.Call.BadVersion" }));
    assert.equal(stream.state, "deleted");
    assert.deepEqual(owner.takeEvents(), ["refused 0 NetConnection.Call.BadVersion"]);
  }
});

test("a stream that was given up before its id came is deleted once it has one, and not otherwise", () => {
  const owner = new Owner().connected();
  for (
    const [name, id, sent] of [["_error", 2, []], ["_result", 3, [
      "0 deleteStream 4 null 7",
    ]]] as const
  ) {
    const stream = owner.session.createStream();
    owner.session.deleteStream(stream);
    owner.takeSent();
    owner.command(0, name, id, null, 7);
    assert.deepEqual(owner.takeSent(), sent);
    assert.deepEqual(owner.takeEvents(), []);
  }
});

test("as many streams as may be there are there, whether they have their ids or not", () => {
  const owner = new Owner({ maxStreams: 2 }).connected();
  const first = owner.session.createStream();
  owner.session.createStream();
  assert.throws(() => owner.session.createStream(), UsageError);
  owner.command(0, "_result", 2, null, 1).command(0, "_result", 3, null, 2);
  assert.throws(() => owner.session.createStream(), UsageError);
  owner.session.deleteStream(first);
  owner.session.createStream();
  assert.throws(() => owner.session.createStream(), UsageError);
});

test("connect, and what is asked of the connection, goes on message stream 0", () => {
  const owner = new Owner().shake();
  assert.equal(owner.takeMessages()[0]!.messageStreamId, 0);
  assert.equal(owner.session.phase, "connect");
  const connected = new Owner().connected();
  connected.session.announcePlay("a");
  assert.deepEqual(connected.takeSent(), ["0 FCSubscribe 2 null a"]);
});
