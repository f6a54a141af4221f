import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, httpApp } from "../support/http_app.ts";
import { sessionView } from "../support/server_view.ts";

test("the list of sessions is a page and a total", async () => {
  const { ask, server } = httpApp();
  server.sessions = ["a", "b", "c"].map(sessionView);
  assert.deepEqual(await (await ask("/sessions?limit=1&offset=1")).json(), {
    sessions: [sessionView("b")],
    total: 3,
  });
});

test("DELETE closes the session it names, once", async () => {
  const { ask, server } = httpApp();
  server.sessions = ["a", "b"].map(sessionView);
  assert.equal((await ask("/sessions/a", { method: "DELETE" })).status, 204);
  await assertError(await ask("/sessions/a", { method: "DELETE" }), 404, "not-found");
  await assertError(await ask("/sessions/__proto__", { method: "DELETE" }), 404, "not-found");
  assert.deepEqual(server.sessions, [sessionView("b")]);
});
