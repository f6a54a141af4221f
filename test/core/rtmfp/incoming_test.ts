/** What a peer sends, flow by flow, and what it is told of it [RFC 7016 §3.6.3]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { Incoming } from "../../../src/core/rtmfp/incoming.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import type { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";
import { PacketWriter } from "../../../src/core/rtmfp/writer.ts";
import * as wire from "../../support/rtmfp/wire.ts";

const ABANDON = 0x02, FINAL = 0x01;
/** Bytes ahead of each message, for whoever goes on with it. */
const ROOM = 32;

const filled = (length: number, value = 1) => new Uint8Array(length).fill(value);

/** The bodies of all messages that are whole. */
function taken(flow: ReceiveFlow): string[] {
  const all: string[] = [];
  for (let one = flow.shift(); one !== undefined; one = flow.shift()) {
    assert.equal(hex(one.subarray(0, ROOM)), "00".repeat(ROOM));
    all.push(hex(one.subarray(ROOM)));
  }
  return all;
}

/** A way in that writes down what its owner is told. */
function incoming(wants = true, maxBytes = 1000) {
  const told: string[] = [];
  const flows: ReceiveFlow[] = [];
  const way = new Incoming({
    onFlow: (flow) => {
      flows.push(flow);
      return wants;
    },
    onMessages: (flow) => void told.push(...taken(flow)),
    onFlowEnd: ({ id }) => void told.push(`end ${id}`),
  }, maxBytes);
  return { way, told, flows };
}

interface Data {
  readonly id?: number;
  readonly sequence?: number;
  readonly offset?: number;
  readonly flags?: number;
  readonly metadata?: Uint8Array;
  readonly options?: Uint8Array;
  readonly data?: Uint8Array;
  readonly now?: number;
}

/** Gives the way in User Data with options. */
function give(way: Incoming, data: Data = {}): boolean {
  const { id = 3, sequence = 1, offset = sequence, flags = 0, now = 0 } = data;
  const body = Buffer.concat([
    Buffer.of(0x80 | flags),
    ...[id, sequence, offset].map(wire.vlu),
    wire.opt(0, data.metadata ?? filled(2, 9)),
    data.options ?? new Uint8Array(0),
    Buffer.of(0),
    data.data ?? filled(1, 0xaa),
  ]);
  return way.userData(new PacketReader().set(new Uint8Array(body)), false, now);
}

/** What the peer is told: chunks in hexadecimal. */
function acks(way: Incoming, capacity = 1000): string[] {
  const writer = new PacketWriter(capacity);
  way.writeAcks(writer);
  return wire.chunksOf(new wire.Bytes(writer.written)).map(({ type, body }) =>
    Buffer.concat([Buffer.of(type), body]).toString("hex")
  );
}

test("a flow is what its options say, where they can be read and are known", () => {
  const { way, flows } = incoming();
  give(way, { id: 300, options: wire.opt(0x0a, wire.vlu(200)) });
  give(way, { id: 4, options: wire.opt(0x0a, Buffer.of(0x81)) });
  give(way, { id: 5, options: wire.opt(0x0a, Buffer.alloc(9, 0xff)) });
  give(way, { id: 6, options: wire.opt(0x2000, filled(3)) });
  give(way, { id: 7, options: wire.opt(0x0a, new Uint8Array(0)) });
  assert.deepEqual(
    flows.map((
      { id, association, metadata, refusal },
    ) => [id, association, hex(metadata), refusal]),
    [
      [300, 200, "0909", undefined],
      [4, undefined, "0909", undefined],
      [5, undefined, "0909", undefined],
      [6, undefined, "0909", undefined],
      [7, undefined, "0909", undefined],
    ],
  );
  const { way: other, flows: none } = incoming();
  assert.equal(give(other, { id: 8, options: wire.opt(0x1fff), now: 7 }), false);
  assert.equal(give(other, { id: 9, metadata: filled(513), now: 7 }), false);
  assert.deepEqual([none.length, other.ackAt, acks(other)], [0, 7, ["5e0800", "5e0900"]]);
  assert.equal(give(other, { id: 10, metadata: filled(512) }), true);
  assert.deepEqual([...other.flows].map(({ id }) => id), [10]);
});

