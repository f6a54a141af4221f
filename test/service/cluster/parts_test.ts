/** Parts of a node by themselves: who is there, entries, its lease, and the streams of all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Bus, BusStore } from "../../../src/ports.ts";
import { Members } from "../../../src/service/cluster/members.ts";
import {
  readEntry,
  readKey,
  readObject,
  writeEntry,
} from "../../../src/service/cluster/name_entry.ts";
import { NodeLease } from "../../../src/service/cluster/node_lease.ts";
import { answerSurvey, survey } from "../../../src/service/cluster/survey.ts";
import { FakeClock } from "../../support/clock.ts";
import { settle } from "../../support/rtmp_service.ts";
import { SharedStore } from "./store_rig.ts";

test("nodes are those that were heard of lately", () => {
  const clock = new FakeClock();
  const members = new Members(clock, 1000);
  const say = (key: string, more: object = {}) =>
    members.heard(JSON.stringify({ key, node: `n-${key}`, url: "rtmp://x", streams: 3, ...more }));
  say("a");
  clock.advance(1);
  say("b", { streams: "many" });
  for (const wrong of ["", "[]", "null", '{"key":"c"}', '{"key":"c","node":"n"}']) {
    members.heard(wrong);
  }
  say("d", { node: 5 });
  say("e", { url: 5 });
  members.heard(JSON.stringify({ key: 5, node: "n", url: "u" }));
  assert.deepEqual(members.list(), [
    { node: "n-a", url: "rtmp://x", streams: 3 },
    { node: "n-b", url: "rtmp://x", streams: 0 },
  ]);
  clock.advance(999);
  assert.equal(members.list().length, 2);
  clock.advance(1);
  assert.deepEqual(members.list().map(({ node }) => node), ["n-b"]);
  members.left("b");
  assert.deepEqual(members.list(), []);
});

test("ten thousand nodes are kept in mind, and of those what they say last", () => {
  const members = new Members(new FakeClock(), 1000);
  const say = (key: number, node: string) =>
    members.heard(JSON.stringify({ key: `${key}`, node, url: "" }));
  for (let key = 0; key < 10_001; key++) say(key, "first");
  say(0, "second");
  const all = members.list();
  assert.equal(all.length, 10_000);
  assert.equal(all[0]!.node, "second");
});

test("entries are read as they were written, and what is none is none", () => {
  const entry = { lease: "k-1", node: "n", url: "rtmp://h:1935", pass: "p" };
  assert.deepEqual(readEntry(writeEntry({ ...entry, more: 1 } as never)), entry);
  for (const key of Object.keys(entry)) {
    assert.equal(readEntry(JSON.stringify({ ...entry, [key]: 1 })), undefined, key);
  }
  for (const text of ["", "{", "1", "null", "[]", '"a"']) {
    assert.equal(readObject(text), undefined, text);
    assert.equal(readEntry(text), undefined, text);
  }
  const long = (length: number) => `{"a":"${"x".repeat(length - 8)}"}`;
  assert.ok(readObject(long(4096)) !== undefined);
  assert.equal(readObject(long(4097)), undefined);
  assert.ok(readObject(long(4097), 4097) !== undefined);
  assert.deepEqual(readKey({ app: "a", name: "n", more: 1 }), { app: "a", name: "n" });
  assert.equal(readKey({ app: "a" }), undefined);
  assert.equal(readKey({ name: "n" }), undefined);
});

const own = (name: string, players: number, pulled = false) => ({
  view: { app: "live", name, players },
  pulled,
});

test("a node tells of its streams a page at a time", () => {
  const streams = Array.from({ length: 401 }, (_, index) => own(`s${index}`, 0));
  const page = (text: string) => {
    const { node, total, streams: some } = JSON.parse(answerSurvey(text, "n", streams));
    assert.deepEqual([node, total], ["n", 401]);
    return [some.length, some[0]?.view.name];
  };
  assert.deepEqual(page('{"offset":0}'), [200, "s0"]);
  assert.deepEqual(page('{"offset":200}'), [200, "s200"]);
  assert.deepEqual(page('{"offset":400}'), [1, "s400"]);
  assert.deepEqual(page('{"offset":401}'), [0, undefined]);
  for (const odd of ["", '{"offset":-1}', '{"offset":"5"}', "[]"]) {
    assert.deepEqual(page(odd), [200, "s0"], odd);
  }
});

/** A bus of which these answers come to each question, by its offset. */
function answering(answers: (offset: number) => readonly unknown[]) {
  const asked: unknown[][] = [];
  let heard = 0;
  const askAll: Bus["askAll"] = (subject, text, ms, enough) => {
    const { offset } = JSON.parse(text);
    asked.push([subject, offset, ms]);
    for (const answer of answers(offset)) {
      heard++;
      if (enough(typeof answer === "string" ? answer : JSON.stringify(answer))) break;
    }
    return Promise.resolve();
  };
  return { bus: { askAll } as Bus, asked, heard: () => heard };
}

