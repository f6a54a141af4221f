/** Several NetStreams on one connection, each with its own business. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAmf0 } from "../../../../src/core/amf/mod.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { SessionPeer } from "../../../support/session_peer.ts";

const BYTES = Uint8Array.of(0xaf, 1);
const { Audio, Video, DataAmf0 } = MessageType;

/** Streams 1 and 2 publish, 3 and 4 play. */
function busy(): SessionPeer {
  const peer = new SessionPeer().withStreams(4);
  peer.takeEvents();
  peer.command(1, "publish", 0, null, "one");
  peer.command(3, "play", 0, null, "three");
  peer.command(2, "publish", 0, null, "two", "record");
  peer.command(4, "play", 0, null, "four", -2, -1, false);
  return peer;
}

test("two publish and two play side by side, each told on its own message stream", () => {
  const peer = busy();
  assert.deepEqual(peer.takeEvents(), [
    "publish 1 live/one live",
    "play 3 live/three any",
    "publish 2 live/two record",
    "play 4 live/four any",
  ]);
  assert.deepEqual(peer.take(), [
    "streamBegin 1",
    "1 onStatus 0 null status:NetStream.Publish.Start",
    "streamBegin 3",
    "3 onStatus 0 null status:NetStream.Play.Reset",
    "3 onStatus 0 null status:NetStream.Play.Start",
    "3 data |RtmpSampleAccess true true",
    "streamBegin 2",
    "2 onStatus 0 null status:NetStream.Publish.Start",
    "streamBegin 4",
    "4 onStatus 0 null status:NetStream.Play.Start",
    "4 data |RtmpSampleAccess true true",
  ]);
});

test("media goes to the stream of its message stream id, however it interleaves", () => {
  const peer = busy();
  peer.takeEvents();
  peer.message(Audio, 1, 10, BYTES);
  peer.message(Audio, 2, 20, BYTES);
  peer.message(Video, 1, 30, BYTES);
  peer.message(Video, 2, 40, BYTES);
  assert.deepEqual(peer.takeEvents(), [
    "media 1 8 at 10: af01",
    "media 2 8 at 20: af01",
    "media 1 9 at 30: af01",
    "media 2 9 at 40: af01",
  ]);
});

test("pause, receiveAudio, closeStream and deleteStream touch the stream they name alone", () => {
  const peer = busy();
  peer.takeEvents();
  peer.command(3, "pause", 0, null, true);
  peer.command(4, "receiveAudio", 0, null, false);
  peer.command(2, "closeStream", 0, null);
  peer.command(0, "deleteStream", 0, null, 4);
  assert.deepEqual(peer.takeEvents(), [
    "pause 3",
    "receive 4 audio false video true",
    "unpublish 2 two",
    "stop 4 four",
  ]);
  peer.message(Audio, 1, 10, BYTES);
  assert.deepEqual(peer.takeEvents(), ["media 1 8 at 10: af01"], "the others go on");
});

test("media on message stream 0 belongs to the only publisher, and to none of two", () => {
  const peer = busy();
  peer.takeEvents();
  peer.message(Audio, 0, 10, BYTES);
  assert.deepEqual(peer.takeEvents(), []);
  assert.equal(peer.session.strayMessages, 1);
  peer.command(1, "closeStream", 0, null);
  peer.takeEvents();
  peer.message(Audio, 0, 20, BYTES);
  peer.message(DataAmf0, 0, 30, encodeAmf0("onTextData", 1));
  assert.deepEqual(peer.takeEvents().map((event) => event.slice(0, 16)), [
    "media 2 8 at 20:",
    "media 2 18 at 30",
  ]);
});

test("media before publish, for a player, or for no stream at all is counted and dropped", () => {
  const peer = busy();
  peer.takeEvents();
  for (const id of [3, 4, 5, 0xffffffff]) peer.message(Video, id, 0, BYTES);
  peer.message(DataAmf0, 3, 0, encodeAmf0("onMetaData", null));
  assert.equal(peer.session.strayMessages, 5);
  const early = new SessionPeer().shake();
  early.message(Audio, 1, 0, BYTES);
  early.connect();
  early.message(Audio, 1, 0, BYTES);
  assert.equal(early.session.strayMessages, 2);
  assert.equal(early.session.phase, "connected");
  assert.deepEqual(peer.takeEvents(), []);
});

test("media after closeStream, deleteStream or FCUnpublish is counted and dropped", () => {
  const ends: ((peer: SessionPeer) => void)[] = [
    (peer) => peer.command(1, "closeStream", 0, null),
    (peer) => peer.command(0, "deleteStream", 0, null, 1),
    (peer) => peer.command(0, "FCUnpublish", 0, null, "test"),
    (peer) => peer.session.revokePublish(peer.session.streams.get(1)!, "It ended."),
  ];
  for (const end of ends) {
    const peer = new SessionPeer().publishing();
    peer.message(Audio, 1, 0, BYTES);
    end(peer);
    peer.takeEvents();
    peer.message(Audio, 1, 10, BYTES);
    peer.message(Audio, 0, 10, BYTES);
    assert.deepEqual(peer.takeEvents(), []);
    assert.equal(peer.session.strayMessages, 2);
  }
});

test("a stream id that is free again belongs to the new stream alone", () => {
  const peer = new SessionPeer().publishing();
  peer.message(Audio, 1, 0, BYTES);
  peer.command(0, "deleteStream", 0, null, 1);
  peer.take();
  peer.command(0, "createStream", 9, null);
  assert.deepEqual(peer.take(), ["0 _result 9 null 1"]);
  peer.message(Audio, 1, 0, BYTES);
  assert.equal(peer.session.strayMessages, 1);
  peer.takeEvents();
  peer.command(1, "publish", 0, null, "next");
  peer.message(Audio, 1, 5, BYTES);
  assert.deepEqual(peer.takeEvents(), ["publish 1 live/next live", "media 1 8 at 5: af01"]);
});
