import assert from "node:assert/strict";
import { test } from "node:test";
import { HTTPException } from "hono/http-exception";
import { bareFailure } from "../../src/http/error.ts";
import { definePlugin } from "../../src/plugin/mod.ts";
import { assertError, httpApp } from "../support/http_app.ts";

/** A plugin whose route throws what it is told to. */
function thrower(thrown: unknown) {
  return definePlugin({
    name: "p",
    routes: (app) =>
      void app.get("/:key", () => {
        throw thrown;
      }),
  });
}

test("an answer that is made without a request has the form of all errors, and is not stored", async () => {
  const response = bareFailure();
  assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
  assert.equal(response.headers.get("Cache-Control"), "no-store");
  assert.equal(await assertError(response, 500, "internal"), "The server failed to answer");
});

test("what a plugin refuses keeps its status, with the code that the status has here", async () => {
  const cases = [
    [400, "bad-request"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not-found"],
    [413, "too-large"],
    // None of ours.
    [418, "bad-request"],
    [499, "bad-request"],
  ] as const;
  for (const [status, code] of cases) {
    const error = new HTTPException(status as 400, { message: "Not you" });
    const { ask, errors } = httpApp({ plugins: [thrower(error)] });
    const response = await ask("/plugins/p/x");
    assert.equal(await assertError(response, status, code), "Not you");
    assert.deepEqual(errors, []);
  }
});

test("an exception of 500 and more is a fault: told to the log, and not to the client", async () => {
  for (const status of [500, 503] as const) {
    const error = new HTTPException(status, { message: "hunter2" });
    const { ask, errors } = httpApp({ plugins: [thrower(error)] });
    const message = await assertError(await ask("/plugins/p/x"), 500, "internal");
    assert.equal(message, "The server failed to answer");
    assert.deepEqual(errors, [[error, "/plugins/p/:key"]]);
  }
});
