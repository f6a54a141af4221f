/** What the control API sends to streams and clients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, httpApp } from "../support/http_app.ts";
import { sessionView, streamView } from "../support/server_view.ts";

test("data for a stream is handed on with its path, its values as they came", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live/eu", "cam"), streamView("live", "data")];
  const json = { handler: "onTextData", values: [{ text: "hi", __proto__: null }, 1, null] };
  const sent = await ask("/streams/live/eu/cam/data", { method: "POST", json });
  assert.deepEqual([sent.status, await sent.text()], [204, ""]);
  const bare = { handler: "onCuePoint", store: true };
  assert.equal((await ask("/streams/live/data/data", { method: "POST", json: bare })).status, 204);
  assert.deepEqual(server.asked, [
    ["live/eu", "cam", "onTextData", [{ text: "hi" }, 1, null], false],
    ["live", "data", "onCuePoint", [], true],
  ]);
  await assertError(await ask("/streams/a/b/data", { method: "POST", json }), 404, "not-found");
});

test("data that is none is a bad request that says what would be right", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live", "cam")];
  const bodies: [json: unknown, words: string][] = [
    [{}, "handler"],
    [{ handler: "" }, "handler"],
    [{ handler: "@setDataFrame" }, "handler"],
    [{ handler: "x".repeat(64) }, "handler"],
    [{ handler: 5 }, "handler"],
    [{ handler: "f", values: {} }, "values"],
    [{ handler: "f", store: 1 }, "store"],
    [{ handler: "f", other: 1 }, "none of handler, values, store"],
    [[], ""],
    [null, ""],
  ];
  for (const [json, words] of bodies) {
    const response = await ask("/streams/live/cam/data", { method: "POST", json });
    const message = await assertError(response, 400, "bad-request");
    assert.ok(message.includes(words), message);
  }
  const none = await ask("/streams/live/cam/data", { method: "POST" });
  await assertError(none, 400, "bad-request");
  server.sendData = () => "Cannot write this";
  const refused = await ask("/streams/live/cam/data", { method: "POST", json: { handler: "f" } });
  assert.equal(await assertError(refused, 400, "bad-request"), "Cannot write this");
});

test("a stream takes data only, and only by POST", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live", "cam")];
  const json = { handler: "f" };
  for (const path of ["live/cam", "data", "live/cam/other"]) {
    const response = await ask(`/streams/${path}`, { method: "POST", json });
    await assertError(response, 405, "method-not-allowed");
  }
  assert.deepEqual(server.asked, []);
});

test("a call of a client is answered with its answer", async () => {
  const { ask, server } = httpApp();
  server.sessions = [sessionView("s1")];
  const call = (json: unknown, id = "s1") => ask(`/sessions/${id}/call`, { method: "POST", json });
  for (const kind of ["result", "error"] as const) {
    server.answer = { kind, value: { a: 1 } };
    const response = await call({ method: "ask", args: [1, "two"] });
    assert.equal(response.status, 200);
    assert.deepEqual(await response.json(), { kind, value: { a: 1 } });
  }
  assert.deepEqual(server.asked[0], ["s1", "ask", [1, "two"], true]);
  const longest = "m".repeat(255);
  assert.equal((await call({ method: longest })).status, 200);
  assert.equal(server.asked.at(-1)?.[1], longest);
  server.answer = { kind: "sent" };
  assert.equal((await call({ method: "tell", answer: false })).status, 204);
  assert.deepEqual(server.asked.at(-1), ["s1", "tell", [], false]);
});

test("a call that gets no answer says why", async () => {
  const { ask, server } = httpApp();
  server.sessions = [sessionView("s1")];
  const call = (json: unknown, id = "s1") => ask(`/sessions/${id}/call`, { method: "POST", json });
  await assertError(await call({ method: "f" }, "s2"), 404, "not-found");
  server.answer = { kind: "gone" };
  await assertError(await call({ method: "f" }), 404, "not-found");
  server.answer = { kind: "busy" };
  await assertError(await call({ method: "f" }), 503, "busy");
  server.answer = { kind: "timeout" };
  await assertError(await call({ method: "f" }), 504, "no-answer");
  for (const json of [{}, { method: "" }, { method: "x".repeat(256) }, { method: "f", args: 1 }]) {
    await assertError(await call(json), 400, "bad-request");
  }
  server.callClient = () => "Cannot call this" as never;
  await assertError(await call({ method: "f" }), 400, "bad-request");
  await assertError(await ask("/sessions/s1/call"), 405, "method-not-allowed");
});
