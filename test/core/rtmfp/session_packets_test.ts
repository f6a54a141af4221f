/** A session of RTMFP packet by packet: what is taken, what is answered, and when [RFC 7016 §3.5]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { metadataOf } from "../../../src/core/rtmfp/tc_message.ts";
import * as wire from "../../support/rtmfp/wire.ts";
import { HERE, PacketRig, START } from "./packets_rig.ts";

const PING = 0x01, CLOSE = 0x0c, DATA = 0x10, NEXT = 0x11, PROBE = 0x18, PONG = 0x41;
const CLOSED = 0x4c, BITMAP = 0x50, ACK = 0x51, EXCEPTION = 0x5e;
const ping = wire.chunk(PING);

/** User Data of flow 7: a whole message. */
function data(sequence: number, text = "hello"): Buffer {
  const options = Buffer.concat([
    wire.opt(0x00, metadataOf(0)),
    wire.opt(0x0a, wire.vlu(2)),
    Buffer.of(0),
  ]);
  const head = Buffer.of(0x80, 7, sequence, sequence);
  return wire.chunk(DATA, head, options, Buffer.from(text));
}

test("a packet is one of the peer when it says that an initiator sent it", () => {
  for (const [mode, taken] of [[0, false], [1, true], [2, false], [3, false]] as const) {
    const rig = new PacketRig();
    assert.equal(rig.receive([mode], ping, START + 1), taken, `${mode}`);
    assert.equal(rig.session.heardAt, START + (taken ? 1 : 0));
    assert.equal(rig.take().length, taken ? 1 : 0);
  }
  const rig = new PacketRig();
  assert.equal(rig.receive([9, 0x12, 0x34], ping, START + 20), true);
  assert.deepEqual(rig.take().map(({ echo, flags }) => [echo, flags]), [[0x1234, 0x0e]]);
  assert.equal(rig.receive([5, 0x61, 0xa8], ping, START + 40), true);
  // 100 s are 0x61a8 units: it was sent 40 ms ago.
  assert.equal(rig.session.outgoing.roundTrip.smoothed, 40);
});

test("chunks are read one by one, up to padding or one that is cut short", () => {
  const rows: [chunks: Buffer, answers: number][] = [
    [Buffer.concat([ping, ping]), 2],
    [Buffer.concat([ping, Buffer.of(0, 0, 0), ping]), 1],
    [Buffer.concat([ping, Buffer.of(0xff, 0, 0), ping]), 1],
    [Buffer.concat([ping, Buffer.of(0x77, 0, 2, 9, 9), ping]), 2],
    [Buffer.concat([ping, Buffer.of(PING, 0x01, 0, 9, 9), ping]), 1],
    [Buffer.concat([wire.chunk(PING, Buffer.alloc(0x102)), ping]), 2],
  ];
  for (const [at, [chunks, answers]] of rows.entries()) {
    const rig = new PacketRig();
    rig.chunks(chunks);
    assert.equal(rig.types().flat().filter((type) => type === PONG).length, answers, `row ${at}`);
  }
  // A chunk may end with the packet: 13 bytes and the flags fill a block behind the checksum.
  const rig = new PacketRig();
  rig.chunks(wire.chunk(PING, Buffer.alloc(10, 5)));
  assert.deepEqual(rig.take()[0]!.chunks[0]!.body, Buffer.alloc(10, 5));
});

test("messages are taken, and acknowledged with the second packet or after a while", () => {
  const rig = new PacketRig();
  rig.chunks(data(1));
  assert.deepEqual(rig.told, ["flow"]);
  assert.deepEqual(rig.messages.map((bytes) => Buffer.from(bytes.subarray(32)).toString()), [
    "hello",
  ]);
  assert.deepEqual(rig.types(), []);
  rig.session.tick(START + 99);
  assert.deepEqual(rig.types(), []);
  rig.session.tick(START + 100);
  assert.deepEqual(rig.types(), [[ACK]]);
  rig.chunks(data(2), START + 200);
  // Next User Data goes on from it within the packet, and only then.
  rig.chunks(
    Buffer.concat([data(3), wire.chunk(NEXT, Buffer.of(0), Buffer.from("there"))]),
    START + 200,
  );
  rig.chunks(wire.chunk(NEXT, Buffer.of(0), Buffer.from("lost")), START + 200);
  assert.equal(rig.messages.length, 4);
  const acks = rig.take().flatMap(({ chunks }) => chunks);
  assert.deepEqual(acks.map(({ type }) => type), [ACK]);
  assert.equal(acks[0]!.body.at(-1), 4);
});

