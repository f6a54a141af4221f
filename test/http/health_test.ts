import assert from "node:assert/strict";
import { test } from "node:test";
import { httpApp } from "../support/http_app.ts";

test("health is 200 while the server serves, even degraded, and 503 once it drains", async () => {
  const { ask, server } = httpApp();
  for (const [status, code] of [["ok", 200], ["degraded", 200], ["draining", 503]] as const) {
    server.status = status;
    const response = await ask("/health");
    assert.equal(response.status, code);
    assert.deepEqual(await response.json(), server.health());
  }
});
