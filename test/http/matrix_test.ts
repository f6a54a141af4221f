/**
 * Every route of the API, under both of its names, with no token, a wrong one, one that reads and one
 * that controls. The list is compared with the routes that the app has.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { DashboardFeed, EventFeed, Slices } from "../../src/http/mod.ts";
import { FakeClock } from "../support/clock.ts";
import { assertError, httpApp, REMOTE } from "../support/http_app.ts";
import { FakeServerView, relayView, sessionView, streamView } from "../support/server_view.ts";

/** A request of a route, and what comes of it where it is let. */
interface Line {
  readonly method: string;
  /** As the app has it, below the base. */
  readonly route: string;
  readonly path: string;
  readonly json?: unknown;
  readonly status: number;
}

const LINES: readonly Line[] = [
  { method: "GET", route: "/streams", path: "/streams", status: 200 },
  { method: "GET", route: "/streams/:path{.+}", path: "/streams/live/cam", status: 200 },
  { method: "DELETE", route: "/streams/:path{.+}", path: "/streams/live/cam", status: 204 },
  {
    ...{ method: "POST", route: "/streams/:path{.+}", path: "/streams/live/cam/data" },
    ...{ json: { handler: "onTextData" }, status: 204 },
  },
  { method: "GET", route: "/sessions", path: "/sessions", status: 200 },
  { method: "DELETE", route: "/sessions/:id", path: "/sessions/s1", status: 204 },
  {
    ...{ method: "POST", route: "/sessions/reconnect", path: "/sessions/reconnect" },
    ...{ json: {}, status: 200 },
  },
  {
    ...{ method: "POST", route: "/sessions/:id/call", path: "/sessions/s1/call" },
    ...{ json: { method: "a" }, status: 204 },
  },
  {
    ...{ method: "POST", route: "/sessions/:id/reconnect", path: "/sessions/s1/reconnect" },
    ...{ json: {}, status: 409 },
  },
  { method: "GET", route: "/recordings", path: "/recordings", status: 200 },
  { method: "DELETE", route: "/recordings", path: "/recordings?file=a.flv", status: 404 },
  { method: "GET", route: "/recordings/:path{.+}", path: "/recordings/live/cam", status: 200 },
  { method: "POST", route: "/recordings/:path{.+}", path: "/recordings/live/cam", status: 201 },
  { method: "DELETE", route: "/recordings/:path{.+}", path: "/recordings/live/cam", status: 404 },
  { method: "GET", route: "/relays", path: "/relays", status: 200 },
  {
    ...{ method: "POST", route: "/relays", path: "/relays", status: 201 },
    json: { app: "live", name: "cam", url: "rtmp://a.example/in/x" },
  },
  { method: "DELETE", route: "/relays/:id", path: "/relays/a1", status: 204 },
  { method: "GET", route: "/health", path: "/health", status: 200 },
  { method: "POST", route: "/reload", path: "/reload", status: 409 },
];

/** What has no version. */
const PLAIN: readonly Line[] = [
  { method: "GET", route: "/events", path: "/events", status: 200 },
  { method: "GET", route: "/api/v1/state", path: "/api/v1/state", status: 200 },
  { method: "GET", route: "/api/v1/events", path: "/api/v1/events", status: 200 },
  { method: "GET", route: "/openapi.json", path: "/openapi.json", status: 200 },
  { method: "GET", route: "/metrics", path: "/metrics", status: 200 },
  { method: "GET", route: "/stat", path: "/stat", status: 200 },
];

/** What answers everybody; `health_test.ts` says what. */
const OPEN = ["GET /health/ready"];

/** All lines under all names. */
const ALL = [
  ...["", "/api/v1"].flatMap((base) => LINES.map((line) => ({ base, ...line }))),
  ...PLAIN.map((line) => ({ base: "", ...line })),
];

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const TOKENS = {
  apiToken: "s1ngle",
  apiTokens: [
    { name: "dash", role: "read" as const, sha256: hashOf("r3ad") },
    { name: "ops", role: "control" as const, sha256: hashOf("c0ntrol") },
  ],
};

/** An app with something of everything. */
function filled() {
  const clock = new FakeClock();
  const events = new EventFeed({ clock, run: "1" });
  const feed = new DashboardFeed({
    server: new FakeServerView(),
    slices: new Slices(),
    clock,
    ports: () => ({ rtmp: 1, rtmps: null }),
    onError: () => {},
  });
  const made = httpApp({ ...TOKENS, host: "0.0.0.0", events, feed });
  made.server.streams = [streamView("live", "cam")];
  made.server.sessions = [sessionView("s1")];
  made.server.relays = [relayView("a1")];
  const state = () =>
    JSON.stringify([made.server.streams, made.server.sessions, made.server.relays]);
  return { ...made, state };
}

test("every route is in the matrix", () => {
  const routes = new Set(
    filled().app.routes.flatMap(({ method, path }) =>
      method === "ALL" ? [] : [`${method} ${path}`]
    ),
  );
  const listed = ALL.map(({ base, method, route }) => `${method} ${base}${route}`);
  assert.deepEqual([...routes].sort(), [...new Set([...OPEN, ...listed])].sort());
});

for (const { base, method, path, json, status } of ALL) {
  const reads = method === "GET";
  test(`${method} ${base}${path} answers whom it may, and nobody else changes anything`, async () => {
    for (const token of [undefined, "wr0ng", "r3ad", "c0ntrol", "s1ngle"]) {
      const { ask, server, state } = filled();
      const before = state();
      const headers = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
      const response = await ask(base + path, { method, json, headers, remote: REMOTE });
      const known = token !== undefined && token !== "wr0ng";
      if (known && (reads || token !== "r3ad")) {
        assert.equal(response.status, status, token);
        await response.body?.cancel();
        continue;
      }
      if (known) await assertError(response, 403, "forbidden");
      else await assertError(response, 401, "unauthorized");
      assert.equal(state(), before);
      assert.deepEqual(server.asked, []);
    }
  });
}
