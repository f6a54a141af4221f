/** How long a player may take nothing, and how long it stays when its play is over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { interFrame, keyFrame } from "../../support/media.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";
import { sharedObject, USE } from "../../support/shared_object_client.ts";

const { Video, UserControl } = MessageType;

/** Advances by `ms` in steps of half a second, with `each` before every step. */
function pass(rig: Rig, ms: number, each: () => void = () => {}): void {
  for (let at = 0; at < ms; at += 500) {
    each();
    rig.clock.advance(500);
  }
}

const alive = (client: RigClient) => client.session.core.phase !== "closed";

test("a connection whose only play was ended, and that asks for nothing, is closed two seconds later", async () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const player = rig.player();
  player.take();
  publisher.command(1, "closeStream", 0, null);
  assert.deepEqual(player.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  // Saying that it is done, answering pings and acknowledging is not asking.
  player.command(1, "closeStream", 0, null);
  player.command(0, "deleteStream", 0, null, 1);
  player.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 0, 0, 0));
  pass(rig, 1500);
  assert.ok(alive(player));
  pass(rig, 500);
  assert.ok(!alive(player));
  assert.equal(player.connection.closing, "end");
  await settle();
  assert.deepEqual(rig.takeTold().filter((line) => line.includes("disconnect")), [
    "disconnect unpublished",
  ]);
});

test("a play that waited in vain is followed by the end of its connection", () => {
  const rig = new Rig({ playWaitMs: 5000 });
  const player = rig.player();
  pass(rig, 5500);
  assert.deepEqual(player.codes(), ["NetStream.Play.StreamNotFound"]);
  assert.ok(alive(player));
  pass(rig, 2000);
  assert.ok(!alive(player));
});

test("a connection whose play was ended stays when it plays, publishes or asks for something else", () => {
  const others: ((client: RigClient) => void)[] = [
    (client) => client.publish(2, "other"),
    (client) => client.play(2, "later"),
    (client) => client.message(19, 0, 0, sharedObject("chat", [USE])),
    (client) => client.command(0, "createStream", 9, null),
    (client) => client.command(0, "something", 9, null),
  ];
  for (const other of others) {
    const rig = new Rig();
    const publisher = rig.publisher();
    const player = rig.client().connected(2);
    player.play(1, "test");
    publisher.command(1, "closeStream", 0, null);
    pass(rig, 1000);
    other(player);
    pass(rig, 5000);
    assert.ok(alive(player));
  }
});

test("a play that its own client stops ends no connection early", () => {
  const rig = new Rig();
  rig.publisher();
  const player = rig.player();
  player.command(1, "closeStream", 0, null);
  pass(rig, 5000);
  assert.ok(alive(player));
});

test("a silent player is pinged every pingIntervalMs and left alone", () => {
  const rig = new Rig({ pingIntervalMs: 10_000, publishStartMs: 60_000 });
  rig.publisher();
  const player = rig.player();
  player.take();
  pass(rig, 29_000);
  assert.equal(player.take().filter((reply) => reply.startsWith("pingRequest")).length, 2);
  assert.ok(alive(player));
});

test("a player whose socket takes nothing for playerStallMs is cut off, whatever is published", async () => {
  const rig = new Rig({ playerStallMs: 5000 });
  const publisher = rig.publisher();
  const player = rig.player();
  player.connection.block();
  let time = 0;
  const publish = () => publisher.message(Video, 1, time += 40, keyFrame(500));
  pass(rig, 4500, publish);
  assert.ok(alive(player));
  pass(rig, 1500, publish);
  assert.equal(player.connection.closing, "destroy");
  await settle();
  assert.deepEqual(rig.takeTold(), ["stop test stalled", "disconnect stalled"]);
  assert.ok(alive(publisher));
});

test("a player that takes a little now and then is slow, not stalled", () => {
  const rig = new Rig({ playerStallMs: 5000 });
  const publisher = rig.publisher();
  const player = rig.player();
  player.connection.block();
  publisher.message(Video, 1, 0, keyFrame(100_000));
  for (let round = 0; round < 5; round++) {
    pass(rig, 4500);
    player.connection.drain(1);
  }
  assert.ok(alive(player));
});

test("a player with nothing to read is not stalled", () => {
  const rig = new Rig({ playerStallMs: 2000 });
  const publisher = rig.publisher();
  const player = rig.player();
  pass(rig, 20_000, () => publisher.message(UserControl, 0, 0, Uint8Array.of(0, 7, 0, 0, 0, 0)));
  assert.ok(alive(player));
});

test("a stalled player costs the others nothing", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  const stalled = rig.player();
  const player = rig.player();
  stalled.connection.block();
  player.take();
  for (let frame = 0; frame < 50; frame++) {
    const body = frame % 10 === 0 ? keyFrame(500, frame) : interFrame(500, frame);
    publisher.message(Video, 1, frame * 40, body);
    assert.deepEqual(player.media(), [`9 ${frame * 40} ${frame}`]);
  }
});

test("a client whose play ended and that plays again at once is watched as before", () => {
  const rig = new Rig({ pingIntervalMs: 1000, playWaitMs: 1e6 });
  const publisher = rig.publisher();
  const player = rig.player();
  publisher.command(1, "deleteStream", 0, null, 1);
  player.play(1, "other");
  player.take();
  pass(rig, 5000);
  assert.ok(alive(player));
  assert.ok(player.takeMessages().filter(({ type }) => type === UserControl).length >= 4, "pinged");
});
