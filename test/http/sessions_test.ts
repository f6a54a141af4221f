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

test("POST reconnect asks one client, or all that follow, and says what came of it", async () => {
  const { ask, server } = httpApp();
  const enhanced = {
    fourCcList: null,
    videoFourCcInfoMap: {},
    audioFourCcInfoMap: {},
    capsEx: 1,
    videoFunction: 0,
  };
  server.sessions = [{ ...sessionView("a"), enhanced }, sessionView("b")];
  const post = (path: string, json: unknown) => ask(`/sessions/${path}`, { method: "POST", json });
  const url = "rtmp://other.example/live";
  assert.equal((await post("a/reconnect", { url })).status, 204);
  await assertError(await post("b/reconnect", {}), 409, "conflict");
  await assertError(await post("c/reconnect", {}), 404, "not-found");
  assert.deepEqual(await (await post("reconnect", { url })).json(), { asked: 2 });
  assert.deepEqual(server.asked, [
    ["reconnect", "a", url],
    ["reconnect", "b", undefined],
    ["reconnect", "c", undefined],
    ["reconnect", url],
  ]);
  for (const wrong of [{ url: "http://a/b" }, { url: 5 }, { uri: url }, []]) {
    await assertError(await post("a/reconnect", wrong), 400, "bad-request");
    await assertError(await post("reconnect", wrong), 400, "bad-request");
  }
});

test("every path of sessions names the methods that it has", async () => {
  const { ask } = httpApp();
  const cases = [
    ["/sessions", "GET, HEAD"],
    ["/sessions/reconnect", "POST"],
    ["/sessions/s1", "DELETE"],
    ["/sessions/s1/call", "POST"],
    ["/sessions/s1/reconnect", "POST"],
  ] as const;
  for (const [path, allow] of cases) {
    const response = await ask(path, { method: "PUT" });
    assert.equal(response.headers.get("Allow"), allow, path);
    await assertError(response, 405, "method-not-allowed");
  }
});
