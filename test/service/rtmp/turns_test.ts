import { test } from "node:test";
import assert from "node:assert/strict";
import { type Plugin, refuse } from "../../../src/plugin/mod.ts";
import { Throttle } from "../../../src/service/rtmp/throttle.ts";
import { Share, Turns } from "../../../src/service/rtmp/turns.ts";
import { FakeClock } from "../../support/clock.ts";
import { joined } from "../../support/chunks.ts";
import { encodeAmf } from "../../support/amf0.ts";
import { Rig, type RigClient, settle } from "../../support/rtmp_service.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const TURN_MS = 5;

/** A rig in which every publish takes as many milliseconds as its name says. */
function slowRig(): { rig: Rig; asked: string[] } {
  const asked: string[] = [];
  const plugin: Plugin = {
    name: "slow",
    onPublish({ app, name }) {
      asked.push(app);
      rig.clock.sleep(Number(name));
      return refuse("no");
    },
  };
  const rig: Rig = new Rig({}, plugin);
  return { rig, asked };
}

/** Sends `count` publishes of `ms` each at once. */
function flood(client: RigClient, count: number, ms: number): void {
  const one = () => client.encode(20, 1, 0, encodeAmf("publish", 0, null, String(ms), "live"));
  client.write(joined(Array.from({ length: count }, one)));
}

/** The longest that `act` has the clock stand in one turn, and what was asked for in it. */
function turnMs(rig: Rig, act: () => void): number {
  const start = rig.clock.now();
  act();
  return rig.clock.now() - start;
}

test("a turn ends once it took some milliseconds of real time, and the rest is read later", () => {
  const { rig, asked } = slowRig();
  const client = rig.client().connected(1, "one");
  assert.ok(turnMs(rig, () => flood(client, 30, 1)) <= TURN_MS + 4);
  assert.ok(asked.length < 30);
  assert.equal(client.connection.paused, true);
  rig.clock.advance(1000);
  assert.equal(asked.length, 30);
  assert.equal(client.connection.paused, false);
  assert.equal(client.codes().length, 30);
});

test("who used much waits as long as it used, and others are read meanwhile", () => {
  const { rig, asked } = slowRig();
  const client = rig.client().connected(1, "one");
  const other = rig.client().connected(1, "two");
  flood(client, 1, 80);
  flood(client, 1, 0);
  assert.deepEqual(asked, ["one"]);
  flood(other, 1, 0);
  assert.deepEqual(asked, ["one", "two"]);
  rig.clock.advance(79);
  assert.deepEqual(asked, ["one", "two"]);
  rig.clock.advance(2);
  assert.deepEqual(asked, ["one", "two", "one"]);
});

test("many who use much take turns, with as much time for others between two of them", () => {
  const { rig, asked } = slowRig();
  const clients = ["a", "b", "c", "d"].map((app) => rig.client().connected(1, app));
  for (const client of clients) flood(client, 20, 4);
  const first = asked.length;
  let [longest, busy, last] = [0, 0, rig.clock.now()];
  const start = last;
  while (asked.length < 80 && rig.clock.now() - start < 10_000) {
    const before = asked.length;
    rig.clock.advance(1);
    const ms = (asked.length - before) * 4;
    longest = Math.max(longest, ms);
    busy += ms;
    last = rig.clock.now();
  }
  assert.equal(asked.length, 80);
  assert.ok(longest <= 2 * TURN_MS, `${longest} ms in one turn`);
  assert.ok(busy <= 0.6 * (last - start), `${busy} of ${last - start} ms`);
  // Each got as many as the others, all along.
  for (let from = first; from + 8 <= 80; from += 8) {
    for (const app of "abcd") {
      const count = asked.slice(0, from).filter((one) => one === app).length;
      assert.ok(Math.abs(count - from / 4) <= 4, `${app}: ${count} of ${from}`);
    }
  }
});

