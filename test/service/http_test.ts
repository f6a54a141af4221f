/** Clients that come over HTTP: what plugins are told of them, and how they are refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { httpContext } from "../../src/service/http_client.ts";
import { httpRefusal } from "../../src/service/http_refusal.ts";

const REMOTE = { hostname: "192.0.2.7", port: 5 };

test("plugins are told what a client of HTTP says of itself, and nothing where it says nothing", () => {
  const query = new URLSearchParams("a=1");
  const of = (url: string, headers: Record<string, string>) =>
    httpContext("id", "http-flv", new Request(url, { headers }), REMOTE, "live", query);
  const { http, ...all } = of("https://host.test/live/demo.flv?a=1", {
    "User-Agent": "VLC/3",
    Authorization: "Basic eA==",
  });
  assert.deepEqual(all, {
    sessionId: "id",
    client: { protocol: "http-flv", secure: true, address: REMOTE, agent: "VLC/3" },
    app: "live",
    query,
  });
  assert.deepEqual(http, {
    url: "https://host.test/live/demo.flv?a=1",
    referer: undefined,
    authorization: "Basic eA==",
  });
  const silent = of("http://host.test/x", {});
  assert.deepEqual([silent.client.agent, silent.client.secure], ["", false]);
  assert.equal(silent.http!.authorization, undefined);
  // A request that is made here may not have one: only a server's can.
  const request = { headers: new Headers({ Referer: "http://page.test/" }), url: "http://x/" };
  const page = httpContext("id", "hls", request as Request, REMOTE, "", query);
  assert.equal(page.http!.referer, "http://page.test/");
});

test("a refusal has its code and words, asks for a login by 401, and says of 503 when to come again", () => {
  const { status, headers, text } = httpRefusal("odd", 400, "Why.", { Vary: "Origin" });
  assert.equal(status, 400);
  assert.deepEqual(headers, {
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    Vary: "Origin",
  });
  assert.deepEqual(JSON.parse(text), { error: { code: "odd", message: "Why." } });
  const login = httpRefusal("login", 401, "").headers["WWW-Authenticate"];
  assert.equal(login, 'Basic realm="Sluice", charset="UTF-8"');
  assert.equal(httpRefusal("full", 503, "").headers["Retry-After"], "5");
  assert.equal(httpRefusal("late", 503, "", {}, 1).headers["Retry-After"], "1");
  assert.equal(httpRefusal("early", 404, "", {}, 2).headers["Retry-After"], "2");
});
