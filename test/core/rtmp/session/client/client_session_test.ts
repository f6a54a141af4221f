/** What a client session asks of a server, and what it makes of the answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, asRecord, decodeAmf0, encodeAmf0 } from "../../../../../src/core/amf/mod.ts";
import { UsageError } from "../../../../../src/core/errors.ts";
import { encodeMessage } from "../../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { encodeUserControl } from "../../../../../src/core/rtmp/message/user_control.ts";
import { hex } from "../../../../support/scripted_client.ts";
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

test("publishing is announced as encoders do it, and given up with FCUnpublish and deleteStream", () => {
  const owner = new Owner().connected();
  const stream = owner.session.createStream("key?a=b");
  assert.deepEqual(owner.takeSent(), [
    "0 releaseStream 2 null key?a=b",
    "0 FCPublish 3 null key?a=b",
    "0 createStream 4 null",
  ]);
  owner.command(0, "_result", 2, null, undefined).command(0, "_error", 3, null, "no");
  owner.command(0, "_result", 4, null, 5);
  assert.deepEqual(owner.takeEvents(), ["created 5"]);
  owner.session.publish(stream, "key?a=b");
  assert.deepEqual([stream.name, stream.announced], ["key?a=b", "key?a=b"]);
  assert.deepEqual(owner.takeSent(), ["5 publish 5 null key?a=b live"]);
  owner.status(5, "status", "NetStream.Publish.Start");
  assert.deepEqual(owner.takeEvents(), [
    "status 5 status:NetStream.Publish.Start",
    "started 5 NetStream.Publish.Start",
  ]);
  owner.session.sendMedia(stream, 9, 40, bytes(0x17, 1));
  owner.session.sendMedia(stream, 8, 2 ** 32 + 41, bytes(0xaf, 1));
  owner.session.sendMedia(stream, 18, 42, encodeAmf0("onMetaData", 1));
  owner.session.sendMedia(stream, 18, 43, encodeAmf0("@setDataFrame", "onMetaData", 1));
  owner.session.sendMedia(stream, 18, 44, encodeAmf0("onCuePoint", 1));
  assert.deepEqual(owner.takeSent(), [
    "5 type 9 at 40: 1701",
    "5 type 8 at 41: af01",
    "5 data @setDataFrame onMetaData 1",
    "5 data @setDataFrame onMetaData 1",
    "5 data onCuePoint 1",
  ]);
  owner.session.deleteStream(stream);
  assert.deepEqual(owner.takeSent(), ["0 FCUnpublish 6 null key?a=b", "0 deleteStream 7 null 5"]);
  assert.equal(stream.state, "deleted");
  assert.throws(() => owner.session.sendMedia(stream, 8, 0, bytes(1)), UsageError);
});

test("playing tells the buffer first, and media comes with its type and time", () => {
  const owner = new Owner();
  const stream = owner.withStream(3);
  owner.session.play(stream, "test", { bufferMs: 3000 });
  assert.deepEqual(owner.takeSent(), ["setBufferLength 3", "3 play 3 null test -2"]);
  owner.message(4, 0, encodeUserControl({ event: 0, streamId: 3 }));
  owner.status(3, "status", "NetStream.Play.Reset").status(3, "status", "NetStream.Play.Start");
  owner.message(18, 3, encodeAmf0("onMetaData", 1)).message(9, 3, bytes(0x17), 40);
  owner.message(15, 3, bytes(0, ...encodeAmf0("onCuePoint", 1)), 41);
  owner.message(4, 0, encodeUserControl({ event: 1, streamId: 3 }));
  assert.deepEqual(owner.takeEvents(), [
    "notice 3 0",
    "status 3 status:NetStream.Play.Reset",
    "status 3 status:NetStream.Play.Start",
    "started 3 NetStream.Play.Start",
    `media 3 18 at 0: ${hex(encodeAmf0("onMetaData", 1))}`,
    "media 3 9 at 40: 17",
    `media 3 18 at 41: ${hex(encodeAmf0("onCuePoint", 1))}`,
    "notice 3 1",
  ]);
  owner.session.pause(stream, true, 500);
  owner.session.seek(stream, 1000);
  owner.session.receiveMedia(stream, "Audio", false);
  owner.session.receiveMedia(stream, "Video", true);
  owner.session.command(stream, "play2", amfObject({ streamName: "other" }));
  assert.deepEqual(owner.takeSent(), [
    "3 pause 4 null true 500",
    "3 seek 5 null 1000",
    "3 receiveAudio 6 null false",
    "3 receiveVideo 7 null true",
    "3 play2 8 null {streamName=other}",
  ]);
  owner.session.closeStream(stream);
  assert.deepEqual(owner.takeSent(), ["3 closeStream 0 null"]);
  owner.message(9, 3, bytes(0x27), 80);
  assert.equal(owner.session.strayMessages, 1);
  owner.session.play(stream, "again", { start: 5, duration: 2, reset: true });
  assert.deepEqual(owner.takeSent(), ["3 play 9 null again 5 2 true"]);
});

test("media without Play.Start begins a play, and data alone does not", () => {
  const owner = new Owner();
  owner.session.play(owner.withStream(), "test");
  owner.message(18, 1, encodeAmf0("|RtmpSampleAccess", true, true)).message(8, 1, bytes(0xaf));
  assert.deepEqual(owner.takeEvents(), ["started 1 by media", "media 1 8 at 0: af"]);
});

test("aggregates are taken apart", () => {
  const owner = new Owner();
  owner.playing();
  const sub = (
    type: number,
    time: number,
    byte: number,
  ) => [type, 0, 0, 1, 0, 0, time, 0, 0, 0, 0, byte, 0, 0, 0, 12];
  owner.message(22, 1, bytes(...sub(8, 10, 0xaf), ...sub(9, 15, 0x17)), 100);
  assert.deepEqual(owner.takeEvents(), ["media 1 8 at 100: af", "media 1 9 at 105: 17"]);
});

/** Codes that end what a stream does, by what it does. */
const ENDS = {
  publishing: ["Unpublish.Success", "Publish.BadName", "Publish.Rejected", "Failed"],
  playing: ["Play.Stop", "Play.Complete", "Play.UnpublishNotify", "Play.StreamNotFound", "Failed"],
} as const;

