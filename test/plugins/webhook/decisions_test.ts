/** What the webhook plugin decides: by a real endpoint, which may be down, slow, huge or redirecting. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { webhook, type WebhookOptions } from "../../../plugins/webhook.ts";
import type { PublishContext } from "../../../src/plugin/api.ts";
import * as contexts from "../../support/plugin_contexts.ts";
import { answer, type Behave, Endpoint } from "../../support/webhook_endpoint.ts";

const SECRET = "a secret of a test";

async function asked(behave: Behave, options: WebhookOptions = {}, context = contexts.publish) {
  await using endpoint = await Endpoint.start(behave);
  const plugin = webhook({ url: endpoint.url("/hook"), secrets: [SECRET], ...options });
  const verdict = await plugin.onPublish!(context);
  return { verdict, received: endpoint.received };
}

test("a decision is a signed request in JSON", async () => {
  const { verdict, received } = await asked(answer(200, { allow: true }));
  assert.equal(verdict, undefined);
  const [{ path, headers, body }] = received as [typeof received[0]];
  assert.equal(path, "/hook");
  assert.equal(headers["content-type"], "application/json");
  const { id, time, ...rest } = JSON.parse(body);
  assert.equal(id, headers["webhook-id"]);
  assert.equal(Math.floor(Date.parse(time) / 1000), Number(headers["webhook-timestamp"]));
  assert.deepEqual(rest, {
    kind: "decision",
    type: "publish",
    data: {
      sessionId: "s1",
      app: "live",
      name: "cam",
      type: "live",
      client: {
        protocol: "rtmp",
        secure: false,
        address: "192.0.2.7",
        port: 50000,
        agent: "FMLE/3.0 (compatible; FMSc/1.0)",
      },
      query: { key: "1" },
      tcUrl: "rtmp://localhost/live?key=1",
    },
  });
  const signed = `${id}.${headers["webhook-timestamp"]}.${body}`;
  const mac = createHmac("sha256", SECRET).update(signed).digest("base64");
  assert.equal(headers["webhook-signature"], `v1,${mac}`);
});

test("two secrets sign, and one that is base64 is read as such", async () => {
  const bytes = new Uint8Array(24).map((_, index) => index);
  const secrets = [`whsec_${btoa(String.fromCharCode(...bytes))}`, SECRET];
  const { received } = await asked(answer(204), { secrets });
  const [{ headers, body }] = received as [typeof received[0]];
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const macs = [bytes, SECRET].map((key) =>
    `v1,${createHmac("sha256", key).update(signed).digest("base64")}`
  );
  assert.equal(headers["webhook-signature"], macs.join(" "));
});

for (
  const [what, behave, verdict] of [
    ["nothing", answer(204), undefined],
    ["yes", answer(200, { allow: true }), undefined],
    ["another name", answer(200, { allow: true, rename: "b" }), { rename: "b" }],
    [
      "a wish to record and push",
      answer(200, { allow: true, record: { format: ["flv"] }, push: ["rtmp://h/a/n"] }),
      { record: { format: ["flv"] }, push: ["rtmp://h/a/n"] },
    ],
    ["no", answer(200, { allow: false, reason: "Not you" }), { refuse: "Not you" }],
    ["no without a reason", answer(200, { allow: false, reason: 5 }), { refuse: "" }],
    ["403", answer(403, { reason: "Not you" }), { refuse: "Not you" }],
    ["401 without a body", answer(401), { refuse: "" }],
    ["404 in HTML", answer(404, "<h1>Not found"), { refuse: "" }],
  ] as const
) {
  test(`the answer ${what} is understood`, async () => {
    assert.deepEqual((await asked(behave)).verdict, verdict);
  });
}

for (
  const [what, behave, problem] of [
    ["nothing but 200", answer(200), /200 has no decision/],
    ["a page", answer(200, "<h1>Welcome"), /no decision/],
    ["a list", answer(200, "[true]"), /no decision/],
    ["allow as a text", answer(200, { allow: "true" }), /no decision/],
    ["an error", answer(500, { allow: true }), /500 has no decision/],
    ["a redirect", answer(302, "", { location: "/elsewhere" }), /302 has no decision/],
    ["a huge body", answer(200, "x".repeat(1024 * 1024)), /more than 65536 bytes/],
    ["no answer", (_, __, request) => void request.socket.destroy(), /cannot be reached/],
    ["nothing in time", () => {}, /no answer in time/],
    [
      "a byte now and then",
      (_, response) => {
        response.writeHead(200);
        const timer = setInterval(() => response.write(" "), 20);
        response.on("close", () => clearInterval(timer));
      },
      /no answer in time/,
    ],
  ] as [string, Behave, RegExp][]
) {
  test(`${what} lets nobody in`, async () => {
    const started = performance.now();
    await assert.rejects(asked(behave, { decisionMs: 300 }), problem);
    assert.ok(performance.now() - started < 5_000);
  });
}

test("an endpoint that redirects is not followed", async () => {
  await using other = await Endpoint.start(answer(200, { allow: true }));
  await assert.rejects(asked(answer(307, "", { location: other.url() })));
  assert.equal(other.received.length, 0);
});

test("an endpoint that is down lets nobody in, and is left alone", async () => {
  const endpoint = await Endpoint.start();
  const url = endpoint.url();
  await endpoint[Symbol.asyncDispose]();
  let tries = 0;
  const plugin = webhook({ url, secrets: [SECRET] }, {
    random: () => 1,
    post: () => (tries++, Promise.reject(new TypeError("refused"))),
  });
  const said = [];
  for (let time = 0; time < 20; time++) {
    said.push(
      await Promise.resolve(plugin.onPublish!(contexts.publish)).catch((error: Error) =>
        error.message
      ),
    );
  }
  assert.equal(tries, 5);
  assert.equal(said[0], "cannot be reached");
  assert.equal(said[19], "the endpoint failed, and is left alone");
  await assert.rejects(async () =>
    await webhook({ url, secrets: [SECRET] }).onPlay!(contexts.publish)
  );
});

test("what a client sent is cut, and its keys are nothing but keys", async () => {
  const query = new URLSearchParams([["__proto__", "x"], ["a", "1"], ["a", "2"], [
    "long",
    "y".repeat(100_000),
  ]]);
  const context: PublishContext = { ...contexts.publish, query, name: "n".repeat(50_000) };
  const { received } = await asked(answer(204), {}, context);
  const { data } = JSON.parse(received[0]!.body);
  assert.ok(received[0]!.body.length < 20_000);
  assert.deepEqual(Object.entries(data.query), [["a", "1"], ["__proto__", "x"]]);
});

test("2,000 publishes at once are refused, and no more wait than may", async () => {
  await using endpoint = await Endpoint.start(answer(403, { reason: "no" }));
  const plugin = webhook({ url: endpoint.url(), secrets: [SECRET], decisionMs: 60_000 });
  const verdicts = await Promise.all(
    Array.from({ length: 2_000 }, () => plugin.onPublish!(contexts.publish)),
  ) as { refuse: string }[];
  const said = Map.groupBy(verdicts, ({ refuse }) => refuse);
  assert.deepEqual([...said.keys()].sort(), ["Too many clients at once, try again", "no"]);
  assert.ok(endpoint.most <= 64, `${endpoint.most} at once`);
  assert.equal(said.get("no")!.length, 564);
});

test("only what is to be asked is asked", () => {
  const hooks = (options: WebhookOptions) =>
    Object.keys(webhook({ url: "http://127.0.0.1/", secrets: [SECRET], events: [], ...options }))
      .filter((name) => name.startsWith("on"));
  assert.deepEqual(hooks({}), ["onPublish", "onPlay"]);
  assert.deepEqual(hooks({ decide: ["connect"] }), ["onConnect"]);
  assert.deepEqual(hooks({ decide: [], events: ["live", "stop"] }), ["onLive", "onPlayEnd"]);
});
