/** Clients with types, over the app without a port. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { apiClient } from "../../../src/http/mod.ts";
import { httpApp, LOCAL } from "../../support/http_app.ts";
import { relayView, streamView } from "../../support/server_view.ts";

test("a client knows routes, parameters, bodies and answers by their types", async () => {
  const { app, server } = httpApp({ apiToken: "t0ken" });
  server.streams = [streamView("live", "cam"), streamView("live/hd", "x")];
  server.relays = [relayView("r1")];
  const ask = (input: string | URL | Request, init?: RequestInit) =>
    Promise.resolve(app.request(input, init, { remote: LOCAL }));
  const api = apiClient("http://127.0.0.1:8080/", "t0ken", ask as typeof fetch);

  const listed = await api.streams.$get({ query: { limit: "1" } });
  const { streams, total } = await listed.json();
  assert.deepEqual([streams[0]!.name, streams[0]!.video!.width, total], ["cam", 1920, 2]);
  const shown = await api.streams[":app"][":name"].$get({ param: { app: "live/hd", name: "x" } });
  assert.equal((await shown.json()).players, 2);
  const made = await api.relays.$post({
    json: { app: "live", name: "cam", url: "rtmp://a.example/b/c" },
  });
  assert.equal(made.status, 201);
  assert.equal((await api.relays[":id"].$delete({ param: { id: "r1" } })).status, 204);
  // @ts-expect-error there is no such route
  assert.ok(api.nowhere);
});
