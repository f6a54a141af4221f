/** What is told of changes, and what is not. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { ApiChange } from "../../src/http/mod.ts";
import { httpApp } from "../support/http_app.ts";
import { streamView } from "../support/server_view.ts";

test("every change is told with whose token it was, and no question is", async () => {
  const changes: ApiChange[] = [];
  const sha256 = createHash("sha256").update("c0ntrol").digest("hex");
  const { ask, server } = httpApp({
    apiTokens: [{ name: "ops", role: "control", sha256 }],
    onChange: (change) => changes.push(change),
  });
  server.streams = [streamView("live", "cam")];
  const headers = { Authorization: "Bearer c0ntrol" };
  await ask("/streams", { headers });
  await ask("/api/v1/streams/live/cam?token=s3cret", { method: "DELETE", headers });
  await ask("/streams/live/k3y", { method: "DELETE", headers });
  await ask("/relays", {
    ...{ method: "POST", headers },
    json: { app: "live", name: "cam", url: "rtmp://a.example/in/s3cret" },
  });
  await ask("/recordings?file=live%2Fa.flv", { method: "DELETE", headers });
  const by = { caller: "ops", address: "127.0.0.1" };
  assert.deepEqual(changes, [
    { ...by, method: "DELETE", path: "/api/v1/streams/live/cam", status: 204 },
    // What nobody published may be a key.
    { ...by, method: "DELETE", path: "/streams/:path{.+}", status: 404 },
    { ...by, method: "POST", path: "/relays", status: 201 },
    { ...by, method: "DELETE", path: "/recordings", status: 404 },
  ]);
});

test("without tokens it is this machine that changes things", async () => {
  const changes: ApiChange[] = [];
  const { ask } = httpApp({ onChange: (change) => changes.push(change) });
  await ask("/sessions/reconnect", { method: "POST", json: {} });
  assert.deepEqual(changes.map(({ caller, status }) => [caller, status]), [["local", 200]]);
});
