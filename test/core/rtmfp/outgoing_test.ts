/** What goes to a peer, chunk by chunk: which flow, which fragment, how often [RFC 7016 §3.6.2]. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import type { Fragment } from "../../../src/core/rtmfp/fragment.ts";
import { Outgoing } from "../../../src/core/rtmfp/outgoing.ts";
import { PacketReader } from "../../../src/core/rtmfp/reader.ts";
import type { SendFlow } from "../../../src/core/rtmfp/send_flow.ts";
import { PacketWriter } from "../../../src/core/rtmfp/writer.ts";
import * as wire from "../../support/rtmfp/wire.ts";

const filled = (length: number, value = 1) => new Uint8Array(length).fill(value);

/** Chunks of the next packet of `capacity` bytes, and whether it is time critical. */
function packet(out: Outgoing, capacity = 1000, now = 0) {
  const writer = new PacketWriter(capacity);
  const critical = out.writeData(writer, now);
  const chunks = wire.chunksOf(new wire.Bytes(writer.written));
  return { critical, chunks, types: chunks.map(({ type }) => type), length: writer.at };
}

/** What a peer says has come of a flow: ranges behind the cumulative number, each less one. */
function acknowledge(out: Outgoing, id: number, blocks: number, ...numbers: number[]): void {
  const body = Buffer.concat([id, blocks, ...numbers].map(wire.vlu));
  out.acknowledged(new PacketReader().set(body), false, 50, false, false);
}

test("User Data says what its flow is for until the peer has heard of it, and what follows has no numbers", () => {
  const out = new Outgoing();
  const flow = out.open(filled(2, 9), 300, false);
  assert.equal(flow.id, 2);
  flow.write(filled(1, 0xaa));
  flow.write(filled(1, 0xbb));
  const first = packet(out);
  assert.deepEqual(
    first.chunks.map(({ type, body }) => [type, body.toString("hex")]),
    // Flags; flow, number, how far it is ahead; options, and the marker behind them.
    [
      [0x10, "80" + "020101" + "03000909" + "030a822c" + "00" + "aa"],
      [0x11, "80" + "03000909" + "030a822c" + "00" + "bb"],
    ],
  );
  assert.equal(first.critical, false);
  acknowledge(out, 2, 64, 1);
  flow.write(filled(1, 0xcc));
  assert.deepEqual(packet(out).chunks.map(({ body }) => body.toString("hex")), ["00" + "020302cc"]);
});

test("only what follows its own flow's last fragment goes without numbers", () => {
  const out = new Outgoing();
  const flows = [out.open(filled(1), 0, false), out.open(filled(1), 0, true)];
  for (const flow of flows) {
    flow.opened = true;
    flow.write(filled(10));
  }
  const both = packet(out);
  assert.deepEqual([both.types, both.critical], [[0x10, 0x10], true]);
  const [one] = flows as [SendFlow, SendFlow];
  for (let count = 0; count < 4; count++) one.write(filled(10));
  assert.deepEqual(packet(out, 31).types, [0x10], "of which nothing follows");
  packet(out);
  // 2 and 4 are lost, and 3 is not: they are no neighbours.
  acknowledge(out, 2, 64, 1, 0, 0);
  for (const sequence of [2, 4]) {
    let at = out.flight.first;
    while (at !== undefined && (at.flow !== one || at.sequence !== sequence)) at = at.next;
    one.lose(at as Fragment);
  }
  assert.deepEqual(packet(out).types, [0x10, 0x10]);
});

test("flows take turns, and what is time critical is so for the whole packet", () => {
  const out = new Outgoing();
  for (const [critical, value] of [[false, 1], [true, 2], [false, 3]] as const) {
    const flow = out.open(filled(1), 0, critical);
    flow.opened = true;
    for (let count = 0; count < 3; count++) flow.write(filled(100, value));
  }
  // Room for one fragment, and not for two.
  const turns = Array.from({ length: 6 }, () => {
    const { chunks, critical } = packet(out, 130);
    return [chunks.map(({ body }) => body.at(-1)), critical];
  });
  assert.deepEqual(turns, [
    [[1], false],
    [[2], true],
    [[3], false],
    [[1], false],
    [[2], true],
    [[3], false],
  ]);
  assert.deepEqual(packet(out, 400).chunks.map(({ body }) => body.at(-1)), [1, 2, 3]);
  assert.deepEqual([packet(out).critical, packet(out).length], [undefined, 0]);
});

test("no more is on its way than the window, to which the last fragment may add its own", () => {
  const out = new Outgoing();
  const flow = out.open(filled(1), 0, false);
  flow.opened = true;
  out.congestion.window = 232;
  for (let count = 0; count < 4; count++) flow.write(filled(100));
  assert.equal(out.ready, true);
  assert.equal(packet(out).chunks.length, 2);
  assert.deepEqual([out.flight.bytes, out.ready], [232, false]);
  out.congestion.window = 233;
  assert.deepEqual([out.ready, packet(out).chunks.length], [true, 1]);
});

