import assert from "node:assert/strict";
import { test } from "node:test";
import { equalBytes } from "../../src/core/bytes/equal.ts";
import { tokenCheck } from "../../src/http/auth.ts";
import { defaults } from "../../src/config/mod.ts";
import { createHttpApp } from "../../src/http/mod.ts";
import { definePlugin } from "../../src/plugin/mod.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { httpApp, LOCAL, REMOTE } from "../support/http_app.ts";
import { FakeServerView, sessionView, streamView } from "../support/server_view.ts";

const TOKEN = "0123456789abcdef";

/**
 * What answers without the token, whoever asks by whatever name: a route is added here on purpose only.
 * Engines ask whether the server is ready, and are told yes or no.
 */
const PUBLIC: readonly string[] = ["/health/ready"];

/** Routes that read the token as the password of basic authentication too, and change nothing. */
const STATISTICS: readonly string[] = ["GET /metrics", "GET /stat"];

/** What a client may send in the place of the token. */
const WRONG: Readonly<Record<string, { headers?: Record<string, string>; query?: string }>> = {
  "no token": {},
  "a wrong token": { headers: { Authorization: "Bearer fedcba9876543210" } },
  "a part of the token": { headers: { Authorization: `Bearer ${TOKEN.slice(0, -1)}` } },
  "the token and more": { headers: { Authorization: `Bearer ${TOKEN}0` } },
  "the token in capitals": { headers: { Authorization: `Bearer ${TOKEN.toUpperCase()}` } },
  "another scheme": { headers: { Authorization: `Basic ${btoa(`:${TOKEN}`)}` } },
  "no scheme": { headers: { Authorization: TOKEN } },
  "a token in the query": { query: `?token=${TOKEN}&access_token=${TOKEN}` },
  "a token in a cookie": { headers: { Cookie: `token=${TOKEN}` } },
  "a token in another header": { headers: { "X-Api-Key": TOKEN, "Proxy-Authorization": TOKEN } },
  "an empty token": { headers: { Authorization: "Bearer " } },
  "an empty header": { headers: { Authorization: "" } },
  "a very long token": { headers: { Authorization: `Bearer ${TOKEN.repeat(1000)}` } },
  "two tokens": { headers: { Authorization: `Bearer ${TOKEN}, Bearer ${TOKEN}` } },
};

/** Every route of the app but those, with something in the place of its parameters. */
function routesOf(): { method: string; path: string }[] {
  const app = createHttpApp({ server: new FakeServerView(), host: "0.0.0.0", onError() {} });
  const guarded = app.routes.filter(({ path }) => !path.endsWith("*") && !PUBLIC.includes(path));
  const found = guarded.flatMap(({ method, path }) => {
    const real = path.replace(/:path\{[^}]*\}/g, "live/cam").replace(/:\w+(\{[^}]*\})?/g, "s1");
    const methods = method === "ALL" ? ["GET", "POST", "PUT", "PATCH", "DELETE"] : [method];
    return methods.map((method) => ({ method, path: real }));
  });
  const known = new Set<string>();
  return found.filter(({ method, path }) => {
    const key = `${method} ${path}`;
    return !known.has(key) && known.add(key) !== undefined;
  });
}

test("F1: no route answers or changes anything without the token, whatever stands in its place", async () => {
  const routes = routesOf();
  let cases = 0;
  let open = 0;
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const { ask, server } = httpApp({ apiToken: TOKEN, host });
    server.streams = [streamView("live", "cam")];
    server.sessions = [sessionView("s1")];
    for (const { method, path } of routes) {
      for (const [what, { headers, query = "" }] of Object.entries(WRONG)) {
        if (what === "another scheme" && STATISTICS.includes(`${method} ${path}`)) continue;
        for (const remote of [LOCAL, REMOTE]) {
          const { status } = await ask(path + query, { method, headers, remote });
          cases++;
          if (status !== 401 && status !== 403) open++;
          assert.ok(status === 401 || status === 403, `${method} ${path} with ${what}: ${status}`);
        }
      }
    }
    assert.equal(server.streams.length + server.sessions.length, 2);
  }
  assert.ok(routes.length >= 10, `${routes.length} routes`);
  figure({ id: "F1", what: "route and credential cases", value: cases, unit: "", atLeast: 500 });
  figure({ id: "F1", what: "cases let in", value: open, unit: "", atMost: 0 });
});

