import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, httpApp, REMOTE } from "../support/http_app.ts";

test("health is 200 while the server serves, even degraded, and 503 once it drains", async () => {
  const { ask, server } = httpApp();
  for (const [status, code] of [["ok", 200], ["degraded", 200], ["draining", 503]] as const) {
    server.status = status;
    const response = await ask("/health");
    assert.equal(response.status, code);
    assert.deepEqual(await response.json(), server.health());
  }
});

test("whether it is ready is told to anybody, and nothing else is", async () => {
  for (const options of [{}, { apiToken: "0123456789abcdef" }]) {
    const { ask, server } = httpApp(options);
    const headers = { Host: "sluice.example", "X-Forwarded-For": "192.0.2.1" };
    for (const [status, code] of [["ok", 204], ["degraded", 204], ["draining", 503]] as const) {
      server.status = status;
      const response = await ask("/health/ready", { headers, remote: REMOTE });
      assert.deepEqual([response.status, await response.text()], [code, ""]);
    }
    await assertError(await ask("/health/ready", { method: "POST" }), 405, "method-not-allowed");
    assert.ok((await ask("/health", { headers, remote: REMOTE })).status > 400);
  }
});
