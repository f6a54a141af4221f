import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeSharedObject,
  type SharedObjectEvent,
} from "../../src/core/rtmp/message/shared_object.ts";
import {
  SharedObject,
  SharedObjects,
  type SharedObjectsOptions,
  SharedObjectUpdate,
  type SharedObjectUser,
} from "../../src/shared_objects/mod.ts";
import { check } from "../support/property.ts";

const OPTIONS: SharedObjectsOptions = { bytes: 100, properties: 3, maxObjects: 4, maxPerApp: 2 };

const NAMES: Record<number, string> = {
  ...{ 4: "change", 5: "success", 6: "message", 7: "status", 8: "clear", 9: "remove", 11: "used" },
};

/** A user that writes down what it is told, and keeps the copy a client would have. */
class User implements SharedObjectUser {
  told: string[] = [];
  readonly copy = new Map<string, string>();

  onUpdate(_object: SharedObject, update: SharedObjectUpdate): void {
    const { events, version } = decodeSharedObject(19, update.payload(19));
    assert.deepEqual(events.length, update.events.length);
    for (const event of events) {
      this.told.push(`${version} ${NAMES[event.type]}${detail(event)}`);
      if (event.type === 4) this.copy.set(event.key, event.value.join());
      else if (event.type === 9) this.copy.delete(event.key);
      else if (event.type === 8) this.copy.clear();
    }
  }

  take(): string[] {
    return this.told.splice(0);
  }
}

function detail(event: SharedObjectEvent): string {
  if ("value" in event) return ` ${event.key}=${event.value.join()}`;
  if ("key" in event) return ` ${event.key}`;
  if ("body" in event) return ` ${event.handler}`;
  return "code" in event ? ` ${event.code} ${event.level}` : "";
}

function change(key: string, ...value: number[]): SharedObjectEvent {
  return { type: 3, key, value: Uint8Array.from(value) };
}

/** A text of as many bytes, encoded. */
function long(bytes: number): number[] {
  return [2, 0, bytes - 3, ...new Uint8Array(bytes - 3).fill(0x61)];
}

const remove = (key: string): SharedObjectEvent => ({ type: 10, key });
const CLEAR: SharedObjectEvent = { type: 14 };
const SAY: SharedObjectEvent = {
  type: 6,
  handler: "say",
  body: Uint8Array.of(2, 0, 3, 0x73, 0x61, 0x79),
};

/** An object with users a and b, who were told of it. */
function shared() {
  const object = new SharedObject("live", "chat", false, OPTIONS);
  const [a, b] = [new User(), new User()];
  for (const user of [a, b]) {
    object.use(user);
    user.take();
  }
  return { object, a, b };
}

test("a user begins with use success, clear and every property", () => {
  const { object, a } = shared();
  object.apply(a, [change("x", 1, 1), change("y", 5)], true);
  const late = new User();
  object.use(late);
  assert.deepEqual(late.take(), ["2 used", "2 clear", "2 change x=1,1", "2 change y=5"]);
});

test("a change is a success for who made it and a change for the others", () => {
  const { object, a, b } = shared();
  assert.equal(object.apply(a, [change("x", 5)], true), true);
  assert.deepEqual(a.take(), ["1 success x"]);
  assert.deepEqual(b.take(), ["1 change x=5"]);
});

test("a message reaches everybody, the sender as well, and changes nothing", () => {
  const { object, a, b } = shared();
  assert.equal(object.apply(a, [SAY], true), false);
  for (const user of [a, b]) assert.deepEqual(user.take(), ["0 message say"]);
});

test("a removal reaches everybody; of what is not there only who asked hears", () => {
  const { object, a, b } = shared();
  object.apply(a, [change("x", 5)], true);
  a.take();
  b.take();
  object.apply(b, [remove("x")], true);
  for (const user of [a, b]) assert.deepEqual(user.take(), ["2 remove x"]);
  object.apply(b, [remove("x")], true);
  assert.deepEqual([a.take(), b.take()], [[], ["2 remove x"]]);
  assert.equal(object.bytes, 0);
});

