/** Names that are looked for, by those who may bring them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hub, keyOf } from "../../src/hub/mod.ts";
import { Wants } from "../../src/hub/wants.ts";
import { FakeClock } from "../support/clock.ts";
import { SETTINGS } from "../support/rtmp_service.ts";

const CAM = { app: "live", name: "cam" };
const KEY = keyOf(CAM);

/** What is looked for, and what became of it. */
function setUp(options: { ms?: number; most?: number } = {}) {
  const told: string[] = [];
  const faults: unknown[] = [];
  const wants = new Wants({
    ...options,
    onGivenUp: (key, now) => void told.push(`given up ${key === KEY ? "cam" : key} ${now}`),
    onFault: (error) => void faults.push(error),
  });
  return { wants, told, faults };
}

test("a name is looked for while somebody holds it, and asked for once", () => {
  const { wants, told } = setUp();
  let asked = 0;
  assert.equal(wants.open(CAM, 0), false, "there is nobody to ask");
  wants.ask = ({ path, hold }, now) => {
    asked++;
    assert.deepEqual([path, now], [CAM, 5]);
    hold(() => told.push("over"));
  };
  assert.equal(wants.open(CAM, 5), true);
  assert.equal(wants.open(CAM, 6), true);
  assert.deepEqual([asked, wants.size, wants.held(KEY)], [1, 1, true]);
  wants.came(KEY);
  wants.came(KEY);
  assert.deepEqual([told, wants.size, wants.held(KEY)], [["over"], 0, false]);
});

test("whom nobody answers is not kept", () => {
  const { wants, told } = setUp();
  wants.ask = () => {};
  assert.equal(wants.open(CAM, 0), false);
  wants.ask = ({ hold }) => hold(() => told.push("over"))(0);
  assert.equal(wants.open(CAM, 0), false, "it was answered at once");
  assert.deepEqual([told, wants.size], [[], 0]);
});

test("it is given up when the last who looks for it has answered, at that time, once", () => {
  const { wants, told } = setUp();
  const answers: ((now: number) => void)[] = [];
  wants.ask = ({ hold }) => {
    answers.push(hold(() => told.push("one")), hold(() => told.push("two")));
  };
  wants.open(CAM, 0);
  answers[0]!(3);
  answers[0]!(4);
  assert.deepEqual([told, wants.size], [[], 1]);
  answers[1]!(5);
  answers[1]!(6);
  assert.deepEqual([told, wants.size], [["given up cam 5"], 0], "who answered is not told");
  // An answer to what was asked before says nothing of what is asked now.
  wants.open(CAM, 7);
  answers[1]!(8);
  assert.equal(wants.size, 1);
});

test("who holds it too late holds nothing", () => {
  const { wants } = setUp();
  let late = () => (_now: number) => {};
  wants.ask = ({ hold }) => {
    late = hold;
  };
  wants.open(CAM, 0);
  late()(1);
  assert.equal(wants.size, 0);
});

test("so long it is looked for, and those that were asked for first are given up first", () => {
  const { wants, told } = setUp({ ms: 100 });
  wants.ask = ({ path, hold }) => void hold(() => told.push(`over ${path.name}`));
  wants.open({ app: "", name: "a" }, 0);
  wants.open({ app: "", name: "b" }, 50);
  wants.expire(99);
  assert.deepEqual(told, []);
  wants.expire(100);
  assert.equal(told[0], "over a");
  assert.match(told[1]!, /^given up .*a 100$/);
  assert.equal(wants.size, 1);
  wants.expire(1000);
  assert.equal(wants.size, 0);
});

test("so many are looked for, and for another one the oldest goes of who looks for most", () => {
  const { wants, told } = setUp({ most: 3 });
  const asked: string[] = [];
  wants.ask = ({ path, hold }) => {
    hold();
    asked.push(path.name);
  };
  const open = (name: string, address: string) =>
    wants.open({ app: "", name }, 0, { query: "", address, via: [] });
  // One network, as whoever is in it may have any address of it.
  for (const name of ["a", "b", "c"]) open(name, `2001:db8::${name}`);
  assert.equal(open("d", "2001:db8::d"), true);
  assert.deepEqual(told.splice(0), [`given up ${keyOf({ app: "", name: "a" })} 0`]);
  assert.equal(open("other", "192.0.2.1"), true);
  assert.equal(open("third", "192.0.2.2"), true);
  assert.equal(told.length, 2);
  assert.equal(open("fourth", "192.0.2.3"), false, "each has one");
  assert.equal(wants.open({ app: "", name: "nobody's" }, 0), false);
  assert.deepEqual([asked.at(-1), wants.size], ["third", 3]);
});

test("who asks is told what became of it, unless he takes that back", () => {
  const { wants, faults } = setUp();
  const told: string[] = [];
  wants.ask = ({ hold }) => void hold();
  wants.open(CAM, 0);
  assert.equal(wants.hasAskers(KEY), false);
  const back = wants.listen(KEY, (live) => told.push(`one ${live}`));
  assert.equal(wants.hasAskers(KEY), true);
  back();
  assert.equal(wants.hasAskers(KEY), false);
  wants.listen(KEY, () => {
    throw new Error("oops");
  });
  wants.listen(KEY, (live) => told.push(`two ${live}`));
  wants.came(KEY);
  assert.deepEqual(told, ["two true"]);
  assert.equal(faults.length, 1);
  assert.equal(wants.hasAskers(KEY), false);
  wants.open(CAM, 0);
  wants.listen(KEY, (live) => told.push(`three ${live}`));
  wants.forget(KEY);
  assert.deepEqual(told, ["two true", "three false"]);
});

test("at the end all are told, and nobody is asked any more", () => {
  const { wants, told } = setUp();
  wants.ask = ({ hold }) => void hold(() => told.push("over"));
  wants.open(CAM, 0);
  wants.close();
  assert.deepEqual([told, wants.size, wants.open(CAM, 0)], [["over"], 0, false]);
});

test("a hub that was never started is closed like any other", () => {
  const hub = new Hub({
    clock: new FakeClock(),
    streams: SETTINGS,
    pacing: SETTINGS.pacing,
    onFault: (error) => assert.fail(String(error)),
  });
  hub.shutdown();
  hub.close();
  assert.equal(hub.over, true);
});

test("without a bound of its own a thousand are looked for, ten seconds each", () => {
  const { wants } = setUp();
  wants.ask = ({ hold }) => void hold();
  const open = (count: number) => wants.open({ app: "", name: `${count}` }, 0);
  for (let count = 0; count < 1000; count++) assert.equal(open(count), true);
  assert.equal(open(1000), true, "in place of the oldest");
  assert.equal(wants.size, 1000);
  wants.expire(9999);
  assert.equal(wants.size, 1000);
  wants.expire(10_000);
  assert.equal(wants.size, 0);
});

test("who would hold it too late does not keep it from being given up", () => {
  const { wants, told } = setUp();
  let late: (() => (now: number) => void) | undefined;
  let answer = (_now: number) => {};
  wants.ask = ({ hold }) => {
    late = hold;
    answer = hold();
  };
  wants.open(CAM, 0);
  late!()(1);
  assert.equal(wants.size, 1);
  late!();
  answer(2);
  assert.deepEqual([wants.size, told], [0, ["given up cam 2"]]);
});
