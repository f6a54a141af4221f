/** The API at a socket of the file system, with no more rights than it takes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { askLocal } from "../support/local_socket.ts";
import { startProgram, startServer } from "../support/server.ts";

test("the API answers at a socket to whom its rights let, and a server that was killed is in no way", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-socket-"));
  const path = join(folder, "http.sock");
  try {
    const args = ["--http-socket", path];
    const flags = [
      `--allow-net=127.0.0.1:0,unix:${path},unix:${path}.new`,
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
    ];
    await using first = await startServer(args, {}, flags);
    const { properties } = await first.waitForLog("listening");
    assert.equal(properties.socket, path);
    const headers = { Host: "localhost" };
    const health = await askLocal(path, "/health", { headers });
    assert.deepEqual([health.status, JSON.parse(health.text).status], [200, "ok"]);
    // A web page that was led to a proxy, and a proxy that nobody trusts, are told no.
    for (
      const more of [{ Host: "evil.example" }, { Host: "localhost", "X-Forwarded-For": "::1" }]
    ) {
      assert.equal((await askLocal(path, "/streams", { headers: more })).status, 403);
    }

    await using second = startProgram(["--rtmp-port", "0", "--http-port", "0", ...args]);
    const { code, stderr } = await second.ended();
    assert.equal(code, 75);
    assert.match(stderr, /^sluice: unix:\S+http\.sock is in use: .* \(--http-socket\)\.\n$/);

    await first.kill();
    await using third = await startServer(args);
    assert.equal((await askLocal(path, "/health", { headers })).status, 200);
    assert.equal((await third.stop()).code, 0);
    await assert.rejects(askLocal(path, "/health", { headers }), /ENOENT|Failed/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
