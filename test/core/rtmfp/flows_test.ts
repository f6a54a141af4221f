/** Flows of RTMFP by themselves: what is sent when, what is taken, what is told of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import {
  ChunkType,
  DataFlag,
  DataOption,
  FragmentPart,
} from "../../../src/core/rtmfp/chunk_types.ts";
import { Congestion, SEGMENT_LENGTH } from "../../../src/core/rtmfp/congestion.ts";
import {
  COOKIE_SECONDS,
  Cookies,
  MAX_COOKIE_LENGTH,
  MIN_COOKIE_LENGTH,
} from "../../../src/core/rtmfp/cookies.ts";
import { type Fragment, InFlight } from "../../../src/core/rtmfp/fragment.ts";
import { Incoming } from "../../../src/core/rtmfp/incoming.ts";
import { option } from "../../../src/core/rtmfp/options.ts";
import { Outgoing } from "../../../src/core/rtmfp/outgoing.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";
import { SendFlow } from "../../../src/core/rtmfp/send_flow.ts";
import { PacketWriter } from "../../../src/core/rtmfp/writer.ts";

/** Bytes ahead of a message that came, for whoever goes on with it. */
const ROOM = 32;

const filled = (length: number, value = 1) => new Uint8Array(length).fill(value);

test("a cookie is good for the time and the address that it was made for, to the second", () => {
  const cookies = new Cookies(filled(32, 7));
  const now = 5000;
  const cookie = cookies.make("1.2.3.4:5", now, MAX_COOKIE_LENGTH);
  assert.equal(cookie.length, MAX_COOKIE_LENGTH);
  const good = (at: number, one = cookie, address = "1.2.3.4:5") =>
    cookies.isGood(one, address, at);
  assert.ok(good(now) && good(now + COOKIE_SECONDS * 1000 + 999));
  assert.ok(!good(now + (COOKIE_SECONDS + 1) * 1000) && !good(now - 1000));
  assert.ok(!good(now, cookie, "1.2.3.4:6"));
  // Both bytes of the time count: who changes one makes no other cookie.
  for (const [at, seconds] of [[0, 0x0105 * 1000], [1, 6000]] as const) {
    const forged = cookie.slice();
    forged[at]! += 1;
    assert.ok(!good(seconds, forged));
  }
  // The time goes round.
  const late = cookies.make("a", 0xffff_000 + 535_000, MIN_COOKIE_LENGTH);
  assert.ok(cookies.isGood(late, "a", 0xffff_000 + 535_000 + 60_000));
  const last = cookies.make("a", 65_535_000, MIN_COOKIE_LENGTH);
  assert.ok(cookies.isGood(last, "a", 65_540_000));
  assert.ok(!good(now, cookie.slice(0, MIN_COOKIE_LENGTH - 1)));
  assert.ok(good(now, cookie.slice(0, MIN_COOKIE_LENGTH)));
  assert.ok(!good(now, Uint8Array.of(...cookie, 0)));
});

test("what is ahead is told in order, and taken once what was missing has come, or will not", () => {
  const flow = new ReceiveFlow(1, filled(1), undefined, 1000);
  const whole = (sequence: number, upTo = 0) =>
    flow.receive(sequence, upTo, FragmentPart.Whole, filled(sequence, sequence));
  assert.equal(whole(5), true);
  assert.deepEqual(flow.ahead, [5]);
  assert.equal(whole(3), true);
  assert.deepEqual(flow.ahead, [3, 5]);
  assert.equal(whole(3), false, "that is no news");
  assert.deepEqual([flow.hasGap, flow.cumulative, flow.heldBytes], [true, 0, 8 + 2 * 128]);
  whole(1);
  assert.equal(flow.cumulative, 1);
  whole(2);
  assert.deepEqual([flow.cumulative, flow.ahead], [3, [5]]);
  whole(6, 4);
  assert.deepEqual([flow.cumulative, flow.ahead, flow.hasGap], [6, [], false]);
  const lengths: number[] = [];
  for (let one = flow.shift(); one !== undefined; one = flow.shift()) {
    lengths.push(one.length - ROOM);
  }
  assert.deepEqual(lengths, [1, 2, 3, 5, 6]);
  assert.equal(flow.dropped, 0);
});

