/** The webhook plugin in a real server: decisions for RTMP, FLV and HLS, and events over a restart. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { clip } from "../support/clips.ts";
import { until } from "../support/deadline.ts";
import { Decoder, publish } from "../support/ffmpeg.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { answer, Endpoint, type Received } from "../support/webhook_endpoint.ts";

const PLUGIN = ["--plugin", "plugins/webhook.ts"];
const SECRET = { secrets: ["a secret of a test"] };

/** The options of the plugin. */
function envOf(options: object) {
  return { SLUICE_PLUGIN_WEBHOOK: JSON.stringify(options) };
}

interface Sent {
  readonly kind: string;
  readonly type: string;
  readonly data: Record<string, unknown> & { query: Record<string, string> };
}

function sentIn({ body }: Received): Sent {
  return JSON.parse(body);
}

/** All that is in the files of a folder. */
function journal(folder: string): string {
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8")).join("");
}

/** Lets in who has the key, under the name `cam`. */
function decide(
  received: Received,
  ...rest: Parameters<ReturnType<typeof answer>> extends [unknown, ...infer R] ? R : never
) {
  const { kind, data } = sentIn(received);
  if (kind === "event") return answer(204)(received, ...rest);
  const allow = data.query.key === "right";
  return answer(200, { allow, ...(allow ? { rename: "cam" } : { reason: "No such key" }) })(
    received,
    ...rest,
  );
}

/** The status of the first answer, and the protocol that the endpoint was asked about. */
async function get(server: TestServer, path: string): Promise<number> {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${server.httpPort}${path}`, {
    signal: abort.signal,
  });
  if (response.ok) await response.body!.getReader().read();
  else await response.body?.cancel();
  abort.abort();
  return response.status;
}

test("an endpoint decides who publishes and plays, over RTMP, FLV and HLS", async () => {
  await using endpoint = await Endpoint.start(decide);
  await using server = await startServer(PLUGIN, envOf({ ...SECRET, url: endpoint.url("/hook") }));
  const media = await clip("av");
  const url = server.url("live", "secret?key=right");
  await using _publisher = publish(media, url, { realTime: true, loop: true });
  await server.waitForLog("publishing", { app: "live", name: "cam" });

  await using player = new Decoder(server.url("live", "any?key=right"));
  await player.firstFrame();
  assert.equal(await get(server, "/live/any.flv?key=right"), 200);
  assert.equal(await get(server, "/live/any/index.m3u8?key=right"), 200);

  assert.equal(await get(server, "/live/cam.flv?key=wrong"), 403);
  assert.equal(await get(server, "/live/cam/index.m3u8"), 403);
  await using client = await RtmpClient.open(server.rtmpPort);
  const { info } = await client.publish("live", "cam?key=wrong");
  assert.equal(info.description, "No such key");
  const asked = endpoint.received.map(sentIn).filter(({ kind }) => kind === "decision");
  const seen = asked.map(({ type, data }) =>
    `${type} ${(data.client as { protocol: string }).protocol} ${data.query.key}`
  );
  for (const protocol of ["rtmp", "http-flv", "hls"]) {
    assert.ok(seen.includes(`play ${protocol} right`), seen.join("\n"));
  }
  assert.ok(seen.includes("publish rtmp right") && seen.includes("publish rtmp wrong"));
  server.assertHealthy();
  const { stdout } = await server.stop();
  assert.ok(!stdout.includes("right"), "keys are not logged");
  const types = endpoint.received.map(sentIn).filter(({ kind }) => kind === "event");
  for (const type of ["live", "stop", "unpublish", "ended", "disconnect"]) {
    assert.ok(types.some((event) => event.type === type), type);
  }
});

test("an endpoint that is down lets nobody in, and health says so", async () => {
  const endpoint = await Endpoint.start();
  const url = endpoint.url();
  await endpoint[Symbol.asyncDispose]();
  await using server = await startServer(PLUGIN, envOf({ ...SECRET, url }));
  for (let time = 0; time < 3; time++) {
    await using client = await RtmpClient.open(server.rtmpPort);
    const { info } = await client.publish("live", "cam");
    assert.equal(info.code, "NetStream.Publish.Denied");
    assert.equal(info.description, "Refused by the server");
  }
  assert.equal(await get(server, "/live/cam.flv"), 403);
  const { body } = await server.api("/health");
  assert.equal((body as { status: string }).status, "degraded");
});

test("events of a server that was killed arrive from the next one", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-webhook-"));
  try {
    await using endpoint = await Endpoint.start(answer(503));
    const env = envOf({ ...SECRET, url: endpoint.url(), decide: [], folder });
    await using before = await startServer(PLUGIN, env);
    const client = await RtmpClient.open(before.rtmpPort);
    await client.publish("live", "cam");
    await endpoint.until(({ length }) => length > 0);
    client.close();
    // What was handed to the system outlives the process.
    await until(() => Promise.resolve(journal(folder).includes("unpublish")), "it is written");
    await before.kill();
    const seen = endpoint.received.map(sentIn).map(({ type }) => type);
    endpoint.behave = answer(204);
    await using after = await startServer(PLUGIN, env);
    const came = () => endpoint.received.slice(seen.length).map(sentIn).map(({ type }) => type);
    await endpoint.until(() => ["live", "unpublish"].every((type) => came().includes(type)));
    assert.ok(came().indexOf("live") < came().indexOf("unpublish"));
    after.assertHealthy();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("calls are those of SRS, and its answers are understood", async () => {
  await using endpoint = await Endpoint.start((received, ...rest) => {
    const { action, param } = JSON.parse(received.body);
    const refused = action === "on_publish" && param !== "?key=right";
    answer(200, refused ? { code: 1 } : action === "on_publish" ? "0" : { code: 0 })(
      received,
      ...rest,
    );
  });
  const calls = ["connect", "close", "publish", "unpublish", "play", "stop"];
  await using server = await startServer(
    PLUGIN,
    envOf({
      mode: "srs",
      calls: Object.fromEntries(calls.map((call) => [`on_${call}`, endpoint.url("/srs")])),
    }),
  );
  await using refused = await RtmpClient.open(server.rtmpPort);
  const { info } = await refused.publish("live", "cam");
  assert.equal(info.code, "NetStream.Publish.Denied");
  await using client = await RtmpClient.open(server.rtmpPort);
  const { info: let_in } = await client.publish("live", "cam?key=right");
  assert.equal(let_in.code, "NetStream.Publish.Start");
  await using player = await RtmpClient.open(server.rtmpPort);
  await player.play("live", "cam");
  await endpoint.until((all) => all.some(({ body }) => body.includes('"on_play"')));
  player.close();
  client.close();
  for (const call of calls) {
    await endpoint.until((all) => all.some(({ body }) => body.includes(`"on_${call}"`)));
  }
  const unpublished = JSON.parse(
    endpoint.received.find(({ body }) => body.includes('"on_unpublish"'))!.body,
  );
  assert.deepEqual(
    [unpublished.app, unpublished.stream, unpublished.param, unpublished.vhost],
    ["live", "cam", "?key=right", "__defaultVhost__"],
  );
});
