import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src/core/errors.ts";
import { createHttpApp, createHttpHandler } from "../../src/http/mod.ts";
import { definePlugin } from "../../src/plugin/mod.ts";
import { type Ask, assertError, httpApp, LOCAL, REMOTE } from "../support/http_app.ts";
import { FakeServerView, relayView, sessionView, streamView } from "../support/server_view.ts";

const AUTHORIZED = { Authorization: "Bearer t0ken" };

/** A plugin whose route answers anyone. */
const pluginWithRoute = definePlugin({
  name: "p",
  public: true,
  routes: (app) => void app.get("/open", (c) => c.text("open")),
});

/** Every route of the control API, and what is none. */
const ROUTES: [method: string, path: string][] = [
  ["GET", "/streams"],
  ["GET", "/streams/live/cam"],
  ["HEAD", "/streams/live/cam"],
  ["DELETE", "/streams/live/cam"],
  ["GET", "/sessions"],
  ["DELETE", "/sessions/s1"],
  ["GET", "/relays"],
  ["POST", "/relays"],
  ["DELETE", "/relays/a1"],
  ["GET", "/health"],
  ["PUT", "/streams"],
  ["OPTIONS", "/streams"],
  ["GET", "/"],
  ["GET", "/nowhere"],
  ["GET", "/plugins/none"],
];

/** Asks every route and asserts that none answers and nothing changes. */
async function assertClosed(options: object, given: Ask, status: number, code: string) {
  const { ask, server } = httpApp(options);
  server.streams = [streamView("live", "cam")];
  server.sessions = [sessionView("s1")];
  server.relays = [relayView("a1")];
  for (const [method, path] of ROUTES) {
    const response = await ask(path, { ...given, method });
    if (method === "HEAD") assert.equal(response.status, status);
    else await assertError(response, status, code);
  }
  assert.equal(server.streams.length + server.sessions.length + server.relays.length, 3);
  assert.deepEqual(server.asked, []);
}

test("without a token only peers on this machine are served", async () => {
  const { ask } = httpApp();
  for (const hostname of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
    assert.equal((await ask("/health", { remote: { hostname, port: 1 } })).status, 200, hostname);
  }
  for (
    const hostname of [
      "203.0.113.9",
      "192.168.0.1",
      "0.0.0.0",
      "::",
      "::ffff:10.0.0.1",
      "fe80::1",
      "127.0.0.1.example.com",
      "localhost",
      "unknown",
      "",
    ]
  ) await assertClosed({}, { remote: { hostname, port: 1 } }, 403, "forbidden");
});

test("a request whose peer is not known is not local", async () => {
  const { app } = httpApp();
  await assertError(await app.request("http://127.0.0.1/health"), 403, "forbidden");
  await assertError(await app.request("http://127.0.0.1/health", {}, {}), 403, "forbidden");
});

test("without a token a proxy on this machine does not open the API to the world", async () => {
  for (const name of ["Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"]) {
    await assertClosed({}, { headers: { [name]: "127.0.0.1" } }, 403, "forbidden");
  }
});

test("a request that any proxy has marked is not of this machine", async () => {
  const { ask } = httpApp({ plugins: [pluginWithRoute] });
  const marks = (
    "Forwarded Via X-Forwarded X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto " +
    "X-Forwarded-Port X-Forwarded-Server X-Forwarded-By X-Forwarded-Ssl X-Forwarded-Prefix " +
    "X-Forwarded-Uri X-Forwarded-Method X-Forwarded-Client-Cert X-Forwarded-Anything " +
    "X_Forwarded_For Forwarded-For X-Forward-For X-Real-IP X-Real-Port X-RealIP " +
    "CF-Connecting-IP CF-Connecting-IPv6 CF-Pseudo-IPv4 CF-Ray CF-Visitor CF-IPCountry CDN-Loop " +
    "True-Client-IP Fly-Client-IP Fly-Forwarded-Port X-Client-IP X-Cluster-Client-IP Client-IP " +
    "Fastly-Client-IP Fastly-FF X-Envoy-External-Address X-Envoy-Original-Path " +
    "X-Envoy-Expected-Rq-Timeout-Ms X-Original-URL X-Original-Host X-Original-Forwarded-For " +
    "X-Originating-IP X-Rewrite-URL X-Remote-IP X-Remote-Addr X-ProxyUser-Ip Proxy-Client-IP " +
    "WL-Proxy-Client-IP Proxy-Connection X-AppEngine-User-IP X-Azure-ClientIP X-Azure-Ref " +
    "X-ARR-LOG-ID X-ARR-SSL X-FD-HealthProbe X-Amzn-Trace-Id X-Amz-Cf-Id Akamai-Origin-Hop " +
    "X-Akamai-Edgescape X-Vercel-Forwarded-For X-NF-Client-Connection-IP Incap-Client-IP " +
    "X-Sucuri-ClientIP X-Varnish Surrogate-Capability X-Scheme X-Host X-Replaced-Path " +
    "X-Cloud-Trace-Context Tailscale-User-Login X-BlueCoat-Via Front-End-Https X-SSL-Client-Cert " +
    "X-End-User-IP X-HTTP-Host Max-Forwards"
  ).split(" ");
  for (const name of marks) {
    for (const header of [name, name.toLowerCase(), name.toUpperCase()]) {
      const headers = { [header]: "1" };
      await assertError(await ask("/health", { headers }), 403, "forbidden");
      await assertError(await ask("/plugins/p/open", { headers }), 403, "forbidden");
    }
    const { ask: known } = httpApp({ apiToken: "t0ken" });
    assert.equal((await known("/health", { headers: { ...AUTHORIZED, [name]: "1" } })).status, 200);
  }
});