test("there is room for as much as is not kept, and for one block where nothing is", () => {
  const flow = new ReceiveFlow(1, filled(1), undefined, 1e6);
  const room = flow.room;
  assert.ok(room > 1);
  flow.receive(2, 0, FragmentPart.Whole, filled(room * 1024 - 100));
  assert.equal(flow.room, 1, "what is missing can come");
  flow.drop();
  assert.equal(flow.room, room);
  flow.receive(1, 0, FragmentPart.Whole, filled(room * 1024 - 100));
  assert.equal(flow.room, 0, "nobody takes what is whole");
  flow.shift();
  assert.equal(flow.room, room);
});

test("a reader that failed reads nothing more", () => {
  const read = new PacketReader().set(Uint8Array.of(1, 2, 3));
  assert.deepEqual([read.u32(), read.failed, read.left, read.u8()], [0, true, 0, 0]);
  read.set(Uint8Array.of(1, 2, 3), 1, 2);
  assert.deepEqual([read.failed, read.left, read.u8(), read.left], [false, 1, 2, 0]);
  assert.deepEqual([read.take(1).length, read.failed], [0, true]);
});

test("a message of which a part does not come is dropped, and the next one is whole", () => {
  const flow = new ReceiveFlow(1, filled(1), undefined, 1000);
  flow.receive(1, 0, FragmentPart.Begin, filled(3));
  flow.receive(3, 2, FragmentPart.End, filled(3));
  assert.deepEqual([flow.dropped, flow.messages.length], [1, 0]);
  flow.receive(4, 3, FragmentPart.Begin, filled(2, 4));
  flow.receive(5, 3, FragmentPart.Middle, filled(2, 5));
  flow.receive(6, 3, FragmentPart.End | DataFlag.Final, filled(2, 6));
  assert.equal(hex(flow.shift()!.subarray(ROOM)), "040405050606");
  assert.equal(flow.ended, true);
  assert.equal(flow.receive(7, 6, FragmentPart.Whole, filled(1)), false);
  const long = new ReceiveFlow(1, filled(1), undefined, 5);
  assert.equal(long.receive(1, 0, FragmentPart.Begin, filled(5)), true);
  assert.equal(long.receive(2, 0, FragmentPart.End, filled(1)), "too long");
});

test("a message is cut to what fits, and each part is numbered and named", () => {
  const flow = new SendFlow(2, filled(1), 0, false, new InFlight());
  flow.write(filled(250));
  flow.write(filled(10));
  const parts: [number, number, number, number][] = [];
  for (let one = flow.next(100); one !== undefined; one = flow.next(100)) {
    parts.push([one.sequence, one.start, one.end, one.flags]);
  }
  assert.deepEqual(parts, [
    [1, 0, 100, FragmentPart.Begin],
    [2, 100, 200, FragmentPart.Middle],
    [3, 200, 250, FragmentPart.End],
    [4, 0, 10, FragmentPart.Whole],
  ]);
  assert.deepEqual([flow.unacknowledgedBytes, flow.bufferedBytes, flow.forwardSequence], [
    260,
    260,
    0,
  ]);
  assert.equal(flow.idle, false);
  flow.acknowledgeUpTo(2);
  flow.acknowledgeRange(4, 4);
  assert.deepEqual([flow.unacknowledgedBytes, flow.bufferedBytes, flow.forwardSequence], [
    50,
    50,
    2,
  ]);
  flow.acknowledgeRange(3, 9);
  assert.deepEqual([flow.unacknowledgedBytes, flow.bufferedBytes], [0, 0]);
  const short = new SendFlow(2, filled(1), 0, false, new InFlight());
  short.write(filled(100));
  assert.equal(short.next(63), undefined, "it is not cut for so little");
  assert.equal(short.next(64)!.length, 64);
  const little = new SendFlow(2, filled(1), 0, false, new InFlight());
  little.write(filled(10));
  assert.equal(little.next(9), undefined);
  assert.equal(little.next(10)!.length, 10);
});

test("what is late is given up, and what is due at that very time is not", () => {
  const flight = new InFlight();
  const flow = new SendFlow(2, filled(1), 0, false, flight);
  flow.write(filled(10), 100);
  flow.write(filled(20), 101);
  flow.write(filled(30), 102);
  const first = flow.next(1000)!;
  flight.add(first);
  flow.expire(100);
  assert.equal(flow.bufferedBytes, 60);
  flow.expire(101);
  assert.equal(flow.bufferedBytes, 50);
  assert.equal(first.state, "done");
  const told = flow.next(1000)!;
  assert.deepEqual([told.length, told.flags], [0, DataFlag.Abandon]);
  assert.equal(flow.next(1000)!.length, 20);
  flow.expire(1000);
  assert.deepEqual([flow.bufferedBytes, flow.unacknowledgedBytes], [0, 0]);
});

