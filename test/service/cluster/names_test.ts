/** The names of one node, on stores that answer at once: what is asked, how often, and what is kept in mind. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { StreamKey } from "../../../src/hub/mod.ts";
import type { Bus, BusStore } from "../../../src/ports.ts";
import { Directory, nameKey } from "../../../src/service/cluster/directory.ts";
import { type NameEntry, readEntry, writeEntry } from "../../../src/service/cluster/name_entry.ts";
import { FakeClock } from "../../support/clock.ts";
import { settle } from "../../support/rtmp_service.ts";
import { SharedStore } from "./store_rig.ts";

const path = (name: string | number): StreamKey => ({ app: "live", name: `${name}` });
const other = (lease: string): NameEntry => ({ lease, node: "o", url: "rtmp://o", pass: "theirs" });

function setUp() {
  const clock = new FakeClock();
  const leases = new SharedStore(clock, Infinity);
  const names = new SharedStore(clock, Infinity);
  const lease: { id: string | undefined } = { id: "me-1" };
  const asked: string[] = [];
  const told: string[] = [];
  const rig = {
    isCut: false,
    /** What an owner answers that is asked. */
    answer: undefined as "yes" | "no" | undefined,
    /** Is called with each question. */
    onAsk: (_what: string): void | Promise<void> => {},
  };
  const to = (store: SharedStore, what: string): BusStore => {
    const ask = async <T>(kind: string, act: () => T): Promise<T> => {
      asked.push(`${what}.${kind}`);
      await rig.onAsk(`${what}.${kind}`);
      if (rig.isCut) throw new Error("cut");
      return act();
    };
    return {
      get: (key) => ask("get", () => store.get(key)),
      put: (key, value, revision) => ask("put", () => store.put(key, value, revision)),
      remove: (key, revision) => ask("remove", () => store.remove(key, revision)),
    };
  };
  const directory = new Directory({
    bus: { leases: to(leases, "leases"), names: to(names, "names") } as Partial<Bus> as Bus,
    ...{ lease, clock, node: "n", pass: "mine", url: () => "rtmp://n" },
    askOwner: (owner) => {
      told.push(`ask ${owner.node} ${clock.now()}`);
      return Promise.resolve(rig.answer);
    },
    onOwned: ({ name }, id) => void told.push(`+${name} ${id}`),
    onFreed: ({ name }, id) => void told.push(`-${name} ${id}`),
  });
  const entryOf = (one: StreamKey) => {
    const entry = names.get(nameKey(one));
    return entry && readEntry(entry.value);
  };
  /** Somebody else has a name, with a lease that lasts or one that is over. */
  const taken = (one: StreamKey, lives: boolean) => {
    if (lives) leases.put("o-1", "o", leases.get("o-1")?.revision ?? 0);
    names.put(nameKey(one), writeEntry(other(lives ? "o-1" : "o-0")), 0);
  };
  const takeAsked = () => asked.splice(0);
  const takeTold = () => told.splice(0);
  return { clock, names, lease, rig, directory, entryOf, taken, takeAsked, takeTold };
}

test("a name is taken by one entry, given up by removing that, and left to others by neither", async () => {
  const { directory, entryOf, takeTold, takeAsked, lease } = setUp();
  assert.equal(await directory.claim(path("a"), 1000), undefined);
  assert.deepEqual(entryOf(path("a")), {
    ...{ lease: "me-1", node: "n", url: "rtmp://n", pass: "mine" },
  });
  assert.deepEqual([directory.size, directory.owns(path("a")), directory.missing], [
    1,
    true,
    false,
  ]);
  assert.deepEqual(takeTold(), ["+a me-1"]);
  takeAsked();
  assert.equal(await directory.claim(path("a"), 1000), undefined);
  assert.deepEqual([takeAsked(), takeTold()], [[], []], "it has it");
  directory.release(path("a"));
  directory.release(path("a"));
  await settle();
  assert.deepEqual([entryOf(path("a")), directory.size], [undefined, 0]);
  assert.deepEqual([takeAsked(), takeTold()], [["names.remove"], ["-a me-1"]]);
  await directory.claim(path("b"), 1000);
  directory.leave(path("b"));
  await settle();
  assert.ok(entryOf(path("b")) !== undefined);
  assert.deepEqual(takeTold(), ["+b me-1", "-b me-1"]);
  lease.id = undefined;
  assert.equal(directory.owns(path("b")), false);
});

test("an owner that does not answer is looked at again ten times a second, until it is too late", async () => {
  const { clock, directory, taken, takeTold } = setUp();
  taken(path("a"), true);
  let refusal: unknown = "pending";
  void directory.claim(path("a"), 450).then((made) => refusal = made);
  for (let ms = 0; ms < 500; ms += 10) {
    await settle();
    clock.advance(10);
  }
  assert.deepEqual(takeTold(), [0, 100, 200, 300, 400].map((ms) => `ask o ${ms}`));
  await settle();
  assert.equal(refusal, "unknown");
  const late = setUp();
  assert.equal(await late.directory.claim(path("a"), 0), "unknown");
  assert.deepEqual(late.takeAsked(), []);
});

test("an owner is asked while its lease lasts, and what it answers counts", async () => {
  const { directory, taken, entryOf, takeTold, rig } = setUp();
  taken(path("gone"), false);
  assert.equal(await directory.claim(path("gone"), 1000), undefined);
  assert.deepEqual(takeTold(), ["+gone me-1"]);
  taken(path("a"), true);
  rig.answer = "no";
  assert.equal(await directory.claim(path("a"), 1000), "taken");
  assert.equal(entryOf(path("a"))!.node, "o");
  rig.answer = "yes";
  assert.equal(await directory.claim(path("a"), 1000), undefined);
  assert.equal(entryOf(path("a"))!.node, "n");
  assert.deepEqual(takeTold(), ["ask o 0", "ask o 0", "+a me-1"]);
});

