import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { jsonBody, shortUrl } from "../../src/http/body.ts";
import { FakeClock } from "../support/clock.ts";
import { assertError } from "../support/http_app.ts";

// Stated here, and not taken from the code: a limit that moves by itself is a mistake.
const MAX_URL_LENGTH = 8192;

const JSON_TYPE = { "Content-Type": "application/json" };
const LIMITS = { bytes: 20, ms: 1000 };

/** An app whose only route answers with the body that it is given. */
function echo(clock?: FakeClock) {
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    c.header("X-Content-Type-Options", "nosniff");
  });
  app.use(shortUrl, jsonBody(LIMITS, clock));
  // As handlers do: no body is one that cannot be read as JSON.
  app.all(
    "/*",
    (c) => c.req.json().then((body) => c.text(JSON.stringify(body)), () => c.text("none")),
  );
  return app;
}

/** What the app answers to a POST. */
async function post(
  body: Uint8Array<ArrayBuffer> | ReadableStream | string | undefined,
  headers: Record<string, string> = JSON_TYPE,
) {
  const request = { method: "POST", headers, body, duplex: "half" };
  return await echo().request("http://127.0.0.1/", request as RequestInit);
}

test("a JSON body reaches its handler, in any spelling of its type", async () => {
  for (
    const type of [
      "application/json",
      "Application/JSON",
      "application/json; charset=utf-8",
      'application/json ;charset="UTF-8"',
    ]
  ) assert.equal(await (await post(`{"a":1}`, { "Content-Type": type })).text(), `{"a":1}`);
  const plain = { ...JSON_TYPE, "Content-Encoding": "Identity" };
  assert.equal(await (await post(`[1]`, plain)).text(), "[1]");
});

test("what a page can send without asking, and what is compressed, is refused", async () => {
  for (
    const headers of [
      { "Content-Type": "text/plain" },
      { "Content-Type": "application/x-www-form-urlencoded" },
      { "Content-Type": "application/json; charset=latin1" },
      { "Content-Type": "xapplication/json" },
      { "Content-Type": "application/jsonx" },
      { ...JSON_TYPE, "Content-Encoding": "gzip" },
      { ...JSON_TYPE, "Content-Encoding": "identity, gzip" },
    ]
  ) await assertError(await post(`{"a":1}`, headers), 415, "unsupported-media-type");
  // A form is one without a body too.
  await assertError(
    await post(undefined, { "Content-Type": "text/plain" }),
    415,
    "unsupported-media-type",
  );
  const bytes = new TextEncoder().encode(`{"a":1}`);
  await assertError(await post(bytes, {}), 415, "unsupported-media-type");
});

test("no body is none, whether or not its type is said", async () => {
  for (const headers of [{}, JSON_TYPE]) {
    assert.equal(await (await post(undefined, headers)).text(), "none");
    assert.equal(await (await post(new Uint8Array(0), headers)).text(), "none");
  }
});

test("a body may be as large as the limit, by what it says and by what comes", async () => {
  const text = (length: number) => `"${"x".repeat(length - 2)}"`;
  /** In pieces, with a length that it says or none. */
  const stream = (whole: string) =>
    new ReadableStream({
      start(controller) {
        for (const letter of whole) controller.enqueue(new TextEncoder().encode(letter));
        controller.close();
      },
    });
  assert.equal(await (await post(text(20))).text(), text(20));
  assert.equal(await (await post(stream(text(20)))).text(), text(20));
  await assertError(await post(text(21)), 413, "too-large");
  await assertError(await post(stream(text(21))), 413, "too-large");
  const said = { ...JSON_TYPE, "Content-Length": "21" };
  await assertError(await post(stream("[]"), said), 413, "too-large");
  assert.equal(
    await (await post(stream("[]"), { ...JSON_TYPE, "Content-Length": "20" })).text(),
    "[]",
  );
});

test("a letter may be cut in two, but what is no UTF-8 is no body", async () => {
  const bytes = new TextEncoder().encode(`"é€"`);
  const stream = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });
  assert.equal(await (await post(stream)).text(), `"é€"`);
  for (const bad of [Uint8Array.of(0x22, 0xff, 0x22), Uint8Array.of(0x22, 0xc3)]) {
    const message = await assertError(await post(bad), 400, "bad-request");
    assert.equal(message, "The body cannot be read");
  }
});

test("a body that is no JSON is told why", async () => {
  assert.equal(await assertError(await post("{"), 400, "bad-request"), "The body is not JSON");
  const twice = await assertError(await post(`{"a":1,"a":2}`), 400, "bad-request");
  assert.equal(twice, "The body gives a key twice");
});

test("a body that does not come in time is given up, one that does leaves no timer behind", async () => {
  const clock = new FakeClock();
  const app = echo(clock);
  let cancelled = false;
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("[")),
    cancel: () => void (cancelled = true),
  });
  const request = { method: "POST", headers: JSON_TYPE, body, duplex: "half" };
  let answer: Response | undefined;
  const asked = Promise.resolve(app.request("http://127.0.0.1/", request as RequestInit))
    .then((response) => answer = response);
  while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve));
  clock.advance(999);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(answer, undefined);
  clock.advance(1);
  await assertError(await asked, 408, "timeout");
  assert.equal(cancelled, true);
  const whole = { method: "POST", headers: JSON_TYPE, body: "[]" };
  assert.equal(await (await app.request("http://127.0.0.1/", whole)).text(), "[]");
  assert.equal(clock.pending, 0);
});

test("a GET has no body that anybody looks at", async () => {
  for (const method of ["GET", "HEAD"]) {
    const headers = { "Content-Type": "text/plain" };
    assert.equal((await echo().request("http://127.0.0.1/", { method, headers })).status, 200);
  }
});

test("a URL may be 8192 long", async () => {
  assert.equal(MAX_URL_LENGTH, 8192);
  const start = "http://127.0.0.1/";
  const ask = (length: number) => echo().request(start + "x".repeat(length - start.length));
  assert.equal((await ask(8192)).status, 200);
  await assertError(await ask(8193), 414, "uri-too-long");
});
