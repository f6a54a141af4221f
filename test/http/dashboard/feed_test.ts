/** The events of the dashboard, without a port and with a clock that is moved. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DashboardFeed, MAX_WATCHERS } from "../../../src/http/dashboard/feed.ts";
import { SAMPLE_MS } from "../../../src/http/dashboard/history.ts";
import { Slices } from "../../../src/http/slices.ts";
import { FakeClock } from "../../support/clock.ts";
import { assertError, httpApp, REMOTE } from "../../support/http_app.ts";
import { FakeServerView, sessionView, streamView } from "../../support/server_view.ts";

/** A feed over a server with two streams and a viewer of each kind. */
function rig() {
  const server = new FakeServerView();
  server.streams = [streamView("live", "a"), streamView("", "b")];
  const viewer = (id: string, protocol: string, app: string, name: string) => ({
    ...sessionView(id),
    protocol,
    app,
    playing: [name],
  });
  server.sessions = [
    sessionView("p"),
    viewer("v1", "rtmp", "live", "a"),
    viewer("v2", "http-flv", "live", "a"),
    viewer("v3", "http-flv", "", "b"),
  ];
  const clock = new FakeClock();
  const errors: unknown[] = [];
  const feed = new DashboardFeed({
    server,
    clock,
    slices: new Slices(() => 0),
    ports: () => ({ rtmp: 1935, rtmps: null }),
    onError: (error) => errors.push(error),
  });
  feed.start();
  return { server, clock, feed, errors };
}

interface Event {
  readonly name: string;
  readonly id: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** Reads what one write holds. */
async function eventsOf(reader: { read(): Promise<{ value?: Uint8Array }> }): Promise<Event[]> {
  const { value } = await reader.read();
  return new TextDecoder().decode(value).split("\n\n").filter((text) => text !== "").map((text) => {
    const [, name, id, data] = /^event: (\w+)\nid: (\d+)\ndata: (.*)$/.exec(text)!;
    return { name: name!, id: id!, data: JSON.parse(data!) };
  });
}

test("who begins to watch is told what was, and everything that is", async () => {
  const { clock, feed } = rig();
  clock.advance(SAMPLE_MS);
  clock.advance(SAMPLE_MS);
  const [charts, state] = await eventsOf(feed.watch()!.getReader());
  assert.equal(charts!.name, "charts");
  assert.equal(charts!.data.charts[0].frameRate.length, 2);
  assert.equal(state!.name, "state");
  const { streams, sessions, server } = state!.data;
  assert.deepEqual(streams.map(({ name }: { name: string }) => name), ["a", "b"]);
  assert.deepEqual(streams[0].viewers, { "rtmp": 1, "http-flv": 1 });
  assert.deepEqual(streams[1].viewers, { "http-flv": 1 });
  assert.equal(streams[0].sample.frameRate, 30);
  assert.equal(streams[0].metadata, undefined, "it may be long");
  assert.equal(sessions.length, 4);
  assert.equal(server.rtmpPort, 1935);
});

test("all who watch get the same bytes, which are made once", async () => {
  const { server, clock, feed } = rig();
  let made = 0;
  const { listStreams } = server;
  server.listStreams = (page) => {
    made++;
    return listStreams(page);
  };
  const readers = Array.from({ length: 5 }, () => feed.watch()!.getReader());
  const first = await Promise.all(readers.map((reader) => reader.read()));
  assert.equal(made, 1);
  assert.ok(first.every(({ value }) => value === first[0]!.value));
  const next = readers.map((reader) => reader.read());
  clock.advance(SAMPLE_MS);
  const second = await Promise.all(next);
  assert.equal(made, 2);
  assert.ok(second.every(({ value }) => value === second[0]!.value));
});

test("who does not take an event misses those in between, and nothing is queued", async () => {
  const { server, clock, feed } = rig();
  const [slow, quick] = [feed.watch()!.getReader(), feed.watch()!.getReader()];
  const ids = [await eventsOf(slow), await eventsOf(quick)].map((events) => events.at(-1)!.id);
  assert.deepEqual(ids, ["1", "1"]);
  for (let count = 0; count < 3; count++) {
    const read = eventsOf(quick);
    clock.advance(SAMPLE_MS);
    await read;
  }
  server.streams = [];
  const last = eventsOf(quick);
  clock.advance(SAMPLE_MS);
  await last;
  const [event, ...more] = await eventsOf(slow);
  assert.deepEqual([event!.id, event!.data.streams, more.length], ["5", [], 0]);
});

test("while nobody watches nothing is made, and who comes then gets no old news", async () => {
  const { server, clock, feed } = rig();
  const reader = feed.watch()!.getReader();
  await eventsOf(reader);
  await reader.cancel();
  assert.equal(feed.watchers, 0);
  server.streams = [];
  server.listSessions = () => assert.fail("nobody watches");
  clock.advance(SAMPLE_MS);
  server.listSessions = () => ({ items: [], total: 0 });
  const events = await eventsOf(feed.watch()!.getReader());
  assert.deepEqual(events.at(-1)!.data.streams, []);
});

test("there is room for so many watchers, and for another once one has left", async () => {
  const { feed } = rig();
  const { ask } = httpApp({ feed });
  const watching = await Promise.all(
    Array.from({ length: MAX_WATCHERS }, async () => (await ask("/events")).body!),
  );
  await assertError(await ask("/events"), 503, "busy");
  await watching[0]!.cancel();
  const answer = await ask("/events");
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("Content-Type"), "text/event-stream");
  assert.equal(answer.headers.get("Cache-Control"), "no-store");
  assert.equal(answer.headers.get("X-Accel-Buffering"), "no", "no proxy is to hold them back");
  assert.equal((await ask("/events", { method: "HEAD" })).status, 200);
  assert.equal(feed.watchers, MAX_WATCHERS);
  assert.equal((await ask("/events", { method: "POST", json: {} })).status, 405);
});