test("data of a flow that has not said what it is for is not taken, nor what cannot be read", () => {
  const { way, told } = incoming();
  const data = (...bytes: number[]) =>
    way.userData(new PacketReader().set(Uint8Array.from(bytes)), false, 0);
  assert.equal(data(0, 3, 1, 1, 0xaa), false);
  assert.equal(data(0x80, 3, 1, 1, 3, 0, 9), false, "its option is cut short");
  assert.equal(data(0x80, 3, 1, 2, 2, 0, 9, 0, 0xaa), false, "nothing is so far ahead of itself");
  assert.equal(data(0x80, 3, 0, 0, 2, 0, 9, 0, 0xaa), false);
  assert.equal(data(0x80, 3, 0x81), false);
  assert.deepEqual([way.owing, way.ackAt, [...way.flows]], [false, Infinity, []]);
  assert.equal(data(0x80, 3, 1, 1, 2, 0, 9, 0, 0xaa), true);
  assert.equal(data(0, 3, 2, 1, 0xbb), true);
  assert.deepEqual(told, ["aa", "bb"]);
});

test("data that goes on from a refused flow makes nothing due", () => {
  const { way } = incoming(false);
  give(way, { now: 5 });
  assert.equal(way.ackAt, 5);
  way.ackAt = 99;
  assert.equal(way.userData(new PacketReader().set(Uint8Array.of(0, 1)), true, 6), false);
  assert.equal(way.ackAt, 99);
});

test("64 flows are open at once, those that are over do not count, and 64 of these are acknowledged", () => {
  const { way, told, flows } = incoming();
  for (let id = 1; id <= 64; id++) assert.equal(give(way, { id }), true);
  assert.equal(give(way, { id: 65 }), false);
  assert.equal(give(way, { id: 1, sequence: 2, offset: 1, flags: FINAL }), true);
  assert.deepEqual([told.length, told.at(-1)], [66, "end 1"]);
  assert.equal(give(way, { id: 66 }), true);
  assert.equal(flows.length, 65);
  const { way: long } = incoming();
  for (let id = 1; id <= 64; id++) give(long, { id, flags: FINAL });
  const ids = () => [...long.flows].map(({ id }) => id);
  assert.deepEqual([ids().length, ids()[0]], [64, 1]);
  give(long, { id: 65, flags: FINAL });
  assert.deepEqual([ids().length, ids()[0]], [64, 2]);
});

test("no more than 64 refusals wait to be told", () => {
  const { way } = incoming(false);
  for (let id = 1; id <= 70; id++) give(way, { id });
  assert.deepEqual([acks(way).length, way.owing, acks(way)], [64, false, []]);
});

test("all flows together hold the longest message and a mebibyte, and what is beyond is sent again", () => {
  const { way, flows } = incoming(true, 300_000);
  const hold = (id: number, length: number) =>
    give(way, { id, sequence: 2, offset: 2, data: filled(length) });
  for (let id = 1; id <= 5; id++) hold(id, 250_000);
  assert.equal(way.heldBytes, 1_250_000 + 5 * 128);
  acks(way);
  hold(6, 97_937);
  assert.deepEqual([way.heldBytes, acks(way)], [1_250_640, []]);
  hold(6, 97_936);
  assert.deepEqual([way.heldBytes, flows.length, acks(way).length], [1_348_576 + 128, 6, 1]);
});

test("an acknowledgement waits for 100 ms or a second packet, and not where something is amiss", () => {
  const later = incoming();
  give(later.way, { now: 50 });
  assert.equal(later.way.ackAt, 150);
  give(later.way, { sequence: 2, offset: 2, now: 20 });
  assert.equal(later.way.ackAt, 120, "the earlier one of both");
  give(later.way, { sequence: 3, offset: 3, now: 90 });
  assert.equal(later.way.ackAt, 120);
  later.way.endPacket(91);
  assert.equal(later.way.ackAt, 120);
  later.way.endPacket(92);
  assert.equal(later.way.ackAt, 92);
  acks(later.way);
  later.way.endPacket(93);
  assert.equal(later.way.ackAt, Infinity, "they are counted anew");
  const at = (...all: Data[]) => {
    const { way } = incoming();
    give(way);
    for (const [index, one] of all.entries()) {
      acks(way);
      give(way, { now: 1000 * (index + 1), ...one });
    }
    return way.ackAt;
  };
  assert.equal(at({ sequence: 2, offset: 2 }), 1100);
  assert.equal(at({ sequence: 1 }), 1000, "it came before");
  assert.equal(at({ sequence: 3, offset: 3 }), 1000, "something is missing");
  assert.equal(at({ sequence: 3, offset: 3 }, { sequence: 2, offset: 2 }), 2000, "it has come");
  assert.equal(at({ sequence: 2, offset: 2, flags: FINAL }), 1000, "it is over");
  assert.equal(at({ sequence: 2, offset: 2, flags: ABANDON }), 1000, "it was given up");
});