test("streams are put together from all nodes, with the players of all but the nodes", async () => {
  const { bus, asked, heard } = answering(() => [
    "no answer",
    { node: 5, total: 1, streams: [] },
    { node: "x", total: 1 },
    {
      node: "a",
      total: 4,
      streams: [
        own("one", 5),
        own("two", 1),
        null,
        { view: { app: "live", players: 1 }, pulled: false },
        { view: { name: "n", players: 1 }, pulled: false },
      ],
    },
    { node: "b", total: 2, streams: [own("one", 3, true), own("three", 0)] },
    { node: "c", total: 2, streams: [own("one", 4, true), own("two", 9, true)] },
    { node: "d", total: 1, streams: [own("four", 1)] },
  ]);
  const streams = await survey(bus, () => 3);
  assert.deepEqual(streams, [
    { app: "live", name: "one", players: 5 - 2 + 3 + 4, node: "a" },
    { app: "live", name: "two", players: 9, node: "a" },
    { app: "live", name: "three", players: 0, node: "b" },
  ]);
  assert.deepEqual(asked, [["streams", 0, 1000]]);
  assert.equal(heard(), 6, "three nodes have answered: the fourth is not waited for");
  const few = answering(() => [{ node: "a", total: 1, streams: [own("one", 0)] }, {
    node: "b",
    total: 1,
    streams: [own("one", 2, true)],
  }, { node: "c", total: 1, streams: [own("one", 3, true)] }]);
  assert.equal((await survey(few.bus, () => 9))[0]!.players, 5, "never fewer than those elsewhere");
});

test("as many pages are asked for as there are, up to a bound", async () => {
  const pages = async (total: unknown) => {
    const { bus, asked } = answering((offset) => [
      { node: "a", total: 1, streams: [] },
      { node: "b", total, streams: [own(`s${offset}`, 0)] },
    ]);
    assert.equal((await survey(bus, () => 2)).length, asked.length);
    return asked.map(([, offset]) => offset);
  };
  assert.deepEqual(await pages(200), [0]);
  assert.deepEqual(await pages(201), [0, 200]);
  assert.deepEqual(await pages("401"), [0, 200, 400]);
  assert.deepEqual(await pages("many"), [0]);
  assert.equal((await pages(1e9)).length, 500);
});

/** A lease of 1200 ms, which is renewed every 400. */
function lease() {
  const clock = new FakeClock();
  const shared = new SharedStore(clock, 1200);
  const told: string[] = [];
  const asked: string[] = [];
  /** What becomes of a question: it is answered, in that time, or rejected. */
  const line = { fails: false, ms: 0 };
  const ask = <T>(what: string, act: () => T): Promise<T> => {
    asked.push(`${what} ${clock.now()}`);
    if (line.fails) return Promise.reject(new Error("cut"));
    const answer = act();
    if (line.ms === 0) return Promise.resolve(answer);
    return new Promise((resolve) => void clock.after(line.ms, () => resolve(answer)));
  };
  const store: BusStore = {
    get: (key) => ask("get", () => shared.get(key)),
    put: (key, value, revision) => ask("put", () => shared.put(key, value, revision)),
    remove: (key, revision) => ask("remove", () => shared.remove(key, revision)),
  };
  let ids = 0;
  const made = new NodeLease({
    ...{ clock, store, ms: 1200, value: "node" },
    newId: () => `id${++ids}`,
    onBegun: (id) => void told.push(`begun ${id} ${clock.now()}`),
    onRenewed: () => void told.push(`renewed ${clock.now()}`),
    onLapsed: (id) => void told.push(`lapsed ${id} ${clock.now()}`),
  });
  const pass = async (ms: number) => {
    await settle();
    for (let left = ms; left > 0; left -= 10) {
      clock.advance(10);
      await settle();
    }
    return told.splice(0);
  };
  const takeAsked = () => asked.splice(0);
  return { clock, shared, line, made, pass, takeAsked };
}

