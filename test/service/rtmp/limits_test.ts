import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject, type AmfValue } from "../../../src/core/amf/mod.ts";
import { MessageType } from "../../../src/core/rtmp/message/types.ts";
import { Rig, type SETTINGS } from "../../support/rtmp_service.ts";

/** The error that ends a publisher's session over a message, by settings; undefined if it lives. */
function fate(settings: Partial<typeof SETTINGS>, type: number, length: number) {
  const client = new Rig(settings).publisher();
  client.message(type, 1, 0, new Uint8Array(length).fill(0xff));
  return client.session.core.error?.message;
}

test("each kind of message has its longest length once a publish was accepted", () => {
  const { Audio, Video, Aggregate, DataAmf0 } = MessageType;
  const settings = { maxAudioBytes: 5000, maxMessageBytes: 70_000, maxCommandBytes: 66_000 };
  for (
    const [type, most] of [[Audio, 5000], [Video, 70_000], [Aggregate, 70_000], [DataAmf0, 66_000]]
  ) {
    assert.equal(fate(settings, type!, most!), undefined, `type ${type}`);
    assert.match(fate(settings, type!, most! + 1)!, new RegExp(`more than ${most}$`));
  }
});

test("before a publish every message is held to maxEarlyMessageBytes, by players for good", () => {
  for (const type of [MessageType.Audio, MessageType.Video, MessageType.CommandAmf0]) {
    const early = { maxEarlyMessageBytes: 5000 };
    const client = new Rig(early).client().connected();
    client.message(type, 1, 0, new Uint8Array(5000));
    assert.equal(client.session.core.phase, "connected");
    client.message(type, 1, 0, new Uint8Array(5001));
    assert.equal(client.session.core.error?.code, "limit");
    const player = new Rig(early).player();
    player.message(type, 1, 0, new Uint8Array(5001));
    assert.equal(player.session.core.error?.code, "limit");
  }
});

test("a command beyond the bounds of AMF is an error for its caller, who stays", () => {
  const answer = (settings: Partial<typeof SETTINGS>, value: AmfValue) => {
    const client = new Rig(settings).client().connected();
    client.command(0, "releaseStream", 9, null, value);
    return client.take()[0];
  };
  const refused = "0 _error 9 null error:NetConnection.Call.Failed";
  const taken = "0 _result 9 null undefined";
  const deep = (levels: number): AmfValue => levels === 0 ? 1 : amfObject({ a: deep(levels - 1) });
  assert.equal(answer({ maxAmfDepth: 4 }, deep(4)), taken);
  assert.equal(answer({ maxAmfDepth: 4 }, deep(5)), refused);
  assert.equal(answer({ maxAmfValues: 64 }, new Array(60).fill(null)), taken);
  assert.equal(answer({ maxAmfValues: 64 }, new Array(64).fill(null)), refused);
  assert.equal(answer({ maxAmfStringBytes: 1024 }, "x".repeat(1024)), taken);
  assert.equal(answer({ maxAmfStringBytes: 1024 }, "x".repeat(1025)), refused);
  assert.equal(answer({ maxAmfBytes: 4096 }, "x".repeat(4000)), taken);
  assert.equal(answer({ maxAmfBytes: 4096 }, "x".repeat(4096)), refused);
});

test("chunk streams and unfinished messages of a connection are held to their settings", () => {
  const begun = (id: number) => Uint8Array.of(id, ...[0, 0, 0], 0, 1, 0, 8, 1, 0, 0, 0);
  const unfinished = new Rig({ maxUnfinishedMessages: 2 }).client().connected();
  for (const id of [10, 11]) {
    unfinished.write(begun(id));
    unfinished.write(new Uint8Array(128));
  }
  assert.equal(unfinished.session.core.phase, "connected");
  unfinished.write(begun(12));
  assert.match(unfinished.session.core.error!.message, /More than 2 messages/);
  const empty = (id: number) => Uint8Array.of(id, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0);
  const streams = new Rig({ maxChunkStreams: 8 }).client().connected();
  for (let id = 20; id < 29; id++) streams.write(empty(id));
  assert.match(streams.session.core.error!.message, /More than 8 chunk stream ids/);
});

test("of what a client says in connect only what is asked for is kept", () => {
  const client = new Rig().client().shake();
  const members = Array.from({ length: 500 }, (_, i) => [`k${i}`, amfObject({})]);
  client.connect("live", Object.fromEntries(members));
  assert.equal(client.session.core.phase, "connected");
  assert.equal(client.session.connected.app, "live");
  assert.equal(client.session.connected.properties.size, 0);
});
