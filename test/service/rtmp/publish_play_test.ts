/** From publisher to player through the whole service, without a socket. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AmfEcmaArray, encodeAmf0 } from "../../../src/core/amf/mod.ts";
import { MessageType, type RtmpMessage } from "../../../src/core/rtmp/message/types.ts";
import {
  AUDIO_HEADER,
  audioFrame,
  interFrame,
  keyFrame,
  VIDEO_HEADER,
} from "../../support/media.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";
import { hex } from "../../support/scripted_client.ts";

/** A Set Chunk Size of 0, with which nothing can be read any more. */
const NO_CHUNK_SIZE = Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0);

const { Audio, Video, DataAmf0 } = MessageType;
const METADATA = encodeAmf0("onMetaData", new AmfEcmaArray([["width", 320]]));

/** Messages as they compare: type, time and bytes. */
const shown = (messages: RtmpMessage[]) =>
  messages.filter(({ type }) => type === Audio || type === Video || type === DataAmf0)
    .filter(({ payload }) => !hex(payload).startsWith("0200117c"))
    .map(({ type, timestamp, payload }) => `${type} ${timestamp} ${hex(payload)}`);

test("what is published reaches a player byte for byte, with its times", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  assert.deepEqual(player.codes(), ["NetStream.Play.Reset", "NetStream.Play.Start"]);
  const sent: RtmpMessage[] = [];
  const send = (type: number, timestamp: number, payload: Uint8Array) => {
    sent.push({ type, messageStreamId: 1, timestamp, payload: payload.slice() });
    publisher.message(type, 1, timestamp, payload);
  };
  send(DataAmf0, 0, METADATA);
  send(Video, 0, VIDEO_HEADER);
  send(Audio, 0, AUDIO_HEADER);
  for (let frame = 0; frame < 50; frame++) {
    const time = 0x1000000 - 2000 + frame * 40;
    send(Video, time, frame % 10 === 0 ? keyFrame(20_000, frame) : interFrame(700, frame));
    send(Audio, time + 5, audioFrame(frame));
  }
  send(DataAmf0, 2000, encodeAmf0("onTextData", "caption"));
  send(Video, 0x1000000, interFrame(9000));
  assert.deepEqual(shown(player.takeMessages()), shown(sent));
  assert.ok(player.messages.every(({ type, messageStreamId }) => type < 8 || messageStreamId < 2));
});

test("metadata that is set goes out at once, with no media behind it", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  player.takeMessages();
  publisher.message(DataAmf0, 1, 50, encodeAmf0("@setDataFrame", "onMetaData", "other"));
  const body = hex(encodeAmf0("onMetaData", "other"));
  assert.deepEqual(shown(player.takeMessages()), [`18 50 ${body}`]);
});

test("a player that joins late gets metadata, headers and everything since the key frame", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publisher.message(DataAmf0, 1, 0, encodeAmf0("@setDataFrame", "onMetaData", null));
  publishGop(publisher, 0, 1);
  publisher.message(Video, 1, 80, keyFrame(5000, 2));
  publisher.message(Audio, 1, 90, audioFrame());
  publisher.message(Video, 1, 120, interFrame(300, 2));
  const player = rig.player();
  assert.deepEqual(shown(player.takeMessages()), [
    `18 0 ${hex(encodeAmf0("onMetaData", null))}`,
    `9 80 ${hex(VIDEO_HEADER)}`,
    `8 80 ${hex(AUDIO_HEADER)}`,
    `9 80 ${hex(keyFrame(5000, 2))}`,
    `8 90 ${hex(audioFrame())}`,
    `9 120 ${hex(interFrame(300, 2))}`,
  ]);
  publisher.message(Video, 1, 160, interFrame(300, 3));
  assert.deepEqual(player.media(), ["9 160 3"], "and goes on live");
});

test("a play without a publisher waits in silence, and starts when one comes", () => {
  const rig = new Rig();
  const player = rig.player();
  assert.deepEqual(player.take(), []);
  rig.clock.advance(9000);
  const publisher = rig.publisher();
  assert.deepEqual(player.codes(), ["NetStream.Play.Reset", "NetStream.Play.Start"]);
  publishGop(publisher, 0);
  assert.equal(player.media().length, 5);
  rig.clock.advance(5000);
  assert.deepEqual(player.codes(), [], "the wait is over");
});