test("a lease is taken, and renewed three times as often as it has to be", async () => {
  const { clock, made, shared, pass, takeAsked } = lease();
  assert.equal(made.id, undefined);
  made.start();
  assert.deepEqual(await pass(0), ["begun id1 0", "renewed 0"]);
  assert.equal(made.id, "id1");
  assert.equal(shared.get("id1")!.value, "node");
  assert.deepEqual(await pass(850), ["renewed 400", "renewed 800"]);
  assert.deepEqual(takeAsked(), ["put 0", "put 400", "put 800"]);
  const { pending } = clock;
  await pass(10_000);
  assert.equal(made.id, "id1");
  assert.equal(clock.pending, pending, "no end of a lease that was renewed is waited for");
});

test("a store that cannot be asked is asked more often, until the lease runs out, and from then on", async () => {
  const { made, line, pass, takeAsked } = lease();
  made.start();
  await pass(400);
  takeAsked();
  line.fails = true;
  assert.deepEqual(await pass(1190), []);
  assert.equal(made.id, "id1");
  assert.deepEqual(takeAsked().slice(0, 3), ["put 800", "put 900", "put 1000"]);
  assert.deepEqual(await pass(10), ["lapsed id1 1600"]);
  assert.equal(made.id, undefined);
  line.fails = false;
  // An id that was asked for in vain may be in the store: it is not used again.
  assert.deepEqual(await pass(100), ["begun id3 1700", "renewed 1700"]);
  assert.equal(made.id, "id3");
});

test("a store that has lost the lease gives another one, and that the old one is over is told first", async () => {
  const { made, shared, pass } = lease();
  made.start();
  await pass(100);
  shared.forget();
  assert.deepEqual(await pass(300), ["lapsed id1 400", "begun id2 400", "renewed 400"]);
  assert.equal(made.id, "id2");
});

test("a renewal whose answer was lost is no loss", async () => {
  const { made, shared, pass, takeAsked } = lease();
  made.start();
  await pass(100);
  takeAsked();
  shared.put("id1", "node", shared.get("id1")!.revision);
  assert.deepEqual(await pass(300), ["renewed 400"]);
  assert.deepEqual(takeAsked(), ["put 400", "get 400", "put 400"]);
  assert.deepEqual(await pass(400), ["renewed 800"]);
  assert.deepEqual(takeAsked(), ["put 800"]);
});

test("a lease lasts from when it was asked for, however late the answer", async () => {
  const { made, line, pass, takeAsked } = lease();
  line.ms = 350;
  made.start();
  assert.deepEqual(await pass(350), ["begun id1 350", "renewed 350"]);
  takeAsked();
  // 400 less 350 is less than a quarter of 400.
  line.ms = 0;
  assert.deepEqual(await pass(100), ["renewed 450"]);
  assert.deepEqual(takeAsked(), ["put 450"]);
  line.ms = 390;
  await pass(800);
  line.ms = 5000;
  const told = await pass(1300);
  assert.equal(told.length, 1, told.join());
  assert.match(told[0]!, /^lapsed id1/);
  const late = lease();
  late.line.ms = 1200;
  late.made.start();
  assert.deepEqual(await late.pass(1200), [], "by then it is over");
  assert.equal(late.made.id, undefined);
});

test("a lease that is given up is so for all, and nothing is asked any more", async () => {
  const { made, shared, pass, takeAsked, clock } = lease();
  made.start();
  await pass(0);
  await made.stop();
  assert.deepEqual([made.id, shared.get("id1"), clock.pending], [undefined, undefined, 0]);
  takeAsked();
  assert.deepEqual(await pass(5000), []);
  assert.deepEqual(takeAsked(), []);
  const early = lease();
  early.line.ms = 100;
  early.made.start();
  await early.made.stop();
  assert.deepEqual(await early.pass(500), []);
  assert.equal(early.clock.pending, 0);
  const during = lease();
  during.made.start();
  await during.pass(0);
  during.line.ms = 100;
  await during.pass(410);
  void during.made.stop();
  assert.deepEqual((await during.pass(500)).filter((text) => !text.startsWith("renewed")), []);
  assert.equal(during.clock.pending, 0);
});
