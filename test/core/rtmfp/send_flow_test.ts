/** What goes to a peer, chunk by chunk: which flow, which fragment, how often [RFC 7016 §3.6.2]. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fragment, InFlight } from "../../../src/core/rtmfp/fragment.ts";
import { SendFlow } from "../../../src/core/rtmfp/send_flow.ts";

const filled = (length: number, value = 1) => new Uint8Array(length).fill(value);
const open = (flight = new InFlight()) => ({
  flow: new SendFlow(2, filled(1), 0, false, flight),
  flight,
});

/** Sends all that there is of a flow, `room` bytes at a time. */
function sendAll({ flow, flight }: ReturnType<typeof open>, room = 100): Fragment[] {
  const sent: Fragment[] = [];
  for (let one = flow.next(room); one !== undefined; one = flow.next(room)) {
    flight.add(one);
    sent.push(one);
  }
  return sent;
}

test("a flow that has sent nothing is idle, has room for 64 KiB and nothing is said of it", () => {
  const { flow } = open();
  assert.deepEqual(
    [flow.opened, flow.refused, flow.peerWindow, flow.idle, flow.over, flow.ready, flow.blocked],
    [false, false, 65_536, true, false, false, false],
  );
  assert.deepEqual([flow.forwardSequence, flow.bufferedBytes, flow.unacknowledgedBytes], [0, 0, 0]);
});

test("a message is cut where it does not fit, for 64 bytes at least, and goes on where it was cut", () => {
  const { flow } = open();
  flow.write(filled(200));
  const cuts = [150, 49, 50].map((room) => {
    const one = flow.next(room);
    return one && [one.start, one.end, one.flags];
  });
  assert.deepEqual(cuts, [[0, 150, 0x10], undefined, [150, 200, 0x20]]);
  flow.write(filled(3));
  assert.deepEqual(flow.next(100)!.sequence, 3);
  assert.equal(flow.next(100), undefined);
});

test("what has come is not sent again, in whatever order it is told", () => {
  const rig = open();
  for (let count = 0; count < 6; count++) rig.flow.write(filled(10));
  const sent = sendAll(rig);
  assert.deepEqual(sent.map(({ order }) => order), [1, 2, 3, 4, 5, 6]);
  assert.equal(rig.flow.acknowledgeRange(2, 3), 3);
  assert.equal(rig.flow.acknowledgeRange(2, 3), 0, "that was known");
  assert.equal(rig.flow.acknowledgeRange(3, 5), 5);
  assert.deepEqual(sent.map(({ state }) => state), [
    "flying",
    "done",
    "done",
    "done",
    "done",
    "flying",
  ]);
  assert.deepEqual([rig.flow.unacknowledgedBytes, rig.flow.forwardSequence], [20, 0]);
  assert.equal(rig.flow.acknowledgeUpTo(0), 0);
  assert.equal(rig.flow.acknowledgeUpTo(1), 1);
  assert.equal(rig.flow.forwardSequence, 1, "those behind it are known one by one");
  assert.equal(rig.flow.acknowledgeUpTo(5), 0);
  assert.equal(rig.flow.forwardSequence, 5);
  assert.equal(rig.flow.acknowledgeRange(1, 5), 0, "those are forgotten");
  assert.equal(rig.flow.acknowledgeRange(1, 100), 6);
  assert.equal(rig.flow.acknowledgeRange(1, 100), 0);
  assert.equal(rig.flow.idle, false, "it is told by a range only");
  rig.flow.acknowledgeUpTo(6);
  assert.equal(rig.flow.idle, true);
  assert.deepEqual([rig.flow.bufferedBytes, rig.flight.bytes], [0, 0]);
});

test("a lost fragment that arrives after all is not sent again", () => {
  const rig = open();
  for (let count = 0; count < 3; count++) rig.flow.write(filled(10));
  const sent = sendAll(rig);
  for (const one of sent) rig.flow.lose(one);
  assert.deepEqual(sent.map(({ state }) => state), ["lost", "lost", "lost"]);
  assert.equal(rig.flight.bytes, 0);
  rig.flow.acknowledgeRange(2, 2);
  assert.deepEqual([rig.flow.next(10), rig.flow.next(10), rig.flow.next(10)], [
    sent[0],
    sent[2],
    undefined,
  ]);
  // One that is under way to be sent is neither on its way nor lost.
  rig.flow.acknowledgeUpTo(3);
  assert.deepEqual([rig.flow.idle, rig.flow.bufferedBytes], [true, 0]);
});

