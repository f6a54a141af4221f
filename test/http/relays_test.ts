/** `/relays` of the API. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertError, httpApp } from "../support/http_app.ts";
import { relayView } from "../support/server_view.ts";

test("relays are listed by pages", async () => {
  const { ask, server } = httpApp();
  server.relays = ["a", "b", "c"].map((id) => relayView(id));
  const response = await ask("/relays?limit=1&offset=1");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { relays: [relayView("b")], total: 3 });
  await assertError(await ask("/relays?limit=0"), 400, "bad-request");
});

test("POST pushes a stream, as its body says, as long as there is room", async () => {
  const { ask, server } = httpApp();
  const post = (json: unknown) => ask("/relays", { method: "POST", json });
  const wish = { url: "rtmp://relay.example/in/{name}", video: 1, metadata: false };
  const response = await post({ app: "live", name: "cam", ...wish });
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), relayView("b1"));
  assert.deepEqual(server.asked.at(-1), ["relay", "live", "cam", wish]);
  const { length } = server.asked;
  for (
    const wrong of [
      { app: "live", name: "cam" },
      { app: "a".repeat(513), name: "cam", ...wish },
      { app: "live", name: "", ...wish },
      { app: "live", name: "a b", ...wish },
      { app: "live", name: "cam", url: "http://h/a/b" },
      { app: "live", name: "cam", ...wish, more: 1 },
      [],
    ]
  ) await assertError(await post(wrong), 400, "bad-request");
  assert.equal(server.asked.length, length);
  assert.equal((await post({ app: "a".repeat(512), name: "cam", ...wish })).status, 201);
  await assertError(await post({ app: "live", name: "cam", ...wish }), 503, "busy");
  server.startRelay = () => "Cannot use a URL that is none";
  const why = await assertError(
    await post({ app: "live", name: "cam", ...wish }),
    400,
    "bad-request",
  );
  assert.equal(why, "Cannot use a URL that is none");
});

test("DELETE ends one by its id", async () => {
  const { ask, server } = httpApp();
  server.relays = ["a", "b"].map((id) => relayView(id));
  const response = await ask("/relays/a", { method: "DELETE" });
  assert.deepEqual([response.status, await response.text()], [204, ""]);
  assert.deepEqual(server.relays.map(({ id }) => id), ["b"]);
  await assertError(await ask("/relays/a", { method: "DELETE" }), 404, "not-found");
});

test("other methods are told which there are", async () => {
  const { ask } = httpApp();
  for (const [path, method, allow] of [["/relays", "PUT", "GET"], ["/relays/a", "GET", "DELETE"]]) {
    const response = await ask(path!, { method: method! });
    assert.match(response.headers.get("Allow") ?? "", new RegExp(allow!));
    await assertError(response, 405, "method-not-allowed");
  }
});
