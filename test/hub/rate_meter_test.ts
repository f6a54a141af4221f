import assert from "node:assert/strict";
import { test } from "node:test";
import { RateMeter } from "../../src/hub/rate_meter.ts";

test("the first rate is what was counted, per second, and a steady one stays", () => {
  const meter = new RateMeter(1000);
  assert.equal(meter.perSecond, 0);
  meter.sample(300, 3000);
  assert.equal(meter.perSecond, 150);
  meter.sample(450, 4000);
  assert.equal(meter.perSecond, 150);
});

test("a sample within half a second changes nothing", () => {
  const meter = new RateMeter(0);
  meter.sample(100, 499);
  assert.equal(meter.perSecond, 0);
  meter.sample(100, 500);
  assert.equal(meter.perSecond, 200);
});

test("half of a change shows after three seconds", () => {
  const meter = new RateMeter(0);
  meter.sample(100, 1000);
  meter.sample(100, 4000);
  assert.ok(Math.abs(meter.perSecond - 50) < 1e-9, `${meter.perSecond}`);
  const rising = new RateMeter(0);
  rising.sample(100, 1000);
  rising.sample(700, 4000);
  assert.ok(Math.abs(rising.perSecond - 150) < 1e-9, `${rising.perSecond}`);
});