test("F1: what is open to everybody says whether the server is ready, and nothing else", async () => {
  const { ask } = httpApp({ apiToken: TOKEN, host: "0.0.0.0" });
  for (const path of PUBLIC) {
    const answer = await ask(path, { remote: REMOTE });
    assert.deepEqual([answer.status, await answer.text()], [204, ""]);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      assert.equal((await ask(path, { method, remote: REMOTE })).status, 405, `${method} ${path}`);
    }
  }
});

test("F1: with the token each of these routes is reached, so the matrix tests the guard", async () => {
  const { ask, server } = httpApp({ apiToken: TOKEN, host: "0.0.0.0" });
  for (const { method, path } of routesOf()) {
    server.streams = [streamView("live", "cam")];
    server.sessions = [sessionView("s1")];
    const headers = { Authorization: `Bearer ${TOKEN}` };
    const { status } = await ask(path, { method, headers, remote: REMOTE });
    assert.ok(status !== 401 && status !== 403, `${method} ${path}: ${status}`);
  }
});

test("F1: without a token only this machine is served, and that is what the default binds to", async () => {
  assert.equal(defaults.host, "127.0.0.1");
  assert.equal(defaults.api.token, undefined, "there is no default secret");
  for (const host of ["127.0.0.1", "0.0.0.0"]) {
    const { ask } = httpApp({ host });
    for (const { method, path } of routesOf()) {
      assert.equal((await ask(path, { method, remote: REMOTE })).status, 403, `${method} ${path}`);
    }
  }
});

/** A digest that counts how often it is looked at. */
function counting(bytes: Uint8Array, reads: { count: number }): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      if (typeof key === "string" && /^\d+$/.test(key)) reads.count++;
      return Reflect.get(target, key, target);
    },
  });
}

test("F3: tokens are compared by digests, all bytes of them wherever the first difference is", () => {
  const expected = Uint8Array.from({ length: 32 }, (_, index) => index);
  const counts = new Set<number>();
  for (let at = 0; at <= 32; at++) {
    const given = expected.slice();
    if (at < 32) given[at]! ^= 1;
    const reads = { count: 0 };
    assert.equal(equalBytes(counting(given, reads), expected), at === 32);
    counts.add(reads.count);
  }
  assert.deepEqual([...counts], [32]);
});

/** Cohen's d of two samples without their slowest tenth, which is the machine's doing. */
function effectSize(one: number[], other: number[]): number {
  const [a, b] = [one, other].map((sample) => {
    const kept = sample.sort((x, y) => x - y).slice(0, Math.floor(sample.length * 0.9));
    const mean = kept.reduce((sum, x) => sum + x, 0) / kept.length;
    const variance = kept.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (kept.length - 1);
    return { mean, variance };
  }) as [{ mean: number; variance: number }, { mean: number; variance: number }];
  const deviation = Math.sqrt((a.variance + b.variance) / 2);
  return deviation === 0 ? 0 : Math.abs(a.mean - b.mean) / deviation;
}

test("F3: the time of a wrong guess does not tell how much of it is right", async () => {
  const check = tokenCheck(TOKEN);
  const guesses = [`Bearer ${TOKEN.slice(0, -1)}x`, `Bearer x${TOKEN.slice(1)}`];
  const times: [number[], number[]] = [[], []];
  const tries = sized(2_000, 100_000);
  for (let index = 0; index < tries + 500; index++) {
    // By chance, not in turn: what the machine does every so often must not favour one of them.
    const kind = Math.random() < 0.5 ? 0 : 1;
    const start = performance.now();
    assert.equal(await check(guesses[kind]), false);
    const ms = performance.now() - start;
    if (index >= 500) times[kind].push(ms); // The first ones warm up.
  }
  const d = effectSize(...times);
  // Few tries of a busy machine differ by chance: the gate is for the full size.
  const atMost = FULL ? 0.05 : 0.5;
  figure({ id: "F3", what: `effect size d of ${tries} guesses`, value: d, unit: "d", atMost });
});

