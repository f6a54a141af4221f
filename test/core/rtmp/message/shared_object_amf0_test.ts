import assert from "node:assert/strict";
import { test } from "node:test";
import { amfObject, encodeAmf0, encodeAmf3 } from "../../../../src/core/amf/mod.ts";
import { SharedObjectEventType } from "../../../../src/core/rtmp/message/shared_object.ts";
import { eventInAmf0, largestForm } from "../../../../src/core/rtmp/message/shared_object_amf0.ts";
import { decodeSharedObject } from "../../../../src/core/rtmp/message/shared_object.ts";
import { SharedObject, type SharedObjectUpdate } from "../../../../src/shared_objects/mod.ts";

const { Change, SendMessage, Remove, RequestChange } = SharedObjectEventType;
const OBJECT = amfObject({ width: 640, title: "case" });
const AMF3 = Uint8Array.of(0x11, ...encodeAmf3(OBJECT));

test("values and messages in AMF3 become AMF0, or null and nothing where that is not possible", () => {
  const broken = Uint8Array.of(0x11, 0x0a, 0x07, 0x05, 0x41, 0x42);
  const value = (value: Uint8Array) => ({ type: Change, key: "a", value }) as const;
  assert.deepEqual(eventInAmf0(value(AMF3)), value(encodeAmf0(OBJECT)));
  assert.deepEqual(eventInAmf0(value(broken)), value(encodeAmf0(null)));
  const said = (body: Uint8Array) => ({ type: SendMessage, handler: "hi", body }) as const;
  const hi = encodeAmf0("hi");
  assert.deepEqual(
    eventInAmf0(said(Uint8Array.of(...hi, ...AMF3))),
    said(encodeAmf0("hi", OBJECT)),
  );
  assert.deepEqual(eventInAmf0(said(Uint8Array.of(...hi, ...broken))), said(hi));
});

test("what is AMF0 already, or has no value, is left alone", () => {
  for (
    const event of [
      { type: Change, key: "a", value: encodeAmf0(17, "\u0011") },
      { type: SendMessage, handler: "hi", body: encodeAmf0("hi", 17) },
      { type: Remove, key: "a" },
    ] as const
  ) assert.equal(eventInAmf0(event), event);
});

test("users of type 19 get AMF0 and those of type 16 what was written, at once and later", () => {
  const object = new SharedObject("live", "board", false, { bytes: 10_000, properties: 10 });
  const updates: SharedObjectUpdate[] = [];
  const user = {
    onUpdate: (_object: SharedObject, update: SharedObjectUpdate) => updates.push(update),
  };
  const writer = { onUpdate: () => {} };
  object.use(writer);
  object.use(user);
  object.apply(writer, [{ type: RequestChange, key: "a", value: AMF3 }], true);
  const late = { onUpdate: user.onUpdate };
  object.use(late);
  const changes = updates.filter((update) => update.events.some(({ type }) => type === Change));
  assert.equal(changes.length, 2);
  for (const update of changes) {
    for (const [type, expected] of [[19, encodeAmf0(OBJECT)], [16, AMF3]] as const) {
      const { events } = decodeSharedObject(type, update.payload(type));
      const change = events.find((event) => event.type === Change) as { value: Uint8Array };
      assert.deepEqual(change.value, expected, `type ${type}`);
    }
  }
});

test("the longer of both forms is that of AMF0 where AMF3 names a text once for all", () => {
  // An array of twice the same text of 20 letters, the second time by its number.
  const text = new Array(20).fill(0x61);
  const both = Uint8Array.of(0x11, 0x09, 0x05, 0x01, 0x06, 0x29, ...text, 0x06, 0x00);
  assert.equal(largestForm(both), 1 + 4 + 2 * (1 + 2 + 20), "a strict array of two strings");
  const number = Uint8Array.of(0x11, 0x04, 0x01);
  assert.equal(largestForm(number), 9);
  assert.equal(largestForm(encodeAmf0("abc")), 6);
  const broken = Uint8Array.of(0x11, 0x0a, 0x07, 0x05, 0x41, 0x42);
  assert.equal(largestForm(broken), 6, "there is no other form of it");
});