test("a play whose publisher does not come is StreamNotFound after playWaitMs", () => {
  const rig = new Rig({ playWaitMs: 2000 });
  const player = rig.player();
  rig.clock.advance(1900);
  assert.deepEqual(player.codes(), []);
  rig.clock.advance(600);
  assert.deepEqual(player.codes(), ["NetStream.Play.StreamNotFound"]);
  assert.deepEqual(rig.takeTold(), ["stop test not-found"]);
  const { durationMs } = rig.ends[0]!;
  assert.ok(durationMs >= 2000 && durationMs <= 2500, `it waited ${durationMs} ms`);
  assert.equal(rig.registry.size, 0, "nothing is left of the name");
  player.play(1, "test");
  rig.publisher();
  assert.deepEqual(
    player.codes(),
    ["NetStream.Play.Reset", "NetStream.Play.Start"],
    "it may try again",
  );
});

test("with playWaitMs 0 a play without a publisher is StreamNotFound at once", () => {
  const rig = new Rig({ playWaitMs: 0 });
  assert.deepEqual(rig.player().codes(), ["NetStream.Play.StreamNotFound"]);
  assert.deepEqual(rig.takeTold(), [], "a play that was not let in has no end");
});

test("the end of a publish ends its plays: UnpublishNotify, StreamEOF, Stop", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  publishGop(publisher, 0);
  player.take();
  publisher.command(0, "deleteStream", 9, null, 1);
  assert.deepEqual(player.take(), [
    "1 onStatus 0 null status:NetStream.Play.UnpublishNotify",
    "streamEof 1",
    "1 onStatus 0 null status:NetStream.Play.Stop",
  ]);
  assert.deepEqual(rig.takeTold().sort(), ["stop test unpublished", "unpublish test client"]);
});

test("several plays and publishes on one connection do not mix", () => {
  const rig = new Rig();
  const both = rig.client().connected(4);
  both.publish(1, "one");
  both.publish(2, "two");
  both.play(3, "one");
  both.play(4, "two");
  both.take();
  for (const id of [1, 2]) {
    both.message(Video, id, 0, VIDEO_HEADER);
    both.message(Video, id, id, keyFrame(6000, id));
  }
  const seen = both.takeMessages().filter(({ type }) => type === Video)
    .map(({ messageStreamId, payload }) =>
      `${messageStreamId} ${payload.length} ${payload.at(-1)}`
    );
  assert.deepEqual(seen, [
    `3 ${VIDEO_HEADER.length} ${VIDEO_HEADER.at(-1)}`,
    "3 6000 1",
    `4 ${VIDEO_HEADER.length} ${VIDEO_HEADER.at(-1)}`,
    "4 6000 2",
  ]);
});

test("two plays of one connection take turns while it is slow", () => {
  const rig = new Rig();
  const publishers = [rig.publisher("one"), rig.publisher("two")];
  const player = rig.client().connected(2);
  player.play(1, "one");
  player.play(2, "two");
  player.take();
  player.connection.block();
  for (const publisher of publishers) publishGop(publisher, 0);
  for (let round = 1; round < 6; round++) {
    for (const publisher of publishers) {
      publisher.message(Video, 1, round * 100, keyFrame(3000, round));
      player.connection.drain(3200);
    }
  }
  const counts = [1, 2].map((id) =>
    player.messages.filter(({ type, messageStreamId }) => type === Video && messageStreamId === id)
  );
  assert.ok(
    counts[0]!.length > 2 && counts[1]!.length > 2,
    `${counts[0]!.length} ${counts[1]!.length}`,
  );
});

