import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { definePlugin } from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";
import { figure } from "../support/figure.ts";
import { httpApp, LOCAL } from "../support/http_app.ts";
import { head, rawHttp } from "../support/raw_http.ts";
import { startServer } from "../support/server.ts";
import { sessionView, streamView } from "../support/server_view.ts";

const JSON_TYPE = { "Content-Type": "application/json" };

/** An app whose plugin-free routes all see the body first: a right one is answered with 405. */
function post(
  body: RequestInit["body"],
  headers: Record<string, string> = JSON_TYPE,
  clock = new FakeClock(),
) {
  const { app } = httpApp({ body: { bytes: 10_000, ms: 1000 }, clock });
  const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
  return Promise.resolve(app.request("http://127.0.0.1:8080/streams", init, { remote: LOCAL }));
}

test("F8: a page that is no page is 400, and no answer is larger than the largest page", async () => {
  const { ask, server } = httpApp();
  server.streams = Array.from({ length: 3000 }, (_, index) => streamView("live", `s${index}`));
  const wrong = [
    "0",
    "-1",
    "1001",
    "1000000000",
    "1e3",
    "0x10",
    "1.5",
    "",
    " 1",
    "NaN",
    "Infinity",
  ];
  wrong.push("9".repeat(400), "٣", "__proto__", "1;2", "1%00");
  for (const path of ["/streams", "/sessions"]) {
    for (const limit of wrong) {
      assert.equal((await ask(`${path}?limit=${limit}`)).status, 400, limit);
      if (limit === "0" || /^1\d*$/.test(limit)) continue;
      assert.equal((await ask(`${path}?offset=${limit}`)).status, 400, limit);
    }
  }
  const page = async (query: string) => {
    const response = await ask(`/streams?${query}`);
    return await response.json() as { streams: unknown[]; total: number };
  };
  const { streams, total } = await page("limit=1000&offset=2500");
  assert.deepEqual([streams.length, total], [500, 3000]);
  assert.equal((await page("offset=1000000000")).streams.length, 0);
  figure({ id: "F8", what: "wrong pages refused", value: wrong.length * 4, unit: "", atLeast: 40 });
});

test("F8: bodies that are large, deep, doubled, compressed or no JSON are refused", async () => {
  const cases: [
    what: string,
    status: number,
    body: RequestInit["body"],
    headers?: Record<string, string>,
  ][] = [
    ["larger than allowed", 413, "1".repeat(10_001)],
    ["large and in many parts", 413, new Blob(Array(200).fill(" ".repeat(100))).stream()],
    ["deep lists", 400, "[".repeat(5000) + "]".repeat(5000)],
    ["deep objects", 400, '{"a":'.repeat(1600) + "1" + "}".repeat(1600)],
    ["a little too deep", 400, "[".repeat(33) + "]".repeat(33)],
    ["a key twice", 400, '{"a":1,"a":2}'],
    ["a key twice, once escaped", 400, '{"a":1,"\\u0061":2}'],
    ["a key twice further down", 400, '[{"x":{"k":[],"k":0}}]'],
    ["__proto__ twice", 400, '{"__proto__":1,"__proto__":2}'],
    ["half of an object", 400, '{"a":'],
    ["two values", 400, "{}{}"],
    ["no UTF-8", 400, Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
    ["compressed", 415, new Uint8Array(gzipSync("0".repeat(1_000_000))), {
      ...JSON_TYPE,
      "Content-Encoding": "gzip",
    }],
    ["compressed twice", 415, "x", { ...JSON_TYPE, "Content-Encoding": "gzip, gzip" }],
    ["without a type", 415, Uint8Array.of(0x31), {}],
    ["a form", 415, new URLSearchParams("a=1"), {}],
    ["right", 405, '{"a":1,"b":[{"a":1},{"a":2}],"c":"a:\\"a\\":"}'],
    ["as deep as allowed", 405, "[".repeat(32) + "]".repeat(32)],
    ["empty", 405, ""],
  ];
  for (const [what, status, body, headers] of cases) {
    const response = await post(body, headers);
    const text = await response.text();
    assert.equal(response.status, status, `${what}: ${text}`);
    assert.ok(text.length < 200, what);
  }
  figure({ id: "F8", what: "bodies sorted out", value: cases.length, unit: "", atLeast: 15 });
});

test("F8: a body that does not come is waited for no longer than its time", async () => {
  const clock = new FakeClock();
  let cancelled = false;
  const endless = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("{")),
    cancel: () => void (cancelled = true),
  });
  const answer = post(endless, JSON_TYPE, clock);
  await new Promise((resolve) => setTimeout(resolve, 0));
  clock.advance(999);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.equal(clock.pending, 1);
  clock.advance(1);
  assert.equal((await answer).status, 408);
  assert.ok(cancelled);
});

test("F8: URLs that are endless, odd or not to be decoded are answered, with 4xx", async () => {
  const { ask } = httpApp();
  const paths = [
    `/streams/${"a".repeat(9000)}`,
    `/streams?${"a=1&".repeat(3000)}`,
    "/streams/%ff%fe",
    "/streams/%",
    "/streams/live/%2e%2e%2f%2e%2e",
    "/streams/live/..%5c..",
    "/streams/live/%00",
    "/sessions/%E0%A4%A",
    "/streams/__proto__/constructor",
    "/streams/live/" + "%2f".repeat(500),
    "/plugins/../health",
    "//",
  ];
  for (const path of paths) {
    const { status } = await ask(path, { method: "DELETE" });
    assert.ok(status >= 400 && status < 500, `${path.slice(0, 40)}: ${status}`);
  }
});

