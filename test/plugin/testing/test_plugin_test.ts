/** What plugin authors try their plugins with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  definePlugin,
  type PluginServer,
  push,
  readOnly,
  record,
  refuse,
  rename,
  testPlugin,
} from "../../../src/plugin/api.ts";

test("answers of hooks are read as a server reads them", async () => {
  await using plugin = await testPlugin(
    definePlugin({
      name: "p",
      onConnect: ({ app }) => app === "no" ? refuse("Not here") : undefined,
      onPublish({ name, query }) {
        if (name === "throws") throw new Error("a fault");
        if (name === "junk") return 5 as never;
        if (name === "late") return new Promise(() => {});
        return { ...rename(`${name}-${query.get("k")}`), ...record(), ...push("rtmp://h/a/b") };
      },
      onPlay: ({ recorded }) => recorded ? refuse("Live only") : undefined,
      onSharedObject: ({ persistent }) => persistent ? readOnly() : undefined,
    }),
    { timeoutMs: 20 },
  );
  const client = plugin.client({ query: "k=1" });
  assert.deepEqual(await plugin.client({ app: "no" }).publish("a"), {
    allowed: false,
    reason: "Not here",
  });
  const { record: wish, push: to, ...rest } = await client.publish("a?k=2");
  assert.deepEqual(rest, { allowed: true, name: "a-2" });
  assert.equal(wish, true);
  assert.ok(Array.isArray(to));
  assert.deepEqual(await client.play("a"), { allowed: true, name: "a" });
  assert.deepEqual(await client.play("a", { recorded: true }), {
    allowed: false,
    reason: "Live only",
  });
  assert.deepEqual(await client.sharedObject("o", true), { allowed: true, readOnly: true });
  assert.deepEqual(plugin.faults, []);
  for (const name of ["throws", "junk", "late"]) {
    const { allowed, fault, reason } = await client.publish(name);
    assert.deepEqual([allowed, fault, reason], [false, true, "Refused by the server"], name);
  }
  assert.deepEqual(plugin.faults.map(({ hook }) => hook), ["onPublish", "onPublish", "onPublish"]);
});

test("ends are told in order, and once", async () => {
  const told: string[] = [];
  const plugin = await testPlugin(definePlugin({
    name: "p",
    start: () => void told.push("start"),
    onLive: ({ name, publisher }) => void told.push(`live ${name} ${publisher.sessionId}`),
    onEnded: ({ name, reason }) => void told.push(`ended ${name} ${reason}`),
    onUnpublish: ({ name, reason }) => void told.push(`unpublish ${name} ${reason}`),
    onPlayEnd: ({ name, reason }) => void told.push(`stop ${name} ${reason}`),
    onDisconnect: ({ sessionId, reason }) => void told.push(`disconnect ${sessionId} ${reason}`),
    stop: () => void told.push("stop"),
  }));
  const client = plugin.client({ protocol: "hls", authorization: "Bearer x" });
  await client.publish("a");
  await client.play("b");
  await client.play("c");
  client.stop("b");
  client.disconnect("kicked");
  client.disconnect();
  await plugin.stop();
  assert.deepEqual(told, [
    ...["start", "live a s1", "stop b client", "unpublish a kicked", "ended a unpublished"],
    ...["stop c kicked", "disconnect s1 kicked", "stop"],
  ]);
});

test("a plugin reads media, and what it does with the server is noted", async () => {
  let server: PluginServer | undefined;
  const seen: string[] = [];
  let read: Promise<void> | undefined;
  await using plugin = await testPlugin(definePlugin({
    name: "p",
    start: (given) => void (server = given),
    onLive({ app, name }) {
      const feed = server!.frames(app, name)!;
      read = (async () => {
        for await (const { kind, isKey, payload } of feed) {
          seen.push(`${kind} ${isKey} ${payload[0]}`);
        }
      })();
      server!.sendData(app, name, "onTextData", { text: "hi" });
      server!.endSession("s9", "why");
    },
  }));
  const client = plugin.client();
  await client.publish("cam");
  plugin.server.frame("live", "cam", { kind: "video", payload: new Uint8Array([7]), isKey: true });
  plugin.server.frame("live", "cam", { kind: "audio", payload: new Uint8Array([8]) });
  client.unpublish("cam");
  await read;
  assert.deepEqual(seen, ["video true 7", "audio false 8"]);
  assert.deepEqual(plugin.server.acts, [
    {
      ...{ what: "sendData", app: "live", name: "cam", handler: "onTextData" },
      values: [{ text: "hi" }],
    },
    { what: "endSession", id: "s9", why: "why" },
  ]);
  assert.deepEqual(server!.streams(), []);
});

test("calls, routes and recordings are tried, too", async () => {
  let server: PluginServer | undefined;
  await using plugin = await testPlugin(
    definePlugin({
      name: "p",
      start: (given) => void (server = given),
      async onCall(method, [value], { callClient }) {
        if (method === "ask") return `${await callClient("name", value)}!`;
        if (method === "no") return refuse("Not that");
      },
      routes: (app) =>
        void app.get(
          "/n/:id",
          (c) => c.json({ id: c.req.param("id"), of: c.env.remote, url: c.req.url }),
        ),
      onRecorded: async ({ file }) => void await server!.removeRecording(file),
    }),
    { recordings: { "a.flv": new Uint8Array([1, 2, 3]) } },
  );
  const client = plugin.client();
  assert.equal(await client.call("ask", [5], (method, value) => `${method}${value}`), "name5!");
  assert.equal(await client.call("unknown"), undefined);
  await assert.rejects(client.call("no"), /Not that/);
  const answer = await plugin.request("/n/4");
  assert.deepEqual(await answer.json(), {
    id: "4",
    of: { hostname: "127.0.0.1", port: 50_000 },
    url: "http://localhost:8080/n/4",
  });
  assert.equal((await plugin.request("/n/4", { method: "POST" })).status, 404);
  const file = await server!.openRecording("a.flv");
  assert.equal(file?.size, 3);
  plugin.recorded({
    ...{ app: "live", name: "a", file: "a.flv", format: "flv", start: 1, durationMs: 4 },
    ...{ bytes: 5, tracks: [], reason: "unpublished" },
  });
  assert.deepEqual(plugin.server.acts, [{ what: "removeRecording", file: "a.flv" }]);
});

test("what is no plugin, or cannot be made or started, is told", async () => {
  await assert.rejects(testPlugin({ name: "p", onPublsh() {} } as never), /no use for onPublsh/);
  await assert.rejects(
    testPlugin(() => {
      throw new Error("KEY is not set");
    }),
    /KEY is not set/,
  );
  const stopped: string[] = [];
  const plugin = definePlugin({
    name: "p",
    start: () => Promise.reject(new Error("no disk")),
    stop: () => void stopped.push("stop"),
  });
  await assert.rejects(testPlugin(plugin), /no disk/);
  assert.deepEqual(stopped, ["stop"]);
});
