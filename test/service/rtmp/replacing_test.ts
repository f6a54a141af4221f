/** A second publish or play on a NetStream: what runs goes on, for everybody, until it is let in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import type { Plugin } from "../../../src/plugin/mod.ts";
import { keyFrame } from "../../support/media.ts";
import { publishGop, Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

const { Video } = MessageType;
const LEAVING = /UnpublishNotify|Play\.Stop|StreamNotFound/;

/** Shows that the player is still served by the publisher. */
function goesOn(publisher: RigClient, player: RigClient, time: number): void {
  publisher.message(Video, 1, time, keyFrame(500, 7));
  assert.ok(player.media().some((line) => line === `9 ${time} 7`), `at ${time}`);
}

test("a second publish of the same name sends nobody away, whoever waited for it included", () => {
  const rig = new Rig();
  const waiting = rig.player();
  const publisher = rig.publisher();
  const player = rig.player();
  publishGop(publisher, 0);
  for (const client of [waiting, player]) client.take();
  for (const name of ["test", "test", "test?key=2"]) {
    publisher.publish(1, name);
    assert.deepEqual(publisher.codes(), ["NetStream.Publish.Start"]);
  }
  for (const client of [waiting, player]) assert.deepEqual(client.codes(), []);
  goesOn(publisher, player, 2000);
  assert.deepEqual(rig.takeTold(), []);
});

test("a publish that is refused leaves the one that runs, whoever refuses it", () => {
  const plugin: Plugin = {
    name: "door",
    onPublish: ({ name }) => name === "forbidden" ? { refuse: "no" } : undefined,
  };
  const rig = new Rig({ publishPolicy: "reject", publishProbeMs: 0, maxStreams: 2 }, plugin);
  const other = rig.publisher("taken");
  publishGop(other, 0);
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  player.take();
  const codes = { forbidden: "Denied", taken: "BadName", third: "Rejected", "..": "BadName" };
  let time = 2000;
  for (const [name, code] of Object.entries(codes)) {
    publisher.publish(1, name);
    assert.deepEqual(publisher.codes(), [`NetStream.Publish.${code}`], name);
    goesOn(publisher, player, time += 1000);
  }
  assert.deepEqual(rig.takeTold(), []);
});

test("while a plugin thinks about the next publish, the one that runs is relayed", async () => {
  let decide = (): void => {};
  const plugin: Plugin = {
    name: "slow",
    onPublish: ({ name }) =>
      name === "test" ? undefined : new Promise((resolve) => decide = () => resolve()),
  };
  const rig = new Rig({}, plugin);
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  player.take();
  publisher.publish(1, "other");
  await settle();
  assert.equal(rig.registry.get({ app: "live", name: "test" })?.publisher !== undefined, true);
  assert.deepEqual(player.codes(), []);
  decide();
  await settle();
  assert.deepEqual(publisher.codes(), ["NetStream.Unpublish.Success", "NetStream.Publish.Start"]);
  assert.deepEqual(player.codes(), ["NetStream.Play.UnpublishNotify", "NetStream.Play.Stop"]);
  assert.deepEqual(rig.takeTold().sort(), ["stop test unpublished", "unpublish test client"]);
  assert.equal(rig.registry.get({ app: "live", name: "other" })?.publisher !== undefined, true);
});

test("a plugin that is good for one time only is not asked again about what runs", () => {
  let asked = 0;
  const plugin: Plugin = {
    name: "once",
    onPublish: () => asked++ === 0 ? undefined : { refuse: "used" },
  };
  const rig = new Rig({}, plugin);
  const publisher = rig.publisher();
  publisher.publish(1, "test");
  assert.deepEqual(publisher.codes(), ["NetStream.Publish.Start"]);
});

test("a secret key and its twin that a plugin renames to one name are one publish", () => {
  const plugin: Plugin = { name: "keys", onPublish: () => ({ rename: "public" }) };
  const rig = new Rig({}, plugin);
  const publisher = rig.publisher("key1");
  publishGop(publisher, 0);
  const player = rig.player("public");
  player.take();
  publisher.publish(1, "key2");
  assert.deepEqual(publisher.codes(), ["NetStream.Publish.Start"]);
  assert.deepEqual(player.codes(), []);
  goesOn(publisher, player, 2000);
});