test("what is lost is sent again first, in its order", () => {
  const flight = new InFlight();
  const flow = new SendFlow(2, filled(1), 0, false, flight);
  for (let count = 0; count < 4; count++) flow.write(filled(10));
  const sent: Fragment[] = [];
  for (let one = flow.next(50); one !== undefined; one = flow.next(50)) {
    flight.add(one);
    sent.push(one);
  }
  const { bytes } = flight;
  assert.ok(bytes >= 40);
  for (const at of [2, 0, 1]) flow.lose(sent[at]!);
  assert.equal(flight.bytes, bytes / 4);
  assert.equal(flow.ready, true);
  assert.equal(flow.next(9), undefined);
  assert.equal(flow.acknowledgeUpTo(2), sent[1]!.order, "it had come after all");
  assert.equal(flow.next(50), sent[2]);
  assert.equal(flow.next(50), undefined);
  flow.finish();
  flow.write(filled(1));
  assert.deepEqual(flow.next(50)!.flags, DataFlag.Final | DataFlag.Abandon);
  assert.equal(flow.bufferedBytes, 20);
  flow.acknowledgeUpTo(5);
  assert.equal(flow.over, true);
});

test("a flow that the peer does not want is given up whole, and ends", () => {
  const flow = new SendFlow(2, filled(1), 0, false, new InFlight());
  flow.write(filled(10));
  flow.refuse();
  flow.write(filled(10));
  assert.deepEqual([flow.refused, flow.bufferedBytes], [true, 0]);
  flow.peerWindow = 0;
  assert.equal(flow.blocked, false);
});

test("no more is sent than the peer has room for", () => {
  const flow = new SendFlow(2, filled(1), 0, false, new InFlight());
  flow.peerWindow = 10;
  flow.write(filled(10));
  flow.write(filled(10));
  assert.deepEqual([flow.ready, flow.blocked], [true, false]);
  assert.equal(flow.next(50)!.length, 10);
  assert.deepEqual([flow.ready, flow.blocked, flow.next(50)], [false, true, undefined]);
  flow.acknowledgeUpTo(1);
  assert.deepEqual([flow.ready, flow.blocked], [true, false]);
});

/** A way in, and what its owner was told. */
function incoming(wants = true) {
  const flows: ReceiveFlow[] = [];
  const told: string[] = [];
  const way = new Incoming({
    onFlow: (flow) => {
      flows.push(flow);
      return wants;
    },
    onMessages: (flow) => {
      for (let one = flow.shift(); one !== undefined; one = flow.shift()) {
        told.push(hex(one.subarray(ROOM)));
      }
    },
    onFlowEnd: () => void told.push("end"),
  }, 1000);
  return { way, flows, told };
}

const reader = (...bytes: number[]) => new PacketReader().set(Uint8Array.from(bytes));
const options = (association: number[]) => [
  ...option(DataOption.Metadata, filled(2, 9)),
  ...option(DataOption.ReturnAssociation, Uint8Array.from(association)),
  0,
];

test("data that goes on in a packet has the next number of the same flow", () => {
  const { way, flows, told } = incoming();
  way.beginPacket();
  assert.equal(way.userData(reader(0, 1), true, 0), false, "there is nothing to go on from");
  assert.equal(
    way.userData(reader(DataFlag.Options, 3, 1, 1, ...options([0x80, 5]), 0xaa), false, 0),
    true,
  );
  assert.equal(way.userData(reader(0, 0xbb), true, 0), true);
  assert.equal(way.userData(reader(0, 0xcc), true, 0), true);
  assert.deepEqual(told, ["aa", "bb", "cc"]);
  assert.deepEqual([flows[0]!.id, flows[0]!.association, flows[0]!.cumulative], [3, 5, 3]);
  assert.equal(hex(flows[0]!.metadata), "0909");
  way.beginPacket();
  assert.equal(way.userData(reader(0, 0xdd), true, 0), false);
  assert.equal(way.userData(reader(0, 3, 0, 0, 0xee), false, 0), false, "numbers begin with 1");
  assert.equal(
    way.userData(reader(0, 3, 4, 5, 0xee), false, 0),
    false,
    "nor is it ahead of itself",
  );
});

