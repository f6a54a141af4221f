/** Clients that use shared objects and remote calls to do harm. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SharedObjectEvent } from "../../src/core/rtmp/message/shared_object.ts";
import { AMF_UNSUPPORTED, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { readOnly } from "../../src/plugin/mod.ts";
import { check } from "../support/property.ts";
import { sized } from "../support/figure.ts";
import { Rig, type RigClient, settle } from "../support/rtmp_service.ts";
import {
  change,
  CLEAR,
  RELEASE,
  remove,
  say,
  sharedObject,
  USE,
} from "../support/shared_object_client.ts";

const name = fc.constantFrom("a", "b", "c", "d", "e", "");
const event: fc.Arbitrary<SharedObjectEvent> = fc.oneof(
  fc.constantFrom<SharedObjectEvent>(USE, RELEASE, CLEAR, { type: 8 }, { type: 11 }),
  fc.tuple(name, fc.constantFrom("x", "y".repeat(500), AMF_UNSUPPORTED)).map(([key, value]) =>
    change(key, value)
  ),
  name.map(remove),
  name.map((handler) => say(handler, 1)),
  name.map((key): SharedObjectEvent => ({ type: 9, key })),
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      who: fc.nat(3),
      name,
      events: fc.array(event, { maxLength: 5 }),
      type: fc.constantFrom<16 | 19>(16, 19),
      persistent: fc.boolean(),
    }),
  },
  fc.record({ who: fc.nat(3), bytes: fc.uint8Array({ maxLength: 30 }) }),
  fc.record({ who: fc.nat(3), leave: fc.constant(true) }),
  fc.record({ who: fc.nat(3), block: fc.constant(true) }),
);

test("whatever clients say to shared objects, no session ends but their own, and nothing is left", async () => {
  const runs: Promise<void>[] = [];
  check(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = {
        load: () => Promise.resolve(undefined),
        save: () => Promise.reject(new Error("full")),
        remove: () => Promise.resolve(),
      };
      const rig = new Rig({ store }, {
        name: "gate",
        onSharedObject: ({ name }) => name === "c" ? readOnly() : undefined,
      });
      const witness = rig.client().connected();
      witness.message(19, 0, 0, sharedObject("a", [USE]));
      const clients: (RigClient | undefined)[] = [];
      for (const one of steps) {
        const client = clients[one.who] ??= rig.client().connected(1, one.who > 2 ? "x" : "live");
        if ("leave" in one) {
          client.connection.hangUp();
          clients[one.who] = undefined;
        } else if ("block" in one) client.connection.block();
        else if ("bytes" in one) client.message(19, 0, 0, one.bytes);
        else client.message(one.type, 0, 0, sharedObject(one.name, one.events, one));
        assert.ok(rig.service.sharedObjectCount <= rig.settings.maxSharedObjects);
      }
      assert.equal(witness.connection.closing, undefined);
      for (const client of clients) client?.connection.hangUp();
      witness.connection.hangUp();
      runs.push((async () => {
        for (let time = 0; time < 5; time++) {
          await settle();
          rig.clock.advance(10_000);
        }
        await settle();
        assert.equal(rig.service.sessions.size, 0);
        assert.equal(rig.service.sharedObjectCount, 0);
      })());
    }),
    sized(150, 3000),
  );
  await Promise.all(runs);
});

test("a small message never makes a large answer: what was refused is repaired once", () => {
  let asked = 0;
  const onSharedObject = () => asked++ === 0 ? undefined : readOnly();
  const rig = new Rig({ maxSharedObjectBytes: 32_768 }, { name: "gate", onSharedObject });
  const [writer, reader] = [rig.client().connected(), rig.client().connected()];
  writer.message(19, 0, 0, sharedObject("chat", [USE, change("x", "y".repeat(30_000))]));
  reader.message(19, 0, 0, sharedObject("chat", [USE]));
  reader.takeMessages();
  for (const one of [change("x", 1), CLEAR, remove("x"), say("hi")]) {
    reader.message(19, 0, 0, sharedObject("chat", new Array<SharedObjectEvent>(250).fill(one)));
    const bytes = reader.takeMessages().reduce((sum, { payload }) => sum + payload.length, 0);
    assert.ok(bytes < 30_200, `${bytes} bytes`);
  }
  assert.equal(reader.connection.closing, undefined);
});

test("a text that AMF3 refers to a thousand times stays as short as it was sent", () => {
  const rig = new Rig({ maxSharedObjectBytes: 32_768 });
  const [a, b] = [rig.client().connected(), rig.client().connected()];
  for (const client of [a, b]) {
    client.message(16, 0, 0, sharedObject("chat", [USE], { type: 16 }));
    client.takeMessages();
  }
  // AVM+, an array of 1000: one text of 8000 bytes, then references to it.
  const count = 1000;
  const text = new Uint8Array(8000).fill(0x61);
  const u29 = (value: number) => [0x80 | value >> 7, value & 0x7f];
  const value = Uint8Array.from([
    ...[0x11, 0x09, ...u29(count << 1 | 1), 0x01],
    ...[0x06, 0x80 | (8000 << 1 | 1) >> 7, (8000 << 1 | 1) & 0x7f, ...text],
    ...Array.from({ length: count - 1 }, () => [0x06, 0x00]).flat(),
  ]);
  a.message(16, 0, 0, sharedObject("chat", [{ type: 3, key: "x", value }], { type: 16 }));
  const [heard] = b.takeMessages();
  assert.equal(heard!.payload.length, 1 + 6 + 12 + 5 + 3 + value.length);
});

test("calls and answers without end cost nothing that stays", async () => {
  const rig = new Rig({}, { name: "methods", onCall: () => new Promise(() => {}) });
  const client = rig.client().connected();
  const nested = encodeAmf0("f", 5, null, ...new Array(100).fill("x"));
  for (let time = 0; time < 200; time++) {
    client.message(20, 0, 0, nested);
    client.command(0, "_result", time, null, "nobody asked");
  }
  const failed = client.take().filter((line) => line.includes("_error"));
  assert.equal(failed.length, 200 - rig.settings.maxPendingCalls);
  rig.clock.advance(rig.settings.hookTimeoutMs);
  await settle();
  assert.equal(client.take().length, rig.settings.maxPendingCalls);
  client.connection.hangUp();
  await settle();
  assert.equal(rig.service.sessions.size, 0);
});
