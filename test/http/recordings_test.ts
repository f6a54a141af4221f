import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordingView } from "../../src/http/mod.ts";
import { assertError, httpApp } from "../support/http_app.ts";
import { streamView } from "../support/server_view.ts";

const FINISHED: RecordingView = {
  ...{ file: "live/a/1.flv", format: "flv", state: "finished", bytes: 9, durationMs: null },
  changedAt: "2026-11-26T00:00:00.000Z",
  ...{ app: null, name: null, source: null, omittedFrames: null },
};
const UNDER_WAY: RecordingView = {
  ...{ file: "live/a/2.flv", format: "flv", state: "recording", bytes: 9, durationMs: 40 },
  ...{ changedAt: null, app: "live", name: "a", source: "api", omittedFrames: 0 },
};

test("recordings are listed by pages, all or those of a stream", async () => {
  const { ask, server } = httpApp();
  server.recordings = [UNDER_WAY, FINISHED];
  assert.deepEqual(await (await ask("/recordings?limit=1&offset=1")).json(), {
    recordings: [FINISHED],
    total: 2,
  });
  assert.equal((await ask("/recordings/live/room/a")).status, 200);
  assert.deepEqual(server.asked.at(-1), ["list", { app: "live/room", name: "a" }]);
  await assertError(await ask("/recordings?limit=0"), 400, "bad-request");
  await assertError(await ask("/recordings/live/a?limit=x"), 400, "bad-request");
});

test("POST records a live stream, as its body says, once", async () => {
  const { ask, server } = httpApp();
  server.streams = [streamView("live", "a"), streamView("live", "b")];
  server.recordings = [UNDER_WAY];
  const post = (path: string, json?: unknown) => ask(path, { method: "POST", json });
  const how = { format: ["flv", "mp4"], file: "{date}", segmentMs: 60_000, segmentBytes: 0 };
  const response = await post("/recordings/live/b", how);
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), { app: "live", name: "b" });
  assert.deepEqual(server.asked.at(-1), ["record", "live", "b", how]);
  assert.equal((await post("/recordings/live/b")).status, 201);
  assert.deepEqual(server.asked.at(-1), ["record", "live", "b", {}]);
  await assertError(await post("/recordings/live/a", {}), 409, "conflict");
  await assertError(await post("/recordings/live/c", {}), 404, "not-found");
  const wrong = [
    ...[{ format: "avi" }, { format: [] }, { file: "../x" }, { file: "{secret}" }, {
      segmentMs: -1,
    }],
    ...[{ segmentBytes: 1.5 }, { segmentMs: 1e12 }, { keep: 1 }, []],
  ];
  for (const json of wrong) {
    await assertError(await post("/recordings/live/b", json), 400, "bad-request");
  }
});

test("DELETE ends a recording, or with a file removes that", async () => {
  const { ask, server } = httpApp();
  server.recordings = [UNDER_WAY, FINISHED];
  const remove = (path: string) => ask(path, { method: "DELETE" });
  assert.equal((await remove("/recordings/live/a")).status, 204);
  await assertError(await remove("/recordings/live/b"), 404, "not-found");
  assert.equal((await remove("/recordings?file=live/a/1.flv")).status, 204);
  await assertError(await remove("/recordings?file=live/a/2.flv"), 409, "conflict");
  await assertError(await remove("/recordings?file=live/a/3.flv"), 404, "not-found");
  await assertError(await remove("/recordings"), 400, "bad-request");
  await assertError(await remove(`/recordings?file=${"x".repeat(3000)}`), 400, "bad-request");
});

test("without a folder of recordings each request says so, and without the token none is answered", async () => {
  const { ask, server } = httpApp();
  server.recordings = undefined;
  for (
    const [path, method] of [
      ["/recordings", "GET"],
      ["/recordings/live/a", "POST"],
      ["/recordings?file=a.flv", "DELETE"],
    ] as const
  ) {
    const message = await assertError(await ask(path, { method }), 409, "conflict");
    assert.match(message, /record\.folder/);
    const guarded = httpApp({ apiToken: "0123456789abcdef" });
    await assertError(await guarded.ask(path, { method }), 401, "unauthorized");
  }
});

test("every path of recordings names the methods that it has", async () => {
  const { ask } = httpApp();
  for (
    const [path, allow] of [
      ["/recordings", "GET, DELETE, HEAD"],
      ["/recordings/live/a", "GET, POST, DELETE, HEAD"],
    ] as const
  ) {
    const response = await ask(path, { method: "PUT" });
    assert.equal(response.headers.get("Allow"), allow);
    await assertError(response, 405, "method-not-allowed");
  }
});
