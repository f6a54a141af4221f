/** Events of the webhook plugin, handed over to a real endpoint that goes away and comes back. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { webhook, type WebhookOptions } from "../../../plugins/webhook.ts";
import type { PluginServer } from "../../../src/plugin/api.ts";
import * as contexts from "../../support/plugin_contexts.ts";
import { answer, Endpoint } from "../../support/webhook_endpoint.ts";

const SECRET = "a secret of a test";
const SERVER = { sessions: () => [] } as unknown as PluginServer;

function made(url: string, options: WebhookOptions = {}, log: string[] = []) {
  return webhook({ url, secrets: [SECRET], ...options }, { log: (line) => log.push(line) });
}

const parse = ({ body }: { body: string }) => JSON.parse(body);

test("events are told as they are, each under its own id", async () => {
  await using endpoint = await Endpoint.start();
  const plugin = made(endpoint.url(), { eventsUrl: endpoint.url("/events") });
  await plugin.start!(SERVER);
  const publisher = { sessionId: "s1", address: "192.0.2.7:5", since: 1 };
  plugin.onLive!({ app: "live", name: "cam", publisher });
  plugin.onPlayEnd!(contexts.playEnd);
  plugin.onUnpublish!(contexts.unpublish);
  plugin.onEnded!({ app: "live", name: "cam", reason: "unpublished", durationMs: 5 });
  plugin.onDisconnect!(contexts.disconnect);
  plugin.onRecorded!({
    ...{ app: "live", name: "cam", file: "live/cam.flv", format: "flv", start: 1 },
    ...{ durationMs: 4, bytes: 5, tracks: [], reason: "unpublished" },
  });
  plugin.onRecordFailed!({
    ...{ app: "live", name: "cam", file: "live/cam.flv", format: "flv", error: "full" },
  });
  await endpoint.until(({ length }) => length === 7);
  await plugin.stop!();
  const events = endpoint.received.map(parse);
  assert.ok(endpoint.received.every(({ path }) => path === "/events"));
  assert.equal(new Set(events.map(({ id }) => id)).size, 7);
  assert.ok(events.every(({ kind }) => kind === "event"));
  const ofStream = events.filter(({ type }) => !["stop", "disconnect"].includes(type));
  assert.deepEqual(
    ofStream.map(({ type }) => type),
    ["live", "unpublish", "ended", "recorded", "record_failed"],
  );
  assert.deepEqual(
    events.filter(({ type }) => ["stop", "disconnect"].includes(type)).map(({ type }) => type),
    ["stop", "disconnect"],
  );
  assert.deepEqual(ofStream[0].data, { app: "live", name: "cam", publisher });
});

test("an answer that fails is tried again under the same id, one that refuses is not", async () => {
  await using endpoint = await Endpoint.start(answer(503));
  const log: string[] = [];
  const plugin = made(endpoint.url(), {}, log);
  await plugin.start!(SERVER);
  plugin.onEnded!({ app: "live", name: "a", reason: "unpublished", durationMs: 5 });
  await endpoint.until(({ length }) => length === 1);
  endpoint.behave = answer(204);
  await endpoint.until(({ length }) => length === 2);
  endpoint.behave = answer(422);
  plugin.onEnded!({ app: "live", name: "b", reason: "unpublished", durationMs: 5 });
  await endpoint.until(({ length }) => length === 3);
  await plugin.stop!();
  const ids = endpoint.received.map(({ headers }) => headers["webhook-id"]);
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[1], ids[2]);
  assert.ok(log.some((line) => line.includes("does not want it")), log.join("\n"));
});

test("what found no room is counted, and the endpoint is told", async () => {
  await using endpoint = await Endpoint.start();
  const log: string[] = [];
  const plugin = made(endpoint.url(), { queue: 3 }, log);
  const ended = (name: string) =>
    plugin.onEnded!({ app: "live", name, reason: "unpublished", durationMs: 5 });
  for (const name of ["a", "b", "c", "d", "e"]) ended(name);
  await plugin.start!(SERVER);
  await endpoint.until(({ length }) => length === 4);
  await plugin.stop!();
  const lost = endpoint.received.map(parse).filter(({ type }) => type === "lost");
  assert.deepEqual(lost.map(({ data }) => data), [{ count: 2 }]);
  assert.ok(log.some((line) => line.includes("no room")), log.join("\n"));
});

test("a folder that cannot be written to keeps the server from starting", async () => {
  const plugin = made("http://127.0.0.1:1/", { folder: "/dev/null/events" });
  await assert.rejects(async () => await plugin.start!(SERVER));
});

/** How many; the whole bar is `deno task reliability`. */
const EVENTS = 1_000;

test(`${EVENTS} events outlast an endpoint that is away and a server that is restarted`, async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-webhook-"));
  const first = await Endpoint.start(answer(503));
  const { port } = first;
  try {
    const url = first.url();
    const options = { folder, perSecond: 2_000, concurrency: 8, queue: EVENTS };
    const before = made(url, options);
    await before.start!(SERVER);
    for (let index = 0; index < EVENTS / 2; index++) end(before, index);
    await first.until(({ length }) => length >= 5);
    const whileDown = first.received.length;
    await first[Symbol.asyncDispose]();
    // It is away altogether now.
    for (let index = EVENTS / 2; index < EVENTS; index++) end(before, index);
    await before.stop!();
    assert.ok(whileDown <= 5 + 8, `${whileDown} requests to an endpoint that failed`);

    await using second = await Endpoint.start(answer(204), port);
    const after = made(url, options);
    await after.start!(SERVER);
    await second.until(({ length }) => length >= EVENTS);
    await after.stop!();
    const events = second.received.map(parse);
    assert.equal(new Set(events.map(({ id }) => id)).size, EVENTS);
    assert.equal(events.length, EVENTS, "each once, as none was on its way when it stopped");
    assert.ok(second.most <= 8);
    for (const [name, of] of Map.groupBy(events, ({ data }) => data.name)) {
      const order = of.map(({ data }) => data.durationMs);
      assert.deepEqual(order, order.toSorted((a, b) => a - b), name);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function end(plugin: ReturnType<typeof made>, index: number): void {
  plugin.onEnded!({
    app: "live",
    name: `s${index % 7}`,
    reason: "unpublished",
    durationMs: index,
  });
}
