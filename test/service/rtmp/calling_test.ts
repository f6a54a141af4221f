/** Remote calls at their bounds, and where they fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { asRecord, decodeAmf0 } from "../../../src/core/amf/mod.ts";
import { Rig, settle } from "../../support/rtmp_service.ts";

test("a fault while a client is called is its session's, and not that of whoever calls", async () => {
  const rig = new Rig();
  for (const ask of ["call", "notify"] as const) {
    const client = rig.client().connected();
    client.session.core.call = () => {
      throw new Error("a bug of ours");
    };
    const answer = await client.session.calls[ask]("ask", []);
    assert.deepEqual(answer, ask === "call" ? { kind: "gone" } : false);
    await settle();
    assert.equal(client.session.core.phase, "closed");
    assert.equal(client.connection.closing, "destroy");
  }
  assert.deepEqual(rig.takeTold(), ["disconnect internal", "disconnect internal"]);
});

test("arguments of calls that wait have so many values together, and not one more", async () => {
  const open: (() => void)[] = [];
  const onCall = () => new Promise<void>((resolve) => open.push(resolve));
  const rig = new Rig({ maxPendingCalls: 16, maxAmfValues: 4096 }, { name: "methods", onCall });
  const client = rig.client().connected();
  const list = (length: number) => Array.from({ length }, () => 1);
  // An array counts as well.
  client.command(0, "f", 5, null, list(2000));
  client.command(0, "f", 6, null, list(2094));
  assert.equal(open.length, 2);
  client.command(0, "f", 7, null, 1);
  assert.equal(open.length, 2);
  const [, , , refused] = decodeAmf0(client.takeMessages().at(-1)!.payload);
  const why = "Calls that wait for an answer have more than 4096 values.";
  assert.equal(asRecord(refused)!.get("description"), why);
  open[0]!();
  await settle();
  client.command(0, "f", 8, null, list(2000));
  assert.equal(open.length, 3);
  client.command(0, "f", 9, null, 1);
  assert.equal(open.length, 3);
});
