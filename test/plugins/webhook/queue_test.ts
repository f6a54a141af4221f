/** The queue of events, its breaker and its file, on a clock that stands still. */
import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Breaker } from "../../../plugins/webhook/breaker.ts";
import type { WebhookEvent } from "../../../plugins/webhook/event.ts";
import { Journal, JOURNAL_FILE } from "../../../plugins/webhook/journal.ts";
import { EventQueue, type Outcome, type QueueOptions } from "../../../plugins/webhook/queue.ts";
import { FakeClock } from "../../support/clock.ts";

const AT = Date.UTC(2024, 0, 1);

function event(id: string, key = "k", at = AT): WebhookEvent {
  return { id, key, at, url: "http://h/", type: "application/json", body: `{"id":"${id}"}` };
}

/** Lets promises settle that wait for nothing. */
async function turn(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

function rig(options: Partial<QueueOptions> = {}) {
  const clock = new FakeClock(AT);
  const sent: string[] = [];
  const lost: string[] = [];
  const pending: { id: string; end: (outcome: Outcome) => void }[] = [];
  const queue = new EventQueue({
    clock,
    random: () => 1,
    maxEvents: 100,
    maxBytes: 1e6,
    concurrency: 4,
    perSecond: 1000,
    maxAgeMs: 3_600_000,
    send: ({ id }) => {
      sent.push(id);
      return new Promise((end) => pending.push({ id, end }));
    },
    onDone: () => {},
    onLost: ({ id }, why) => lost.push(`${id}: ${why}`),
    ...options,
  });
  const end = async (id: string, outcome: Outcome) => {
    const [{ end }] = pending.splice(pending.findIndex((each) => each.id === id), 1) as [
      typeof pending[0],
    ];
    end(outcome);
    await turn();
  };
  return { clock, queue, sent, lost, pending, end };
}

test("events of one key go one after the other, those of several beside each other", async () => {
  const { queue, sent, end } = rig();
  queue.start();
  for (const id of ["a1", "a2", "b1", "c1", "d1", "e1"]) queue.add(event(id, id[0]));
  assert.deepEqual(sent, ["a1", "b1", "c1", "d1"]);
  await end("b1", "arrived");
  assert.deepEqual(sent.slice(4), ["e1"]);
  await end("a1", "arrived");
  assert.deepEqual(sent.slice(5), ["a2"]);
  assert.equal(queue.size, 4);
});

test("what fails is tried again with pauses that double up to a minute", async () => {
  const { queue, sent, end, clock } = rig();
  queue.start();
  queue.add(event("a"));
  const pauses: number[] = [];
  for (let time = 0; time < 10; time++) {
    await end("a", "failed");
    const before = clock.now();
    while (sent.length === time + 1) clock.advance(100);
    pauses.push(clock.now() - before);
  }
  // From the fifth on it is the breaker's pause that counts, where that is longer.
  assert.deepEqual(pauses, [
    1000,
    2000,
    4000,
    8000,
    16_000,
    32_000,
    60_000,
    60_000,
    60_000,
    60_000,
  ]);
});

test("an endpoint that fails is asked by one request at a time until it is back", async () => {
  const { queue, sent, end, clock } = rig();
  queue.start();
  for (let id = 0; id < 20; id++) queue.add(event(`${id}`, `k${id}`));
  for (let id = 0; id < 5; id++) await end(`${id}`, "failed");
  // Those that were on their way when it was opened.
  for (let id = 5; id < sent.length; id++) await end(`${id}`, "failed");
  const before = sent.length;
  clock.advance(1_999);
  assert.equal(sent.length, before);
  clock.advance(10);
  assert.equal(sent.length, before + 1);
  clock.advance(60_000);
  assert.equal(sent.length, before + 1, "while one asks, no other does");
  await end(sent.at(-1)!, "arrived");
  assert.ok(sent.length > before + 1);
});

test("no more are sent in a second than may", async () => {
  const { queue, sent, pending, end, clock } = rig({ perSecond: 10, concurrency: 64 });
  queue.start();
  for (let id = 0; id < 60; id++) queue.add(event(`${id}`, `k${id}`));
  const at: number[] = [];
  for (let tick = 0; tick < 40; tick++) {
    while (pending.length > 0) await end(pending[0]!.id, "arrived");
    at.push(sent.length);
    clock.advance(100);
    await turn();
  }
  assert.ok(at[0]! <= 11, `${at[0]}`);
  assert.ok(at[10]! - at[0]! <= 11, `${at}`);
  assert.ok(at[39]! >= 45, `${at}`);
});

test("an event that the endpoint does not take, while it takes others, is given up", async () => {
  const { queue, lost, end, clock, sent } = rig();
  queue.start();
  queue.add(event("bad", "bad"));
  queue.add(event("behind", "bad"));
  for (let id = 0; id < 8 && lost.length === 0; id++) {
    queue.add(event(`good${id}`, "good"));
    await end("bad", "failed");
    await end(`good${id}`, "arrived");
    clock.advance(60_000);
    await turn();
  }
  assert.deepEqual(lost, ["bad: the endpoint takes others, and not this one"]);
  assert.equal(sent.at(-1), "behind");
});

test("what is refused is not tried again, and what is too old is not sent", async () => {
  const { queue, lost, end, sent, clock } = rig();
  queue.add(event("a"));
  queue.add(event("b"));
  queue.add(event("c"));
  queue.start();
  await end("a", "refused");
  clock.advance(3_600_001);
  await end("b", "arrived");
  assert.deepEqual(sent, ["a", "b"]);
  assert.deepEqual(lost, ["a: the endpoint does not want it", "c: it is too old"]);
  assert.equal(queue.size, 0);
});

test("the queue is bounded in number and in bytes", () => {
  const few = rig({ maxEvents: 2 }).queue;
  assert.deepEqual([few.add(event("a")), few.add(event("b")), few.add(event("c"))], [
    true,
    true,
    false,
  ]);
  const small = rig({ maxBytes: 400 }).queue;
  assert.deepEqual([small.add(event("a")), small.add(event("b"))], [true, false]);
});

test("a stop waits for what is on its way, and keeps what is not", async () => {
  const { queue, end, clock } = rig();
  queue.start();
  for (const id of ["a1", "a2", "b1"]) queue.add(event(id, id[0]));
  await end("b1", "failed");
  const stopped = queue.stop();
  clock.advance(10_000);
  await end("a1", "failed");
  await stopped;
  assert.deepEqual([...queue.events()].map(({ id }) => id), ["a1", "a2", "b1"]);
});

test("a breaker forgets failures once something succeeds, and opens for longer each time", () => {
  const clock = new FakeClock();
  const breaker = new Breaker({ clock, random: () => 0.5, firstMs: 1000, mostMs: 3000 });
  for (let time = 0; time < 4; time++) breaker.failed();
  breaker.succeeded();
  for (let time = 0; time < 4; time++) breaker.failed();
  assert.ok(breaker.enter());
  const waits: (number | undefined)[] = [];
  for (let time = 0; time < 4; time++) {
    breaker.failed();
    waits.push(breaker.waitMs);
    assert.ok(!breaker.enter());
    clock.advance(breaker.waitMs!);
    assert.ok(breaker.enter());
    assert.ok(!breaker.enter());
  }
  assert.deepEqual(waits, [500, 1000, 1500, 1500]);
  breaker.succeeded();
  assert.ok(!breaker.open);
});

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-webhook-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("the file tells what had not arrived, whatever becomes of its last line", async () => {
  await withFolder(async (folder) => {
    const faults: unknown[] = [];
    const journal = new Journal(folder, () => [], (error) => faults.push(error));
    assert.deepEqual(await journal.open(), []);
    for (const id of ["a", "b", "c"]) journal.add(event(id));
    journal.done("b");
    await journal.close();
    const path = join(folder, JOURNAL_FILE);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    appendFileSync(path, '+{"id":"d","key":"k","at":1,"url"');
    const next = new Journal(folder, () => [], (error) => faults.push(error));
    assert.deepEqual(await next.open(), [event("a"), event("c")]);
    next.done("a");
    await next.close();
    const last = new Journal(folder, () => [], (error) => faults.push(error));
    assert.deepEqual((await last.open()).map(({ id }) => id), ["c"]);
    await last.close();
    assert.deepEqual(faults, []);
  });
});

test("the file is written anew when little of it is of use", async () => {
  await withFolder(async (folder) => {
    const live = event("live");
    const journal = new Journal(folder, () => [live], (error) => assert.fail(String(error)));
    await journal.open();
    journal.add(live);
    for (let round = 0; round < 40; round++) {
      for (let id = 0; id < 100; id++) {
        journal.add({ ...event(`${round}-${id}`), body: "x".repeat(1000) });
        journal.done(`${round}-${id}`);
      }
      await new Promise((resolve) => setTimeout(resolve));
    }
    await journal.close();
    const path = join(folder, JOURNAL_FILE);
    assert.ok(statSync(path).size < 2_000_000, `${statSync(path).size}`);
    const next = new Journal(folder, () => [live], () => {});
    assert.deepEqual(await next.open(), [live]);
    await next.close();
    assert.equal(readFileSync(path, "utf8").split("\n").length, 2);
  });
});
