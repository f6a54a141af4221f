/** How a client session publishes and plays, and how either ends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, encodeAmf0 } from "../../../../../src/core/amf/mod.ts";
import { UsageError } from "../../../../../src/core/errors.ts";
import { encodeUserControl } from "../../../../../src/core/rtmp/message/user_control.ts";
import { hex } from "../../../../support/scripted_client.ts";
import { Owner } from "./owner.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);

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
