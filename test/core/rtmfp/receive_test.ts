/** What comes of a peer's flows, fragment by fragment, and what the peer is told of them [RFC 7016 §3.6.3]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/core/bytes/hex.ts";
import { Assembly } from "../../../src/core/rtmfp/assembly.ts";
import { ReceiveFlow } from "../../../src/core/rtmfp/receive_flow.ts";

const WHOLE = 0x00, BEGIN = 0x10, END = 0x20, MIDDLE = 0x30;
const ABANDON = 0x02, FINAL = 0x01;
/** Bytes ahead of each message, for whoever goes on with it. */
const ROOM = 32;
/** Bytes that wait in a flow before no more is taken. */
const WINDOW = 262_144;

const filled = (length: number, value = 1) => new Uint8Array(length).fill(value);
const open = (maxBytes = 1000) => new ReceiveFlow(1, filled(1), undefined, maxBytes);

/** The bodies of all messages that are whole. */
function taken(flow: ReceiveFlow): string[] {
  const all: string[] = [];
  for (let one = flow.shift(); one !== undefined; one = flow.shift()) {
    assert.equal(hex(one.subarray(0, ROOM)), "00".repeat(ROOM));
    all.push(hex(one.subarray(ROOM)));
  }
  return all;
}

test("a message of several fragments has room for 4 KiB, then twice that, and no more than it needs at its end", () => {
  const message = new Assembly();
  assert.deepEqual([message.active, message.length, message.capacity], [false, 0, 0]);
  message.begin();
  message.add(filled(10), false);
  assert.deepEqual([message.active, message.length, message.capacity], [true, 10, 4096]);
  message.add(filled(4096 - ROOM - 10, 2), false);
  assert.deepEqual([message.length, message.capacity], [4064, 4096]);
  message.add(filled(1, 3), false);
  assert.deepEqual([message.length, message.capacity], [4065, 8192]);
  message.add(filled(20_000, 4), false);
  assert.equal(message.capacity, ROOM + 24_065);
  message.add(filled(1, 5), true);
  const whole = message.finish();
  assert.equal(whole.length, ROOM + 24_066);
  assert.deepEqual(
    [ROOM, ROOM + 9, ROOM + 10, 4095, 4096, 4097, whole.length - 1].map((at) => whole[at]),
    [1, 1, 2, 2, 3, 4, 5],
  );
  assert.deepEqual([message.active, message.length, message.capacity], [false, 0, 0]);
  message.begin();
  message.add(filled(7), true);
  assert.equal(message.capacity, ROOM + 7);
  message.begin();
  assert.equal(message.length, 0);
});

test("a flow holds what it was given and what it put together, and nothing else", () => {
  const flow = open();
  assert.deepEqual([flow.heldBytes, flow.hasGap, flow.cumulative, flow.ended, flow.room], [
    0,
    false,
    0,
    false,
    256,
  ]);
  flow.receive(1, 0, BEGIN, filled(10));
  assert.equal(flow.heldBytes, 4096);
  flow.receive(3, 0, WHOLE, filled(5));
  assert.deepEqual([flow.heldBytes, flow.hasGap], [4101 + 128, true]);
  flow.receive(2, 0, END, filled(1));
  // Both messages are whole behind their room; what the first one made room for belongs to it.
  assert.deepEqual([flow.heldBytes, flow.hasGap], [2 * ROOM + 16, false]);
  flow.shift();
  assert.equal(flow.heldBytes, ROOM + 5);
  flow.drop();
  assert.deepEqual([flow.heldBytes, flow.shift()], [0, undefined]);
});

test("what several flows hold is counted together, whatever comes and goes", () => {
  const held = { bytes: 0 };
  const flows = [1, 2].map((id) => new ReceiveFlow(id, filled(1), undefined, 1000, held));
  const [one, other] = flows as [ReceiveFlow, ReceiveFlow];
  const sum = () => one.heldBytes + other.heldBytes;
  for (
    const [flow, sequence, flags] of [[one, 1, BEGIN], [other, 3, WHOLE], [one, 2, END]] as const
  ) {
    flow.receive(sequence, 0, flags, filled(20));
    assert.ok(sum() > 0);
    assert.equal(held.bytes, sum());
  }
  one.shift();
  assert.equal(held.bytes, sum());
  other.drop();
  assert.equal(held.bytes, sum());
  one.drop();
  assert.equal(held.bytes, 0);
});

