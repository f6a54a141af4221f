/** Shared objects that outlive their users: what is loaded and saved, and who waits for it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Rig, settle } from "../../support/rtmp_service.ts";
import { change, say, sharedObject, USE } from "../../support/shared_object_client.ts";
import { tell, told, user } from "./shared_objects_rig.ts";

test("without a store a persistent object is refused", () => {
  const rig = new Rig();
  const client = rig.client().connected();
  tell(client, "chat", [USE], { persistent: true });
  assert.deepEqual(told(client), ["chat@0 status:SharedObject.BadPersistence"]);
});

/** A store in memory, whose loads a test may hold up. */
class Store {
  readonly files = new Map<string, Uint8Array>();
  gate: Promise<void> = Promise.resolve();

  async load(app: string, name: string): Promise<Uint8Array | undefined> {
    await this.gate;
    return this.files.get(`${app}:${name}`);
  }

  save(app: string, name: string, bytes: Uint8Array): Promise<void> {
    this.files.set(`${app}:${name}`, bytes);
    return Promise.resolve();
  }

  remove(app: string, name: string): Promise<void> {
    this.files.delete(`${app}:${name}`);
    return Promise.resolve();
  }
}

test("a persistent object outlives its users and the server", async () => {
  const store = new Store();
  const rig = new Rig({ store });
  const client = rig.client().connected();
  tell(client, "chat", [USE, change("topic", "news")], { persistent: true });
  await settle();
  assert.deepEqual(told(client), ["chat@0 use clear", "chat@1 success:topic"]);
  client.connection.hangUp();
  await settle();
  assert.equal(rig.service.sharedObjectCount, 0);
  const again = new Rig({ store }).client().connected();
  tell(again, "chat", [USE], { persistent: true });
  await settle();
  assert.deepEqual(told(again), ["chat@1 use clear change:topic=news"]);
});

test("nothing is read from a client while its object is loaded, and nothing is lost", async () => {
  const store = new Store();
  let open = () => {};
  store.gate = new Promise((resolve) => open = resolve);
  const rig = new Rig({ store });
  const [a, b] = [rig.client().connected(), rig.client().connected()];
  for (const client of [a, b]) tell(client, "chat", [USE], { persistent: true });
  tell(a, "chat", [change("x", 1)]);
  await settle();
  assert.deepEqual([told(a), told(b), a.connection.paused], [[], [], true]);
  open();
  await settle();
  assert.deepEqual(told(a), ["chat@0 use clear", "chat@1 success:x"]);
  assert.deepEqual(told(b).at(-1), "chat@1 change:x=1");
});

test("what comes in one piece with the use of an object waits for it as well", async () => {
  const rig = new Rig({ store: new Store() });
  const client = rig.client().connected();
  const pieces = [[USE], [change("x", 1)], [say("hi")]].map((events) => {
    const body = sharedObject("chat", events, { persistent: true });
    return [...client.encode(19, 0, 0, body)];
  });
  client.write(Uint8Array.from(pieces.flat()));
  assert.deepEqual(told(client), []);
  await settle();
  assert.deepEqual(told(client), ["chat@0 use clear", "chat@1 success:x", "chat@1 message:hi"]);
});

test("the stop of the server waits until all is saved", async () => {
  const store = new Store();
  const rig = new Rig({ store });
  const client = rig.client().connected();
  tell(client, "chat", [USE, change("x", 1)], { persistent: true });
  await settle();
  assert.equal(store.files.size, 0);
  await rig.stop(1000);
  assert.deepEqual([...store.files.keys()], ["live:chat"]);
});

test("a disk that hangs does not keep the server from stopping", async () => {
  const store = new Store();
  store.save = () => new Promise(() => {});
  const rig = new Rig({ store });
  const client = rig.client().connected();
  tell(client, "chat", [USE, change("x", 1)], { persistent: true });
  await settle();
  const stopped = rig.stop(1000);
  await settle();
  rig.clock.advance(1000);
  await stopped;
});

test("an object is persistent for all who use it, or for none", async () => {
  const rig = new Rig({ store: new Store() });
  const a = user(rig);
  const b = rig.client().connected();
  tell(b, "chat", [USE], { persistent: true });
  await settle();
  assert.deepEqual(told(b), ["chat@0 status:SharedObject.BadPersistence"]);
  assert.deepEqual(told(a), []);
});
