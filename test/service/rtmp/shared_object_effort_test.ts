/** What it costs a client to use shared objects: others hear what it says, and it may hear more. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SharedObjectEvent } from "../../../src/core/rtmp/message/shared_object.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";
import { change, RELEASE, say, sharedObject, USE } from "../../support/shared_object_client.ts";
import { user } from "./shared_objects_rig.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const RECEIVER_EFFORT = 4;

/** What a message costs, and how long it and all that its client hears for it are (bytes). */
async function costOf(client: RigClient, name: string, events: readonly SharedObjectEvent[]) {
  await settle();
  const { core } = client.session;
  const charged: number[] = [];
  core.charge = (effort) => void charged.push(effort);
  const before = client.connection.bytesWritten;
  const payload = sharedObject(name, events);
  client.message(19, 0, 0, payload);
  await settle();
  return { charged, said: payload.length, told: client.connection.bytesWritten - before };
}

const words = (count: number) => Array.from({ length: count }, () => say("word", "x".repeat(900)));

test("what is said costs by its events, by its length for each that hears it, and by what is heard", async () => {
  const rig = new Rig();
  const [one] = [user(rig), user(rig), user(rig)];
  for (const count of [1, 2, 5]) {
    const { charged, said, told } = await costOf(one, "chat", words(count));
    assert.ok((said >> 10 > 0) === count > 1 && told > 256);
    assert.deepEqual(charged, [count + (RECEIVER_EFFORT + (said >> 10)) * 3 + (told >> 8)]);
  }
});

test("what one message cost is not paid for by the next", async () => {
  const rig = new Rig();
  const one = user(rig);
  await costOf(one, "chat", words(5));
  const { charged, told } = await costOf(one, "chat", [say("a")]);
  assert.ok(told < 256);
  assert.deepEqual(charged, [1 + RECEIVER_EFFORT]);
});

test("who begins to use an object pays for what there is in it, and for those it joins", async () => {
  const rig = new Rig();
  const first = user(rig);
  await costOf(first, "chat", ["a", "b"].map((key) => change(key, "x".repeat(450))));
  const second = rig.client().connected();
  const { charged, told } = await costOf(second, "chat", [USE]);
  assert.ok(told >> 8 >= 3);
  assert.deepEqual(charged, [2 * RECEIVER_EFFORT + (told >> 8), 2 * RECEIVER_EFFORT]);
});

test("what is said to an object that is not used, or behind its release, costs nothing", async () => {
  const rig = new Rig();
  const one = user(rig);
  assert.deepEqual((await costOf(one, "other", [say("a")])).charged, []);
  const { charged } = await costOf(one, "chat", [change("a", 1), RELEASE, say("a"), say("b")]);
  assert.deepEqual(charged, [1 + RECEIVER_EFFORT]);
  assert.deepEqual((await costOf(one, "chat", [say("a")])).charged, []);
});

test("what others say is not paid for by who only hears it", async () => {
  const rig = new Rig();
  const [one, other] = [user(rig), user(rig)];
  await costOf(other, "chat", words(5));
  const { charged, told } = await costOf(one, "chat", [say("a")]);
  assert.ok(told < 256);
  assert.deepEqual(charged, [1 + 2 * RECEIVER_EFFORT]);
});
