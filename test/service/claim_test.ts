/** Whether a name may be published, asked of whoever has a say. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hub, PublisherInfo } from "../../src/hub/mod.ts";
import { claimOf } from "../../src/service/claim.ts";

const KEY = { app: "live", name: "demo" };

function ask() {
  const asked: unknown[] = [];
  let decide: (reason?: string) => void = () => {};
  const hub = (at: (decided: (reason?: string) => void) => void) =>
    ({
      claim: (...args: Parameters<Hub["claim"]>) => {
        asked.push(args.slice(0, 3));
        decide = args[3];
        at(args[3]);
      },
    }) as unknown as Hub;
  const info = {} as PublisherInfo;
  return {
    asked,
    info,
    claim: (at: (decided: (reason?: string) => void) => void) => claimOf(hub(at), KEY, info, 5),
    decide: (reason?: string) => decide(reason),
  };
}

test("what is decided at once is no promise, a refusal or none", () => {
  const { claim, asked, info } = ask();
  assert.equal(claim((decided) => decided("taken elsewhere")), "taken elsewhere");
  assert.equal(claim((decided) => decided()), undefined);
  assert.deepEqual(asked[0], [KEY, info, 5]);
});

test("what takes its time is a promise of the same", async () => {
  const refused = ask();
  const later = refused.claim(() => {});
  assert.ok(later instanceof Promise);
  refused.decide("taken elsewhere");
  assert.equal(await later, "taken elsewhere");
  const allowed = ask();
  const other = allowed.claim(() => {});
  allowed.decide();
  assert.equal(await other, undefined);
});