test("who removes a property and sets it again in one message ends with what it set", () => {
  const { object, a } = shared();
  object.apply(a, [remove("x"), change("x", 5)], true);
  assert.deepEqual(a.take(), ["1 remove x", "1 success x", "1 change x=5"]);
});

test("a clear reaches everybody and leaves nothing", () => {
  const { object, a, b } = shared();
  object.apply(a, [change("x", 5), change("y", 5)], true);
  object.apply(b, [CLEAR], true);
  assert.equal(a.take().at(-1), "3 clear");
  assert.equal(b.take().at(-1), "3 clear");
  assert.deepEqual([object.properties.size, object.bytes], [0, 0]);
});

test("what only a server sends does nothing when a client sends it", () => {
  const { object, a, b } = shared();
  const events: SharedObjectEvent[] = [
    { type: 4, key: "x", value: Uint8Array.of(5) },
    { type: 5, key: "x" },
    { type: 7, code: "c", level: "error" },
    { type: 8 },
    { type: 9, key: "x" },
    { type: 11 },
    { type: 1 },
    { type: 2 },
  ];
  assert.equal(object.apply(a, events, true), false);
  assert.deepEqual([a.take(), b.take(), object.version], [[], [], 0]);
});

test("who may not write is told so, once, and what the properties are", () => {
  const { object, a, b } = shared();
  object.apply(a, [change("x", 1, 1)], true);
  a.take();
  b.take();
  assert.equal(
    object.apply(b, [change("x", 5), change("x", 6), change("y", 5), SAY], false),
    false,
  );
  const refused = "1 status SharedObject.NoWriteAccess error";
  assert.deepEqual(b.take(), [refused, "1 change x=1,1", "1 remove y"]);
  object.apply(b, [CLEAR, CLEAR, remove("x")], false);
  assert.deepEqual(b.take(), [refused, "1 change x=1,1"]);
  assert.deepEqual(a.take(), []);
});

test("bytes and properties are bounded; over a bound a change is refused", () => {
  const { object, a, b } = shared();
  object.apply(a, [change("x", ...long(99))], true);
  assert.equal(object.bytes, 100);
  a.take();
  b.take();
  object.apply(a, [change("y", 5)], true);
  assert.deepEqual(a.take(), ["1 status SharedObject.NoWriteAccess error", "1 remove y"]);
  assert.deepEqual(b.take(), []);
  object.apply(a, [change("x", 5), change("y", 5), change("z", 5), change("w", 5)], true);
  assert.deepEqual([...object.properties.keys()], ["x", "y", "z"]);
  assert.equal(object.bytes, 6);
});

test("a user that was released, even within an update, is told nothing more", () => {
  const { object, a, b } = shared();
  const third = new User();
  object.use({
    onUpdate() {
      object.release(third);
    },
  });
  object.use(third);
  third.take();
  object.apply(a, [SAY], true);
  assert.deepEqual(third.take(), []);
  assert.deepEqual(b.take(), ["0 message say"]);
});

test("a message longer than an object may be is refused", () => {
  const { object, a, b } = shared();
  object.apply(a, [{ ...SAY, body: new Uint8Array(OPTIONS.bytes + 1) } as SharedObjectEvent], true);
  assert.deepEqual(a.take(), ["0 status SharedObject.NoWriteAccess error"]);
  assert.deepEqual(b.take(), []);
});

test("an update is encoded once for all users of a type and chunk size", () => {
  const { object, a } = shared();
  const payloads: Uint8Array[] = [];
  const taker = () => ({
    onUpdate: (_: SharedObject, update: SharedObjectUpdate) =>
      void payloads.push(update.message(16, 128)),
  });
  for (let users = 0; users < 3; users++) object.use(taker());
  payloads.length = 0;
  object.apply(a, [SAY], true);
  assert.equal(payloads.length, 3);
  assert.ok(payloads.every((payload) => payload === payloads[0]));
  const update = new SharedObjectUpdate(object, [SAY]);
  assert.notEqual(update.message(19, 128), update.message(16, 128));
  const long = new SharedObjectUpdate(object, [
    { ...SAY, body: new Uint8Array(200) } as typeof SAY,
  ]);
  assert.notEqual(long.message(19, 128).length, long.message(19, 4096).length);
});