test("what is ahead of something that is missing is forgotten with all else", () => {
  const flow = open();
  flow.receive(3, 0, WHOLE, filled(5));
  assert.deepEqual(flow.ahead, [3]);
  flow.receive(1, 0, BEGIN, filled(5));
  flow.drop();
  assert.deepEqual([flow.ahead, flow.heldBytes, flow.hasGap], [[], 0, false]);
  flow.receive(2, 0, END, filled(5));
  assert.deepEqual([taken(flow), flow.dropped], [[], 0]);
});

test("what came early belongs to the flow: its bytes may be others meanwhile", () => {
  const flow = open();
  const bytes = filled(2, 7);
  flow.receive(2, 0, WHOLE, bytes);
  bytes.fill(9);
  flow.receive(1, 0, WHOLE, bytes);
  assert.deepEqual(taken(flow), ["0909", "0707"]);
});

test("fragments that are too far ahead are not taken, counted from what has come or will not", () => {
  const flow = open();
  assert.equal(flow.receive(2049, 0, WHOLE, filled(1)), false);
  assert.equal(flow.receive(2048, 0, WHOLE, filled(1)), true);
  const later = open();
  assert.equal(later.receive(4049, 2000, WHOLE, filled(1)), false);
  assert.equal(later.cumulative, 2000);
  assert.equal(later.receive(4048, 2000, WHOLE, filled(1)), true);
});

test("a flow takes as much as waits in it at the most, and what is next in order even then", () => {
  const flow = open(1e6);
  assert.equal(flow.receive(2, 0, WHOLE, filled(WINDOW + 1)), false);
  assert.equal(flow.receive(2, 0, WHOLE, filled(WINDOW)), true);
  assert.equal(flow.receive(3, 0, WHOLE, filled(1)), false);
  assert.equal(flow.receive(1, 0, WHOLE, filled(1)), true);
  assert.equal(flow.messages.length, 2);
  const waiting = open(1e6);
  waiting.receive(1, 0, WHOLE, filled(WINDOW - ROOM));
  assert.equal(waiting.room, 0);
  assert.equal(waiting.receive(3, 0, WHOLE, filled(1)), false);
  assert.equal(waiting.receive(2, 0, WHOLE, filled(1)), true);
  assert.equal(
    waiting.receive(3, 0, WHOLE, filled(1)),
    false,
    "whoever takes messages has stopped",
  );
  waiting.shift();
  assert.equal(waiting.receive(3, 0, WHOLE, filled(1)), true);
  // One that was early counts against what waits, and the other way round.
  const both = open(1e6);
  both.receive(1, 0, WHOLE, filled(100_000));
  both.receive(3, 0, WHOLE, filled(100_000));
  assert.equal(both.receive(4, 0, WHOLE, filled(WINDOW - 200_000 - ROOM + 1)), false);
  assert.equal(both.receive(4, 0, WHOLE, filled(WINDOW - 200_000 - ROOM)), true);
  assert.equal(both.room, 0);
});

test("room is told in whole blocks", () => {
  const flow = open(1e6);
  flow.receive(1, 0, WHOLE, filled(1024 - ROOM));
  assert.equal(flow.room, 255);
  flow.receive(2, 0, WHOLE, filled(1));
  assert.equal(flow.room, 254);
  flow.receive(4, 0, WHOLE, filled(1024 - ROOM - 1));
  assert.equal(flow.room, 254);
});

