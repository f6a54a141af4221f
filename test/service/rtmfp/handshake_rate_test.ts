/** How many clients of RTMFP get keys in a second. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HandshakeRate } from "../../../src/service/rtmfp/handshake_rate.ts";

/** How many of `count` get through at once. */
function taken(rate: HandshakeRate, group: string | undefined, now: number, count = 200): number {
  let through = 0;
  for (let tries = 0; tries < count; tries++) if (rate.take(group, now)) through++;
  return through;
}

test("an address has 16 at once and 4 in a second, and no more however long it waited", () => {
  const rate = new HandshakeRate();
  assert.equal(taken(rate, "a", 0), 16);
  assert.equal(taken(rate, "a", 250), 1);
  assert.equal(taken(rate, "a", 1250), 4);
  assert.equal(taken(rate, "a", 1_000_000), 16);
});

test("all together have 100 at once and 60 in a second; who is refused takes nothing of it", () => {
  const rate = new HandshakeRate();
  assert.equal(taken(rate, undefined, 0), 100);
  assert.equal(taken(rate, "a", 0), 0);
  assert.equal(taken(rate, undefined, 1000), 60);
  assert.equal(taken(rate, "a", 2000, 10), 10, "nothing was taken of its own while all had none");
});

test("addresses are remembered up to a number, and the one that came last longest ago is forgotten", () => {
  const rate = new HandshakeRate();
  let now = 0;
  assert.equal(taken(rate, "a", now), 16);
  for (let count = 0; count < 1023; count++) rate.take(`x${count}`, now += 20);
  // It has been refilled meanwhile, as any would have been.
  assert.equal(taken(rate, "x1022", now), 15);
  assert.equal(taken(rate, "x1022", now), 0);
  for (let count = 0; count < 1024; count++) rate.take(`y${count}`, now);
  assert.equal(taken(rate, "x1022", now, 1), 0, "all have none left");
  assert.equal(taken(rate, "x1022", now + 17, 1), 1, "it is a new one");
});
