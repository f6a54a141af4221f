/** The whole server as the dashboard shows it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SampleHistory } from "../../../src/http/dashboard/history.ts";
import { chartsOf, snapshotOf } from "../../../src/http/dashboard/snapshot.ts";
import { Slices } from "../../../src/http/slices.ts";
import { FakeServerView, sessionView, streamView } from "../../support/server_view.ts";

const AT = "2024-01-01T00:00:00.000Z";

const snapshot = (server: FakeServerView, history = new SampleHistory()) =>
  snapshotOf(server, history, new Slices(() => 0), { rtmp: 1935, rtmps: 1936 }, AT);

const sample = (name: string, videoBitrate: number) => ({
  app: "live",
  name,
  videoBitrate,
  audioBitrate: videoBitrate / 10,
  frameRate: 29.97,
  droppedFrames: 0,
});

test("a stream has what was measured last, who watches it and what is wrong with it", async () => {
  const server = new FakeServerView();
  server.streams = [streamView("live", "a"), { ...streamView("live", "b"), publisher: null }];
  server.sessions = [
    { ...sessionView("1"), playing: ["a"] },
    { ...sessionView("2"), playing: ["a", "b"] },
    { ...sessionView("3"), playing: ["a"], protocol: "hls" },
    { ...sessionView("4"), playing: ["a"], app: "other" },
  ];
  const history = new SampleHistory();
  for (
    const [bits, frameRate] of [[4_000_000, 30.1], [3_000_000, 29.8], [5_000_000, 29.97]] as const
  ) {
    history.add([{ ...sample("a", bits), frameRate }]);
  }
  const { at, streams: [a, b], sessions, server: about } = await snapshot(server, history);
  assert.deepEqual(a!.sample, { video: 5_000_000, audio: 500_000, frameRate: 30 });
  assert.deepEqual(b!.sample, { video: 0, audio: 0, frameRate: 0 });
  assert.deepEqual([a!.viewers, b!.viewers], [{ rtmp: 2, hls: 1 }, { rtmp: 1 }]);
  assert.deepEqual([a!.problems, b!.problems.map(({ code }) => code)], [[], ["no-publisher"]]);
  for (const row of [a!, b!]) {
    assert.ok(!("tracks" in row) && !("metadata" in row), "they are long");
  }
  assert.deepEqual(sessions.map(({ id }) => id), ["1", "2", "3", "4"]);
  assert.deepEqual([at, about.rtmpPort, about.rtmpsPort, about.sessions], [AT, 1935, 1936, 4]);
  assert.ok(!("plugins" in about) && !("faults" in about));
});

test("a snapshot has 300 streams and 200 sessions, and counts the viewers of all sessions", async () => {
  const server = new FakeServerView();
  server.streams = Array.from({ length: 301 }, (_, index) => streamView("live", `s${index}`));
  server.sessions = Array.from(
    { length: 250 },
    (_, index) => ({ ...sessionView(`${index}`), playing: ["s0"] }),
  );
  const all = await snapshot(server);
  assert.deepEqual([all.streams.length, all.sessions.length], [300, 200]);
  assert.deepEqual(all.streams[0]!.viewers, { rtmp: 250 });
  assert.deepEqual([all.server.streams, all.server.sessions], [301, 250]);
});

test("a hundred streams have a chart of what they measured, one value every two seconds", async () => {
  const server = new FakeServerView();
  server.streams = Array.from({ length: 120 }, (_, index) => streamView("live", `s${index}`));
  const history = new SampleHistory();
  history.add([sample("s99", 40), sample("s100", 50)]);
  const { intervalMs, charts } = chartsOf(await snapshot(server, history), history);
  assert.deepEqual([intervalMs, charts.length], [2000, 100]);
  const dropped = [0];
  const chart = { app: "live", name: "s99", video: [40], audio: [4], frameRate: [30], dropped };
  assert.deepEqual(charts.at(-1), chart);
  assert.deepEqual(charts[0], {
    ...{ app: "live", name: "s0", video: [], audio: [], frameRate: [], dropped: [] },
  });
});
