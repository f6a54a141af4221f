/** Which web pages may play, and what their browsers are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MEDIA_ORIGIN,
  MediaOrigins,
  preflight,
  wrongMethod,
} from "../../src/service/media_origins.ts";

const ASKED = "http://media.example:8080";

function asked(origin: string | undefined, base = ASKED): Request {
  const request = new Request(`${base}/live/demo.flv`);
  if (origin !== undefined) request.headers.set("Origin", origin);
  return request;
}

/** What pages of `origin` are told: the value of `Access-Control-Allow-Origin`, or that they may not. */
function told(allowed: readonly string[], origin?: string, base?: string, host = "0.0.0.0") {
  const headers = new MediaOrigins(allowed, host).headers(asked(origin, base));
  return headers === undefined ? "refused" : headers["Access-Control-Allow-Origin"];
}

test("by default every page may play, and read how long it took", () => {
  const headers = new MediaOrigins(["*"], "127.0.0.1").headers(asked("https://a.example"))!;
  assert.equal(headers["Access-Control-Allow-Origin"], "*");
  assert.equal(headers["Timing-Allow-Origin"], "*");
  assert.equal(headers["Cross-Origin-Resource-Policy"], "cross-origin");
  assert.match(headers["Access-Control-Expose-Headers"]!, /Retry-After/);
  assert.equal(told(["https://b.example", "*"], "null"), "*");
});

test("with a list only its pages may, and the server's own", () => {
  const list = ["https://a.example", "http://b.example:3000", "https://*.c.example"];
  for (
    const origin of [
      "https://a.example",
      "http://b.example:3000",
      "https://www.c.example",
      "https://x.y.c.example",
      "http://media.example:8080",
      // Behind a proxy that takes TLS off.
      "https://media.example:8080",
    ]
  ) assert.equal(told(list, origin), origin);
  for (
    const origin of [
      "http://a.example",
      "https://a.example:444",
      "https://c.example",
      "https://evilc.example",
      "http://www.c.example",
      "http://b.example",
      "https://a.example.evil.example",
      "null",
      "",
      "a.example",
    ]
  ) assert.equal(told(list, origin), "refused", origin);
  assert.equal(told(list), undefined, "a player that is no page");
  assert.deepEqual(new MediaOrigins(list, "::").headers(asked(undefined)), { Vary: "Origin" });
  assert.equal(told(["https://a.example:443"], "https://a.example"), "https://a.example");
});

test("one page of a list is told what it may read, by its own name", () => {
  const origins = new MediaOrigins(["https://a.example"], "::");
  const headers = origins.headers(asked("https://a.example"))!;
  assert.deepEqual(Object.entries(headers), [
    ["Access-Control-Allow-Origin", "https://a.example"],
    [
      "Access-Control-Expose-Headers",
      "Content-Length, Content-Range, Date, ETag, Retry-After",
    ],
    ["Timing-Allow-Origin", "https://a.example"],
    ["Vary", "Origin"],
  ]);
  assert.equal(origins.always, undefined);
  assert.equal(new MediaOrigins(["*"], "::").always?.["Timing-Allow-Origin"], "*");
});

test("an empty list leaves the server's own pages", () => {
  assert.equal(told([], ASKED), ASKED);
  assert.equal(told([], "https://a.example"), "refused");
});

test("a name that somebody else points at this machine is not at home there", () => {
  const base = "http://rebound.example:8080";
  assert.equal(told([], base, base, "127.0.0.1"), "refused");
  assert.equal(told([], undefined, base, "localhost"), "refused");
  assert.equal(told([base], base, base, "127.0.0.1"), base);
  for (const home of ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"]) {
    assert.equal(told([], home, home, "127.0.0.1"), home);
  }
});

test("a preflight is told methods and headers, and a wrong method which are right", () => {
  const headers = new MediaOrigins(["*"], "::").headers(asked("https://a.example"))!;
  const answer = preflight(headers);
  assert.equal(answer.status, 204);
  assert.equal(answer.headers.get("Access-Control-Allow-Origin"), "*");
  assert.equal(answer.headers.get("Access-Control-Allow-Methods"), "GET, HEAD, OPTIONS");
  assert.match(answer.headers.get("Access-Control-Allow-Headers")!, /\bRange\b/);
  assert.equal(answer.headers.get("Access-Control-Max-Age"), "7200", "what Chrome keeps at most");
  const wrong = wrongMethod(headers);
  assert.deepEqual([wrong.status, wrong.headers.get("Allow")], [405, "GET, HEAD, OPTIONS"]);
});

test("the setting takes origins, and nothing that only looks like one", () => {
  const right = ["*", "https://a", "http://a.b:80", "https://*.a.example", "http://[::1]:3000"];
  assert.deepEqual(right.filter((entry) => !MEDIA_ORIGIN.test(entry)), []);
  for (const entry of right.slice(1)) new MediaOrigins([entry], "::");
  const wrong = [
    "",
    "a.example",
    "https://a/",
    "https://a/b",
    "ftp://a",
    "https://u@a",
    "https://*",
  ];
  assert.deepEqual(wrong.filter((entry) => MEDIA_ORIGIN.test(entry)), []);
});