test("what is late of a message of several fragments goes as a whole, and a word of it takes its place", () => {
  const rig = open();
  rig.flow.write(filled(250), 100);
  rig.flow.write(filled(10), 200);
  const first = rig.flow.next(100)!;
  rig.flight.add(first);
  rig.flow.next(100);
  rig.flow.acknowledgeUpTo(1);
  assert.deepEqual([rig.flow.bufferedBytes, rig.flow.unacknowledgedBytes], [160, 100]);
  rig.flow.expire(101);
  assert.deepEqual([rig.flow.bufferedBytes, rig.flow.unacknowledgedBytes], [10, 0]);
  const told = rig.flow.next(100)!;
  assert.deepEqual([told.sequence, told.flags, told.length], [3, 0x02, 0]);
  assert.equal(rig.flow.forwardSequence, 2, "nothing is waited for any more");
  const next = rig.flow.next(100)!;
  assert.deepEqual([next.sequence, next.length, rig.flow.next(100)], [4, 10, undefined]);
  // Nothing has been sent of this one: there is nothing to say.
  const other = open();
  other.flow.write(filled(10), 100);
  other.flow.write(filled(20), 200);
  other.flow.write(filled(30), 100);
  other.flow.expire(150);
  assert.deepEqual([other.flow.bufferedBytes, sendAll(other).map(({ length }) => length)], [
    20,
    [20],
  ]);
});

test("the rest of a message that was begun is kept where others are late, and is late itself by its own time", () => {
  const rig = open();
  rig.flow.write(filled(250), 500);
  rig.flow.write(filled(10), 100);
  rig.flow.next(100);
  rig.flow.expire(101);
  assert.equal(rig.flow.bufferedBytes, 250);
  const parts = [rig.flow.next(100)!, rig.flow.next(100)!];
  assert.deepEqual(parts.map(({ start, end, flags }) => [start, end, flags]), [
    [100, 200, 0x30],
    [200, 250, 0x20],
  ]);
  // Half of it has come: the other half is given up, once.
  rig.flow.acknowledgeUpTo(2);
  rig.flow.expire(501);
  assert.deepEqual([rig.flow.bufferedBytes, rig.flow.next(100)!.flags], [0, 0x02]);
  rig.flow.expire(600);
  assert.equal(rig.flow.next(100), undefined);
});

test("a flow that ends says so behind all else, once, and takes nothing more", () => {
  const rig = open();
  rig.flow.write(filled(10));
  rig.flow.finish();
  rig.flow.finish();
  rig.flow.write(filled(10));
  assert.deepEqual([rig.flow.ready, rig.flow.bufferedBytes], [true, 10]);
  const sent = sendAll(rig);
  assert.deepEqual(sent.map(({ flags, length }) => [flags, length]), [[0x03, 0], [0, 10]]);
  assert.equal(rig.flow.over, false);
  rig.flow.acknowledgeUpTo(2);
  assert.deepEqual([rig.flow.idle, rig.flow.over], [true, true]);
});

test("a flow that is refused gives up what was sent and what was not, and says that it ends", () => {
  const rig = open();
  rig.flow.write(filled(150));
  rig.flow.write(filled(10));
  const first = rig.flow.next(100)!;
  rig.flight.add(first);
  rig.flow.refuse();
  assert.deepEqual([rig.flow.bufferedBytes, rig.flow.unacknowledgedBytes, rig.flight.bytes], [
    0,
    0,
    0,
  ]);
  assert.deepEqual(sendAll(rig).map(({ sequence, flags }) => [sequence, flags]), [
    [2, 0x02],
    [3, 0x03],
  ]);
  rig.flow.refuse();
  assert.deepEqual(sendAll(rig), []);
});
