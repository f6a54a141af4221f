import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpHandler, type ReloadView, type StreamMeasure } from "../../src/http/mod.ts";
import { definePlugin } from "../../src/plugin/mod.ts";
import { UsageError } from "../../src/core/errors.ts";
import { FakeServerView } from "../support/server_view.ts";

const LOCAL = { hostname: "127.0.0.1", port: 5000 };
const NOTHING: ReloadView = {
  changed: [],
  needsRestart: ["host"],
  plugins: { added: [], reloaded: ["a"], removed: [] },
};

function app(more: object = {}) {
  return createHttpHandler({
    ...{ server: new FakeServerView(), host: "127.0.0.1", onError: () => {} },
    ...more,
  });
}

function request(path: string, method = "GET", token?: string): Request {
  const headers: Record<string, string> = token === undefined
    ? {}
    : { Authorization: `Bearer ${token}` };
  return new Request(`http://127.0.0.1:8080${path}`, { method, headers });
}

test("a reload tells what has changed, or why nothing has", async () => {
  const results: (ReloadView | string)[] = [NOTHING, "1 configuration mistake"];
  const { handler } = app({ reload: () => Promise.resolve(results.shift()!) });
  const done = await handler(request("/api/v1/reload", "POST"), LOCAL);
  assert.equal(done.status, 200);
  assert.deepEqual(await done.json(), NOTHING);
  const refused = await handler(request("/reload", "POST"), LOCAL);
  assert.equal(refused.status, 409);
  const { error } = await refused.json() as { error: unknown };
  assert.deepEqual(error, { code: "conflict", message: "1 configuration mistake" });
  assert.equal((await handler(request("/reload"), LOCAL)).status, 405);
  assert.equal((await app().handler(request("/reload", "POST"), LOCAL)).status, 409);
});

test("routes of plugins and tokens are exchanged, for requests that come behind", async () => {
  const gate = Promise.withResolvers<void>();
  const plugin = (answer: string, wait?: Promise<void>) =>
    definePlugin({
      name: "a",
      routes: (app) =>
        void app.get("/", async (c) => {
          await wait;
          return c.text(answer);
        }),
    });
  const { handler, exchange } = app({ plugins: [plugin("old", gate.promise)] });
  const waits = handler(request("/plugins/a"), LOCAL);
  const odd = definePlugin({
    name: "odd",
    routes() {
      throw new Error("boom");
    },
  });
  assert.throws(() => exchange({ plugins: [odd] }), UsageError);
  const show = exchange({ plugins: [plugin("new")], apiToken: "0123456789abcdef" });
  assert.equal((await handler(request("/health"), LOCAL)).status, 200, "not yet");
  show();
  assert.equal((await handler(request("/health"), LOCAL)).status, 401);
  const asked = await handler(request("/plugins/a", "GET", "0123456789abcdef"), LOCAL);
  assert.equal(await asked.text(), "new");
  gate.resolve();
  assert.equal(await (await waits).text(), "old");
  exchange({ plugins: [], apiToken: undefined })();
  assert.equal((await handler(request("/plugins/a"), LOCAL)).status, 404);
});

test("what is counted of streams without labels goes on behind a reload", async () => {
  const server = new FakeServerView();
  const measure: StreamMeasure = {
    ...{ app: "live", name: "a", published: true, players: 0, bytesIn: 500, bytesOut: 0 },
    ...{ droppedFrames: 0, videoBitrate: 0, audioBitrate: 0, sentBitrate: 0, frameRate: 0 },
  };
  server.measures = () => [measure];
  const { handler, exchange } = createHttpHandler({
    ...{ server, host: "127.0.0.1", onError: () => {} },
    statistics: { metrics: "api", stat: "api", streams: 0 },
  });
  const counted = async () => {
    const text = await (await handler(request("/metrics"), LOCAL)).text();
    return /^sluice_stream_received_bytes_total\{.*\(other\).*\} (\d+)$/m.exec(text)?.[1];
  };
  assert.equal(await counted(), "500");
  server.measures = () => [];
  assert.equal(await counted(), "500");
  exchange({ plugins: [] })();
  assert.equal(await counted(), "500");
});