test("messages are put together of what comes, and dropped where some of it does not", () => {
  type Row = [sequence: number, upTo: number, flags: number];
  const rows: [name: string, fragments: Row[], messages: string[], dropped: number][] = [
    ["in order", [[1, 0, BEGIN], [2, 0, MIDDLE], [3, 0, END]], ["010203"], 0],
    ["against the order", [[3, 0, END], [2, 0, MIDDLE], [1, 0, BEGIN]], ["010203"], 0],
    ["begins again", [[1, 0, BEGIN], [2, 0, BEGIN], [3, 0, END]], ["0203"], 1],
    ["whole within another", [[1, 0, BEGIN], [2, 0, WHOLE], [3, 0, END]], ["02"], 1],
    ["given up", [[1, 0, BEGIN], [2, 0, ABANDON], [3, 0, END]], [], 1],
    ["given up before", [[1, 0, ABANDON], [2, 0, WHOLE]], ["02"], 0],
    ["no beginning", [[1, 0, MIDDLE], [2, 0, END], [3, 0, WHOLE]], ["03"], 0],
    ["a hole in it", [[1, 0, BEGIN], [3, 2, END], [4, 2, WHOLE]], ["04"], 1],
    ["early behind a hole", [[3, 0, BEGIN], [4, 0, END], [6, 5, WHOLE]], ["0304", "06"], 0],
    ["early up to the hole", [[3, 0, BEGIN], [4, 0, MIDDLE], [5, 4, END]], ["030405"], 0],
    ["early, and then a hole", [[3, 0, BEGIN], [5, 4, END]], [], 1],
    ["a hole between early ones", [[2, 0, BEGIN], [4, 0, END], [5, 4, WHOLE]], ["05"], 1],
    ["early behind what will not come", [[3, 0, WHOLE], [4, 2, WHOLE]], ["03", "04"], 0],
    ["nothing is ahead of itself", [[2, 9, WHOLE], [3, 9, WHOLE]], ["02", "03"], 0],
  ];
  for (const [name, fragments, messages, dropped] of rows) {
    const flow = open();
    for (const [sequence, upTo, flags] of fragments) {
      assert.equal(flow.receive(sequence, upTo, flags, filled(1, sequence)), true, name);
    }
    assert.deepEqual([taken(flow), flow.dropped], [messages, dropped], name);
    assert.deepEqual([flow.cumulative, flow.ahead], [
      Math.max(...fragments.map(([sequence]) => sequence)),
      [],
    ], name);
  }
});

test("what has come already is no news, and still says what will not come", () => {
  const flow = open();
  flow.receive(1, 0, WHOLE, filled(1));
  assert.equal(flow.receive(1, 0, WHOLE, filled(1)), false);
  flow.receive(4, 0, WHOLE, filled(1));
  assert.equal(flow.receive(4, 2, WHOLE, filled(1)), false);
  assert.deepEqual([flow.cumulative, flow.ahead], [2, [4]]);
  assert.equal(flow.receive(4, 3, WHOLE, filled(1)), false);
  assert.deepEqual([flow.cumulative, taken(flow).length], [4, 2]);
});

test("a flow ends with its last number, whichever way that is reached", () => {
  const ends = (...fragments: [sequence: number, upTo: number, flags: number][]) => {
    const flow = open();
    return fragments.map(([sequence, upTo, flags]) => {
      flow.receive(sequence, upTo, flags, filled(1));
      return flow.ended;
    });
  };
  assert.deepEqual(ends([1, 0, WHOLE], [2, 0, FINAL]), [false, true]);
  assert.deepEqual(ends([3, 0, FINAL], [1, 0, WHOLE], [2, 0, WHOLE]), [false, false, true]);
  assert.deepEqual(ends([3, 0, FINAL], [3, 1, FINAL], [3, 2, FINAL]), [false, false, true]);
  assert.deepEqual(ends([3, 0, FINAL], [4, 0, FINAL], [1, 0, 0], [2, 0, 0]), [
    false,
    false,
    false,
    true,
  ]);
  assert.deepEqual(ends([4, 0, FINAL], [2, 0, FINAL], [1, 0, 0]), [false, false, true]);
});

test("a message may be as long as it may be, in one fragment or many, early or not", () => {
  const flow = open(5);
  assert.equal(flow.receive(1, 0, WHOLE, filled(5)), true);
  assert.equal(flow.receive(2, 0, WHOLE, filled(6)), "too long");
  assert.equal(flow.receive(3, 0, BEGIN, filled(3)), true);
  assert.equal(flow.receive(4, 0, MIDDLE, filled(2)), true);
  assert.equal(flow.receive(5, 0, MIDDLE, filled(1)), "too long");
  assert.equal(flow.receive(6, 0, END, filled(1)), true, "it is none any more");
  assert.equal(flow.receive(8, 0, WHOLE, filled(6)), true);
  assert.equal(flow.receive(7, 0, WHOLE, filled(1)), "too long");
  assert.equal(taken(flow).length, 2);
});