/** Text that browsers run where it gets into a page, as names, metadata and user agents may hold. */
const PAYLOADS = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "</script><svg onload=alert(1)>",
  '"><iframe src=javascript:alert(1)>',
  "');alert(1)//",
  "\u2028alert(1)",
  "<!--<script>",
  "{{constructor.constructor('alert(1)')()}}",
  "javascript:alert(1)",
  "\u0000<b>",
].flatMap((text) => [text, text.toUpperCase(), `${text}.jpg`, encodeURIComponent(text), `&${text}`])
  .flatMap((text) => [text, `x ${text}`]);

test("F7: whatever a publisher calls things, answers are JSON that no browser makes a page of", async () => {
  const { ask, server } = httpApp();
  for (const payload of PAYLOADS) {
    server.streams = [{ ...streamView("live", payload), metadata: { [payload]: payload } }];
    server.sessions = [{ ...sessionView("s1"), client: payload, app: payload }];
    const name = encodeURIComponent(payload);
    const paths = ["/streams", `/streams/live/${name}`, "/sessions", `/nowhere/${name}`];
    paths.push(`/streams?callback=${name}&jsonp=${name}&limit=${name}`);
    for (const path of paths) {
      const response = await ask(path, { headers: { Accept: "text/html", "User-Agent": "x" } });
      const text = await response.text();
      const { headers } = response;
      assert.match(headers.get("Content-Type")!, /^application\/json/);
      assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
      assert.match(headers.get("Content-Security-Policy")!, /default-src 'none'/);
      assert.doesNotThrow(() => JSON.parse(text));
      assert.ok(text.startsWith("{"), "no callback around it");
    }
  }
  figure({ id: "F7", what: "payloads", value: PAYLOADS.length, unit: "", atLeast: 100 });
});

test("F8: routes of plugins that throw anything or answer nonsense are 500, and told once", async () => {
  const told: string[] = [];
  const odd: Record<string, () => unknown> = {
    error: () => {
      throw new Error("x");
    },
    text: () => {
      throw "text";
    },
    nothing: () => {
      throw undefined;
    },
    late: () => Promise.reject(new Error("x")),
    none: () => undefined,
    number: () => 7,
    promise: () => Promise.resolve(null),
  };
  const { createHttpHandler } = await import("../../src/http/mod.ts");
  const { server } = httpApp();
  const plugin = definePlugin({
    name: "odd",
    routes(app) {
      for (const [name, act] of Object.entries(odd)) app.get(`/${name}`, act as () => Response);
    },
  });
  const { handler } = createHttpHandler({
    server,
    host: "127.0.0.1",
    plugins: [plugin],
    onError: (_error, route) => told.push(route),
  });
  for (const name of Object.keys(odd)) {
    const request = new Request(`http://127.0.0.1/plugins/odd/${name}`);
    const response = await handler(request, LOCAL);
    const text = await response.text();
    assert.ok([500, 404].includes(response.status), `${name}: ${response.status} ${text}`);
    assert.match(text, /"(internal|not-found)"/, name);
  }
  assert.ok(told.length >= 6, told.join());
});

/** Resident memory of a process (MiB); Linux only, 0 elsewhere. */
function residentMiB(pid: number): number {
  try {
    const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
    return Number(kib) / 1024;
  } catch {
    return 0;
  }
}

test("F8: a real server refuses what is too large, too much or too slow, and stays as it is", async () => {
  await using server = await startServer(["--http-timeout-ms", "300"]);
  const { httpPort: port } = server;
  assert.equal((await server.api("/health")).status, 200);
  const before = residentMiB(server.pid);
  const type = "Content-Type: application/json";
  const megabyte = "0".repeat(1024 * 1024);
  const chunk = `100000\r\n${megabyte}\r\n`;
  const many = Array.from({ length: 10_000 }, (_, index) => `X-${index}: 1`);
  const requests: [what: string, parts: string[], pauseMs?: number][] = [
    ["10,000 headers", [head("GET /health", ...many)]],
    ["a header of 1 MiB", [head("GET /health", `X-A: ${megabyte}`)]],
    ["a URL of 1 MiB", [head(`GET /${megabyte}`)]],
    ["a URL of 60 KiB", [head(`GET /streams?a=${"b".repeat(60_000)}`)]],
    ["a declared body of 1 TiB", [head("POST /streams", type, "Content-Length: 1099511627776")]],
    ["a chunked body of 20 MiB", [
      head("POST /streams", type, "Transfer-Encoding: chunked"),
      ...Array(20).fill(chunk),
    ]],
    ["a negative length", [head("POST /streams", type, "Content-Length: -1")]],
    ["two lengths", [head("POST /streams", type, "Content-Length: 1", "Content-Length: 2"), "11"]],
    [
      "a body in drips",
      [head("POST /streams", type, "Content-Length: 100"), ..."{".repeat(20)],
      50,
    ],
    ["a request that is none", ["\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n"]],
  ];
  for (const [what, parts, pauseMs] of requests) {
    const { status } = await rawHttp(port, parts, pauseMs);
    const refused = status === undefined || (status >= 400 && status < 500);
    assert.ok(refused, `${what}: ${status}`);
    assert.equal((await server.api("/health")).status, 200, what);
  }
  const grown = Math.max(0, residentMiB(server.pid) - before);
  const unit = "MiB";
  figure({
    id: "F8",
    what: "memory after 30 MiB of refused requests",
    value: grown,
    unit,
    atMost: 64,
  });
  server.assertHealthy();
});
