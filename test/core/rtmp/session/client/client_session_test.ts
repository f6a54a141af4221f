/** What a client session asks of a server, and what it makes of the answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, asRecord, decodeAmf0 } from "../../../../../src/core/amf/mod.ts";
import { UsageError } from "../../../../../src/core/errors.ts";
import { encodeMessage } from "../../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { encodeUserControl } from "../../../../../src/core/rtmp/message/user_control.ts";
import { DEFAULT_SIZES } from "../../../../../src/core/rtmp/session/client/options.ts";
import { Owner } from "./owner.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("the handshake is followed by connect, and by nothing else until it is answered", () => {
  const owner = new Owner().shake();
  const [message, ...rest] = owner.takeMessages();
  assert.deepEqual(rest, []);
  const [name, id, object] = decodeAmf0(message!.payload);
  const properties = asRecord(object)!;
  assert.deepEqual([name, id], ["connect", 1]);
  assert.equal(properties.get("app"), "live");
  assert.equal(properties.get("tcUrl"), "rtmp://host:1935/live");
  assert.equal(properties.get("flashVer"), "test");
  assert.deepEqual(properties.get("fourCcList"), ["*"]);
  assert.equal(properties.get("capsEx"), 2 | 4 | 8);
  assert.throws(() => owner.session.createStream(), UsageError);
});

test("a call that cannot be sent waits for no answer", () => {
  const owner = new Owner({ maxTransactions: 1 }).connected();
  assert.throws(() => owner.session.call("one", [() => {}] as never));
  owner.takeMessages();
  const id = owner.session.call("two", [5]);
  const [message] = owner.takeMessages();
  assert.deepEqual(decodeAmf0(message!.payload), ["two", id, null, 5]);
  assert.throws(() => owner.session.call("three", []), UsageError, "there is no room for another");
});

test("sizes that nobody names are these", () => {
  assert.deepEqual(DEFAULT_SIZES, {
    chunkSize: 4096,
    windowAckSize: 2_500_000,
    maxStreams: 16,
    maxTransactions: 64,
    maxMediaBytes: 8_388_608,
    maxCommandBytes: 1_048_576,
  });
});

test("that it follows a Reconnect Request is announced when it is so", () => {
  const connect = { app: "a", tcUrl: "rtmp://h/a", followsReconnect: true };
  const owner = new Owner({ connect }).shake();
  const [, , object] = decodeAmf0(owner.takeMessages()[0]!.payload);
  assert.equal(asRecord(object)!.get("capsEx"), 1 | 2 | 4 | 8);
});

test("without codecs nothing is said of Enhanced RTMP, and members may be added", () => {
  const connect = { app: "a", tcUrl: "rtmp://h/a", fourCcs: [], more: { token: "x" }, args: [7] };
  const owner = new Owner({ connect }).shake();
  const [, , object, argument] = decodeAmf0(owner.takeMessages()[0]!.payload);
  const properties = asRecord(object)!;
  assert.equal(properties.has("fourCcList"), false);
  assert.equal(properties.has("capsEx"), false);
  assert.equal(properties.get("token"), "x");
  assert.equal(argument, 7);
});

test("a client that is let in announces its window and its chunk size", () => {
  const owner = new Owner({ chunkSize: 60_000 }).shake();
  owner.takeSent();
  const info = amfObject({ level: "status", code: "NetConnection.Connect.Success", capsEx: 1 });
  owner.command(0, "_result", 1, amfObject({ fmsVer: "FMS/1" }), info);
  assert.deepEqual(owner.takeSent(), ["windowAckSize 2500000", "setChunkSize 60000"]);
  assert.deepEqual(owner.takeEvents(), ["connect NetConnection.Connect.Success"]);
  assert.equal(owner.answer!.server.get("fmsVer"), "FMS/1");
  assert.equal(owner.answer!.capabilities.capsEx, 1);
  assert.equal(owner.session.chunkSize, 60_000);
});

test("a refused connect ends the session, with the code and where to go instead", () => {
  const owner = new Owner().shake();
  const ex = amfObject({ code: 302, redirect: "rtmp://other/live" });
  const info = amfObject({
    level: "error",
    code: "NetConnection.Connect.Rejected",
    description: "moved",
    ex,
  });
  owner.command(0, "_error", 1, null, info);
  assert.deepEqual(owner.takeEvents(), ["refused connect NetConnection.Connect.Rejected", "end"]);
  assert.equal(owner.refusal!.description, "moved");
  assert.equal(owner.refusal!.redirect, "rtmp://other/live");
});

test("a _result of level error refuses as well, and so does an _error without a command object", () => {
  for (const [name, ...values] of [["_result", null], ["_error"]] as const) {
    const owner = new Owner().shake();
    const info = amfObject({ level: "error", code: "NetConnection.Connect.InvalidApp" });
    owner.command(0, name, 1, ...values, info);
    assert.deepEqual(owner.takeEvents(), [
      "refused connect NetConnection.Connect.InvalidApp",
      "end",
    ]);
  }
});

test("calls go both ways", () => {
  const owner = new Owner().connected();
  const first = owner.session.call("add", [1, 2]);
  const second = owner.session.call("fail", []);
  assert.deepEqual(owner.takeSent(), ["0 add 2 null 1 2", "0 fail 3 null"]);
  owner.command(0, "_error", second, null, "bad").command(0, "_result", first, null, 3);
  owner.command(0, "_result", first, null, 4);
  assert.deepEqual(owner.takeEvents(), ["error 3 bad", "result 2 3"]);
  owner.command(0, "onBWDone", 0, null, 8192).command(0, "check", 9, null);
  assert.deepEqual(owner.takeEvents(), ["call onBWDone 8192", "call check"]);
  owner.session.answerCall(owner.calls[0]!, "unwanted");
  owner.session.answerCall(owner.calls[1]!, "yes");
  owner.session.failCall(owner.calls[1]!, "no");
  assert.deepEqual(owner.takeSent(), [
    "0 _result 9 null yes",
    "0 _error 9 null error:NetConnection.Call.Failed",
  ]);
});

test("a call that was forgotten has no answer, and only so many calls may wait", () => {
  const owner = new Owner({ maxTransactions: 3 }).connected();
  const ids = [1, 2, 3].map(() => owner.session.call("slow", []));
  assert.throws(() => owner.session.call("slow", []), UsageError);
  assert.throws(() => owner.session.createStream(), UsageError);
  owner.session.forget(ids[0]!);
  owner.session.call("slow", []);
  owner.command(0, "_result", ids[0]!, null, 1);
  assert.deepEqual(owner.takeEvents(), []);
});

test("statuses of the connection, and a request to reconnect, are told", () => {
  const owner = new Owner();
  owner.playing();
  owner.status(0, "status", "NetConnection.Connect.ReconnectRequest", { tcUrl: "rtmp://b/live" });
  owner.status(1, "status", "NetConnection.Connect.ReconnectRequest");
  owner.status(0, "error", "NetConnection.Connect.AppShutdown");
  assert.deepEqual(owner.takeEvents(), [
    "status - status:NetConnection.Connect.ReconnectRequest",
    "reconnect rtmp://b/live",
    "status - status:NetConnection.Connect.ReconnectRequest",
    "reconnect undefined",
    "status - error:NetConnection.Connect.AppShutdown",
  ]);
});

test("pings are answered, bandwidth is obeyed, and what arrives is acknowledged", () => {
  const owner = new Owner();
  owner.playing();
  owner.message(4, 0, encodeUserControl({ event: 6, time: 77 }));
  owner.message(6, 0, bytes(0, 0, 0x40, 0, 0));
  assert.deepEqual(owner.takeSent(), ["pingResponse 77", "windowAckSize 16384"]);
  owner.message(5, 0, bytes(0, 0, 0x80, 0));
  owner.message(9, 1, new Uint8Array(20_000));
  assert.deepEqual(owner.takeSent(), [`acknowledgement ${owner.session.bytesIn}`]);
  owner.session.ping(5.7);
  assert.deepEqual(owner.takeSent(), ["pingRequest 5"]);
});

test("the server's close ends the session", () => {
  const owner = new Owner();
  const stream = owner.playing();
  owner.command(0, "close", 0, null);
  assert.deepEqual(owner.takeEvents(), ["end"]);
  assert.equal(stream.state, "deleted");
  owner.session.receive(bytes(1, 2, 3));
  owner.session.closeStream(stream);
  owner.session.deleteStream(stream);
  owner.session.readOn();
  assert.deepEqual(owner.takeSent(), []);
});

test("a session that is stopped hands out nothing behind the message, keeps the rest, and goes on", () => {
  const owner = new Owner();
  owner.playing();
  owner.react.media = () => owner.session.stop();
  const media = (byte: number) => encodeMessage(9, 1, byte, bytes(byte), 6, 128);
  owner.session.receive(bytes(...media(1), ...media(2), ...media(3)));
  assert.deepEqual(owner.takeEvents(), ["media 1 9 at 1: 01"]);
  owner.session.receive(media(4));
  assert.deepEqual(owner.takeEvents(), []);
  assert.ok(owner.session.heldBytes > 0);
  for (const next of [2, 3, 4]) {
    owner.session.readOn();
    assert.deepEqual(owner.takeEvents(), [`media 1 9 at ${next}: 0${next}`]);
  }
  assert.equal(owner.session.heldBytes, 0);
});

test("a payload belongs to the owner: nobody touches it again", () => {
  const owner = new Owner();
  owner.playing();
  const input = encodeMessage(9, 1, 0, bytes(1, 2, 3), 6, 128);
  owner.session.receive(input);
  input.fill(0xee);
  assert.deepEqual(owner.payloads[0], bytes(1, 2, 3));
});

test("a session that the server broke knows what it did", () => {
  const owner = new Owner().connected();
  assert.equal(owner.session.error, undefined);
  // A chunk size that nothing can be read with.
  owner.message(1, 0, bytes(0, 0, 0, 0));
  assert.notEqual(owner.session.error, undefined);
  assert.equal(owner.session.error, owner.error);
});

test("payloads are lent to who asks for that, and its own else", () => {
  for (const lendPayloads of [true, false]) {
    const owner = new Owner({ lendPayloads }).connected();
    const stream = owner.session.createStream();
    owner.command(0, "_result", 2, null, 1);
    owner.session.play(stream, "a");
    for (const mark of [1, 2]) owner.message(9, 1, bytes(...new Array(300).fill(mark)), mark);
    const [first, second] = owner.payloads;
    assert.equal(first!.buffer === second!.buffer, lendPayloads);
  }
});

test("a ping asks for a sign of life with the time modulo 2^32, and of nobody who is gone", () => {
  const owner = new Owner().connected();
  owner.session.ping(2 ** 32 + 5.7);
  assert.deepEqual([...owner.takeMessages()[0]!.payload], [0, 6, 0, 0, 0, 5]);
  owner.session.close();
  assert.deepEqual(owner.takeEvents(), ["end"]);
  owner.session.close();
  owner.session.ping(7);
  assert.deepEqual([owner.takeEvents(), owner.takeMessages()], [[], []]);
});

test("a stream plays one thing at a time, under the name that it was asked for with", () => {
  const owner = new Owner();
  const stream = owner.withStream();
  owner.session.play(stream, "one");
  assert.equal(stream.name, "one");
  owner.takeMessages();
  assert.throws(() => owner.session.play(stream, "two"), UsageError);
  assert.deepEqual([stream.name, owner.takeMessages()], ["one", []]);
  owner.status(1, "status", "NetStream.Play.Start");
  owner.session.pause(stream, true);
  owner.session.pause(stream, false, 1500);
  const said = owner.takeMessages().map(({ payload }) => decodeAmf0(payload));
  assert.deepEqual(said.map(([name, , , paused, at]) => [name, paused, at]), [
    ["pause", true, 0],
    ["pause", false, 1500],
  ]);
});

test("shared objects of a server that has not let the client in are nobody's", () => {
  const owner = new Owner().shake();
  owner.message(19, 0, bytes(1, 2));
  assert.deepEqual(owner.takeEvents(), []);
  const other = new Owner().connected();
  other.message(19, 0, bytes(1, 2));
  assert.deepEqual(other.takeEvents(), ["shared object 19: 0102"]);
});

test("what its owner throws comes out, and ends nothing", () => {
  const owner = new Owner();
  owner.playing();
  const bug = new Error("a bug of the owner");
  owner.react.media = () => {
    throw bug;
  };
  assert.throws(() => owner.message(8, 1, bytes(1)), (error) => error === bug);
  assert.equal(owner.session.phase, "connected");
  assert.equal(owner.error, undefined);
});
