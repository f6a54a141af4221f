/** Where the control API and plugins answer, and nothing else does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isApiPath } from "../../src/service/api_paths.ts";

test("what the control API and plugins answer at is theirs, with all below it that they have", () => {
  for (const folder of ["plugins", "recordings", "sessions", "streams"]) {
    for (const path of [`/${folder}`, `/${folder}/`, `/${folder}/live/demo.flv`]) {
      assert.ok(isApiPath(path), path);
    }
  }
  for (const path of ["/api/v1", "/api/v1/", "/api/v1/streams/live/demo"]) {
    assert.ok(isApiPath(path));
  }
  for (const path of ["/events", "/metrics", "/openapi.json", "/stat"]) {
    assert.ok(isApiPath(path), path);
  }
  assert.ok(isApiPath("/health"));
});

test("all else may be a stream, what begins in the same way included", () => {
  for (
    const path of [
      ...["/", "/live/demo", "/streams.flv", "/streams2/x", "/live/streams", "/~/x"],
      ...["/events/demo.flv", "/health/demo", "/recording/x", "/api/v2", "/api/v10/x", "/api"],
    ]
  ) assert.equal(isApiPath(path), false, path);
});
