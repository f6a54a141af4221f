import assert from "node:assert/strict";
import { test } from "node:test";
import { PublisherRates } from "../../src/plugin/mod.ts";

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