test("who waited once and uses little from then on waits no more", () => {
  // Each look at it takes a little time, as it does.
  const clock = new class extends FakeClock {
    override now(): number {
      this.sleep(0.01);
      return super.now();
    }
  }();
  const throttled = {
    allowance: Infinity,
    allow(effort: number) {
      throttled.allowance = effort;
    },
  };
  let turns = 0;
  const throttle: Throttle = new Throttle(throttled, 1000, clock, new Turns(clock), {
    readOn() {
      turns++;
      throttle.begin(clock.now());
      throttled.allowance += throttle.more(-throttled.allowance);
      throttle.end();
    },
  });
  throttle.begin(clock.now());
  // A command.
  throttled.allowance -= 20;
  clock.sleep(30);
  assert.equal(throttle.end(), true);
  clock.advance(29);
  assert.equal(turns, 0);
  clock.advance(2);
  assert.equal(turns, 1);
  for (let round = 0; round < 5; round++) {
    assert.equal(throttle.waiting, false);
    throttle.begin(clock.now());
    assert.equal(throttle.end(), false);
  }
});

test("who asks for next to nothing does not wait for what others had the process do", () => {
  const { rig } = slowRig();
  const client = rig.client().connected(1, "one");
  const publisher = rig.publisher("0");
  void publisher;
  for (let round = 0; round < 20; round++) {
    // The process stood still while a ping was answered.
    const write = client.connection.write.bind(client.connection);
    client.connection.write = (bytes) => {
      rig.clock.sleep(40);
      return write(bytes);
    };
    client.message(4, 0, 0, Uint8Array.of(0, 6, 0, 0, 0, 1));
    client.connection.write = write;
    assert.equal(client.connection.paused, false);
    rig.clock.advance(10);
  }
});

test("who uses little is read at once, however long others have queued", () => {
  const { rig, asked } = slowRig();
  const heavy = Array.from({ length: 20 }, () => rig.client().connected(1, "heavy"));
  const light = rig.client().connected(1, "light");
  for (const client of heavy) flood(client, 10, 5);
  for (let round = 0; round < 20; round++) {
    asked.length = 0;
    flood(light, 1, 0);
    assert.deepEqual(asked, ["light"]);
    assert.equal(light.connection.paused, false);
    rig.clock.advance(20);
  }
});

test("a client that leaves while it queues leaves nothing behind", async () => {
  const { rig } = slowRig();
  const before = rig.clock.pending;
  const client = rig.client().connected(1, "one");
  flood(client, 30, 3);
  assert.ok(rig.clock.pending > before);
  client.connection.hangUp();
  await settle();
  assert.equal(rig.clock.pending, before);
});

test("who fails when it may go on ends alone, and those behind have their turns", async () => {
  const { rig, asked } = slowRig();
  const [broken, other] = ["broken", "other"].map((app) => rig.client().connected(1, app)) as [
    RigClient,
    RigClient,
  ];
  flood(broken, 20, 4);
  flood(other, 20, 4);
  broken.connection.resume = () => {
    throw new Error("broken");
  };
  for (let ms = 0; ms < 3000; ms++) rig.clock.advance(1);
  await settle();
  assert.equal(asked.filter((app) => app === "other").length, 20);
  assert.equal(broken.session.endReason, "internal");
  assert.equal(rig.service.sessions.has(broken.session.id), false);
  assert.notEqual(other.session.endReason, "internal");
});

test("a client that throws out of its turn keeps nobody behind it waiting", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const served: string[] = [];
  const failing = {
    readOn() {
      throw new Error("out of its turn");
    },
  };
  turns.enter(failing, 1);
  turns.enter({ readOn: () => void served.push("other") }, 1);
  assert.throws(() => clock.advance(1), /out of its turn/);
  clock.advance(2);
  assert.deepEqual(served, ["other"]);
});

