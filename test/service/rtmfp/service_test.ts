/** The service of RTMFP: who is let in, what becomes of those who never speak, and how it stops. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { publishGop } from "../../support/rtmp_service.ts";
import { AUDIO_HEADER, audioFrame, keyFrame, VIDEO_HEADER } from "../../support/media.ts";
import { RtmfpRig } from "../../support/rtmfp/service_rig.ts";
import { vlu } from "../../support/rtmfp/wire.ts";

const at = (port: number, hostname = "192.0.2.7") => ({ hostname, port });

/** Metadata of a flow of this message stream. */
const flowOf = (stream: number) => Buffer.concat([Buffer.from([0x54, 0x43, 4]), vlu(stream)]);

test("a client publishes to players of RTMP, and plays what RTMP brings", async () => {
  const rig = new RtmfpRig();
  const publisher = await rig.peer(at(1)).connected();
  publisher.command(1, "publish", null, "up", "live");
  await rig.pass(50);
  assert.deepEqual(publisher.codes(), ["NetStream.Publish.Start"]);
  const player = rig.player("up");
  publisher.message(1, 9, 0, VIDEO_HEADER);
  publisher.message(1, 8, 0, AUDIO_HEADER);
  publisher.message(1, 9, 0, keyFrame(5000, 7));
  publisher.message(1, 8, 0x1000010, audioFrame(20));
  await rig.pass(50);
  assert.deepEqual(player.media(), ["9 0 178", "8 0 16", "9 0 7", "8 16777232 85"]);

  const down = rig.publisher("down");
  const viewer = await rig.peer(at(2)).connected();
  viewer.command(1, "play", null, "down", -2);
  await rig.pass(50);
  assert.deepEqual(viewer.codes().slice(-2), ["NetStream.Play.Reset", "NetStream.Play.Start"]);
  publishGop(down, 100);
  await rig.pass(50);
  assert.deepEqual(
    viewer.media().toSorted(),
    ["8 0 4", "8 110 20", "9 0 44", "9 100 5000", "9 140 300"].toSorted(),
  );
  assert.deepEqual(
    [...rig.service.sessions.values()].map((session) => session.inFlows),
    [true, false, false, true],
  );
  assert.deepEqual(rig.faults, []);
});

test("who has keys and never speaks RTMP makes room after a while, and so does who never connects", async () => {
  const rig = new RtmfpRig({ openingTimeoutMs: 2000 });
  const silent = await rig.peer(at(1)).open();
  const flow = await rig.peer(at(2)).open();
  // A flow of the connection, and no message on it that says anything.
  flow.peer.writeTo("control", flowOf(0), Buffer.alloc(5), rig.clock.now());
  await rig.pass(20);
  assert.deepEqual([rig.rtmfp.size, rig.service.sessions.size], [2, 1]);
  await rig.pass(2500);
  assert.deepEqual([rig.rtmfp.size, rig.service.sessions.size], [0, 0]);
  assert.deepEqual([silent.peer.state, flow.peer.state], ["closed", "closed"]);
});

test("strangers of one address are few, and those of all make room for others, oldest first", async () => {
  const rig = new RtmfpRig({ maxPendingConnections: 3, openingTimeoutMs: 100_000 });
  const peers = [];
  for (let host = 1; host <= 4; host++) peers.push(await rig.peer(at(1, `192.0.2.${host}`)).open());
  await rig.pass(20);
  assert.deepEqual(peers.map(({ peer }) => peer.state), ["closed", "open", "open", "open"]);
  assert.equal(rig.rtmfp.size, 3);

  const crowd = new RtmfpRig({ openingTimeoutMs: 100_000 });
  for (let port = 1; port <= 16; port++) await crowd.peer(at(port)).open();
  await crowd.pass(5000);
  await assert.rejects(crowd.peer(at(17)).open(), /state keying/);
  assert.equal(crowd.rtmfp.size, 16);
});

test("no more clients have keys than may be connected", async () => {
  const rig = new RtmfpRig({ maxConnections: 2 });
  await rig.peer(at(1)).connected();
  await rig.peer(at(2)).connected();
  await assert.rejects(rig.peer(at(3)).open(), /state keying/);
  assert.equal(rig.rtmfp.size, 2);
});

