/** What the webhook plugin sends in place of SRS and nginx-rtmp, and what it makes of their answers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { webhook, type WebhookOptions } from "../../../plugins/webhook.ts";
import { NginxMode } from "../../../plugins/webhook/modes/nginx_rtmp.ts";
import { SrsMode } from "../../../plugins/webhook/modes/srs.ts";
import { push, refuse, rename } from "../../../src/plugin/api.ts";
import * as contexts from "../../support/plugin_contexts.ts";

const URL = "http://127.0.0.1:8085/api/v1/hooks";
const STAMP = { id: "i", at: 1_700_000_000_000 };

const srs = () =>
  new SrsMode({
    urls: Object.fromEntries(
      ["connect", "close", "publish", "unpublish", "play", "stop", "dvr"].map((
        call,
      ) => [`on_${call}`, URL]),
    ),
    serverId: "vid-1",
    serviceId: "run",
  });

const COMMON = { server_id: "vid-1", service_id: "run", client_id: "s1", ip: "192.0.2.7" };
const STREAM = { vhost: "__defaultVhost__", app: "live", stream: "cam", param: "?key=1" };
const NAMES = { stream_url: "/live/cam" };

/** Without the id of the stream, which any server makes as it likes. */
function body(message: { body: string } | undefined): Record<string, unknown> {
  const { stream_id, ...rest } = JSON.parse(message!.body);
  if (stream_id !== undefined) assert.match(stream_id, /^vid-[a-z0-9]+$/);
  return rest;
}

test("SRS: each call has the members that its documents have", () => {
  const mode = srs();
  const tcUrl = "rtmp://localhost/live?key=1";
  assert.deepEqual(body(mode.ask("connect", contexts.connect)), {
    ...{ ...COMMON, action: "on_connect", vhost: "__defaultVhost__", app: "live" },
    ...{ tcUrl, pageUrl: "" },
  });
  assert.deepEqual(body(mode.ask("publish", contexts.publish)), {
    ...{ ...COMMON, action: "on_publish", ...STREAM, ...NAMES, tcUrl },
  });
  assert.deepEqual(body(mode.ask("play", contexts.publish)), {
    ...{ ...COMMON, action: "on_play", ...STREAM, ...NAMES, pageUrl: "" },
  });
  assert.deepEqual(body(mode.tell("onUnpublish", contexts.unpublish)[0]), {
    ...{ ...COMMON, action: "on_unpublish", ...STREAM, ...NAMES },
  });
  assert.deepEqual(body(mode.tell("onPlayEnd", contexts.playEnd)[0]), {
    ...{ ...COMMON, action: "on_stop", ...STREAM, ...NAMES },
  });
  assert.deepEqual(body(mode.tell("onDisconnect", contexts.disconnect)[0]), {
    ...{ ...COMMON, action: "on_close", vhost: "__defaultVhost__", app: "live" },
    ...{ send_bytes: 2, recv_bytes: 1 },
  });
  const live = { app: "live", name: "cam" };
  const publisher = { sessionId: "s1", address: "192.0.2.7:5", since: 1 };
  assert.deepEqual(mode.tell("onLive", { ...live, publisher }), []);
  const recorded = mode.tell("onRecorded", {
    ...{ ...live, file: "live/cam.flv", format: "flv", start: 1, durationMs: 4, bytes: 5 },
    ...{ tracks: [], reason: "unpublished" },
  });
  assert.deepEqual(body(recorded[0]), {
    ...{ ...COMMON, action: "on_dvr", ...STREAM, ...NAMES, cwd: "", file: "live/cam.flv" },
  });
});

test("SRS: 0 lets in, anything else does not", () => {
  const read = (status: number, body: string) =>
    srs().read("publish", { status, body, location: undefined });
  assert.equal(read(200, "0"), undefined);
  assert.equal(read(200, '{"code":0,"msg":"ok"}'), undefined);
  for (const body of ["1", '{"code":1}', '{"code":"0"}', "null", "[]", '"0"', "{}"]) {
    assert.deepEqual(read(200, body), refuse(""), body);
  }
  assert.deepEqual(read(204, "0"), refuse(""));
  assert.throws(() => read(200, ""), /neither 0/);
  assert.throws(() => read(200, "ok"), /neither 0/);
});

