/** What the webhook plugin sends in place of nginx-rtmp, beside what nginx-rtmp itself sends. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NGINX_CALLS, NginxMode } from "../../plugins/webhook/modes/nginx_rtmp.ts";
import { CallingNginx } from "../support/nginx_callbacks.ts";
import { needs } from "../support/programs.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { answer, type Behave, Endpoint, type Received } from "../support/webhook_endpoint.ts";

/** Fields whose values differ from run to run, or that this server has no value for. */
const VOLATILE = ["clientid", "epoch", "time", "timestamp", "path"];

const CLIENT = {
  flashVer: "FMLE/3.0 (compatible; test=1)",
  tcUrl: "rtmp://media.example/live",
  pageUrl: "http://page.example/?a=b&c",
};

/** Publishes and plays what `names` says, sees an update of both, and ends both. */
async function scenario(port: number, endpoint: Endpoint): Promise<Map<string, string>> {
  const called = (call: string) => endpoint.until((all) => all.some(({ path }) => path === call));
  await using publisher = await RtmpClient.open(port);
  await publisher.connect("live", CLIENT);
  const id = await publisher.createStream();
  publisher.command(id, "publish", null, "cam?key=s%26d&x=1", "live");
  await publisher.statusOf("NetStream.Publish.Start");
  // A picture, so that there is something to record.
  publisher.send(9, id, 0, new Uint8Array([0x12, 1, 2, 3]));
  await using player = await RtmpClient.open(port);
  await player.connect("live", CLIENT);
  const played = await player.createStream();
  player.command(played, "play", null, "cam?t=1");
  await called("/on_play");
  const updates = (kind: string) =>
    endpoint.until((all) =>
      all.some(({ path, body }) => path === "/on_update" && body.includes(`update_${kind}`))
    );
  await Promise.all([updates("publish"), updates("play")]);
  player.close();
  await called("/on_play_done");
  publisher.close();
  await Promise.all([called("/on_publish_done"), called("/on_done")]);
  // nginx also tells of the one who only looked whether it listens.
  const left = ({ path, body }: Received) =>
    path === "/on_disconnect" && body.startsWith("app=live");
  await endpoint.until((all) => all.filter(left).length === 2);
  const bodies = new Map<string, string>();
  for (const { path, body, headers } of endpoint.received) {
    assert.equal(headers["content-type"], "application/x-www-form-urlencoded");
    const call = path === "/on_update" ? /update_\w+/.exec(body)![0] : path.slice(1);
    if (!bodies.has(call) && body.startsWith("app=live")) bodies.set(call, body);
  }
  return bodies;
}

function shapeOf(body: string): string[] {
  return body.split("&").map((field) => {
    const [key = "", value] = field.split("=", 2);
    return VOLATILE.includes(key) ? key : `${key}=${value}`;
  });
}

const PLUGIN = ["--plugin", "plugins/webhook.ts"];

/** The plugin calls an endpoint as nginx-rtmp does. */
function envOf(endpoint: Endpoint, calls: readonly string[] = NGINX_CALLS) {
  const urls = Object.fromEntries(calls.map((call) => [call, endpoint.url(`/${call}`)]));
  const options = { mode: "nginx-rtmp", calls: urls, updateMs: 500 };
  return { SLUICE_PLUGIN_WEBHOOK: JSON.stringify(options) };
}

test(...needs("nginxRtmp", "calls are those of nginx-rtmp"), async () => {
  await using theirs = await Endpoint.start();
  await using nginx = await CallingNginx.start((call) => theirs.url(`/${call}`));
  const wanted = await scenario(nginx.port, theirs);

  await using ours = await Endpoint.start();
  await using server = await startServer(PLUGIN, envOf(ours));
  const sent = await scenario(server.rtmpPort, ours);

  assert.deepEqual(
    [...sent.keys()].sort(),
    [...wanted.keys()].filter((call) => call !== "on_record_done").sort(),
  );
  for (const [call, body] of sent) {
    assert.deepEqual(shapeOf(body), shapeOf(wanted.get(call)!), call);
  }
  // Files are recorded only where a server is told to: this call without one.
  await theirs.until((all) => all.some(({ path }) => path === "/on_record_done"));
  const recorded = theirs.received.find(({ path }) => path === "/on_record_done")!.body;
  const mode = new NginxMode({
    ...{ urls: { on_record_done: "http://h/" }, updateMs: 1, wall: () => 0 },
  });
  const live = { app: "live", name: "cam" };
  mode.tell("onLive", {
    ...live,
    publisher: { sessionId: "s1", address: "127.0.0.1:5", since: 1 },
  });
  const [note] = mode.tell("onRecorded", {
    ...{ ...live, file: "live/cam.flv", format: "flv", start: 1, durationMs: 4, bytes: 5 },
    ...{ tracks: [], reason: "unpublished" },
  });
  const keys = (body: string) => body.split("&").map((field) => field.split("=")[0]);
  assert.deepEqual(keys(note!.body), keys(recorded).filter((key) => key !== "key" && key !== "x"));
});

/** What a publisher and then a player of the same name are told, and under which names they are known. */
async function outcome(port: number): Promise<string[]> {
  await using publisher = await RtmpClient.open(port);
  await publisher.connect("live", CLIENT);
  const id = await publisher.createStream();
  publisher.command(id, "publish", null, "cam", "live");
  const first = await Promise.race([
    publisher.status().then(({ code }) => code ?? ""),
    publisher.closed.then(() => "closed"),
  ]);
  return [first];
}

for (
  const [what, behave, wanted] of [
    ["2xx lets in", answer(201), "NetStream.Publish.Start"],
    ["a redirect renames", answer(302, "", { location: "other" }), "NetStream.Publish.Start"],
    ["4xx refuses", answer(404), "closed"],
    ["5xx refuses", answer(500), "closed"],
  ] as [string, Behave, string][]
) {
  test(...needs("nginxRtmp", `${what}, here as in nginx-rtmp`), async () => {
    await using theirs = await Endpoint.start((received, ...rest) =>
      (received.path === "/on_publish" ? behave : answer(200))(received, ...rest)
    );
    await using nginx = await CallingNginx.start((call) => theirs.url(`/${call}`));
    assert.deepEqual(await outcome(nginx.port), [wanted]);

    await using ours = await Endpoint.start((received, ...rest) =>
      (received.path === "/on_publish" ? behave : answer(200))(received, ...rest)
    );
    const env = envOf(ours, ["on_publish", "on_publish_done"]);
    await using server = await startServer(PLUGIN, env);
    const [said] = await outcome(server.rtmpPort);
    if (wanted === "closed") assert.equal(said, "NetStream.Publish.Denied");
    else {
      assert.equal(said, wanted);
      const name = what.includes("redirect") ? "other" : "cam";
      await server.waitForLog("publishing", { app: "live", name });
      // The end is told of the name that the client gave.
      for (const endpoint of [theirs, ours]) {
        await endpoint.until((all) => all.some(({ path }) => path === "/on_publish_done"));
        const done = endpoint.received.find(({ path }) => path === "/on_publish_done")!;
        assert.equal(new URLSearchParams(done.body).get("name"), "cam");
      }
    }
  });
}