test("what is told of flows is written as far as it fits, and the rest is still owed", () => {
  const { way } = incoming(false);
  for (const id of [3, 4]) {
    way.userData(reader(DataFlag.Options, id, 1, 1, ...options([1]), 0xaa), false, 50);
  }
  assert.deepEqual([way.owing, way.ackAt], [true, 50]);
  const writer = new PacketWriter(7);
  assert.equal(way.writeAcks(writer), false);
  assert.equal(hex(writer.written), "5e00020300");
  assert.equal(way.owing, true);
  const more = new PacketWriter(100);
  assert.equal(way.writeAcks(more), true);
  assert.equal(hex(more.written), "5e00020400");
  assert.deepEqual([way.owing, way.ackAt], [false, Infinity]);
});

test("that a flow is not wanted any more is told ahead of what has come of it, or with the next packet", () => {
  const { way, flows } = incoming();
  way.userData(reader(DataFlag.Options, 3, 1, 1, ...options([1]), 0xaa), false, 0);
  way.refuse(flows[0]!, 7, 5);
  way.refuse(flows[0]!, 8, 6);
  const writer = new PacketWriter(4);
  assert.equal(way.writeAcks(writer), false);
  assert.deepEqual([writer.at, way.owing, way.ackAt], [0, true, 7]);
  const half = new PacketWriter(8);
  assert.equal(way.writeAcks(half), false);
  assert.equal(hex(half.written), "5e00020305");
  const more = new PacketWriter(100);
  assert.equal(way.writeAcks(more), true);
  assert.equal(hex(more.written), "5e00020305" + "510003030001");
  assert.deepEqual([way.owing, way.ackAt], [false, Infinity]);
});

test("an acknowledgement says what has come, with the holes in it", () => {
  const { way, flows } = incoming();
  const data = (sequence: number) =>
    way.userData(reader(DataFlag.Options, 3, sequence, sequence, ...options([1]), 0xaa), false, 0);
  for (const sequence of [1, 4, 5, 9]) data(sequence);
  const writer = new PacketWriter(100);
  assert.equal(way.writeAcks(writer), true);
  const read = new PacketReader().set(writer.written);
  assert.deepEqual([read.u8(), read.u16()], [ChunkType.AckRanges, writer.at - 3]);
  assert.deepEqual([read.vlu(), read.vlu(), read.vlu()], [3, flows[0]!.room, 1]);
  // Holes and what came, each less one: 2 and 3, then 4 and 5; 6 to 8, then 9.
  assert.deepEqual([read.vlu(), read.vlu(), read.vlu(), read.vlu()], [1, 1, 2, 0]);
  assert.equal(read.left, 0);
});

test("an acknowledgement waits for another packet, and is due at once where something is missing", () => {
  const { way } = incoming();
  const data = (sequence: number, now: number) =>
    way.userData(
      reader(DataFlag.Options, 3, sequence, sequence, ...options([1]), 0xaa),
      false,
      now,
    );
  data(1, 10);
  way.endPacket(10);
  assert.equal(way.ackAt, 110);
  data(2, 20);
  way.endPacket(20);
  assert.equal(way.ackAt, 20, "the second packet");
  way.writeAcks(new PacketWriter(100));
  data(4, 30);
  assert.equal(way.ackAt, 30);
});

test("a window shrinks with what is lost, once a round trip, and grows with what arrives", () => {
  const out = new Outgoing();
  const flow = out.open(filled(1), 0, false);
  for (let count = 0; count < 4; count++) flow.write(filled(500));
  const writer = new PacketWriter(4000);
  assert.equal(out.writeData(writer, 0), false);
  const before = out.congestion.window;
  assert.equal(before, 3 * SEGMENT_LENGTH);
  assert.equal(out.timeoutAt, out.roundTrip.timeout);
  out.congestion.window = 100_000;
  // The first one is missing, and three later ones have come.
  const ack = (...rest: number[]) =>
    out.acknowledged(reader(2, 64, 0, ...rest), false, 5, false, false);
  ack(0, 0);
  ack(1, 0);
  assert.equal(out.congestion.window, 100_000);
  ack(2, 0);
  assert.ok(out.congestion.window < 100_000, "the very first one counts as well");
  assert.equal(flow.ready, true);
  assert.equal(out.progressAt, 5);
  const fresh = new Congestion();
  fresh.answered(1000, 3 * SEGMENT_LENGTH, false, false);
  assert.equal(fresh.window, 3 * SEGMENT_LENGTH + 1000);
  fresh.answered(1000, 100, false, false);
  assert.equal(fresh.window, 3 * SEGMENT_LENGTH + 1000, "it was not used up");
  fresh.timedOut();
  assert.equal(fresh.window, 2 * SEGMENT_LENGTH);
  fresh.forget();
  assert.equal(fresh.window, 3 * SEGMENT_LENGTH);
});