test("SRS: clients of HTTP connect to nothing", () => {
  const { rtmp: _, ...context } = contexts.connect;
  assert.equal(srs().ask("connect", context), undefined);
});

const nginx = (urls: object = { on_connect: URL, on_publish: URL, on_play: URL, on_done: URL }) =>
  new NginxMode({ urls, updateMs: 1000, wall: () => STAMP.at });

test("nginx-rtmp: redirects rename, or send on", () => {
  const read = (location: string | undefined, status = 302) =>
    nginx().read("publish", { status, location, body: "" }, contexts.publish);
  assert.equal(read(undefined), undefined);
  assert.deepEqual(read("other"), rename("other"));
  assert.deepEqual(read("http://example/live/other?x=1"), rename("other"));
  assert.deepEqual(read("rtmp://h/app"), push("rtmp://h/app/{name}"));
  assert.deepEqual(read("rtmp://h:1936/app/n{x}"), push("rtmp://h:1936/app/n%7Bx%7D"));
  assert.deepEqual(read("x", 404), refuse(""));
  assert.deepEqual(
    nginx().read("connect", { status: 302, location: "x", body: "" }, contexts.connect),
    refuse(""),
  );
  assert.throws(() =>
    nginx().read(
      "play",
      { status: 302, location: "rtmp://h/a", body: "" },
      contexts.publish,
    ), /another server/);
});

test("nginx-rtmp: a client cannot take the place of a field", () => {
  const query = new URLSearchParams("name=admin&addr=1.2.3.4&token=a%26b c");
  const context = { ...contexts.publish, query };
  const { body } = nginx().ask("publish", context, STAMP)!;
  const fields = new URLSearchParams(body);
  assert.deepEqual(fields.getAll("name"), ["cam"]);
  assert.deepEqual(fields.getAll("addr"), ["192.0.2.7"]);
  assert.ok(body.endsWith("&token=a%26b%20c"), body);
});

test("nginx-rtmp: updates are of those who are still there", () => {
  const mode = nginx({ on_publish: URL, on_update: URL });
  mode.ask("publish", contexts.publish, STAMP);
  mode.read("publish", { status: 302, location: "pub", body: "" }, contexts.publish);
  const there = { id: "s1", publishing: ["pub"], playing: [] };
  const of = (sessions: typeof there[]) =>
    [...mode.updates!.messages(sessions)].map(({ body, session }) =>
      `${session} ${new URLSearchParams(body).get("name")}`
    );
  assert.deepEqual(of([there]), ["s1 cam"]);
  assert.deepEqual(of([{ ...there, publishing: [] }]), []);
  assert.deepEqual(of([{ ...there, id: "s2" }]), []);
});

test("mistakes are told all at once, and without what is secret", () => {
  const mistakes = (options: unknown) => {
    try {
      webhook(options as WebhookOptions);
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.match(mistakes({})!, /expected a url/);
  assert.match(mistakes({ url: URL })!, /expected secrets, one or two/);
  const wrong = mistakes({ url: "ftp://x/", secrets: ["short"], queue: 0, dicide: ["play"] })!;
  for (
    const part of [
      "url: expected a URL",
      "secrets.0: expected 16",
      "queue: expected a number",
      "dicide: there",
    ]
  ) {
    assert.ok(wrong.includes(part), wrong);
  }
  assert.ok(!wrong.includes("short"));
  assert.match(mistakes({ mode: "srs" })!, /calls, some of on_connect/);
  assert.match(mistakes({ mode: "srs", calls: { on_done: URL } })!, /srs, which has no on_done/);
});

test("the environment says the same", async () => {
  const { default: make } = await import("../../../plugins/webhook.ts");
  const options = { url: URL, secrets: ["0123456789abcdef"], decide: [], events: ["live"] };
  const { name, start, stop, ...hooks } = await make({
    SLUICE_PLUGIN_WEBHOOK: JSON.stringify(options),
  });
  assert.equal(name, "webhook");
  assert.ok(start && stop);
  assert.deepEqual(Object.keys(hooks), ["onLive"]);
});
