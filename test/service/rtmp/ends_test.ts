/** Why things end: what the plugins are told, once each, and what the clients see. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { audioFrame, interFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { Rig, type RigClient, SETTINGS, settle } from "../../support/rtmp_service.ts";

/** A Set Chunk Size of 0, with which nothing can be read any more. */
const NO_CHUNK_SIZE = Uint8Array.of(2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0, 0);

const { Audio, Video } = MessageType;

/** A client that publishes `one` and plays `two`. */
function busy(rig: Rig): RigClient {
  const client = rig.client().connected(2);
  client.publish(1, "one");
  client.play(2, "two");
  client.take();
  return client;
}

/** How a client ends, and the reason its publish, its play and its session end with. */
const ENDS: Record<string, { end: (client: RigClient, rig: Rig) => void; reasons: string[] }> = {
  "it deletes its streams and hangs up": {
    end: (client) => {
      client.command(0, "deleteStream", 0, null, 1);
      client.command(0, "deleteStream", 0, null, 2);
      client.connection.hangUp();
    },
    reasons: ["client", "client", "disconnected"],
  },
  "it hangs up": {
    end: (client) => client.connection.hangUp(),
    reasons: ["disconnected", "disconnected", "disconnected"],
  },
  "it says close": {
    end: (client) => client.command(0, "close", 0, null),
    reasons: ["client", "client", "client"],
  },
  "it breaks the protocol": {
    end: (client) => client.write(NO_CHUNK_SIZE),
    reasons: ["protocol", "protocol", "protocol"],
  },
  "it goes beyond a limit": {
    end: (client) => client.write(Uint8Array.of(3, 0, 0, 0, 0xff, 0xff, 0xff, 20, 0, 0, 0, 0)),
    reasons: ["protocol", "protocol", "protocol"],
  },
  "it is silent for too long": {
    end: (_client, rig) => rig.clock.advance(31_000),
    reasons: ["timeout", "timeout", "timeout"],
  },
  "it takes nothing for too long": {
    end: (client, rig) => {
      client.connection.block();
      client.command(0, "_checkbw", 9, null);
      rig.clock.advance(11_000);
    },
    reasons: ["stalled", "stalled", "stalled"],
  },
  "it leaves its replies unread": {
    end: (client, rig) => {
      client.connection.block();
      for (let id = 1; id < 2000; id++) client.command(0, "_checkbw", id, null);
      rig.clock.advance(SETTINGS.playerStallMs + 1000);
    },
    reasons: ["stalled", "stalled", "stalled"],
  },
  "an operator ends its session": {
    end: (client, rig) => void rig.view().endSession(client.session.id),
    reasons: ["kicked", "kicked", "kicked"],
  },
  "the server stops": {
    end: (_client, rig) => void rig.stop(0),
    reasons: ["shutdown", "shutdown", "shutdown"],
  },
  "the server has a fault": {
    end: (client) => {
      client.session.core.ping = () => {};
      client.session.onSetData = () => {
        throw new RangeError("a bug of ours");
      };
      client.message(MessageType.DataAmf0, 1, 0, Uint8Array.of(2, 0, 10, ...text("onMetaData")));
    },
    reasons: ["internal", "internal", "internal"],
  },
};

const text = (value: string) => new TextEncoder().encode(value);

for (const [how, { end, reasons }] of Object.entries(ENDS)) {
  test(`when ${how} the plugins are told so, once each`, async () => {
    const rig = new Rig({ playWaitMs: 600_000 });
    end(busy(rig), rig);
    await settle();
    const [unpublish, stop, disconnect] = reasons;
    assert.deepEqual(rig.takeTold().sort(), [
      `disconnect ${disconnect}`,
      `stop two ${stop}`,
      `unpublish one ${unpublish}`,
    ]);
    rig.clock.advance(100_000);
    await settle();
    assert.deepEqual(rig.takeTold(), []);
    assert.equal(rig.service.sessions.size, 0);
    assert.equal(rig.registry.size, 0);
  });
}

test("the disconnect is told last", async () => {
  const rig = new Rig();
  busy(rig).connection.hangUp();
  await settle();
  assert.equal(rig.takeTold().at(-1), "disconnect disconnected");
});

test("ends carry bytes and durations", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  rig.clock.advance(1000);
  publisher.message(Video, 1, 0, keyFrame(1000));
  publisher.message(Video, 1, 40, interFrame(500));
  rig.clock.advance(500);
  player.connection.hangUp();
  await settle();
  publisher.connection.hangUp();
  await settle();
  const [stop, left, unpublish, gone] = rig.ends as never as Record<string, number>[];
  assert.ok(stop!.bytes! > 1500 && stop!.bytes! < 1600, `${stop!.bytes} bytes played`);
  assert.equal(stop!.durationMs, 1500);
  assert.equal(left!.bytesOut, player.connection.bytesWritten);
  assert.equal(unpublish!.bytes, 1500);
  assert.equal(unpublish!.durationMs, 1500);
  assert.equal(gone!.bytesIn, publisher.session.core.bytesIn);
  assert.equal(gone!.durationMs, 1500);
});