for (const what of ["publishing", "playing"] as const) {
  for (const code of ENDS[what]) {
    test(`NetStream.${code} ends ${what}, and the stream can be used again`, () => {
      const owner = new Owner();
      const stream = owner[what]();
      owner.status(1, "error", `NetStream.${code}`);
      assert.equal(owner.takeEvents().at(-1), `ended 1 NetStream.${code}`);
      assert.equal(stream.state, "idle");
      owner.session.play(stream, "next");
    });
  }
}

test("what is no end leaves a play alone", () => {
  const owner = new Owner();
  const stream = owner.playing();
  for (
    const code of [
      "Seek.Notify",
      "Seek.Failed",
      "Pause.Notify",
      "Play.InsufficientBW",
      "Buffer.Empty",
    ]
  ) {
    owner.status(1, code.endsWith("Failed") ? "error" : "status", `NetStream.${code}`);
  }
  assert.equal(stream.state, "playing");
  assert.equal(owner.takeEvents().length, 5);
});

test("onPlayStatus, a data message of Flash Media Server, ends a play too", () => {
  const owner = new Owner();
  owner.playing();
  const info = amfObject({ level: "status", code: "NetStream.Play.Complete" });
  owner.message(18, 1, encodeAmf0("onPlayStatus", info));
  assert.equal(owner.takeEvents().at(-1), "ended 1 NetStream.Play.Complete");
});

test("a refusal of a publish or play says why, by onStatus or by _error", () => {
  for (const way of ["onStatus", "_error"]) {
    for (const what of ["publish", "play"] as const) {
      const owner = new Owner();
      const stream = owner.withStream();
      owner.session[what](stream, "test");
      if (way === "onStatus") owner.status(1, "error", "NetStream.Some.Reason");
      else owner.command(1, "_error", 3, null, amfObject({ code: "NetStream.Some.Reason" }));
      assert.equal(owner.takeEvents().at(-1), "refused 1 NetStream.Some.Reason");
      assert.equal(stream.state, "idle");
    }
  }
});

test("a status of message stream 0 is of the only stream, and of none when there are two", () => {
  const owner = new Owner();
  const stream = owner.withStream();
  owner.session.publish(stream, "test");
  owner.status(0, "status", "NetStream.Publish.Start");
  assert.equal(stream.state, "publishing");
  const other = owner.session.createStream();
  owner.command(0, "_result", 4, null, 2);
  owner.session.publish(other, "other");
  owner.takeEvents();
  owner.status(0, "status", "NetStream.Publish.Start");
  assert.deepEqual(owner.takeEvents(), ["status - status:NetStream.Publish.Start"]);
});

test("a stream of another id, and one given up before it had any, do not mix", () => {
  const owner = new Owner().connected();
  const early = owner.session.createStream();
  owner.session.deleteStream(early);
  const stream = owner.session.createStream();
  assert.deepEqual(owner.takeSent(), ["0 createStream 2 null", "0 createStream 3 null"]);
  owner.command(0, "_result", 2, null, 1).command(0, "_result", 3, null, 2);
  assert.deepEqual(owner.takeSent(), ["0 deleteStream 4 null 1"]);
  assert.deepEqual(owner.takeEvents(), ["created 2"]);
  assert.deepEqual([...owner.session.streams.values()], [stream]);
});

for (const id of [0, -1, 1.5, NaN, 2 ** 32, "1", null, undefined, 7]) {
  test(`a server that gives a stream the id ${id}, where 7 is taken, refuses it`, () => {
    const owner = new Owner();
    owner.withStream(7);
    const stream = owner.session.createStream();
    owner.command(0, "_result", 3, null, id);
    assert.deepEqual(owner.takeEvents(), ["refused 0 NetConnection.Call.Failed"]);
    assert.equal(stream.state, "deleted");
    assert.equal(owner.session.streams.size, 1);
  });
}

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

test("a publish or play that is given up waits for no answer any more", () => {
  const owner = new Owner({ maxTransactions: 2 }).connected();
  const stream = owner.session.createStream();
  owner.command(0, "_result", 2, null, 1);
  // Each would take a place for good.
  for (let time = 0; time < 10; time++) {
    owner.session.publish(stream, "a");
    owner.session.closeStream(stream);
    owner.session.play(stream, "a");
    owner.session.closeStream(stream);
  }
  assert.equal(stream.state, "idle");
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