test("a play that is refused leaves the one that runs; one that is let in ends it", () => {
  const plugin: Plugin = {
    name: "door",
    onPlay: ({ name }) => name === "forbidden" ? { refuse: "no" } : undefined,
  };
  const rig = new Rig({ maxWaits: 0 }, plugin);
  const [publisher, other] = [rig.publisher(), rig.publisher("other")];
  publishGop(publisher, 0);
  publishGop(other, 0);
  const player = rig.client().connected(2);
  player.play(2, "waited-for");
  player.play(1, "test");
  player.take();
  let time = 2000;
  for (
    const [name, code] of [["forbidden", "Failed"], ["third", "Failed"], ["..", "StreamNotFound"]]
  ) {
    player.play(1, name!);
    assert.deepEqual(player.codes(), [`NetStream.Play.${code}`], name);
    goesOn(publisher, player, time += 1000);
  }
  assert.deepEqual(rig.takeTold(), []);
  player.play(1, "other");
  assert.deepEqual(player.codes(), [
    "NetStream.Play.Stop",
    "NetStream.Play.Reset",
    "NetStream.Play.Start",
  ]);
  assert.deepEqual(rig.takeTold(), ["stop test client"]);
  goesOn(other, player, time += 1000);
});

test("a play of what is played already changes nothing; with other tracks it begins anew", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  player.take();
  for (const name of ["test", "test?session=1"]) {
    player.play(1, name);
    assert.deepEqual(player.codes(), ["NetStream.Play.Reset", "NetStream.Play.Start"]);
    assert.deepEqual(player.media(), [], "nothing is sent twice");
  }
  goesOn(publisher, player, 2000);
  assert.deepEqual(rig.takeTold(), []);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.playerCount, 1);
  player.command(1, "pause", 0, null, true);
  player.play(1, "test");
  player.media();
  goesOn(publisher, player, 3000);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.playerCount, 1);
});

test("a NetStream that is to play what it publishes waits for another publisher", () => {
  const rig = new Rig();
  const client = rig.publisher();
  publishGop(client, 0);
  client.play(1, "test");
  assert.deepEqual(client.codes(), ["NetStream.Unpublish.Success"]);
  publishGop(rig.publisher(), 0);
  assert.ok(client.codes().includes("NetStream.Play.Start"));
});

test("a NetStream that plays may publish, and the player it was is gone", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const client = rig.player();
  client.take();
  client.publish(1, "mine");
  assert.deepEqual(client.codes(), ["NetStream.Play.Stop", "NetStream.Publish.Start"]);
  assert.equal(rig.registry.get({ app: "live", name: "test" })!.playerCount, 0);
});

test("each way to stop tells the publisher and its players", () => {
  const stops: [command: string, ...values: (number | boolean | string)[]][] = [
    ["closeStream"],
    ["deleteStream", 1],
    ["publish", false],
    ["FCUnpublish", "test"],
  ];
  for (const [command, ...values] of stops) {
    const rig = new Rig();
    const publisher = rig.publisher();
    publishGop(publisher, 0);
    const player = rig.player();
    player.take();
    publisher.command(1, command, 0, null, ...values);
    const codes = publisher.codes();
    assert.equal(codes.at(-1), "NetStream.Unpublish.Success", command);
    assert.deepEqual(
      player.take().filter((line) => !line.includes("data")),
      [
        "1 onStatus 0 null status:NetStream.Play.UnpublishNotify",
        "streamEof 1",
        "1 onStatus 0 null status:NetStream.Play.Stop",
      ],
      command,
    );
    assert.ok(!LEAVING.test(codes.join()));
  }
});

test("behind a seek a player gets Seek.Notify, then headers and a key frame", () => {
  const rig = new Rig();
  const publisher = rig.publisher();
  publishGop(publisher, 0);
  const player = rig.player();
  const before = player.media();
  player.command(1, "seek", 0, null, 2000);
  const messages = player.takeMessages();
  assert.deepEqual(messages[0]!.type, MessageType.CommandAmf0, "Notify goes before all media");
  const media = messages.filter(({ type }) => type === 8 || type === 9);
  assert.equal(media.length, before.length, "what it was sent when it joined");
  goesOn(publisher, player, 2000);
  player.command(1, "pause", 0, null, true);
  player.take();
  player.command(1, "seek", 0, null, 2000);
  assert.deepEqual(player.codes(), ["NetStream.Seek.Notify"]);
  publisher.message(Video, 1, 3000, keyFrame(500, 7));
  assert.deepEqual(player.media(), [], "it stays paused");
});
