import assert from "node:assert/strict";
import { test } from "node:test";
import { AtRest } from "../../src/service/at_rest.ts";
import { FakeClock } from "../support/clock.ts";

function setUp(collect: () => Promise<void> = () => Promise.resolve()) {
  const clock = new FakeClock();
  const guests = { size: 0, came: 0 };
  const faults: unknown[] = [];
  let collections = 0;
  const rest = new AtRest(clock, guests, () => {
    collections++;
    return collect();
  }, (error) => faults.push(error));
  rest.start();
  return { clock, guests, faults, rest, collections: () => collections };
}

test("memory is given back once fifty guests have come and all have been gone for a second", () => {
  const { clock, guests, collections } = setUp();
  guests.came = 50;
  guests.size = 1;
  clock.advance(10_000);
  assert.equal(collections(), 0, "somebody is still there");
  guests.size = 0;
  clock.advance(1000);
  assert.equal(collections(), 0, "they have only just gone");
  clock.advance(1000);
  assert.equal(collections(), 1);
  clock.advance(100_000);
  assert.equal(collections(), 1, "nobody has come since");
  guests.came = 99;
  clock.advance(100_000);
  assert.equal(collections(), 1, "few have come since");
  guests.came = 100;
  clock.advance(2000);
  assert.equal(collections(), 2);
});

test("memory is not given back while guests come and go between two looks", () => {
  const { clock, guests, collections } = setUp();
  for (let second = 0; second < 20; second++) {
    guests.came += 10;
    clock.advance(1000);
  }
  assert.equal(collections(), 0);
  clock.advance(1000);
  assert.equal(collections(), 1);
});

test("a runtime that does not give memory back is asked once", async () => {
  const refusal = new Error("not permitted");
  const { clock, guests, faults, collections } = setUp(() => Promise.reject(refusal));
  guests.came = 50;
  clock.advance(3000);
  await Promise.resolve();
  await Promise.resolve();
  assert.deepEqual(faults, [refusal]);
  guests.came = 5000;
  clock.advance(10_000);
  assert.equal(collections(), 1);
});

test("after a stop nothing is looked at any more", () => {
  const { clock, guests, rest, collections } = setUp();
  guests.came = 50;
  rest.stop();
  clock.advance(10_000);
  assert.equal(collections(), 0);
  assert.equal(clock.pending, 0);
});

test("one that was never begun is stopped as well", () => {
  const clock = new FakeClock();
  const guests = { size: 0, came: 100 };
  new AtRest(clock, guests, () => Promise.reject(new Error("never")), () => {}).stop();
  assert.equal(clock.pending, 0);
});

test("guests that came and went before the first look count as one that has just gone", () => {
  const { clock, guests, collections } = setUp();
  guests.came = 50;
  clock.advance(1000);
  assert.equal(collections(), 0, "it has not seen that nobody is there");
  clock.advance(1000);
  assert.equal(collections(), 1);
});