test("what browsers and programs of this machine send is no mark of a proxy", async () => {
  const { ask } = httpApp();
  const headers = Object.fromEntries(
    (
      "Accept Accept-Encoding Accept-Language Authorization Cache-Control Connection " +
      "Content-Language Cookie DNT Date Expect From If-Match If-Modified-Since If-None-Match " +
      "Keep-Alive Last-Event-ID Origin-Agent-Cluster Pragma Prefer Priority Range Referer " +
      "Save-Data Sec-CH-UA Sec-CH-UA-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site " +
      "Sec-Fetch-User Sec-GPC Sec-WebSocket-Key Service-Worker TE Traceparent Tracestate Upgrade " +
      "Upgrade-Insecure-Requests User-Agent X-Api-Key X-Correlation-ID X-CSRF-Token X-Request-ID " +
      "X-Requested-With"
    ).split(" ").map((name) => [name, "1"]),
  );
  assert.equal((await ask("/health", { headers })).status, 200);
});

test("with a token every control route wants it, from this machine too", async () => {
  const options = { apiToken: "t0ken", host: "0.0.0.0" };
  for (
    const Authorization of [
      undefined,
      "",
      "t0ken",
      "Bearer",
      "Bearer ",
      "Bearer t0ke",
      "Bearer t0kenn",
      "Bearer T0KEN",
      "Bearer t0ken x",
      "Basic dDBrZW46",
      "Basic t0ken",
    ]
  ) {
    for (const remote of [LOCAL, REMOTE]) {
      const headers: Record<string, string> = Authorization === undefined ? {} : { Authorization };
      await assertClosed(options, { headers, remote }, 401, "unauthorized");
    }
  }
});

test("a token in the query or in a cookie is no token", async () => {
  const { ask } = httpApp({ apiToken: "t0ken" });
  for (const path of ["/health?token=t0ken", "/health?access_token=t0ken"]) {
    const response = await ask(path, { headers: { Cookie: "token=t0ken" } });
    await assertError(response, 401, "unauthorized");
  }
});

test("401 names the scheme, and whether a token was wrong", async () => {
  const { ask } = httpApp({ apiToken: "t0ken" });
  const challenge = async (headers: Record<string, string>) =>
    (await ask("/health", { headers })).headers.get("WWW-Authenticate");
  assert.equal(await challenge({}), 'Bearer realm="sluice"');
  assert.equal(
    await challenge({ Authorization: "Bearer x" }),
    'Bearer realm="sluice", error="invalid_token"',
  );
});

test("with the token everyone is served, whatever the host, the peer and the proxy", async () => {
  const { ask, server } = httpApp({ apiToken: "t0ken", host: "0.0.0.0" });
  server.streams = [streamView("live", "cam")];
  const headers = { ...AUTHORIZED, Host: "sluice.example.com", "X-Forwarded-For": "192.0.2.1" };
  assert.equal((await ask("/streams", { headers, remote: REMOTE })).status, 200);
  const lower = { Authorization: "bearer  t0ken" };
  assert.equal((await ask("/streams", { headers: lower, remote: REMOTE })).status, 200);
  const deletion = { method: "DELETE", headers, remote: REMOTE };
  assert.equal((await ask("/streams/live/cam", deletion)).status, 204);
});