test("a packet without data makes no acknowledgement due", () => {
  const rig = new PacketRig();
  rig.chunks(data(1));
  rig.chunks(wire.chunk(0x77));
  rig.chunks(wire.chunk(NEXT, Buffer.of(0)));
  assert.deepEqual(rig.types(), []);
  rig.chunks(wire.chunk(PROBE, wire.vlu(7)));
  assert.deepEqual(rig.types(), [[ACK]]);
  rig.chunks(wire.chunk(PROBE, wire.vlu(8)));
  rig.chunks(wire.chunk(PROBE, Buffer.of(0x80)));
  assert.deepEqual(rig.types(), []);
});

test("a refusal is told once, and an answer to what was sent makes room", () => {
  const rig = new PacketRig();
  const flow = rig.session.outgoing.open(metadataOf(1), 7, false);
  flow.write(new Uint8Array(10));
  rig.session.flush(START);
  assert.deepEqual(rig.types(), [[DATA]]);
  // A range of what has come, then bits.
  rig.chunks(wire.chunk(ACK, wire.vlu(flow.id), wire.vlu(64), wire.vlu(1)));
  assert.deepEqual([rig.told, flow.idle], [["room"], true]);
  flow.write(new Uint8Array(10));
  flow.write(new Uint8Array(10));
  rig.session.flush(START);
  rig.chunks(wire.chunk(BITMAP, wire.vlu(flow.id), wire.vlu(64), wire.vlu(1), Buffer.of(1)));
  assert.equal(flow.bufferedBytes, 10);
  rig.chunks(wire.chunk(EXCEPTION, wire.vlu(9), wire.vlu(0)));
  assert.deepEqual(rig.told, ["room", "room"]);
  rig.chunks(wire.chunk(EXCEPTION, wire.vlu(flow.id), wire.vlu(0)));
  assert.deepEqual([rig.told.at(-1), flow.refused, flow.bufferedBytes], ["refused 2", true, 0]);
});

test("one turn sends 24 packets at the most, each of which passes a link of 1280 bytes", () => {
  const rig = new PacketRig();
  const { outgoing } = rig.session;
  outgoing.congestion.window = 1e6;
  const flow = outgoing.open(metadataOf(1), 7, false);
  flow.opened = true;
  flow.peerWindow = 1e6;
  flow.write(new Uint8Array(50_000));
  rig.session.flush(START);
  const sent = rig.take();
  assert.equal(sent.length, 24);
  // A block of AES at the most is left of 1184 bytes, behind the id and the checksum.
  for (const { length } of sent) assert.ok(length > 1160 && length <= 1280 - 48, `${length}`);
  rig.session.flush(START);
  assert.equal(rig.take().length, 19);
});

test("what is time critical says so, and whoever has nothing of the kind is told that others have", () => {
  const rig = new PacketRig();
  const flags = (now = START) => {
    rig.session.ping(now);
    return rig.take().map(({ flags }) => flags);
  };
  assert.deepEqual(flags(), [0x0a]);
  rig.criticalElsewhere = START - 799;
  assert.deepEqual(flags(), [0x4a]);
  rig.criticalElsewhere = START - 800;
  assert.deepEqual(flags(), [0x0a]);
  for (const [critical, expected] of [[true, 0x8a], [false, 0x0a]] as const) {
    const rig = new PacketRig();
    rig.session.outgoing.open(metadataOf(1), 7, critical).write(new Uint8Array(1));
    rig.session.flush(START);
    assert.deepEqual(rig.take().map(({ flags }) => flags), [expected]);
  }
  assert.equal(rig.session.criticalAt, -Infinity);
  rig.receive([0x81], ping, START + 3);
  assert.equal(rig.session.criticalAt, START + 3);
  rig.receive([0x41], ping, START + 4);
  assert.equal(rig.session.criticalAt, START + 3);
});

