/** Shared objects through the service: who hears what, who may, and what is bounded. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";
import { change, CLEAR, RELEASE, remove, say, USE } from "../../support/shared_object_client.ts";
import { tell, told, user } from "./shared_objects_rig.ts";

test("two clients converse, and a late third hears what there is", () => {
  const rig = new Rig();
  const [a, b] = [user(rig), user(rig)];
  tell(a, "chat", [change("topic", "news"), change("count", 2)]);
  assert.deepEqual(told(a), ["chat@2 success:topic success:count"]);
  assert.deepEqual(told(b), ["chat@2 change:topic=news change:count=2"]);
  tell(b, "chat", [say("hello", "from b")]);
  for (const client of [a, b]) assert.deepEqual(told(client), ["chat@2 message:hello,from b"]);
  tell(b, "chat", [remove("count")]);
  for (const client of [a, b]) assert.deepEqual(told(client), ["chat@3 remove:count"]);
  const late = rig.client().connected();
  tell(late, "chat", [USE]);
  assert.deepEqual(told(late), ["chat@3 use clear change:topic=news"]);
  tell(late, "chat", [CLEAR]);
  for (const client of [a, b, late]) assert.deepEqual(told(client), ["chat@4 clear"]);
});

test("each client is answered in the type it speaks, whatever the others speak", () => {
  const rig = new Rig();
  const a = user(rig);
  const b = rig.client().connected();
  tell(b, "chat", [USE], { type: 16 });
  tell(a, "chat", [say("hi")]);
  tell(b, "chat", [say("ho")], { type: 16 });
  const types = (client: RigClient) => [
    ...new Set(
      client.messages.map(({ type }) => type).filter((type) => type === 16 || type === 19),
    ),
  ];
  assert.deepEqual([types(a), types(b)], [[19], [16]]);
  assert.deepEqual(told(a), ["chat@0 message:hi", "chat@0 message:ho"]);
  assert.deepEqual(told(b), ["chat@0 use clear", "chat@0 message:hi", "chat@0 message:ho"]);
});

test("an object belongs to its application instance", () => {
  const rig = new Rig();
  const [a, b] = [user(rig, "live/one"), user(rig, "live/two")];
  tell(a, "chat", [change("x", 1)]);
  assert.deepEqual(told(b), []);
  const other = rig.client().connected(1, "live/two");
  tell(other, "chat", [USE]);
  assert.deepEqual(told(other), ["chat@0 use clear"]);
});

test("an object that is not persistent goes with its last user, however that leaves", async () => {
  for (const how of ["release", "hang up", "close"]) {
    const rig = new Rig();
    const [a, b] = [user(rig), user(rig)];
    tell(a, "chat", [change("x", 1)]);
    tell(b, "chat", [RELEASE]);
    told(b);
    tell(a, "chat", [change("x", 2)]);
    assert.deepEqual(told(b), [], "who released it hears no more");
    if (how === "release") tell(a, "chat", [RELEASE]);
    else if (how === "close") a.command(0, "close", 0, null);
    else a.connection.hangUp();
    await settle();
    assert.equal(rig.service.sharedObjectCount, 0, how);
    user(rig);
  }
});

test("what is said to an object that is not used is read past", () => {
  const rig = new Rig();
  const [a, b] = [user(rig), rig.client().connected()];
  tell(b, "chat", [change("x", 1), say("hi"), RELEASE]);
  tell(b, "other", [RELEASE]);
  assert.deepEqual([told(a), told(b)], [[], []]);
  b.command(0, "_checkbw", 9, null);
  assert.deepEqual(b.take(), ["0 _result 9 null undefined"]);
});

test("one message may use, change and release", () => {
  const rig = new Rig();
  const [a, b] = [user(rig), rig.client().connected()];
  tell(b, "chat", [USE, change("x", 1), RELEASE, change("x", 2)]);
  assert.deepEqual(told(b), ["chat@0 use clear", "chat@1 success:x"]);
  assert.deepEqual(told(a), ["chat@1 change:x=1"]);
});

test("what a message says of an object before it uses it is late, and does nothing", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  tell(client, "chat", [RELEASE, change("x", 1), USE, change("y", 2)]);
  assert.deepEqual(told(client), ["chat@0 use clear", "chat@1 success:y"]);
  tell(client, "chat", [change("x", 3)]);
  assert.deepEqual(told(client), ["chat@2 success:x"], "it is used still");
});

test("before connect, and where they are off, shared objects are read past", () => {
  const rig = new Rig();
  const early = rig.client().shake();
  tell(early, "chat", [USE]);
  early.connect();
  assert.deepEqual(told(early), []);
  const off = new Rig({ sharedObjects: false });
  const client = off.client().connected();
  tell(client, "chat", [USE]);
  client.message(19, 0, 0, Uint8Array.of(0xff));
  client.command(0, "_checkbw", 9, null);
  assert.deepEqual(client.take(), ["0 _result 9 null undefined"]);
});

test("a malformed message ends its session, and the others hear no more of it", async () => {
  const rig = new Rig();
  const [a, b] = [user(rig), user(rig)];
  a.message(19, 0, 0, Uint8Array.of(0, 4, 0x63));
  await settle();
  assert.equal(rig.takeTold().join(), "disconnect protocol");
  assert.equal(a.connection.closed, true);
  tell(b, "chat", [say("still here")]);
  assert.deepEqual(told(b), ["chat@0 message:still here"]);
});

test("objects are bounded per connection, per application and in all", () => {
  const rig = new Rig();
  const use = (client: RigClient, name: string) => {
    tell(client, name, [USE]);
    return told(client)[0]!.split(" ")[1];
  };
  const none = "status:SharedObject.ObjectCreationFailed";
  const a = rig.client().connected();
  assert.deepEqual(["1", "2", "3", "4"].map((name) => use(a, name)), ["use", "use", "use", none]);
  const b = rig.client().connected();
  assert.deepEqual(["4", "5", "1"].map((name) => use(b, name)), ["use", none, "use"]);
  const c = rig.client().connected(1, "other");
  assert.deepEqual(["1", "2", "3"].map((name) => use(c, name)), ["use", "use", none]);
  assert.equal(rig.service.sharedObjectCount, 6);
  tell(a, "1", [RELEASE]);
  tell(a, "2", [RELEASE]);
  assert.equal(use(c, "3"), "use");
});

test("over the bytes of an object a change is refused, and undone where it was made", () => {
  const rig = new Rig({ maxSharedObjectBytes: 40 });
  const [a, b] = [user(rig), user(rig)];
  tell(a, "chat", [change("x", "short")]);
  told(a);
  told(b);
  tell(a, "chat", [change("x", "long".repeat(20))]);
  assert.deepEqual(told(a), ["chat@1 status:SharedObject.NoWriteAccess change:x=short"]);
  assert.deepEqual(told(b), []);
});

test("a user that reads nothing is cut off, and the others are served on", async () => {
  const rig = new Rig({ maxSharedObjectBytes: 65_536 });
  const [slow, a, b] = [user(rig), user(rig), user(rig)];
  slow.connection.block();
  const text = "x".repeat(10_000);
  for (let count = 0; count < 40; count++) tell(a, "chat", [say("flood", text)]);
  rig.clock.advance(10);
  await settle();
  assert.equal(slow.connection.closed, true);
  assert.equal(told(b).length, 40);
  assert.equal(told(a).length, 40);
  assert.deepEqual(rig.takeTold(), ["disconnect stalled"]);
});

/** AMF3 in few bytes that is long in AMF0: a list of `count` times the same list of as many numbers. */
function folded(count: number, number: number): Uint8Array {
  const list = [9, count << 1 | 1, 1];
  const inner = [...list, ...Array.from({ length: count }, () => [4, number]).flat()];
  const again = Array.from({ length: count - 1 }, () => [9, 1 << 1]).flat();
  return Uint8Array.from([0x11, ...list, ...inner, ...again]);
}

