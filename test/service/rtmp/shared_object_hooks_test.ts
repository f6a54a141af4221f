/** Shared objects and plugins: who may use them, as what, and what a plugin that fails does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Plugin,
  readOnly,
  refuse,
  type SharedObjectContext,
} from "../../../src/plugin/mod.ts";
import { Rig, settle } from "../../support/rtmp_service.ts";
import { change, heard, say, USE } from "../../support/shared_object_client.ts";
import { gate, tell, told } from "./shared_objects_rig.ts";

test("a plugin decides who uses an object, at once or later, and knows whom and what", async () => {
  const asked: SharedObjectContext[] = [];
  for (const slow of [false, true]) {
    const rig = new Rig(
      {},
      gate((context) => {
        asked.push(context);
        const answer = context.name === "chat" ? undefined : refuse("No.");
        return slow ? Promise.resolve(answer) : answer;
      }),
    );
    const client = rig.client().connected();
    tell(client, "secret", [USE, change("x", 1)]);
    tell(client, "chat", [USE]);
    tell(client, "chat", [change("x", 1)]);
    client.command(0, "_checkbw", 9, null);
    await settle();
    assert.deepEqual(client.take().slice(-1), ["0 _result 9 null undefined"], "in order");
    const lines = client.messages.filter(({ type }) => type === 19).map(({ type, payload }) =>
      heard(type, payload)
    );
    assert.deepEqual(lines, [
      "secret@0 status:SharedObject.NoReadAccess",
      "chat@0 use clear",
      "chat@1 success:x",
    ]);
    assert.equal(rig.service.sharedObjectCount, 1);
  }
  const { app, name, persistent } = asked[0]!;
  assert.deepEqual([app, name, persistent], ["live", "secret", false]);
});

test("a plugin may let a client read only; one of several is enough", async () => {
  const slowly = gate(() => Promise.resolve(true as const), "slow");
  const slowlyOnly = gate(() => Promise.resolve(readOnly()));
  for (
    const plugins of [
      [gate(readOnly)],
      [slowly, gate(readOnly)],
      [gate(readOnly), slowly],
      [slowlyOnly, slowly],
    ]
  ) {
    const rig = new Rig({}, ...plugins);
    const client = rig.client().connected();
    tell(client, "chat", [USE, change("x", 1), say("hi")]);
    await settle();
    assert.deepEqual(told(client), [
      "chat@0 use clear",
      "chat@0 status:SharedObject.NoWriteAccess remove:x",
    ]);
  }
});

test("a plugin that fails lets nobody read", async () => {
  const failing: Plugin["onSharedObject"][] = [
    () => {
      throw new Error("broken");
    },
    () => Promise.reject(new Error("broken")),
    () => false as never,
    () => ({ readOnly: false }) as never,
    () => ({ rename: "x" }) as never,
  ];
  for (const onSharedObject of failing) {
    const rig = new Rig({}, gate(onSharedObject));
    const client = rig.client().connected();
    tell(client, "chat", [USE]);
    await settle();
    assert.deepEqual(told(client), ["chat@0 status:SharedObject.NoReadAccess"]);
    assert.equal(rig.faults.length, 1);
  }
});

test("a client that leaves while a plugin decides uses nothing afterwards", async () => {
  let answer: (verdict: true) => void = () => {};
  const rig = new Rig({}, gate(() => new Promise((resolve) => answer = resolve)));
  const client = rig.client().connected();
  tell(client, "chat", [USE]);
  client.connection.hangUp();
  await settle();
  answer(true);
  await settle();
  assert.equal(rig.service.sharedObjectCount, 0);
});