test("a flow that is refused is told so with each acknowledgement, keeps nothing, and its end is not told", () => {
  const { way, told, flows } = incoming();
  give(way);
  acks(way);
  way.refuse(flows[0]!, 70, 9);
  assert.deepEqual([way.ackAt, acks(way)], [70, ["5e0309", "51030001"]]);
  give(way, { sequence: 2, offset: 2 });
  give(way, { sequence: 3, offset: 3, flags: FINAL });
  assert.deepEqual([told, way.heldBytes, acks(way)], [["aa"], 0, ["5e0309", "51030003"]]);
});

test("a message that is too long ends its flow", () => {
  const { way, told, flows } = incoming(true, 5);
  assert.equal(give(way, { data: filled(6), now: 8 }), true);
  assert.deepEqual([flows[0]!.refusal, way.ackAt, told], [0, 8, []]);
  assert.deepEqual(acks(way), ["5e0300", "51030001"]);
});

test("a peer that asks for room is told of it, and of flows that are there alone", () => {
  const { way } = incoming();
  give(way);
  acks(way);
  way.probed(4, 60);
  assert.deepEqual([way.owing, way.ackAt], [false, Infinity]);
  way.probed(3, 60);
  // Flow 3 has room for 256 blocks, and the first number has come.
  assert.deepEqual([way.owing, way.ackAt, acks(way)], [true, 60, ["5103820001"]]);
});

test("an acknowledgement fits to the byte, or waits for the next packet", () => {
  const owing = () => {
    const { way } = incoming();
    give(way);
    return way;
  };
  assert.deepEqual([acks(owing(), 6), acks(owing(), 7)], [[], ["5103820001"]]);
  const refusal = () => {
    const { way } = incoming(false);
    give(way);
    return way;
  };
  assert.deepEqual([acks(refusal(), 4), acks(refusal(), 5)], [[], ["5e0300"]]);
  // Of the ranges those that fit are told: each takes two bytes here.
  const holes = () => {
    const { way } = incoming();
    for (const sequence of [1, 3, 5, 7]) give(way, { sequence });
    return way;
  };
  assert.deepEqual([9, 10, 11].map((capacity) => acks(holes(), capacity)), [
    ["5103817f01" + "0000"],
    ["5103817f01" + "0000"],
    ["5103817f01" + "00000000"],
  ]);
});

test("ranges end with 400 bytes, as the next acknowledgement tells the rest", () => {
  // Ranges take two bytes each: 196 of them are 399 bytes, and 400 with a longer id of the flow.
  for (const [id, length] of [[3, 399], [200, 400]] as const) {
    const { way } = incoming();
    for (let sequence = 1; sequence < 1000; sequence += 2) {
      give(way, { id, sequence, data: filled(0) });
    }
    assert.equal(acks(way)[0]!.length / 2, length - 2);
  }
});

test("what a flow answers is a number up to the largest that is exact", () => {
  const answered = (...number: number[]) => {
    const { way, flows } = incoming();
    give(way, { options: wire.opt(0x0a, Uint8Array.from(number)) });
    return flows[0]!.association;
  };
  assert.equal(answered(0x05), 5);
  assert.equal(answered(0x81, 0x00), 128);
  assert.equal(answered(0x8f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f), 2 ** 53 - 1);
  assert.equal(answered(0x90, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00), undefined);
  assert.equal(answered(0x81), undefined, "cut");
  assert.equal(answered(), undefined);
});
