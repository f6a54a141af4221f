import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject } from "../../src/core/amf/mod.ts";
import { refuse } from "../../src/plugin/mod.ts";
import { stopwatch } from "../support/cpu.ts";
import { figure, sized } from "../support/figure.ts";
import { publishGop, Rig, type RigClient } from "../support/rtmp_service.ts";
import { sharedObject, USE } from "../support/shared_object_client.ts";
import { CHUNK_SIZE, type Flood, FLOODS } from "./floods.ts";

/** A client that floods, of a service with others, whom it reaches. */
function flooder({ start, tcUrl }: Flood): RigClient {
  const rig = new Rig({ maxSharedObjectBytes: 65_536, maxSharedObjectProperties: 1000 }, {
    name: "gate",
    onPublish: ({ name }) => name === "refused" ? refuse("The token is not valid.") : undefined,
  });
  if (start === undefined) publishGop(rig.publisher("flooded"), 0);
  for (let i = 0; i < 8; i++) {
    rig.player("flooded");
    rig.client().connected().message(19, 0, 0, sharedObject("flooded", [USE]));
  }
  const client = rig.client();
  client.shake();
  const app = { app: "live", tcUrl: tcUrl ?? "rtmp://host/live" };
  client.command(0, "connect", 1, amfObject(app));
  for (const id of [2, 3]) client.command(0, "createStream", id, null);
  client.write(CHUNK_SIZE);
  if (start !== undefined) client.write(start);
  return client;
}

/** Effort that is never used up. */
const PLENTY = 1e9;

/**
 * The least that it takes (ms), of some times, and the effort that is charged for it. A flood is not
 * over before the compiler has seen to it: what is small is tried more often.
 */
function costOf(flood: Flood): { ms: number; effort: number } {
  const client = flooder(flood);
  let [ms, effort] = [Infinity, Infinity];
  let spent = 0;
  for (let round = 0; round < sized(4, 10) || spent < sized(2, 100); round++) {
    client.session.core.allow(PLENTY);
    const time = stopwatch();
    client.write(flood.again);
    const took = time();
    spent += took;
    ms = Math.min(ms, took);
    effort = Math.min(effort, PLENTY - client.session.core.allowance);
    client.take();
  }
  assert.equal(client.session.core.phase, "connected");
  return { ms, effort };
}

test("A13: whatever floods, its messages are charged for what they cost", () => {
  let [worst, slowest] = [0, ""];
  for (const [what, flood] of Object.entries(FLOODS)) {
    const { ms, effort } = costOf(flood);
    assert.ok(effort >= 1, `${what}: ${effort}`);
    const each = ms * 1000 / effort;
    if (each > worst) [worst, slowest] = [each, what];
  }
  console.log(`dearest: ${slowest}`);
  figure({
    ...{ id: "A13", what: "time of a unit of effort, of the dearest kind of flood" },
    ...{ value: Number(worst.toFixed(1)), unit: "µs", atMost: 25, by: "cpu", slack: 4 },
  });
});
