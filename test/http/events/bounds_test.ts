/** How much one write of the events has, who has its turn when, and how long silence lasts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventFeed } from "../../../src/http/mod.ts";
import { FakeClock } from "../../support/clock.ts";
import { httpApp } from "../../support/http_app.ts";

function feedOf(kept?: number) {
  const clock = new FakeClock();
  const feed = new EventFeed({ clock, run: "a1", ...(kept !== undefined && { kept }) });
  const tell = (name: string) => feed.tell("stream.live", { name } as never);
  return { clock, feed, tell };
}

/** What a reader is sent, one text for each write. */
function reading(feed: EventFeed, wanted?: string, after?: string) {
  const reader = feed.read(wanted === undefined ? undefined : new Set([wanted]), after)!
    .getReader();
  const next = async () => {
    const { value } = await reader.read();
    return value === undefined ? undefined : new TextDecoder().decode(value);
  };
  return { next, cancel: () => reader.cancel() };
}

const countIn = (text: string | undefined) => text!.split("\n\n").length - 1;

/** Lets everything happen that waits for nothing but its turn. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

test("a write ends behind the event with which it has 64 KiB", async () => {
  const { feed, tell } = feedOf();
  const reader = reading(feed);
  await reader.next();
  for (const length of [40_000, 40_000, 65_000, 700, 10]) tell("x".repeat(length));
  assert.equal(countIn(await reader.next()), 2);
  assert.equal(countIn(await reader.next()), 2);
  assert.equal(countIn(await reader.next()), 1);
  await reader.cancel();
});

test("a write looks at 500 events, and others have their turn where none of them is wanted", async () => {
  const { feed, tell, clock } = feedOf();
  const all = reading(feed);
  const few = reading(feed, "config");
  await Promise.all([all.next(), few.next()]);
  for (let number = 0; number < 1000; number++) tell("x");
  feed.tell("config.reloaded", { changed: [] });
  assert.equal(countIn(await all.next()), 500);
  assert.equal(countIn(await all.next()), 500);
  assert.equal(countIn(await all.next()), 1);
  let turns = 0;
  const after = clock.after.bind(clock);
  clock.after = (ms, callback) => {
    if (ms === 0) turns++;
    return after(ms, callback);
  };
  assert.equal(countIn(await few.next()), 1);
  assert.equal(turns, 2);
});

test("2000 events are kept where nothing else is said", async () => {
  const { feed, tell } = feedOf();
  for (let number = 0; number < 2001; number++) tell("x");
  const missed = async (after: string) => {
    const reader = reading(feed, undefined, after);
    await reader.next();
    const text = await reader.next();
    await reader.cancel();
    return text!.startsWith("event: missed\ndata: {}\n\nevent: stream.live\nid: a1-2\n");
  };
  assert.deepEqual([await missed("a1-0"), await missed("a1-1")], [true, false]);
});

test("who has seen the newest event waits for the next one", async () => {
  const { feed, tell } = feedOf();
  for (const name of ["a", "b"]) tell(name);
  const reader = reading(feed, undefined, "a1-2");
  await reader.next();
  const next = reader.next();
  tell("c");
  assert.match((await next)!, /^event: stream.live\nid: a1-3\n/);
});

test("ids are a run in hexadecimal and a number, of bounded lengths", () => {
  const run = "0123456789abcdef".repeat(2);
  for (const id of ["a1-1", "0-0", `${run}-${"9".repeat(15)}`]) {
    assert.equal(EventFeed.isId(id), true, id);
  }
  for (
    const id of [`${run}0-1`, `a-${"9".repeat(16)}`, "a-", "-1", "A-1", "g-1", "a-1\n", " a-1", ""]
  ) assert.equal(EventFeed.isId(id), false, id);
});

test("a comment is sent to who waited from one round to the next, and to nobody else", async () => {
  const { feed, tell, clock } = feedOf();
  const reader = reading(feed);
  await reader.next();
  let text: string | undefined;
  const wait = () => void reader.next().then((next) => text = next);
  wait();
  await settle();
  clock.advance(15_000);
  await settle();
  assert.equal(text, undefined);
  // It was sent something since: its silence begins anew.
  tell("a");
  await settle();
  assert.match(text!, /^event/);
  text = undefined;
  wait();
  await settle();
  clock.advance(15_000);
  await settle();
  assert.equal(text, undefined);
  clock.advance(14_999);
  await settle();
  assert.equal(text, undefined);
  clock.advance(1);
  await settle();
  assert.equal(text, ":\n\n");
  // Who does not take what it is sent is sent no comment either.
  clock.advance(60_000);
  tell("b");
  assert.match((await reader.next())!, /^event/);
});

test("no timer runs while nobody reads", async () => {
  const { feed, clock } = feedOf();
  assert.equal(clock.pending, 0);
  const [one, other] = [reading(feed), reading(feed)];
  assert.equal(clock.pending, 1);
  await one.cancel();
  assert.deepEqual([clock.pending, feed.readers], [1, 1]);
  clock.advance(15_000);
  assert.equal(clock.pending, 1);
  await other.cancel();
  assert.deepEqual([clock.pending, feed.readers], [0, 0]);
  const third = reading(feed);
  assert.equal(clock.pending, 1);
  feed.close();
  assert.equal(clock.pending, 0);
  assert.deepEqual([await third.next(), await third.next()], [": sluice\n\n", undefined]);
});

test("an answer is not held back by proxies, and one without a body reads nothing", async () => {
  const { feed } = feedOf();
  const { ask } = httpApp({ events: feed });
  for (const method of ["GET", "HEAD"]) {
    const answer = await ask("/api/v1/events", { method });
    assert.deepEqual(
      [answer.headers.get("Content-Type"), answer.headers.get("X-Accel-Buffering")],
      ["text/event-stream", "no"],
    );
    await answer.body?.cancel();
  }
  assert.equal(feed.readers, 0);
  assert.equal((await ask("/api/v1/events", { method: "POST" })).status, 405);
});
