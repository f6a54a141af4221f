/** Long answers: made a page at a time, and in slices. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { List, Page, StreamView } from "../../src/http/mod.ts";
import { Slices } from "../../src/http/slices.ts";
import { httpApp } from "../support/http_app.ts";
import { sessionView, streamView } from "../support/server_view.ts";

/** Counts the turns of the event loop until it is told to stop. */
function turnCounter() {
  let turns = 0;
  let timer: ReturnType<typeof setTimeout>;
  const next = () => {
    turns++;
    timer = setTimeout(next, 0);
  };
  next();
  return { now: () => turns, stop: () => clearTimeout(timer) };
}

/** A list of `total` that tells when each of its items is made. */
function watched<T>(total: number, make: (index: number) => T, onMade: () => void) {
  return ({ limit, offset }: Page): List<T> => ({
    total,
    items: function* () {
      for (let index = offset; index < Math.min(total, offset + limit); index++) {
        onMade();
        yield make(index);
      }
    }(),
  });
}

test("of ten thousand streams and sessions those of the page are looked at, and no other", async () => {
  const { ask, server } = httpApp();
  let made = 0;
  server.listStreams = watched(10_000, (index) => streamView("live", `s${index}`), () => made++);
  server.listSessions = watched(10_000, (index) => sessionView(`s${index}`), () => made++);
  for (const [query, count] of [["?limit=1", 1], ["?limit=3&offset=9998", 2], ["", 100]] as const) {
    for (const name of ["streams", "sessions"]) {
      made = 0;
      const body = await (await ask(`/${name}${query}`)).json() as Record<string, unknown>;
      assert.equal((body[name] as unknown[]).length, count);
      assert.equal(body.total, 10_000);
      assert.equal(made, count);
    }
  }
});

test("requests at once share the slices: none of them, nor all together, hold up a turn", async () => {
  const { ask, server } = httpApp();
  const counter = turnCounter();
  const perTurn = new Map<number, number>();
  const make = (index: number) => streamView("live", `s${index}`);
  server.listStreams = watched(10_000, make, () => {
    const turn = counter.now();
    perTurn.set(turn, (perTurn.get(turn) ?? 0) + 1);
  });
  try {
    const answers = await Promise.all([0, 1, 2, 3].map(async (page) => {
      const body = await (await ask(`/streams?limit=1000&offset=${page * 1000}`)).json();
      return (body as { streams: StreamView[] }).streams;
    }));
    answers.forEach((streams, page) => {
      assert.equal(streams.length, 1000);
      assert.equal(streams[0]!.name, `s${page * 1000}`);
      assert.equal(streams[999]!.name, `s${page * 1000 + 999}`);
    });
    assert.ok(Math.max(...perTurn.values()) <= 100, [...perTurn.values()].join());
  } finally {
    counter.stop();
  }
});

test("a slice is over when its time is, however few its items are", async () => {
  let clock = 0;
  const slices = new Slices(() => clock);
  const counter = turnCounter();
  const turns: number[] = [];
  await slices.each(Array.from({ length: 9 }), () => {
    turns.push(counter.now());
    clock += 2.5;
  });
  counter.stop();
  const perTurn = Map.groupBy(turns, (turn) => turn);
  assert.ok([...perTurn.values()].every((items) => items.length <= 2), turns.join());
});

test("an item that throws fails its request, and no other", async () => {
  const { ask, server, errors } = httpApp();
  let fail = true;
  server.listStreams = watched(300, (index) => {
    if (fail && index === 250) throw new Error("broken");
    return streamView("live", `s${index}`);
  }, () => {});
  assert.equal((await ask("/streams?limit=300")).status, 500);
  assert.equal(errors.length, 1);
  fail = false;
  assert.equal((await ask("/streams?limit=300")).status, 200);
});

test("answers have their length, those of many parts and errors too", async () => {
  const { ask, server } = httpApp();
  server.streams = Array.from({ length: 1000 }, (_, index) => streamView("live", `s${index}-ü`));
  for (const path of ["/streams?limit=1000", "/streams", "/sessions", "/health", "/nowhere"]) {
    const response = await ask(path);
    const bytes = new Uint8Array(await response.arrayBuffer());
    assert.equal(response.headers.get("Content-Length"), `${bytes.length}`, path);
    assert.equal(response.headers.get("Content-Type"), "application/json", path);
    JSON.parse(new TextDecoder().decode(bytes));
  }
});

test("a turn has three milliseconds of work or a hundred items in it", async () => {
  for (const [ms, atOnce] of [[1, 3], [1.5, 2], [2.9, 2], [3, 1], [0, 100]] as const) {
    let now = 0;
    let made = 0;
    const slices = new Slices(() => now);
    const done = slices.each(new Array(200).keys(), () => {
      now += ms;
      made++;
    });
    assert.equal(made, atOnce, `${ms} ms each`);
    await done;
    assert.equal(made, 200);
  }
});

test("each turn has as much as the first one, and all who wait go on in it", async () => {
  let now = 0;
  const slices = new Slices(() => now);
  const counter = turnCounter();
  const turns: number[] = [];
  const one = slices.each(new Array(250).keys(), () => turns.push(counter.now()));
  const other = slices.each(new Array(150).keys(), () => turns.push(counter.now()));
  await Promise.all([one, other]);
  const counts = [...Map.groupBy(turns, (turn) => turn).values()].map(({ length }) => length);
  assert.ok(counts.slice(0, -1).every((count) => count >= 99), counts.join());
  turns.length = 0;
  now = 0;
  await slices.each(new Array(5).keys(), () => {
    turns.push(counter.now());
    now += 1;
  });
  counter.stop();
  assert.ok(new Set(turns).size <= 3, turns.join());
});