test("a second play on a stream takes the place of the first", () => {
  const rig = new Rig();
  const publishers = [rig.publisher("one"), rig.publisher("two")];
  for (const publisher of publishers) publishGop(publisher, 0);
  const player = rig.player("one");
  player.take();
  player.play(1, "two");
  assert.deepEqual(rig.takeTold(), ["stop one client"]);
  player.take();
  publishers[0]!.message(Video, 1, 500, interFrame(100, 8));
  publishers[1]!.message(Video, 1, 500, interFrame(100, 9));
  assert.deepEqual(player.media(), ["9 500 9"]);
});

test("plays that are over leave nothing behind in their session or in the hub", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const client = rig.client().connected();
  const { writer } = client.session;
  const served = new Set<unknown>();
  const { add, remove } = writer;
  writer.add = (player) => {
    served.add(player);
    add.call(writer, player);
  };
  writer.remove = (player) => {
    served.delete(player);
    remove.call(writer, player);
  };
  for (let round = 0; round < 20; round++) {
    client.play(1, "test");
    client.command(1, "closeStream", 0, null);
    client.play(1, `nobody${round}`);
    client.command(1, "closeStream", 0, null);
  }
  assert.equal(served.size, 0);
  assert.equal(rig.registry.size, 1);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.playerCount, 0);
});

test("with a reconnect window players stay, and go on when their publisher is back", async () => {
  const rig = new Rig({ reconnectWindowMs: 5000 });
  const first = rig.publisher();
  const player = rig.player();
  first.message(Video, 1, 0, keyFrame(1000, 1));
  player.take();
  first.connection.hangUp();
  await settle();
  rig.clock.advance(4000);
  assert.deepEqual(player.take(), []);
  const second = rig.publisher();
  second.message(Video, 1, 0, keyFrame(1000, 2));
  assert.deepEqual(player.media(), ["9 4000 2"]);
  assert.deepEqual(rig.takeTold(), ["unpublish test disconnected", "disconnect disconnected"]);
});

test("with a reconnect window players end when it is over", async () => {
  const rig = new Rig({ reconnectWindowMs: 5000 });
  const publisher = rig.publisher();
  const player = rig.player();
  player.take();
  publisher.connection.hangUp();
  await settle();
  rig.clock.advance(6000);
  assert.deepEqual(player.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  assert.equal(rig.takeTold().at(-1), "stop test unpublished");
});

/** How a publisher goes, and whether its players are kept for it. */
const GOES: Record<string, { go: (publisher: RigClient, rig: Rig) => void; kept: boolean }> = {
  "its connection is lost": { go: (publisher) => publisher.connection.hangUp(), kept: true },
  "it falls silent": { go: (_, rig) => rig.clock.advance(11_000), kept: true },
  "it breaks the protocol": {
    go: (publisher) => publisher.write(NO_CHUNK_SIZE),
    kept: true,
  },
  "it says FCUnpublish and deleteStream": {
    go(publisher) {
      publisher.command(0, "FCUnpublish", 5, null, "test");
      publisher.command(0, "deleteStream", 0, null, 1);
      publisher.connection.hangUp();
    },
    kept: false,
  },
  "it says closeStream": {
    go: (publisher) => publisher.command(1, "closeStream", 0, null),
    kept: false,
  },
  "it says publish(false)": {
    go: (publisher) => publisher.command(1, "publish", 0, null, false),
    kept: false,
  },
  "it says close": { go: (publisher) => publisher.command(0, "close", 0, null), kept: false },
  "its session is ended by the operator": {
    go: (publisher) => publisher.session.end("kicked"),
    kept: false,
  },
};

for (const [how, { go, kept }] of Object.entries(GOES)) {
  test(`players ${kept ? "wait for a publisher" : "end with their publisher"} when ${how}`, async () => {
    const rig = new Rig({ reconnectWindowMs: 10_000 });
    const publisher = rig.publisher();
    const player = rig.player();
    publisher.message(Video, 1, 0, keyFrame(1000, 1));
    player.take();
    go(publisher, rig);
    await settle();
    const end = ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"];
    assert.deepEqual(player.codes(), kept ? [] : end);
    assert.equal(rig.registry.get({ app: "live", name: "test" })?.playerCount ?? 0, kept ? 1 : 0);
    if (!kept) return;
    rig.clock.advance(10_500);
    assert.deepEqual(player.codes(), end);
  });
}
