import assert from "node:assert/strict";
import process from "node:process";
import { HTTPException } from "hono/http-exception";
import { test } from "node:test";
import { UsageError } from "../../src/core/errors.ts";
import { definePlugin, type Plugin } from "../../src/plugin/mod.ts";
import { assertError, httpApp, LOCAL, REMOTE } from "../support/http_app.ts";

const greeter = definePlugin({
  name: "greeter",
  routes(app) {
    app.get("/", (c) => c.text("root"));
    app.get("/hello/:who", (c) => c.text(`${c.req.param("who")} at ${c.env.remote.hostname}`));
    app.post("/hello", (c) => c.text("posted"));
    app.get("/fetched", () => Response.redirect("http://127.0.0.1/elsewhere"));
    app.get("/teapot", () => {
      throw new HTTPException(403, { message: "Not you" });
    });
    app.get("/broken", () => {
      throw new Error("password is hunter2");
    });
  },
});

test("what is not there is not found, as JSON", async () => {
  const { ask } = httpApp();
  for (
    const path of ["/", "/stream", "/streams/", "/sessions/", "/health/x", "/Streams", "//streams"]
  ) await assertError(await ask(path), 404, "not-found");
});

test("a method that a path does not have is answered with those it has", async () => {
  const { ask } = httpApp();
  const cases: [path: string, method: string, allow: string][] = [
    ["/streams", "POST", "GET, HEAD"],
    ["/streams", "DELETE", "GET, HEAD"],
    ["/streams/live/cam", "PUT", "GET, DELETE, HEAD"],
    ["/streams/live/cam", "OPTIONS", "GET, DELETE, HEAD"],
    ["/sessions", "PATCH", "GET, HEAD"],
    ["/sessions/s1", "GET", "DELETE"],
    ["/sessions/reconnect", "GET", "POST"],
    ["/sessions/s1/call", "GET", "POST"],
    ["/sessions/s1/reconnect", "GET", "POST"],
    ["/relays", "PUT", "GET, POST, HEAD"],
    ["/relays/a1", "GET", "DELETE"],
    ["/recordings", "PUT", "GET, DELETE, HEAD"],
    ["/recordings/live/cam", "PUT", "GET, POST, DELETE, HEAD"],
    ["/reload", "GET", "POST"],
    ["/health", "DELETE", "GET, HEAD"],
    ["/health/ready", "POST", "GET, HEAD"],
    ["/metrics", "POST", "GET, HEAD"],
    ["/stat", "POST", "GET, HEAD"],
    ["/openapi.json", "POST", "GET, HEAD"],
  ];
  for (const [path, method, allow] of cases) {
    const response = await ask(path, { method });
    assert.equal(response.headers.get("Allow"), allow);
    await assertError(response, 405, "method-not-allowed");
  }
});

test("a server that fails to answer says so without saying why, and tells the log", async () => {
  const error = new Error("password is hunter2");
  const { ask, server, errors } = httpApp();
  server.listStreams = () => {
    throw error;
  };
  const message = await assertError(await ask("/streams?key=secret"), 500, "internal");
  assert.ok(!message.includes("hunter2"));
  assert.deepEqual(errors, [[error, "/streams"]]);
});

test("answers of the control API are never stored nor sniffed", async () => {
  const { ask } = httpApp();
  for (const path of ["/streams", "/sessions", "/health", "/nowhere"]) {
    const { headers } = await ask(path);
    assert.equal(headers.get("Cache-Control"), "no-store");
    assert.equal(headers.get("X-Content-Type-Options"), "nosniff");
    assert.equal(
      headers.get("Content-Security-Policy"),
      "default-src 'none'; frame-ancestors 'none'; sandbox",
    );
  }
});

test("routes of a plugin are served under its name, and are told the peer", async () => {
  const { ask } = httpApp({ plugins: [{ name: "mute" }, greeter] });
  const text = async (path: string) => await (await ask(path)).text();
  assert.equal(await text("/plugins/greeter/hello/Ann"), "Ann at 127.0.0.1");
  assert.equal(await text("/plugins/greeter"), "root");
  await assertError(await ask("/plugins/greeter/nowhere"), 404, "not-found");
  await assertError(await ask("/plugins/mute"), 404, "not-found");
  await assertError(await ask("/hello/Ann"), 404, "not-found");
});

test("a plugin cannot take routes, middleware or errors of the control API over", async () => {
  const greedy: Plugin = {
    name: "greedy",
    routes(app) {
      app.use("*", (c) => Promise.resolve(c.text("mine")));
      app.all("/../../streams", (c) => c.text("mine"));
      app.notFound((c) => c.text("mine"));
      app.onError((_, c) => c.text("mine"));
    },
  };
  const { ask, server } = httpApp({ plugins: [greedy], apiToken: "t0ken" });
  server.health = () => {
    throw new Error("broken");
  };
  const headers = { Authorization: "Bearer t0ken" };
  await assertError(await ask("/plugins/greedy/any"), 401, "unauthorized");
  assert.equal(await (await ask("/plugins/greedy/any", { headers })).text(), "mine");
  await assertError(await ask("/streams"), 401, "unauthorized");
  assert.deepEqual(await (await ask("/streams", { headers })).json(), { streams: [], total: 0 });
  await assertError(await ask("/nowhere", { headers }), 404, "not-found");
  await assertError(await ask("/health", { headers }), 500, "internal");
});