test("F5: whatever Origin asks, no answer allows another site to read it", async () => {
  const origins = [
    "https://evil.example.com",
    "null",
    "http://127.0.0.1:8080",
    "http://127.0.0.1:8080.evil.example.com",
    "http://evil.example.com#127.0.0.1:8080",
    "https://localhost.evil.example.com",
    "file://",
    "",
  ];
  let cases = 0;
  for (const options of [{}, { apiToken: TOKEN, host: "0.0.0.0" }]) {
    const { ask } = httpApp(options);
    for (const { path } of routesOf()) {
      for (const Origin of origins) {
        for (const method of ["GET", "OPTIONS"]) {
          const headers = {
            Origin,
            Authorization: `Bearer ${TOKEN}`,
            Cookie: "a=b",
            "Access-Control-Request-Method": "DELETE",
          };
          const response = await ask(path, { method, headers });
          const names = [...response.headers.keys()];
          assert.ok(!names.some((name) => name.startsWith("access-control-")), names.join());
          cases++;
        }
      }
    }
  }
  figure({ id: "F5", what: "Origin cases, none reflected", value: cases, unit: "", atLeast: 200 });
});

test("F6: a foreign Host reaches nothing on a server of this machine, plugins included", async () => {
  const plugin = definePlugin({
    name: "p",
    public: true,
    routes: (app) => void app.all("/open", (c) => c.text("open")),
  });
  const hosts = [
    "evil.example.com",
    "evil.example.com:8080",
    "127.0.0.1.evil.example.com",
    "localhost.evil.example.com:8080",
    "0.0.0.0",
    "[::2]:8080",
    "127.0.0.1:8080@evil.example.com",
    "127.0.0.1:8080, evil.example.com",
  ];
  for (const options of [{}, { apiToken: TOKEN }]) {
    const { ask } = httpApp({ ...options, plugins: [plugin] });
    for (const { method, path } of [...routesOf(), { method: "POST", path: "/plugins/p/open" }]) {
      for (const Host of hosts) {
        const { status } = await ask(path, { method, headers: { Host } });
        assert.equal(status, 403, `${method} ${path} as ${Host}`);
      }
    }
    const own = { method: "POST", headers: { Host: "localhost:8080" } };
    assert.equal((await ask("/plugins/p/open", own)).status, 200);
  }
});

test("F6: what a page may send anywhere without asking is refused: forms, text, foreign Origin", async () => {
  const types = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain",
    "text/plain; x=application/json",
    "application/jsonp",
    "application/json+x",
    "application/json, text/plain",
    "",
  ];
  const { app, server } = httpApp({ apiToken: TOKEN });
  const changes = routesOf().filter(({ method }) => method !== "GET");
  let cases = 0;
  for (const { method, path } of changes) {
    for (const type of types) {
      server.streams = [streamView("live", "cam")];
      server.sessions = [sessionView("s1")];
      const headers = { Authorization: `Bearer ${TOKEN}`, "Content-Type": type };
      const request = { method, headers, body: '{"a":1}' };
      const url = `http://127.0.0.1:8080${path}`;
      const { status } = await app.request(url, request, { remote: LOCAL });
      assert.equal(status, 415, `${method} ${path} as ${type}`);
      const foreign = { ...headers, "Content-Type": "application/json", Origin: "http://evil" };
      const crossed = { ...request, headers: foreign };
      assert.equal((await app.request(url, crossed, { remote: LOCAL })).status, 403);
      assert.equal(server.streams.length + server.sessions.length, 2);
      cases += 2;
    }
  }
  figure({ id: "F6", what: "forged requests, none let in", value: cases, unit: "", atLeast: 100 });
});
