/** What is on its way, in its order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fragment, InFlight } from "../../../src/core/rtmfp/fragment.ts";
import { SendFlow } from "../../../src/core/rtmfp/send_flow.ts";

/** Bytes that a packet has around those of a fragment, as they are counted. */
const AROUND = 16;

function fragments(flight: InFlight, count: number): Fragment[] {
  const flow = new SendFlow(2, new Uint8Array(1), 0, false, flight);
  const message = { bytes: new Uint8Array(100), deadline: Infinity, abandoned: false };
  return Array.from(
    { length: count },
    (_, at) => new Fragment(flow, at + 1, message, 0, at + 1, 0),
  );
}

/** Numbers of all that are on their way, forwards; the way back has to be the same. */
function order(flight: InFlight): number[] {
  const forwards: Fragment[] = [];
  for (let one = flight.first; one !== undefined; one = one.next) forwards.push(one);
  for (const [at, one] of forwards.entries()) assert.equal(one.previous, forwards[at - 1]);
  return forwards.map(({ sequence }) => sequence);
}

test("fragments are kept in the order in which they were sent, wherever one is taken out", () => {
  for (const [out, left] of [[0, [2, 3]], [1, [1, 3]], [2, [1, 2]]] as const) {
    const flight = new InFlight();
    const all = fragments(flight, 3);
    for (const one of all) flight.add(one);
    assert.deepEqual(order(flight), [1, 2, 3]);
    assert.equal(flight.bytes, 6 + 3 * AROUND);
    flight.remove(all[out]!);
    assert.deepEqual(order(flight), left);
    assert.equal(flight.bytes, 6 - all[out]!.length + 2 * AROUND);
    assert.deepEqual([all[out]!.previous, all[out]!.next], [undefined, undefined]);
    flight.add(all[out]!);
    assert.deepEqual(order(flight), [...left, out + 1]);
  }
});

test("what is sent again is the newest, and nothing has passed it", () => {
  const flight = new InFlight();
  const [one, other] = fragments(flight, 2) as [Fragment, Fragment];
  assert.deepEqual([one.state, one.order, one.passed], ["lost", 0, 0]);
  for (const fragment of [one, other]) flight.add(fragment);
  assert.deepEqual([one.state, one.order, other.order], ["flying", 1, 2]);
  one.passed = 2;
  flight.remove(one);
  flight.add(one);
  assert.deepEqual([one.order, one.passed], [3, 0]);
  for (const fragment of [one, other]) flight.remove(fragment);
  assert.deepEqual([flight.first, flight.bytes], [undefined, 0]);
  flight.add(other);
  assert.deepEqual(order(flight), [2]);
});