test("a plugin whose routes are added later is refused, whatever becomes of them", async () => {
  let rejected = 0;
  const onRejection = () => void rejected++;
  process.on("unhandledRejection", onRejection);
  for (const outcome of [() => Promise.reject(new Error("late")), () => Promise.resolve()]) {
    const plugin = { name: "late", routes: outcome } as unknown as Plugin;
    assert.throws(
      () => httpApp({ plugins: [plugin] }),
      /routes of plugin "late": routes\(\) is async/,
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off("unhandledRejection", onRejection);
  assert.equal(rejected, 0);
  const broken = {
    name: "broken",
    routes() {
      throw new Error("broken");
    },
  };
  assert.throws(() => httpApp({ plugins: [broken] }), /Cannot add the routes of plugin "broken"$/);
});

test("without a token routes of a plugin are for this machine, hosts and origins included", async () => {
  const { ask } = httpApp({ plugins: [greeter] });
  const path = "/plugins/greeter/hello/Ann";
  await assertError(await ask(path, { remote: REMOTE }), 403, "forbidden");
  await assertError(await ask(path, { headers: { Host: "evil.example.com" } }), 403, "forbidden");
  const headers = { Origin: "https://evil.example.com" };
  const post = { method: "POST", headers };
  await assertError(await ask("/plugins/greeter/hello", post), 403, "forbidden");
});

test("with a token routes of a plugin are guarded as the API is", async () => {
  const { ask } = httpApp({ plugins: [greeter], apiToken: "t0ken", host: "0.0.0.0" });
  const paths = [
    "/plugins/greeter",
    "/plugins/greeter/hello/Ann",
    "/plugins/greeter/broken",
    "/plugins/greeter/nowhere",
    "/plugins/%67reeter/hello/Ann",
  ];
  for (const remote of [REMOTE, LOCAL]) {
    for (const path of paths) {
      for (const method of ["GET", "POST", "OPTIONS", "QUERY"]) {
        const response = await ask(path, { method, remote });
        await assertError(response, 401, "unauthorized");
        const headers = { Authorization: "Bearer t0kem" };
        await assertError(await ask(path, { method, remote, headers }), 401, "unauthorized");
      }
    }
  }
  const headers = { Authorization: "Bearer t0ken" };
  const response = await ask("/plugins/greeter/hello/Ann", { remote: REMOTE, headers });
  assert.equal(await response.text(), "Ann at 203.0.113.9");
  const foreign = { ...headers, Origin: "https://example.com" };
  const post = { method: "POST", headers: foreign, remote: REMOTE };
  await assertError(await ask("/plugins/greeter/hello", post), 403, "forbidden");
});

test("routes of a plugin that says it is public check for themselves who asks", async () => {
  const plugins = [{ ...greeter, public: true }, { ...greeter, name: "private", public: false }];
  const { ask } = httpApp({ plugins, apiToken: "t0ken", host: "0.0.0.0" });
  const response = await ask("/plugins/greeter/hello/Ann", { remote: REMOTE });
  assert.equal(await response.text(), "Ann at 203.0.113.9");
  const headers = { Origin: "https://example.com" };
  const post = await ask("/plugins/greeter/hello", { method: "POST", headers, remote: REMOTE });
  assert.equal(await post.text(), "posted");
  // What the plugin does not serve is guarded as all else, and so is the next plugin.
  await assertError(await ask("/plugins/greeter/nowhere"), 401, "unauthorized");
  await assertError(await ask("/plugins/private/hello/Ann"), 401, "unauthorized");
  // Without a token this machine alone asks, public or not.
  const closed = httpApp({ plugins });
  await assertError(await closed.ask("/plugins/greeter", { remote: REMOTE }), 403, "forbidden");
});

test("a plugin may answer with any response, or throw one", async () => {
  const { ask, errors } = httpApp({ plugins: [greeter] });
  const redirect = await ask("/plugins/greeter/fetched");
  assert.equal(redirect.status, 302);
  assert.equal(redirect.headers.get("X-Content-Type-Options"), "nosniff");
  const message = await assertError(await ask("/plugins/greeter/teapot"), 403, "forbidden");
  assert.equal(message, "Not you");
  assert.deepEqual(errors, []);
  const internal = await assertError(await ask("/plugins/greeter/broken"), 500, "internal");
  assert.ok(!internal.includes("hunter2"));
  assert.equal(errors[0]?.[1], "/plugins/greeter/broken");
});

test("a plugin that cannot add its routes stops the start and is named", () => {
  const failing = (routes: () => unknown) =>
    httpApp({ plugins: [{ name: "broken", routes: routes as () => void }] });
  const named = (error: unknown) => error instanceof UsageError && /"broken"/.test(error.message);
  assert.throws(() =>
    failing(() => {
      throw new Error("no");
    }), named);
  assert.throws(() => failing(() => Promise.reject(new Error("late"))), named);
});