test("what is short in AMF3 and long in AMF0 ends no user that is told it in AMF0", async () => {
  for (const count of [20, 62]) {
    const rig = new Rig({ maxSharedObjectBytes: 65_536, maxSharedObjectProperties: 256 });
    const [victim, other] = [user(rig), user(rig)];
    const events = Array.from({ length: 15 }, (_, index) => ({
      type: 3 as const,
      key: `k${index}`,
      value: folded(count, 1),
    }));
    for (let time = 0; time < 5; time++) tell(other, "chat", [...events].reverse(), { type: 16 });
    const messages = Array.from({ length: 15 }, () => ({
      type: 6 as const,
      handler: "x",
      body: Uint8Array.of(2, 0, 1, 120, ...folded(count, 1)),
    }));
    tell(other, "chat", messages, { type: 16 });
    rig.clock.advance(10);
    await settle();
    const most = victim.takeMessages().map(({ payload }) => payload.length);
    assert.ok(most.length > 0 && Math.max(...most) <= 2 * 65_536, `${most}`);
    const late = user(rig);
    for (const client of [victim, other, late]) assert.equal(client.connection.closed, false);
  }
});

test("what is said to an object is charged by who hears it: with many users fewer messages are read", () => {
  const read: number[] = [];
  for (const users of [2, 60]) {
    const rig = new Rig({ maxMessagesPerSecond: 20_000 });
    const [a, b] = Array.from({ length: users }, () => user(rig));
    rig.clock.advance(100);
    for (let count = 0; count < 200; count++) tell(a!, "chat", [say("x", "y")]);
    rig.clock.advance(50);
    read.push(told(b!).length);
    rig.clock.advance(60_000);
    assert.equal(read.at(-1)! + told(b!).length, 200);
  }
  assert.ok(read[0]! > 50 && read[1]! < read[0]! / 5, `${read} messages were read in a slice`);
});

test("a client that does nothing but use an object is not idle", () => {
  const rig = new Rig();
  const client = user(rig);
  for (let minute = 0; minute < 10; minute++) {
    rig.clock.advance(60_000);
    client.command(0, "_checkbw", 0, null);
  }
  assert.equal(client.connection.closing, undefined);
});

test("a client that uses an object has been served: it makes no room for others", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  assert.equal(rig.service.gauges.pending, 1);
  tell(client, "chat", [USE]);
  assert.equal(rig.service.gauges.pending, 0);
});

test("a message costs its events, who hears them, and each 256 bytes that its sender is told", () => {
  const rig = new Rig({ maxSharedObjectBytes: 4096 });
  const client = user(rig);
  const { core } = client.session;
  let charged = 0;
  let told = 0;
  core.charge = (effort) => charged += effort;
  const { sendEncoded } = core;
  core.sendEncoded = (bytes) => {
    told += bytes.length;
    sendEncoded.call(core, bytes);
  };
  for (let length = 0; length < 600; length++) {
    charged = told = 0;
    tell(client, "chat", [say("x", "y".repeat(length))]);
    assert.equal(charged, 1 + 4 + (told >> 8), `${told} bytes`);
  }
});