test("a packet is filled to its last byte, options and all", () => {
  for (const opened of [true, false]) {
    const out = new Outgoing();
    const flow = out.open(filled(3), 1, false);
    flow.opened = opened;
    flow.write(filled(5000));
    const { length, chunks } = packet(out, 1000);
    assert.ok(length <= 1000 && length > 980, `${length}`);
    assert.equal(chunks.length, 1);
  }
  // 15 bytes are kept for what is ahead of the data: its numbers may get longer.
  const out = new Outgoing();
  const flow = out.open(filled(3), 1, false);
  flow.opened = true;
  flow.write(filled(20));
  assert.equal(packet(out, 34).length, 0);
  assert.equal(packet(out, 35).length, 27);
  const first = new Outgoing();
  first.open(filled(3), 1, false).write(filled(20));
  assert.equal(packet(first, 49).length, 0);
  assert.equal(packet(first, 50).length, 36);
});

test("numbers that need two bytes are made room for", () => {
  const out = new Outgoing();
  for (let count = 2; count < 128; count++) out.open(filled(1), 0, false);
  const flow = out.open(filled(1), 0, false);
  assert.equal(flow.id, 128);
  flow.opened = true;
  flow.write(filled(20));
  assert.equal(packet(out, 35).length, 0);
  assert.equal(packet(out, 36).length, 28);
});

test("a flow is open until it is over, and the bytes of all of them are counted", () => {
  const out = new Outgoing();
  assert.deepEqual([out.idle, out.flowCount, out.bufferedBytes], [true, 0, 0]);
  const [one, other] = [out.open(filled(1), 0, false), out.open(filled(1), 0, false)];
  one.write(filled(10));
  other.write(filled(20), 5);
  assert.deepEqual([out.idle, out.flowCount, out.bufferedBytes], [false, 2, 30]);
  one.finish();
  packet(out);
  out.expire(5);
  assert.deepEqual([out.flowCount, out.bufferedBytes], [2, 30]);
  acknowledge(out, 2, 64, 2);
  assert.deepEqual([out.flowCount, out.bufferedBytes], [2, 20]);
  out.expire(6);
  assert.deepEqual([out.flowCount, out.bufferedBytes, out.idle], [1, 0, false]);
  assert.equal(out.refused(2), undefined);
  assert.equal(out.refused(3), other);
});

test("what a peer says of a flow is its room, and what has come, as ranges or as bits", () => {
  const start = () => {
    const out = new Outgoing();
    const flow = out.open(filled(1), 0, false);
    for (let count = 0; count < 12; count++) flow.write(filled(1));
    packet(out);
    const states = () => {
      const known: (string | undefined)[] = Array.from({ length: 12 }, () => "come");
      for (let at = out.flight.first; at !== undefined; at = at.next) {
        known[at.sequence - 1] = "";
      }
      return known.flatMap((one, at) => one === "come" ? [at + 1] : []);
    };
    return { out, flow, states };
  };
  const ranges = start();
  // 1 has come; 2 and 3 have not, 4 and 5 have; 6 has not, 7 has; what follows is cut short.
  acknowledge(ranges.out, 2, 3, 1, 1, 1, 0, 0, 1);
  assert.deepEqual([ranges.states(), ranges.flow.peerWindow, ranges.flow.opened], [
    [1, 4, 5, 7],
    3072,
    true,
  ]);
  const bits = start();
  // The first bit is for the second number behind the cumulative one: that next to it is missing.
  const body = Buffer.of(2, 3, 1, 0b1000_0001, 0b0000_0010);
  bits.out.acknowledged(new PacketReader().set(body), true, 50, false, false);
  assert.deepEqual(bits.states(), [1, 3, 10, 12]);
  // Of a flow that is not there, or cut short, nothing is taken.
  for (const wrong of [[3, 9, 12], [2, 9]]) {
    const { out, flow, states } = start();
    const body = Buffer.concat(wrong.map(wire.vlu));
    out.acknowledged(new PacketReader().set(body), false, 50, false, false);
    assert.deepEqual([states(), flow.opened, flow.peerWindow, out.progressAt], [
      [],
      false,
      65_536,
      0,
    ]);
  }
});

/** A way out with 8 fragments of 100 bytes on their way, one in each packet. */
function eight(window = 1e6) {
  const out = new Outgoing();
  const flow = out.open(filled(1), 0, false);
  flow.opened = true;
  out.congestion.window = window;
  for (let count = 0; count < 8; count++) {
    flow.write(filled(100));
    packet(out, 130);
  }
  return { out, flow };
}

const lostOf = (out: Outgoing) => {
  const again: string[] = [];
  for (let one = packet(out, 130); one.length > 0; one = packet(out, 130)) {
    again.push(one.chunks[0]!.body.subarray(2, 3).toString("hex"));
  }
  return again;
};