test("who queues waits as long as it used, from a millisecond up to a tenth of a second", () => {
  for (const [used, wait] of [[0.2, 1], [1, 1], [7, 7], [100, 100], [5000, 100]] as const) {
    const clock = new FakeClock();
    const turns = new Turns(clock);
    let served = 0;
    const client = { readOn: () => void served++ };
    turns.enter(client, used);
    assert.deepEqual([turns.size, turns.has(client), clock.pending], [1, true, 1]);
    clock.advance(wait - 0.5);
    assert.equal(served, 0, `${used} ms`);
    clock.advance(0.5);
    assert.deepEqual([served, turns.size, turns.has(client), clock.pending], [1, 0, false, 0]);
  }
});

test("the next one waits as long as it used itself, once it is the first", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const served: string[] = [];
  turns.enter({ readOn: () => void served.push("one") }, 10);
  turns.enter({ readOn: () => void served.push("two") }, 30);
  clock.advance(10);
  assert.deepEqual(served, ["one"]);
  clock.advance(29);
  assert.deepEqual(served, ["one"]);
  clock.advance(1);
  assert.deepEqual(served, ["one", "two"]);
});

test("who used up its share while others queue has them wait as long again, but not without end", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const served: number[] = [];
  turns.enter({ readOn: () => void served.push(clock.now()) }, 10);
  clock.advance(8);
  turns.enter({ readOn() {} }, 5);
  clock.advance(9.5);
  assert.deepEqual(served, [], "10 ms of which nobody used anything");
  clock.advance(0.5);
  assert.deepEqual(served, [18]);
  const flooded = new Turns(clock);
  const start = clock.now();
  const servedToo: number[] = [];
  flooded.enter({ readOn: () => void servedToo.push(clock.now() - start) }, 10);
  for (let ms = 0; ms < 200; ms += 5) {
    clock.advance(5);
    flooded.enter({ readOn() {} }, 5);
  }
  assert.deepEqual(servedToo, [100]);
});

test("when the last one leaves nobody is woken, and who comes then waits its time", () => {
  const clock = new FakeClock();
  const turns = new Turns(clock);
  const served: string[] = [];
  const [one, two] = ["one", "two"].map((name) => ({ readOn: () => void served.push(name) }));
  turns.enter(one!, 10);
  turns.enter(two!, 10);
  turns.leave(one!);
  assert.equal(clock.pending, 1);
  turns.leave(two!);
  assert.equal(clock.pending, 0);
  clock.advance(5);
  turns.enter(two!, 10);
  clock.advance(9);
  assert.deepEqual(served, []);
  clock.advance(1);
  assert.deepEqual(served, ["two"]);
});

test("while turns take more than the time there is they are short, and shares small", () => {
  const turns = new Turns(new FakeClock());
  const now = () => [turns.limit, turns.share];
  assert.deepEqual(now(), [5, 0.25]);
  turns.took(10, 10);
  assert.deepEqual(now(), [5, 0.25], "as much as has passed and ten more");
  turns.took(0.5, 10);
  assert.deepEqual(now(), [0.25, 0.02]);
  turns.took(0, 10.5);
  assert.deepEqual(now(), [5, 0.25], "a millisecond less with each that passes");
  turns.took(500, 11);
  turns.took(0, 100);
  assert.deepEqual(now(), [0.25, 0.02]);
  turns.took(0, 101);
  assert.deepEqual(now(), [5, 0.25], "no more than 100 ms are held against them");
  turns.took(0, 1000);
  turns.took(10, 1000);
  assert.deepEqual(now(), [5, 0.25], "nor is a quiet time saved up");
  turns.took(1, 1000);
  assert.deepEqual(now(), [0.25, 0.02]);
});

test("a client may use a turn at once, and its share of the time from then on", () => {
  const share = new Share();
  assert.equal(share.take(5, 1000, 0.25), false);
  assert.equal(share.owed, 5);
  assert.equal(share.take(1, 1004, 0.25), false, "a quarter of 4 ms");
  assert.equal(share.take(1.5, 1008, 0.25), true);
  assert.equal(share.owed, 5.5);
  share.settle();
  assert.equal(share.owed, 0);
  assert.equal(share.take(5, 1008, 0.25), false);
  assert.equal(share.take(5.5, 5000, 0.25), true, "no more than a turn is saved up");
});