test("whatever clients do, the copy of each is the object, and the bytes are counted right", () => {
  const key = fc.constantFrom("a", "b", "c", "d");
  const event: fc.Arbitrary<SharedObjectEvent> = fc.oneof(
    fc.tuple(key, fc.integer({ min: 3, max: 60 })).map(([key, bytes]) =>
      change(key, ...long(bytes))
    ),
    key.map(remove),
    fc.constant(CLEAR),
    fc.constant(SAY),
  );
  const step = fc.tuple(fc.nat(2), fc.array(event, { maxLength: 4 }), fc.boolean());
  check(fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
    const object = new SharedObject("live", "chat", false, OPTIONS);
    const users = [new User(), new User(), new User()];
    for (const user of users) object.use(user);
    for (const [who, events, mayWrite] of steps) {
      // As Flash does, before it is told whether it may.
      for (const one of events) {
        if (one.type === 3) users[who]!.copy.set(one.key, one.value.join());
        if (one.type === 10) users[who]!.copy.delete(one.key);
        if (one.type === 14) users[who]!.copy.clear();
      }
      object.apply(users[who]!, events, mayWrite);
      const truth = [...object.properties].map(([key, value]) => [key, value.join()]).sort();
      for (const { copy } of users) assert.deepEqual([...copy].sort(), truth);
    }
    const bytes = [...object.properties].reduce(
      (sum, [key, value]) => sum + key.length + value.length,
      0,
    );
    assert.equal(object.bytes, bytes);
    assert.ok(bytes <= OPTIONS.bytes && object.properties.size <= OPTIONS.properties);
  }));
});

test("a snapshot brings version and properties back, as far as the limits allow", () => {
  const { object, a } = shared();
  object.apply(a, [change("x", 5), change("x", 1, 1), change("y", 5)], true);
  const { version, events } = decodeSharedObject(19, object.snapshot());
  const again = new SharedObject("live", "chat", true, OPTIONS);
  again.restore(version, events);
  assert.equal(again.version, 3);
  assert.deepEqual([...again.properties.keys()], ["x", "y"]);
  const small = new SharedObject("live", "chat", true, { ...OPTIONS, properties: 1 });
  small.restore(version, events);
  assert.deepEqual([...small.properties.keys()], ["x"]);
});

test("objects belong to their application, also where names run together", () => {
  const objects = new SharedObjects(OPTIONS);
  const one = objects.open("a/b", "c", false);
  const other = objects.open("a", "b/c", false);
  assert.notEqual(one, other);
  assert.equal(objects.open("a/b", "c", false), one);
  assert.equal(objects.get("a", "b/c"), other);
  assert.equal(objects.get("a", "c"), undefined);
  assert.equal(objects.size, 2);
});

test("an object is persistent or not, for all who use it", () => {
  const objects = new SharedObjects(OPTIONS);
  objects.open("a", "x", true);
  assert.equal(objects.open("a", "x", false), "SharedObject.BadPersistence");
});

test("objects are bounded in all and per application; who is dropped makes room", () => {
  const objects = new SharedObjects(OPTIONS);
  const none = "SharedObject.ObjectCreationFailed";
  const first = objects.open("a", "1", false) as SharedObject;
  objects.open("a", "2", false);
  assert.equal(objects.open("a", "3", false), none);
  objects.open("b", "1", false);
  objects.open("c", "1", false);
  assert.equal(objects.open("d", "1", false), none);
  objects.drop(first);
  objects.drop(first);
  assert.equal(objects.size, 3);
  assert.notEqual(objects.open("a", "1", false), first);
  objects.drop(first);
  assert.equal(objects.size, 4, "another object of the name stays");
});

test("a user that fails when it is told something is told so, and is let go if it cannot be", () => {
  const { object, a, b } = shared();
  const faults: unknown[] = [];
  const failing = {
    onUpdate() {
      throw new Error("a bug of ours");
    },
  };
  object.use({ ...failing, onFault: (error) => faults.push(error) });
  object.use(failing);
  assert.deepEqual([object.userCount, faults.length], [3, 1]);
  object.apply(a, [SAY], true);
  assert.equal(faults.length, 2);
  assert.deepEqual(b.take(), ["0 message say"]);
});