test("replace: the first publisher is told BadName and let go, its players stay", async () => {
  const rig = new Rig();
  const first = rig.publisher();
  const player = rig.player();
  first.message(Video, 1, 0, keyFrame(1000, 1));
  player.take();
  rig.clock.advance(2000);
  const second = rig.publisher();
  assert.deepEqual(first.codes(), ["NetStream.Publish.BadName", "NetStream.Unpublish.Success"]);
  assert.equal(first.connection.closing, undefined, "not in the turn of the one who takes over");
  await settle();
  assert.equal(first.connection.closing, "end");
  second.message(Video, 1, 0, keyFrame(1000, 2));
  assert.deepEqual(player.media(), ["9 2000 2"], "time goes on");
  await settle();
  assert.deepEqual(rig.takeTold(), ["unpublish test replaced", "disconnect replaced"]);
  const [{ bytes, durationMs }] = rig.ends as unknown as [{ bytes: number; durationMs: number }];
  assert.deepEqual({ bytes, durationMs }, { bytes: 1000, durationMs: 2000 });
});

test("reject: the second publisher is told BadName and may go on, the first is asked for a sign of life only", async () => {
  const rig = new Rig({ publishPolicy: "reject" });
  const first = rig.publisher();
  const second = rig.client().connected();
  second.publish(1, "test");
  assert.deepEqual(second.codes(), [], "nothing before the first had its say");
  rig.clock.advance(10);
  first.message(Audio, 1, 0, audioFrame());
  rig.clock.advance(250);
  await settle();
  assert.deepEqual(second.codes(), ["NetStream.Publish.BadName"]);
  second.publish(1, "other");
  assert.deepEqual(second.codes(), ["NetStream.Publish.Start"]);
  assert.deepEqual(first.take(), ["pingRequest 0"]);
  assert.deepEqual(rig.takeTold(), []);
});

test("a client that takes a name over from itself keeps its connection", () => {
  const rig = new Rig();
  const client = rig.client().connected(2);
  client.publish(1, "test");
  client.publish(2, "test");
  assert.deepEqual(client.take().filter((reply) => reply.includes("onStatus")), [
    "1 onStatus 0 null status:NetStream.Publish.Start",
    "1 onStatus 0 null error:NetStream.Publish.BadName",
    "1 onStatus 0 null status:NetStream.Unpublish.Success",
    "2 onStatus 0 null status:NetStream.Publish.Start",
  ]);
  assert.deepEqual(rig.takeTold(), ["unpublish test replaced"]);
  assert.equal(client.session.core.phase, "connected");
});

test("kicked by the operator, a publisher is told so and let go; its players end", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  player.take();
  assert.equal(rig.view().endStream("live", "test"), true);
  await settle();
  assert.deepEqual(publisher.codes(), [
    "NetStream.Publish.Rejected",
    "NetStream.Unpublish.Success",
    "NetConnection.Connect.Closed",
  ]);
  assert.deepEqual(player.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  assert.deepEqual(rig.takeTold().sort(), [
    "disconnect kicked",
    "stop test unpublished",
    "unpublish test kicked",
  ]);
  assert.equal(player.session.core.phase, "connected");
});

test("a publisher that loses one of two streams keeps its connection", () => {
  const rig = new Rig();
  const client = rig.client().connected(2);
  client.publish(1, "one");
  client.publish(2, "two");
  client.take();
  rig.view().endStream("live", "one");
  assert.deepEqual(client.codes(), ["NetStream.Publish.Rejected", "NetStream.Unpublish.Success"]);
  client.message(Video, 2, 0, VIDEO_HEADER);
  client.message(Video, 1, 0, VIDEO_HEADER);
  assert.equal(client.session.core.phase, "connected");
  assert.equal(client.session.core.strayMessages, 1);
  assert.deepEqual(rig.takeTold(), ["unpublish one kicked"]);
});

test("when the server stops, publishers and players are told AppShutdown, and no error before", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  const waiting = rig.player("nobody");
  player.take();
  const stopped = rig.stop(5000);
  await stopped;
  assert.deepEqual(publisher.codes(), [
    "NetStream.Unpublish.Success",
    "NetConnection.Connect.AppShutdown",
  ]);
  assert.deepEqual(player.codes(), [
    "NetStream.Play.UnpublishNotify",
    "NetStream.Play.Stop",
    "NetConnection.Connect.AppShutdown",
  ]);
  assert.deepEqual(waiting.codes(), ["NetStream.Play.Failed", "NetConnection.Connect.AppShutdown"]);
  // For a player its publisher may go a moment before the server does.
  const told = rig.takeTold().map((line) =>
    line.replace("stop test unpublished", "stop test shutdown")
  );
  assert.deepEqual(told.sort(), [
    ...["disconnect shutdown", "disconnect shutdown", "disconnect shutdown"],
    ...["stop nobody shutdown", "stop test shutdown", "unpublish test shutdown"],
  ]);
  assert.equal(rig.service.sessions.size, 0);
});

test("a slow player is handed what was published before it is told of the end", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  player.take();
  player.connection.block();
  publisher.message(Video, 1, 0, keyFrame(3000, 1));
  publisher.message(Video, 1, 40, interFrame(300, 2));
  publisher.connection.hangUp();
  await settle();
  assert.deepEqual(player.take(), []);
  assert.deepEqual(rig.takeTold(), ["unpublish test disconnected", "disconnect disconnected"]);
  player.connection.drain();
  assert.deepEqual(player.take().map((reply) => reply.split(" ").slice(0, 5).join(" ")), [
    "1 type 9 at 0:",
    "1 type 9 at 40:",
    "1 onStatus 0 null status:NetStream.Play.UnpublishNotify",
    "streamEof 1",
    "1 onStatus 0 null status:NetStream.Play.Stop",
  ]);
  assert.deepEqual(rig.takeTold(), ["stop test unpublished"]);
});