test("an empty token is a mistake, not an open door", () => {
  assert.throws(() => httpApp({ apiToken: "" }), UsageError);
});

test("a name that somebody points at this machine is refused (DNS rebinding)", async () => {
  for (
    const Host of [
      "evil.example.com",
      "evil.example.com:8080",
      "localhost.evil.example.com",
      "127.0.0.1.evil.example.com",
      "evil-localhost",
      "127.0.0.1@evil.example.com",
      "127.0.0.1:8080:1",
      "127.0.0.1, evil.example.com",
      "[::1].evil.example.com",
      "[::2]",
      "::1",
      "0.0.0.0",
    ]
  ) await assertClosed({}, { headers: { Host } }, 403, "forbidden");
});

test("names of this machine and the configured host are taken, with any port", async () => {
  const cases: [host: string, header: string][] = [
    ["127.0.0.1", "localhost"],
    ["127.0.0.1", "LocalHost:9"],
    ["127.0.0.1", "127.0.0.1:8080"],
    ["127.0.0.1", "[::1]:8080"],
    ["127.0.0.2", "127.0.0.2:8080"],
    ["Box.lan", "box.lan:8080"],
    ["0.0.0.0", "127.0.0.1:8080"],
    ["fd00::1", "[fd00::1]:8080"],
  ];
  for (const [host, Host] of cases) {
    assert.equal((await httpApp({ host }).ask("/health", { headers: { Host } })).status, 200, Host);
  }
});

test("bound to this machine a foreign host needs the right token, which no page knows", async () => {
  for (const host of ["127.0.0.1", "::1", "localhost"]) {
    const { ask } = httpApp({ host, apiToken: "t0ken", plugins: [pluginWithRoute] });
    const evil = { Host: "evil.example.com" };
    for (const path of ["/health", "/plugins/p/open"]) {
      await assertError(await ask(path, { headers: evil }), 403, "forbidden");
      const wrong = { ...evil, Authorization: "Bearer t0kem" };
      await assertError(await ask(path, { headers: wrong }), 403, "forbidden");
      assert.equal((await ask(path, { headers: { ...evil, ...AUTHORIZED } })).status, 200);
    }
  }
});

test("no foreign page can change anything, with the token or without (CSRF)", async () => {
  for (const options of [{}, { apiToken: "t0ken" }]) {
    const { ask, server } = httpApp(options);
    server.streams = [streamView("live", "cam")];
    server.sessions = [sessionView("s1")];
    server.relays = [relayView("a1")];
    for (
      const Origin of [
        "https://evil.example.com",
        "null",
        "http://127.0.0.1:8081",
        "http://127.0.0.1",
        "http://127.0.0.1:8080.evil.example.com",
        "",
        "file://",
      ]
    ) {
      const request = { method: "DELETE", headers: { ...AUTHORIZED, Origin } };
      await assertError(await ask("/streams/live/cam", request), 403, "forbidden");
      await assertError(await ask("/sessions/s1", request), 403, "forbidden");
      await assertError(await ask("/relays/a1", request), 403, "forbidden");
    }
    assert.equal(server.streams.length + server.sessions.length + server.relays.length, 3);
    assert.deepEqual(server.asked, []);
    const own = { ...AUTHORIZED, Origin: "http://127.0.0.1:8080" };
    const request = { method: "DELETE", headers: own };
    assert.equal((await ask("/streams/live/cam", request)).status, 204);
  }
});

test("no page elsewhere can read an answer: there are no CORS headers", async () => {
  const { ask } = httpApp();
  for (const method of ["GET", "OPTIONS", "DELETE"]) {
    for (const Origin of ["https://evil.example.com", "null", "http://127.0.0.1:8080"]) {
      const headers = { Origin, "Access-Control-Request-Method": "DELETE" };
      const response = await ask("/streams", { method, headers });
      const names = [...response.headers.keys()];
      assert.ok(!names.some((name) => name.startsWith("access-control-")), names.join());
    }
  }
});

test("the handler of the transport passes the peer on", async () => {
  const options = { server: new FakeServerView(), host: "127.0.0.1", onError: () => {} };
  const { handler } = createHttpHandler(options);
  const request = () => new Request("http://127.0.0.1:8080/health");
  assert.equal((await handler(request(), LOCAL)).status, 200);
  assert.equal((await handler(request(), REMOTE)).status, 403);
  assert.equal(typeof createHttpApp(options).fetch, "function");
});