test("the events are guarded as the control API is", async () => {
  const { feed } = rig();
  const open = httpApp({ feed });
  await assertError(await open.ask("/events", { remote: REMOTE }), 403, "forbidden");
  const host = { headers: { Host: "rebound.example" } };
  await assertError(await open.ask("/events", host), 403, "forbidden");
  const guarded = httpApp({ feed, apiToken: "0123456789abcdef" });
  await assertError(await guarded.ask("/events"), 401, "unauthorized");
  const headers = { Authorization: "Bearer 0123456789abcdef" };
  assert.equal((await guarded.ask("/events", { headers, remote: REMOTE })).status, 200);
  assert.equal(feed.watchers, 1);
});

test("a snapshot that cannot be made is told once, and those who watch get the next one", async () => {
  const { server, clock, feed, errors } = rig();
  const reader = feed.watch()!.getReader();
  await eventsOf(reader);
  const { health } = server;
  server.health = () => {
    throw new Error("no health");
  };
  const next = eventsOf(reader);
  clock.advance(SAMPLE_MS);
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  assert.equal(errors.length, 1);
  server.health = health;
  clock.advance(SAMPLE_MS);
  assert.equal((await next)[0]!.name, "state");
});

test("a server that stops ends the events", async () => {
  const { clock, feed } = rig();
  const reader = feed.watch()!.getReader();
  await eventsOf(reader);
  const end = reader.read();
  feed.close();
  assert.equal((await end).done, true);
  assert.equal(feed.watch(), undefined);
  assert.equal(clock.pending, 0);
});

test("samples that cannot be taken are told, and those who watch get what there is", async () => {
  const { server, clock, feed, errors } = rig();
  const error = new Error("no samples");
  server.samples = () => {
    throw error;
  };
  const reader = feed.watch()!.getReader();
  await eventsOf(reader);
  const next = eventsOf(reader);
  clock.advance(SAMPLE_MS);
  assert.deepEqual(errors, [error]);
  assert.equal((await next)[0]!.name, "state");
});