test("who holds most of unfinished messages is ended while all hold too much", async () => {
  const rig = new RtmfpRig({ maxTotalAssemblyBytes: 600_000 }, { maxMessageBytes: 8 << 20 });
  const [greedy, other] = [await rig.peer(at(1)).connected(), await rig.peer(at(2)).connected()];
  // All but the end of a message: the last fragment is held back.
  for (const [client, bytes] of [[greedy, 500_000], [other, 150_000]] as const) {
    client.peer.writeTo("greed", flowOf(1), Buffer.alloc(bytes), rig.clock.now(), true);
  }
  await rig.pass(400);
  assert.deepEqual([greedy.peer.state, other.peer.state], ["closed", "open"]);
  assert.equal(rig.service.sessions.size, 1);
});

test("a client that is gone without a word is taken to be gone after a minute", async () => {
  const rig = new RtmfpRig();
  const client = await rig.peer(at(1)).connected();
  client.vanish();
  await rig.pass(70_000);
  assert.deepEqual([rig.rtmfp.size, rig.service.sessions.size], [0, 0]);
  assert.equal(rig.clock.pending, new RtmfpRig().clock.pending, "no timer is left");
});

test("a client that ends its control flow, or says goodbye, is gone at once", async () => {
  const rig = new RtmfpRig();
  const [first, second] = [await rig.peer(at(1)).connected(), await rig.peer(at(2)).connected()];
  first.peer.finish("0 control", rig.clock.now());
  await rig.pass(20);
  assert.equal(rig.service.sessions.size, 1);
  second.peer.close(rig.clock.now());
  await rig.pass(20);
  assert.equal(rig.service.sessions.size, 0);
  assert.deepEqual(rig.ends.map(({ reason }) => reason), ["disconnected", "disconnected"]);
});

test("a stop says goodbye to all, strangers too, and closes the port", async () => {
  const rig = new RtmfpRig();
  const client = await rig.peer(at(1)).connected();
  const stranger = await rig.peer(at(2)).open();
  const done = rig.rtmfp.stop(1000);
  await rig.stop(0);
  await rig.pass(2000);
  await done;
  assert.deepEqual([client.peer.state, stranger.peer.state], ["closed", "closed"]);
  assert.ok(rig.closed);
  assert.equal(rig.rtmfp.size, 0);
  await assert.rejects(rig.peer(at(3)).open(), /state/);
});

test("all clients are sent elsewhere where the settings say so, and none gets keys", async () => {
  const rig = new RtmfpRig({}, { redirect: { ip: Uint8Array.of(192, 0, 2, 9), port: 1936 } });
  const client = rig.peer(at(1));
  client.peer.connect("rtmfp://server.example/live", rig.clock.now());
  await rig.pass(20);
  assert.equal(client.peer.redirectedAt!.toString("hex"), "02c00002090790");
  assert.equal(rig.rtmfp.size, 0);
});

test("while media of another client is time critical, packets say so, and those of its own do not", async () => {
  const rig = new RtmfpRig();
  const publisher = await rig.peer(at(1)).connected();
  publisher.command(1, "publish", null, "up", "live");
  const viewer = await rig.peer(at(2)).connected();
  await rig.pass(50);
  assert.equal(viewer.peer.reversed, 0);
  publisher.peer.critical = true;
  publisher.message(1, 9, 0, keyFrame(500));
  await rig.pass(50);
  viewer.command(0, "createStream", null);
  publisher.command(0, "createStream", null);
  await rig.pass(50);
  assert.ok(viewer.peer.reversed > 0);
  assert.equal(publisher.peer.reversed, 0);
});

test("what all hold is looked at each tenth of a second", async () => {
  const rig = new RtmfpRig({ maxTotalAssemblyBytes: 300_000 }, { maxMessageBytes: 8 << 20 });
  const ends: number[] = [];
  for (const port of [1, 2, 3]) {
    const client = await rig.peer(at(port)).connected();
    client.peer.writeTo("greed", flowOf(1), Buffer.alloc(400_000), rig.clock.now(), true);
    for (let turns = 0; client.peer.state === "open" && turns < 200; turns++) await rig.pass(10);
    ends.push(rig.clock.now());
  }
  const [first, second, third] = ends;
  assert.deepEqual([(second! - first!) % 100, (third! - second!) % 100], [0, 0], ends.join());
});
