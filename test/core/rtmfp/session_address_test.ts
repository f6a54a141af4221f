/** What a session answers to which address, and how a peer moves [RFC 7016 §3.5.4.2]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as wire from "../../support/rtmfp/wire.ts";
import { HERE, PacketRig, START } from "./packets_rig.ts";

const PING = 0x01, PONG = 0x41;
const ping = wire.chunk(PING);

test("a ping is given back as it is, to where it came from, unless it is very long", () => {
  const rig = new PacketRig();
  rig.chunks(wire.chunk(PING, Buffer.alloc(1000, 3)));
  const [answer] = rig.take();
  assert.deepEqual([answer!.to, answer!.chunks[0]!.type], [HERE, PONG]);
  assert.deepEqual(answer!.chunks[0]!.body, Buffer.alloc(1000, 3));
  rig.chunks(wire.chunk(PING, Buffer.alloc(1001, 3)));
  assert.deepEqual(rig.take(), []);
  const there = { hostname: "10.0.0.2", port: 5000 };
  rig.chunks(ping, START, there);
  assert.ok(rig.take().every(({ to }) => to === there));
  // Four answers to one packet are enough.
  rig.chunks(Buffer.concat(Array.from({ length: 6 }, () => ping)));
  assert.equal(rig.take().length, 4);
});

test("nobody is sent more than came from where the peer may not be", () => {
  const there = { hostname: "10.0.0.2", port: 5000 };
  const answers = (...chunks: Buffer[]) => {
    const rig = new PacketRig();
    // The address is known, and is not asked again so soon.
    rig.chunks(wire.chunk(0x77, Buffer.alloc(40)), START, there);
    rig.take();
    rig.chunks(Buffer.concat(chunks), START, there);
    return rig.take().map(({ flags, length, chunks }) => [flags, length, chunks[0]!.type]);
  };
  // Flags, a chunk of 13 bytes and a checksum are a block.
  assert.deepEqual(answers(wire.chunk(PING, Buffer.alloc(10))), [[2, 20, PONG]]);
  assert.deepEqual(answers(wire.chunk(PING, Buffer.alloc(11))), [[2, 36, PONG]]);
  // Two blocks and an id are one answer of a block and an id, and no second one.
  assert.deepEqual(answers(ping, ping, wire.chunk(0x77, Buffer.alloc(20))), [[2, 20, PONG]]);
  assert.equal(answers(ping, ping, ping, wire.chunk(0x77, Buffer.alloc(30))).length, 2);
  const rig = new PacketRig();
  rig.chunks(ping, START, there);
  assert.deepEqual(rig.types(), [[PING]], "the question is as long as all that came");
});

test("a peer is asked where it seems to be, and is there when it answers there and nowhere else", () => {
  const rig = new PacketRig();
  const there = { hostname: "10.0.0.1", port: 5001 };
  const elsewhere = { hostname: "10.0.0.2", port: 5000 };
  const nothing = wire.chunk(0x77, Buffer.alloc(20));
  rig.chunks(nothing, START, there);
  const [asked] = rig.take();
  assert.deepEqual([asked!.to, asked!.chunks.length], [there, 1]);
  const { type, body } = asked!.chunks[0]!;
  assert.deepEqual([type, body], [PING, Buffer.alloc(7, 1)]);
  const answer = (body: Uint8Array, from = there, now = START + 50) =>
    rig.chunks(wire.chunk(PONG, body), now, from);
  answer(body, elsewhere);
  answer(body, HERE);
  const forged = Buffer.from(body);
  forged[6]! ^= 1;
  answer(forged);
  answer(Buffer.concat([body, Buffer.of(0)]));
  answer(body.subarray(0, 6));
  assert.deepEqual([rig.told, rig.session.address], [[], HERE]);
  rig.session.outgoing.congestion.window = 90_000;
  rig.session.outgoing.roundTrip.sample(5);
  answer(body);
  assert.deepEqual([rig.told, rig.session.address], [["moved 10.0.0.1 5001"], there]);
  assert.equal(rig.session.outgoing.congestion.window, 3480, "nothing is known of the way there");
  assert.equal(rig.session.outgoing.roundTrip.smoothed, undefined);
  answer(body);
  assert.equal(rig.told.length, 1);
  rig.take();
  rig.session.ping(START + 60);
  assert.deepEqual(rig.take()[0]!.to, there);
});

test("an address is asked once a second for ten seconds, and four of them at the same time", () => {
  const rig = new PacketRig();
  const asks = (now: number, port: number) => {
    rig.take();
    rig.chunks(wire.chunk(0x77, Buffer.alloc(20)), START + now, { hostname: "10.0.0.1", port });
    return rig.take().map(({ chunks }) => chunks[0]!.body[1]);
  };
  assert.deepEqual(asks(0, 1), [1]);
  assert.deepEqual(asks(999, 1), []);
  assert.deepEqual(asks(1000, 1), [1], "with the same question");
  assert.deepEqual(asks(1999, 1), []);
  for (const port of [2, 3, 4]) assert.deepEqual(asks(2000, port), [port]);
  assert.deepEqual(asks(2000, 5), []);
  assert.deepEqual(asks(9999, 5), []);
  assert.deepEqual(asks(10_000, 5), [5], "the first one is over");
  // An answer that comes late is none.
  for (const [ms, port] of [[9999, 1], [10_000, 5000]] as const) {
    const rig = new PacketRig();
    const there = { hostname: "10.0.0.1", port: 1 };
    rig.chunks(wire.chunk(0x77, Buffer.alloc(20)), START, there);
    const body = Buffer.alloc(7, 1);
    rig.chunks(wire.chunk(PONG, body), START + ms, there);
    assert.equal(rig.session.address.port, port);
  }
});