test("a fragment is lost when something later has arrived three times, and the window shrinks once for all", () => {
  const { out } = eight(10_000);
  // 1 and 2 are missing; 3, 4 and 5 come one by one.
  acknowledge(out, 2, 64, 0, 1, 0);
  acknowledge(out, 2, 64, 0, 1, 1);
  assert.deepEqual([out.ready, out.congestion.window], [false, 10_000]);
  acknowledge(out, 2, 64, 0, 1, 2);
  assert.equal(out.congestion.window, 3480, "at least three packets");
  assert.deepEqual(lostOf(out), ["01", "02"]);
  // 7 and 8 come: 6 was passed twice, and lost with the third. It was sent after that loss.
  const { window } = out.congestion;
  acknowledge(out, 2, 64, 5, 0, 0);
  acknowledge(out, 2, 64, 5, 0, 1);
  assert.equal(out.congestion.window, window);
  assert.deepEqual(lostOf(out), []);
});

test("what was sent before a loss that is known is part of it, and what was sent since is another", () => {
  const { out, flow } = eight();
  const { congestion } = out;
  const at = (window: number) => {
    congestion.window = window;
  };
  // 2 is missing, and 3, 4, 5 come.
  for (const last of [0, 1, 2]) acknowledge(out, 2, 64, 1, 0, last);
  assert.deepEqual(lostOf(out), ["02"]);
  at(50_000);
  // 6 to 8 are passed by the second sending of 2, and by two more.
  for (const value of [1, 2]) {
    flow.write(filled(100, value));
    packet(out, 130);
  }
  acknowledge(out, 2, 64, 5);
  acknowledge(out, 2, 64, 5, 2, 0);
  assert.equal(congestion.window, 50_000);
  acknowledge(out, 2, 64, 5, 2, 1);
  assert.ok(congestion.window < 50_000, "those were sent behind the newest that had come then");
  assert.deepEqual(lostOf(out), ["06", "07", "08"]);
});

test("a timeout runs from when something is sent, and anew from when some of it arrives", () => {
  const { out, flow } = eight();
  assert.equal(out.timeoutAt, 1000);
  acknowledge(out, 2, 64, 1);
  assert.deepEqual([out.timeoutAt, out.progressAt], [1050, 50]);
  acknowledge(out, 2, 64, 1);
  assert.equal(out.timeOut(1049), false);
  assert.equal(out.timeOut(1050), true);
  assert.deepEqual(
    [out.timeoutAt, out.flight.bytes, out.congestion.window, Math.round(out.roundTrip.timeout)],
    [Infinity, 0, 2320, 1414],
  );
  assert.equal(flow.bufferedBytes, 700);
  assert.deepEqual(lostOf(out), ["02", "03", "04", "05", "06", "07", "08"]);
  assert.equal(Math.round(out.timeoutAt), 1414);
  acknowledge(out, 2, 64, 8);
  assert.equal(out.timeoutAt, Infinity, "nothing is on its way");
  assert.equal(out.timeOut(1e9), false);
});

test("what was lost before a timeout is no other loss when it is passed", () => {
  const { out } = eight(10_000);
  acknowledge(out, 2, 64, 1);
  out.timeOut(1e6);
  out.congestion.window = 9000;
  lostOf(out);
  for (const last of [0, 1, 2]) acknowledge(out, 2, 64, 1, 0, last);
  assert.ok(out.congestion.window < 9000, "it was sent since");
});

test("where another way leads to the peer, what was on its way is given up at once", () => {
  const { out } = eight();
  out.roundTrip.sample(5);
  out.moved();
  assert.deepEqual([out.congestion.window, out.roundTrip.timeout, out.timeoutAt], [3480, 1000, 0]);
  assert.equal(out.timeOut(1), true);
});

test("a peer without room is asked for some, twice a second at the most, and only of what waits", () => {
  const out = new Outgoing();
  const flow = out.open(filled(1), 0, false);
  const asks = (now: number) => {
    const writer = new PacketWriter(100);
    assert.equal(out.writeProbe(writer, now), writer.at > 0);
    return hex(writer.written);
  };
  assert.equal(asks(0), "", "nothing waits");
  flow.write(filled(10));
  assert.equal(asks(0), "", "there is room");
  flow.peerWindow = 0;
  assert.equal(asks(0), "18000102");
  out.roundTrip.timeout = 250;
  assert.deepEqual([asks(499), asks(500)], ["", "18000102"]);
  out.roundTrip.timeout = 251;
  assert.deepEqual([asks(1001), asks(1002)], ["", "18000102"]);
  // What is on its way is answered with the room that there is then.
  flow.peerWindow = 10;
  flow.write(filled(10));
  packet(out);
  assert.deepEqual([flow.blocked, asks(9000)], [true, ""]);
});
