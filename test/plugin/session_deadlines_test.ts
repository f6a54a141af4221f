import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionDeadlines } from "../../src/plugin/mod.ts";

test("a session ends at the earliest of its deadlines, with who wanted that and why", () => {
  let now = 0;
  const ended: (string | undefined)[][] = [];
  const deadlines = new SessionDeadlines("keys", () => now);
  deadlines.start({ endSession: (id, why) => ended.push([id, why]) > 0 });
  try {
    deadlines.set("a", 2000, "the key has expired");
    deadlines.set("a", 3000, "later");
    deadlines.set("b", 2001, "the key has expired");
    deadlines.set("b", 1000, "too long");
    deadlines.set("c", 500, "left before");
    deadlines.forget("c");
    now = 999;
    deadlines.sweep();
    assert.deepEqual(ended, []);
    now = 1999;
    deadlines.sweep();
    assert.deepEqual(ended, [["b", "keys: too long"]]);
    now = 2000;
    deadlines.sweep();
    deadlines.sweep();
    assert.deepEqual(ended.slice(1), [["a", "keys: the key has expired"]]);
    assert.equal(deadlines.size, 0);
  } finally {
    deadlines.stop();
  }
});

test("it looks by itself, and behind a stop no more", async () => {
  const deadlines = new SessionDeadlines("keys", () => 10);
  const ended = new Promise<string>((resolve) =>
    deadlines.start({
      endSession: (id) => {
        resolve(id);
        return true;
      },
    })
  );
  deadlines.set("a", 10, "over");
  assert.equal(await ended, "a");
  deadlines.set("b", 20, "over");
  deadlines.stop();
  assert.equal(deadlines.size, 0);
});

test("deadlines go on in the next version of a plugin, beside its own", () => {
  const ended: string[] = [];
  const server = { endSession: (id: string, why?: string) => ended.push(`${id} ${why}`) > 0 };
  const first = new SessionDeadlines("old", () => 0);
  first.set("a", 5, "over");
  first.set("b", 20, "over");
  const left = first.handOver();
  first.stop();
  const next = new SessionDeadlines("new", () => 10);
  next.set("c", 9, "mine");
  for (const odd of [undefined, null, 7, {}]) next.start(server, odd);
  next.start(server, left);
  next.sweep();
  next.stop();
  assert.deepEqual(ended.sort(), ["a new: over", "c new: mine"]);
});

test("sessions with a deadline are counted, until they leave", () => {
  const deadlines = new SessionDeadlines("keys", () => 0);
  deadlines.set("a", 5, "over");
  deadlines.set("a", 4, "over");
  deadlines.set("b", 5, "over");
  assert.equal(deadlines.size, 2);
  deadlines.forget("a");
  assert.equal(deadlines.size, 1);
});