test("a loss takes less of a window soon after something time critical, and more where others have the right of way", () => {
  /** The window after a loss, `ms` behind a time critical packet or a word of others. */
  const left = (critical: boolean, yields: boolean, ms: number) => {
    const rig = new PacketRig();
    const { outgoing } = rig.session;
    const flow = outgoing.open(metadataOf(1), 7, critical);
    outgoing.congestion.window = 8000;
    for (let count = 0; count < 8; count++) flow.write(new Uint8Array(900));
    if (yields) rig.receive([0x41], wire.chunk(0x77));
    rig.session.flush(START);
    // The first one is missing, and three later ones have come, one after the other.
    for (const last of [0, 1, 2]) {
      rig.chunks(
        wire.chunk(ACK, wire.vlu(flow.id), wire.vlu(64), wire.vlu(0), wire.vlu(0), wire.vlu(last)),
        START + ms,
      );
    }
    return outgoing.congestion.window;
  };
  const whole = left(false, false, 0);
  assert.ok(whole < 8000);
  assert.ok(left(true, false, 799) > whole);
  assert.equal(left(true, false, 800), whole);
  assert.ok(left(false, true, 799) < whole);
  assert.equal(left(false, true, 800), whole);
});

test("a silent peer is asked after 15 s and every 7.5 s, and is gone after 60 s", () => {
  const rig = new PacketRig();
  const asked: number[] = [];
  for (let ms = 0; ms <= 60_000; ms += 250) {
    for (const at of [ms, ms + 249]) {
      rig.session.tick(START + at);
      for (const { chunks } of rig.take()) {
        assert.deepEqual(chunks, [{ type: PING, body: Buffer.alloc(0) }]);
        asked.push(at);
      }
      if (at < 60_000) assert.equal(rig.session.state, "open", `${at}`);
      else {
        assert.deepEqual([rig.session.state, rig.told], ["gone", ["timeout"]]);
        break;
      }
    }
  }
  assert.deepEqual(asked, [15_000, 22_500, 30_000, 37_500, 45_000, 52_500]);
  assert.equal(rig.chunks(ping, START + 60_001), false);
  assert.deepEqual(rig.told, ["timeout"]);
});

test("a peer that answers nothing of what it is sent for 30 s is gone, and not one that has nothing to answer", () => {
  const rig = new PacketRig();
  rig.session.tick(START + 25_000);
  const flow = rig.session.outgoing.open(metadataOf(1), 7, false);
  flow.write(new Uint8Array(10));
  const hear = (ms: number) => {
    rig.chunks(wire.chunk(0x77), START + ms);
    rig.session.tick(START + ms);
    return rig.session.state;
  };
  assert.equal(hear(25_050), "open");
  assert.equal(hear(54_999), "open");
  assert.equal(hear(55_000), "gone");
  assert.deepEqual(rig.told, ["timeout"]);
});

test("what is late is looked for every 100 ms", () => {
  const rig = new PacketRig();
  const flow = rig.session.outgoing.open(metadataOf(1), 7, false);
  flow.peerWindow = 0;
  rig.session.tick(START);
  flow.write(new Uint8Array(10), START + 10);
  rig.session.tick(START + 99);
  assert.equal(flow.bufferedBytes, 10);
  rig.session.tick(START + 100);
  assert.equal(flow.bufferedBytes, 0);
});

test("a tick sends what may be sent, what was lost, and asks a peer without room for some", () => {
  const rig = new PacketRig();
  const flow = rig.session.outgoing.open(metadataOf(1), 7, false);
  flow.write(new Uint8Array(10));
  rig.session.tick(START);
  assert.deepEqual(rig.types(), [[DATA]]);
  rig.session.tick(START + 999);
  assert.deepEqual(rig.types(), []);
  rig.session.tick(START + 1000);
  assert.deepEqual(rig.types(), [[DATA]]);
  rig.chunks(wire.chunk(ACK, wire.vlu(flow.id), wire.vlu(0), wire.vlu(1)), START + 1010);
  flow.write(new Uint8Array(10));
  rig.session.tick(START + 1010);
  const probe = rig.take().flatMap(({ chunks }) => chunks);
  assert.deepEqual(probe, [{ type: PROBE, body: Buffer.of(flow.id) }]);
});