test("what was owned under a lease is owned again under the next one, unless somebody has it by then", async () => {
  const { directory, lease, taken, names, entryOf, takeTold } = setUp();
  for (const name of ["a", "b", "c"]) await directory.claim(path(name), 1000);
  takeTold();
  directory.lapse();
  directory.lapse();
  assert.deepEqual(takeTold(), ["-a me-1", "-b me-1", "-c me-1"]);
  assert.deepEqual([directory.size, directory.missing], [0, true]);
  names.remove(nameKey(path("b")), names.get(nameKey(path("b")))!.revision);
  taken(path("b"), true);
  names.remove(nameKey(path("c")), names.get(nameKey(path("c")))!.revision);
  taken(path("c"), false);
  lease.id = "me-2";
  assert.deepEqual(await directory.takeBack(), [path("b")]);
  assert.deepEqual(takeTold().sort(), ["+a me-2", "+c me-2"]);
  assert.deepEqual([directory.size, directory.missing], [2, false]);
  assert.equal(entryOf(path("c"))!.lease, "me-2");
});

test("sixteen names are taken back at a time, and each is tried three times", async () => {
  const { directory, lease, rig, takeAsked, names } = setUp();
  for (let name = 0; name < 40; name++) await directory.claim(path(name), 1000);
  directory.lapse();
  lease.id = "me-2";
  takeAsked();
  let [now, most] = [0, 0];
  const { put } = names;
  names.put = () => undefined;
  rig.onAsk = async (what) => {
    if (what === "names.get") most = Math.max(most, ++now);
    await settle();
    if (what === "names.put") now--;
  };
  assert.deepEqual(await directory.takeBack(), []);
  assert.equal(most, 16);
  assert.equal(takeAsked().filter((what) => what === "names.put").length, 3 * 40);
  assert.equal(directory.missing, true, "they are still to be taken back");
  names.put = put;
  rig.onAsk = () => {};
  assert.deepEqual(await directory.takeBack(), []);
  assert.deepEqual([directory.missing, directory.size], [false, 40]);
  directory.lapse();
  lease.id = "me-3";
  rig.isCut = true;
  takeAsked();
  assert.deepEqual(await directory.takeBack(), []);
  assert.equal(takeAsked().length, 40, "a store that cannot be asked is asked once for each");
});

test("a name that is given up while it is taken back stays so", async () => {
  const { directory, lease, rig, entryOf, takeTold } = setUp();
  await directory.claim(path("a"), 1000);
  directory.lapse();
  lease.id = "me-2";
  takeTold();
  rig.onAsk = (what) => {
    if (what === "names.put") directory.leave(path("a"));
  };
  assert.deepEqual(await directory.takeBack(), []);
  assert.deepEqual([directory.owns(path("a")), entryOf(path("a")), takeTold()], [
    false,
    undefined,
    [],
  ]);
});

test("names that are owned are said again, and those alone", async () => {
  const { directory, names, rig, takeAsked } = setUp();
  for (const name of ["a", "b", "c"]) await directory.claim(path(name), 1000);
  const before = names.get(nameKey(path("a")))!.revision;
  takeAsked();
  await directory.refresh();
  assert.deepEqual(takeAsked(), Array(3).fill("names.put"));
  assert.ok(names.get(nameKey(path("a")))!.revision > before);
  directory.release(path("a"));
  await settle();
  assert.equal(names.get(nameKey(path("a"))), undefined, "what was said last is what is removed");
  takeAsked();
  rig.isCut = true;
  await directory.refresh();
  assert.deepEqual(takeAsked(), ["names.put"], "a store that cannot be asked is left alone");
  rig.isCut = false;
  directory.lapse();
  await directory.refresh();
  assert.deepEqual(takeAsked(), []);
});

test("the last owners of ten thousand names are known where nobody can be asked", async () => {
  const { directory, taken, rig } = setUp();
  for (let name = 0; name < 10_001; name++) taken(path(name), false);
  for (let name = 0; name < 10_001; name++) await directory.ownerOf(path(name));
  rig.isCut = true;
  assert.equal(await directory.ownerOf(path(0)), undefined, "the one that was asked for first");
  assert.deepEqual(await directory.ownerOf(path(1)), other("o-0"));
  assert.equal((await directory.ownerOf(path(10_000)))!.node, "o");
});

test("an owner that there is none of any more is known no more, and this node is none to itself", async () => {
  const { directory, names, taken, rig } = setUp();
  taken(path("a"), true);
  assert.equal((await directory.ownerOf(path("a")))!.node, "o");
  names.forget();
  assert.equal(await directory.ownerOf(path("a")), undefined);
  rig.isCut = true;
  assert.equal(await directory.ownerOf(path("a")), undefined);
  rig.isCut = false;
  await directory.claim(path("b"), 1000);
  assert.equal(await directory.ownerOf(path("b")), undefined);
});

test("a stop gives all names up", async () => {
  const { directory, entryOf, takeTold } = setUp();
  for (const name of ["a", "b"]) await directory.claim(path(name), 1000);
  takeTold();
  await directory.stop();
  assert.deepEqual([entryOf(path("a")), entryOf(path("b"))], [undefined, undefined]);
  assert.deepEqual([takeTold(), directory.size, directory.missing], [
    ["-a me-1", "-b me-1"],
    0,
    false,
  ]);
});

test("a name is a key of the bytes of its application and itself", () => {
  assert.equal(nameKey({ app: "a", name: "\n" }), "n612f0a");
  assert.equal(nameKey({ app: "é", name: "" }).slice(0, 5), "nc3a9");
});
