/** Live events: who is sent what, who comes back, and who is too slow. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EventFeed } from "../../../src/http/mod.ts";
import { MAX_READERS, QUIET_MS } from "../../../src/http/events/feed.ts";
import { EventRing } from "../../../src/http/events/ring.ts";
import { FakeClock } from "../../support/clock.ts";
import { assertError, httpApp } from "../../support/http_app.ts";

type Events = ReadableStream<Uint8Array<ArrayBuffer>>;

/** Reads one answer, an event text at a time. */
function readerOf(events: Events) {
  const reader = events.getReader();
  const decoder = new TextDecoder();
  return {
    /** What the next write has; `undefined` at the end. */
    async next(): Promise<string | undefined> {
      const { done, value } = await reader.read();
      return done ? undefined : decoder.decode(value);
    },
    cancel: () => reader.cancel(),
  };
}

function feedOf(kept = 10) {
  const clock = new FakeClock();
  const feed = new EventFeed({ clock, run: "a1", kept });
  const live = (name: string) =>
    feed.tell("stream.live", { session: "s", app: "live", name, address: "192.0.2.1:1" });
  const ended = (name: string) =>
    feed.tell("stream.ended", { app: "live", name, reason: "unpublished", durationMs: 1 });
  return { clock, feed, live, ended };
}

const namesIn = (text: string | undefined) =>
  [...(text ?? "").matchAll(/"name":"(\w+)"/g)].map(([, name]) => name);

test("the ring keeps the newest, by their numbers", () => {
  const ring = new EventRing(3);
  assert.deepEqual([ring.first, ring.last, ring.get(0), ring.get(1)], [1, 0, undefined, undefined]);
  for (const type of ["a", "b", "c", "d"]) ring.add({ type, at: "", about: {} });
  assert.deepEqual([ring.first, ring.last], [2, 4]);
  assert.deepEqual([1, 2, 4, 5].map((at) => ring.get(at)?.type), [undefined, "b", "d", undefined]);
});

test("an event has its type, an id and JSON, and is for who reads already", async () => {
  const { feed, live } = feedOf();
  live("before");
  const reader = readerOf(feed.read(undefined)!);
  assert.equal(await reader.next(), ": sluice\n\n");
  live("cam");
  const text = await reader.next();
  const [, type, id, data] = /^event: (\S+)\nid: (\S+)\ndata: (.*)\n\n$/.exec(text!)!;
  assert.deepEqual([type, id], ["stream.live", "a1-2"]);
  const { at, ...about } = JSON.parse(data!);
  assert.ok(!Number.isNaN(Date.parse(at)));
  assert.deepEqual(about, {
    ...{ type: "stream.live", session: "s", app: "live", name: "cam" },
    address: "192.0.2.1:1",
  });
  await reader.cancel();
  assert.equal(feed.readers, 0);
});

test("who comes back is sent what it missed, and is told where that is not known", async () => {
  const { feed, live } = feedOf(3);
  for (const name of ["a", "b", "c", "d"]) live(name);
  const names = async (after: string) => {
    const reader = readerOf(feed.read(undefined, after)!);
    await reader.next();
    const text = await reader.next();
    await reader.cancel();
    return [text!.includes("event: missed\n"), namesIn(text).join("")];
  };
  assert.deepEqual(await names("a1-2"), [false, "cd"]);
  assert.deepEqual(await names("a1-1"), [false, "bcd"]);
  assert.deepEqual(await names("a1-0"), [true, "bcd"]);
  assert.deepEqual(await names("b2-3"), [true, "bcd"]);
  assert.deepEqual(await names("a1-99"), [true, "bcd"]);
});

test("types may be chosen, by their names or by what they are about", async () => {
  const { feed, live, ended } = feedOf();
  const only = readerOf(feed.read(new Set(["stream.ended"]))!);
  const all = readerOf(feed.read(new Set(["stream", "relay.state"]))!);
  await Promise.all([only.next(), all.next()]);
  live("a");
  ended("a");
  feed.tell("config.reloaded", { changed: [] });
  ended("b");
  assert.deepEqual(namesIn(await only.next()), ["a", "b"]);
  assert.deepEqual(namesIn(await all.next()), ["a", "a", "b"]);
});

test("who reads too slowly is cut off once its place is lost, and nobody else is", async () => {
  const { feed, live } = feedOf(3);
  const slow = readerOf(feed.read(undefined)!);
  const quick = readerOf(feed.read(undefined)!);
  await Promise.all([slow.next(), quick.next()]);
  for (const name of ["a", "b", "c"]) {
    live(name);
    assert.deepEqual(namesIn(await quick.next()), [name]);
  }
  assert.equal(feed.readers, 2);
  live("d");
  assert.equal(feed.readers, 1);
  await assert.rejects(slow.next());
  assert.deepEqual(namesIn(await quick.next()), ["d"]);
});

test("who is sent nothing for long is sent a comment", async () => {
  const { feed, clock } = feedOf();
  const reader = readerOf(feed.read(undefined)!);
  await reader.next();
  const next = reader.next();
  await Promise.resolve();
  clock.advance(QUIET_MS);
  clock.advance(QUIET_MS);
  assert.equal(await next, ":\n\n");
  await reader.cancel();
});

test("all answers end with the server, and there are so many", async () => {
  const { feed } = feedOf();
  const readers = Array.from({ length: MAX_READERS }, () => readerOf(feed.read(undefined)!));
  const { ask } = httpApp({ events: feed });
  await assertError(await ask("/api/v1/events"), 503, "busy");
  const ends = readers.map(async (reader) => [await reader.next(), await reader.next()]);
  feed.close();
  for (const texts of await Promise.all(ends)) assert.deepEqual(texts, [": sluice\n\n", undefined]);
  assert.equal(feed.read(undefined), undefined);
});

test("the route takes ids of events and names of types, and nothing else", async () => {
  const { feed, live } = feedOf();
  const { ask } = httpApp({ events: feed });
  live("a");
  live("b");
  const headers = { "Last-Event-ID": "a1-1" };
  for (
    const answer of [
      await ask("/api/v1/events", { headers }),
      await ask("/api/v1/events?after=a1-1"),
    ]
  ) {
    assert.equal(answer.headers.get("Content-Type"), "text/event-stream");
    const reader = readerOf(answer.body as Events);
    await reader.next();
    assert.deepEqual(namesIn(await reader.next()), ["b"]);
    await reader.cancel();
  }
  for (const query of ["types=", "types=A", "types=a,,b", "after=1", "after=a1", "after=a1-x"]) {
    await assertError(await ask(`/api/v1/events?${query}`), 400, "bad-request");
  }
  assert.equal((await ask("/api/v1/events", { method: "HEAD" })).status, 200);
  assert.equal(feed.readers, 0);
});
