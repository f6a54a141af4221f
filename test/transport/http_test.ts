/** The contract of `serveHttp`, proved on whichever runtime runs this file. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ListenError } from "../../src/ports.ts";
import { loadRuntime } from "../../src/transport/runtime.ts";

test("a request is answered, its peer's address is known, and close ends the server", async () => {
  const runtime = await loadRuntime();
  const server = await runtime.serveHttp(
    { hostname: "127.0.0.1", port: 0 },
    (request, remote) =>
      Response.json({ path: new URL(request.url).pathname, hostname: remote.hostname }),
  );
  const url = `http://127.0.0.1:${server.address.port}/x`;
  assert.deepEqual(await (await fetch(url)).json(), { path: "/x", hostname: "127.0.0.1" });
  await server.close();
  await assert.rejects(fetch(url));
});

test("a handler that throws answers 500 and the server goes on", async () => {
  const runtime = await loadRuntime();
  let calls = 0;
  const server = await runtime.serveHttp({ hostname: "127.0.0.1", port: 0 }, () => {
    if (calls++ === 0) throw new Error("x");
    return new Response("fine");
  });
  const url = `http://127.0.0.1:${server.address.port}/`;
  const bad = await fetch(url);
  assert.equal(bad.status, 500);
  await bad.body?.cancel();
  assert.equal(await (await fetch(url)).text(), "fine");
  await server.close();
});

test("a port in use is a ListenError", async () => {
  const runtime = await loadRuntime();
  const taken = await runtime.listenTcp({ hostname: "127.0.0.1", port: 0 }, () => {});
  await assert.rejects(
    runtime.serveHttp({ hostname: "127.0.0.1", port: taken.address.port }, () => new Response()),
    (error) => error instanceof ListenError && error.reason === "in-use",
  );
  taken.close();
});
