/** Players of FLV for whom there is no stream: who waits, who is told at once, and when to come again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HttpTakeover } from "../../../src/ports.ts";
import { FlvRig } from "../../support/flv_rig.ts";
import { publishGop, settle } from "../../support/rtmp_service.ts";

test("with wait=0 nobody waits: there is nothing at once, or the stream", async () => {
  const rig = new FlvRig();
  const answer = await rig.ask("/live/test.flv?wait=0").response();
  assert.equal(answer.status, 404);
  assert.equal(answer.headers.get("Retry-After"), "1");
  assert.deepEqual([rig.flv.sessions.size, rig.admission.size, rig.registry.size], [0, 0, 0]);
  publishGop(rig.publisher(), 0, 1);
  const { reader } = await rig.flvPlayer("/live/test.flv?wait=0");
  assert.equal(reader.flags, 5);
});

test("with any other wait, and with none, the stream is waited for, and told of when it did not come", async () => {
  const rig = new FlvRig();
  const asks = ["?wait=1", "?wait=", ""].map((query) => rig.ask(`/live/test.flv${query}`));
  await settle();
  assert.deepEqual(asks.map(({ answer }) => answer), [undefined, undefined, undefined]);
  rig.clock.advance(rig.settings.playWaitMs + 1000);
  for (const ask of asks) {
    const { status, headers } = await ask.response();
    assert.deepEqual([status, headers.get("Retry-After")], [404, "1"]);
  }
  assert.equal(rig.flv.sessions.size, 0);
});

test("who comes to a full server, or one that stops, is told to come later, not at once", async () => {
  const rig = new FlvRig({ maxConnections: 0 });
  const full = await rig.ask("/live/test.flv").response();
  assert.deepEqual([full.status, full.headers.get("Retry-After")], [503, "5"]);
  const other = new FlvRig();
  publishGop(other.publisher(), 0, 1);
  const ask = other.ask("/live/test.flv");
  await settle();
  assert.ok(ask.answer instanceof HttpTakeover);
  const stopped = other.flv.stop(1000);
  const late = await other.ask("/live/test.flv").response();
  assert.deepEqual([late.status, late.headers.get("Retry-After")], [503, "5"]);
  ask.answer.gone();
  await stopped;
});