test("room is told at once where messages were taken", () => {
  const rig = new PacketRig();
  let flow: Parameters<PacketRig["onMessages"]>[0] | undefined;
  rig.onMessages = (one) => void (flow = one);
  rig.chunks(data(1));
  rig.take();
  rig.session.taken(flow!, START);
  assert.deepEqual(rig.types(), [[ACK]]);
});

test("a peer that closes is answered as long as it asks, for three seconds, and nothing else is taken", () => {
  const rig = new PacketRig();
  rig.chunks(Buffer.concat([wire.chunk(CLOSE), data(1)]));
  assert.deepEqual([rig.told, rig.session.state], [["closed"], "lingering"]);
  assert.deepEqual(rig.types(), [[CLOSED]]);
  rig.chunks(wire.chunk(CLOSE), START + 1000);
  rig.chunks(wire.chunk(CLOSED), START + 1000);
  assert.deepEqual(rig.types(), [[CLOSED]]);
  rig.session.ping(START + 1000);
  rig.session.close(START + 1000);
  rig.session.flush(START + 1000);
  rig.session.tick(START + 2999);
  assert.deepEqual([rig.told, rig.session.state, rig.types()], [["closed"], "lingering", []]);
  rig.session.tick(START + 3000);
  assert.equal(rig.session.state, "gone");
  assert.equal(rig.chunks(wire.chunk(CLOSE), START + 3001), false);
  assert.deepEqual([rig.told, rig.types()], [["closed"], []]);
});

test("a session that is closed says so four times, and is gone when that is answered, or half a second later", () => {
  const rig = new PacketRig();
  const flow = rig.session.outgoing.open(metadataOf(1), 7, false);
  flow.write(new Uint8Array(10));
  rig.session.close(START);
  rig.session.close(START);
  assert.deepEqual([rig.types(), rig.session.state], [[[CLOSE]], "closing"]);
  const told: number[] = [];
  for (let ms = 0; ms < 2000; ms++) {
    rig.session.tick(START + ms);
    for (const types of rig.types()) {
      assert.deepEqual(types, [CLOSE]);
      told.push(ms);
    }
  }
  assert.deepEqual([told, rig.session.state, rig.told], [[500, 1000, 1500], "closing", []]);
  rig.chunks(data(1), START + 1999);
  assert.deepEqual([rig.messages.length, rig.types()], [0, []]);
  rig.session.tick(START + 2000);
  assert.deepEqual([rig.session.state, rig.told, rig.types()], ["gone", ["closed"], []]);
  const answered = new PacketRig();
  answered.chunks(wire.chunk(CLOSED));
  assert.equal(answered.session.state, "open");
  answered.session.close(START);
  answered.chunks(Buffer.concat([wire.chunk(CLOSED), ping]));
  assert.deepEqual([answered.session.state, answered.told], ["gone", ["closed"]]);
  assert.deepEqual(answered.types(), [[CLOSE]], "and nothing behind it is answered");
});

test("whoever takes a message may close the session, and gets no other one", () => {
  const rig = new PacketRig();
  rig.onMessage = () => rig.session.close(START);
  rig.chunks(Buffer.concat([data(1), data(2), ping]));
  assert.equal(rig.messages.length, 1);
  assert.deepEqual(rig.types(), [[CLOSE], [PONG]]);
});

test("a sign of life of the owner's is told when it is answered", () => {
  const rig = new PacketRig();
  rig.session.ping(START);
  assert.deepEqual(rig.take().map(({ to, chunks }) => [to, chunks]), [
    [HERE, [{ type: PING, body: Buffer.alloc(0) }]],
  ]);
  rig.chunks(wire.chunk(PONG));
  assert.deepEqual(rig.told, ["pong"]);
});
