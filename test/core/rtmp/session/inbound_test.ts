import assert from "node:assert/strict";
import { test } from "node:test";
import { AssemblyBudget } from "../../../../src/core/rtmp/chunk/assembly_budget.ts";
import { encodeMessage } from "../../../../src/core/rtmp/chunk/stateless_encoder.ts";
import { MessageType } from "../../../../src/core/rtmp/message/types.ts";
import { Inbound } from "../../../../src/core/rtmp/session/inbound.ts";
import { RANDOM } from "../../../support/scripted_client.ts";

function setUp() {
  const budget = new AssemblyBudget();
  const taken: number[] = [];
  const sent: Uint8Array[] = [];
  const inbound: Inbound = new Inbound({ random: RANDOM, now: 0 }, {}, {
    send: (bytes) => sent.push(bytes.slice()),
    onHandshake() {},
    onMessage: (_type, _id, timestamp) => {
      taken.push(timestamp);
      if (timestamp === 7) inbound.stop();
    },
  }, budget);
  // C0 and C1 of a plain client; C2 is an echo, which may be anything.
  inbound.receive(Uint8Array.of(3, ...new Uint8Array(1536)));
  inbound.receive(new Uint8Array(1536));
  const message = (timestamp: number, bytes = 20) =>
    encodeMessage(MessageType.Audio, 1, timestamp, new Uint8Array(bytes), 4, 128);
  return { inbound, budget, taken, message };
}

test("what came behind a stop is kept and charged, and handed out when it may go on", () => {
  const { inbound, budget, taken, message } = setUp();
  inbound.receive(message(7));
  inbound.receive(message(8));
  inbound.receive(message(9));
  assert.deepEqual(taken, [7]);
  assert.ok(budget.used >= 2 * message(8).length);
  inbound.resume();
  assert.deepEqual(taken, [7, 8, 9]);
  assert.equal(budget.used, budget.spare);
});

test("a way in that is closed gives back all that it kept, and takes nothing more", () => {
  const { inbound, budget, taken, message } = setUp();
  // Half a message, and what waits behind a stop.
  inbound.receive(message(7));
  inbound.receive(message(8));
  assert.ok(budget.used > 0);
  inbound.close();
  assert.equal(budget.used, 0);
  inbound.receive(message(9));
  inbound.resume();
  inbound.close();
  assert.deepEqual([budget.used, taken], [0, [7]]);
  const half = setUp();
  half.inbound.receive(half.message(1, 100).subarray(0, 50));
  assert.ok(half.budget.used > 0);
  half.inbound.close();
  assert.equal(half.budget.used, 0);
});

test("messages cost what they may, and the rest waits until more is allowed", () => {
  const { inbound, taken, message } = setUp();
  assert.equal(inbound.allowance, Infinity);
  inbound.allow(1);
  inbound.receive(message(1));
  inbound.receive(message(2));
  assert.deepEqual([taken, inbound.allowance], [[1], 0]);
  inbound.resume();
  assert.deepEqual(taken, [1]);
  inbound.allow(0.5);
  inbound.resume();
  assert.deepEqual([taken, inbound.allowance], [[1, 2], -0.5], "what is begun is owed");
  inbound.charge(2);
  assert.equal(inbound.allowance, -2.5);
});

test("a single byte that waited is the beginning of what comes next", () => {
  const { inbound, taken, message } = setUp();
  inbound.receive(message(7));
  inbound.receive(message(8).subarray(0, 1));
  inbound.resume();
  inbound.receive(message(8).subarray(1));
  assert.deepEqual(taken, [7, 8]);
});

test("behind an aggregate that was stopped in and ends in nothing the rest is read on", () => {
  const { inbound, budget, taken, message } = setUp();
  /** An audio message in an aggregate; the second one is cut. */
  const part = [MessageType.Audio, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0xaf, 1, 0, 0, 0, 13];
  const body = Uint8Array.from([...part, ...part.slice(0, 12)]);
  inbound.receive(encodeMessage(MessageType.Aggregate, 1, 7, body, 4, 128));
  inbound.receive(message(8));
  assert.deepEqual(taken, [7]);
  inbound.resume();
  assert.deepEqual(taken, [7, 8]);
  assert.equal(budget.used, budget.spare, "nothing of it is kept");
});
