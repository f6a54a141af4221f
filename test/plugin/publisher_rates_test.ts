/** Which publishers send more than they may. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamInfo } from "../../src/plugin/mod.ts";
import { PublisherRates } from "../../src/plugin/publisher_rates.ts";

const CAM = { sessionId: "s1", app: "live", name: "cam" };

/** A server with one stream, which has taken so many bytes. */
function setUp(windowMs?: number, maxKbps = 8) {
  const rates = new PublisherRates(windowMs);
  rates.add(CAM, maxKbps);
  let bytes = 0;
  let owner: string | null = "s1";
  const server = {
    stream: (app: string, name: string) =>
      app === "live" && name === "cam" && owner !== ""
        ? { publisher: owner && { sessionId: owner }, bytesIn: bytes } as unknown as StreamInfo
        : undefined,
  };
  /** Who is over once so many bytes more have come by then. */
  const at = (now: number, more: number) => {
    bytes += more;
    return rates.over(server, now).map(({ sessionId }) => sessionId);
  };
  return { rates, at, own: (by: string | null) => owner = by };
}

test("a rate is that of the whole window, and may just be what is allowed", () => {
  const { at } = setUp(1000); // 8 kbit/s: 1000 bytes a second
  assert.deepEqual(at(0, 5000), [], "what came before it was looked at does not count");
  assert.deepEqual(at(500, 900), []);
  assert.deepEqual(at(999, 900), [], "too early to tell");
  assert.deepEqual(at(1000, 1), ["s1"]);
  // From 500 on: 901 bytes.
  assert.deepEqual(at(1500, 99), []);
  assert.deepEqual(at(1999, 1000), ["s1"]);
});

test("ten seconds are the window, and a burst in them is none of its own", () => {
  const { at } = setUp();
  at(0, 0);
  for (let second = 1; second < 10; second++) {
    assert.deepEqual(at(1000 * second, second === 5 ? 10_000 : 0), []);
  }
  assert.deepEqual(at(10_000, 0), [], "just as much as is allowed");
  assert.deepEqual(at(10_001, 0), []);
  assert.deepEqual(at(11_000, 1), ["s1"]);
});

test("however often it is looked at, few samples are kept and the window stays", () => {
  const { at } = setUp(1000);
  for (let now = 0; now < 1000; now += 10) assert.deepEqual(at(now, 11), []);
  assert.deepEqual(at(1000, 11), ["s1"], "1.1 times what is allowed");
  const slow = setUp(1000);
  for (let now = 0; now < 5000; now += 10) assert.deepEqual(slow.at(now, 10), [], `${now}`);
});

test("a rate is compared with the newest sample that is old enough", () => {
  const { at } = setUp(1000);
  at(0, 0);
  at(100, 0);
  at(200, 5000);
  assert.deepEqual(at(1250, 0), []);
  // 200 is old enough: the 5000 came by then.
  assert.deepEqual(at(1260, 0), []);
});

test("who has not begun, was taken over, is gone or is not measured any more is not over", () => {
  const { rates, at, own } = setUp(1000);
  for (const owner of ["s2", null, ""] as const) {
    own(owner);
    for (const now of [0, 1000, 2000]) assert.deepEqual(at(now, 1e6), []);
  }
  own("s1");
  assert.deepEqual(at(3000, 0), []);
  assert.deepEqual(at(4000, 1e6), ["s1"]);
  assert.equal(rates.size, 1);
  rates.add({ ...CAM, name: "other" }, 1);
  rates.remove({ ...CAM, sessionId: "s2" });
  assert.equal(rates.size, 2);
  rates.remove(CAM);
  assert.deepEqual([rates.size, at(5000, 1e6)], [1, []]);
  rates.clear();
  assert.equal(rates.size, 0);
});

test("a session that is over is measured no more, whatever it was let publish", () => {
  const rates = new PublisherRates();
  for (const name of ["a", "b"]) rates.add({ sessionId: "s1", app: "live", name }, 1);
  rates.add({ sessionId: "s2", app: "live", name: "c" }, 1);
  rates.add({ sessionId: "s2", app: "live", name: "c" }, 2);
  assert.equal(rates.size, 3);
  rates.remove({ sessionId: "s1", app: "live", name: "c" });
  rates.remove({ sessionId: "s1", app: "live", name: "a" });
  assert.equal(rates.size, 2);
  rates.forget("s1");
  rates.forget("nobody");
  assert.equal(rates.size, 1);
  rates.clear();
  assert.equal(rates.size, 0);
});
