/** A configuration and plugins that are read again while the server runs, by the API and by a signal. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";

/** A plugin that publishes under the name of its version, with `limit` in its options. */
function pluginText(version: string, more = ""): string {
  return `import { readFileSync } from "node:fs";
import { definePlugin } from "sluice/plugin";
export default (env) => {
  const { refused } = JSON.parse(readFileSync(env.SLUICE_PLUGIN_NAMES, "utf8"));
  return definePlugin({
    name: "names",
    onPublish: ({ name }) => name === refused ? { refuse: "Not this one" } : { rename: name + "-${version}" },
    start: (server, before) => console.log("started ${version} behind", before),
    handOver: () => "${version}",
    stop: () => console.log("stopped ${version}"),
    routes: (app) => { app.get("/", (c) => c.text("${version}")); },
    ${more}
  });
};
`;
}

test("settings, plugins and their options are read again, clients stay, and what is wrong changes nothing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-reload-"));
  const [config, plugin, values] = [
    join(folder, "c.json"),
    join(folder, "p.ts"),
    join(folder, "o.json"),
  ];
  const write = (content: object) => writeFileSync(config, JSON.stringify(content));
  try {
    writeFileSync(plugin, pluginText("one"));
    writeFileSync(values, "{}");
    write({ plugins: [plugin] });
    await using server = await startServer(["--config", config], { SLUICE_PLUGIN_NAMES: values });
    const reload = (headers: Record<string, string> = {}) =>
      server.api("/api/v1/reload", { method: "POST", headers });
    const nothing = {
      changed: [],
      needsRestart: [],
      plugins: { added: [], reloaded: [], removed: [] },
    };
    assert.deepEqual(await reload(), { status: 200, body: nothing });

    await using first = await RtmpClient.open(server.rtmpPort);
    await first.publish("live", "cam");
    await server.waitForLog("publishing", { name: "cam-one" });

    // Another module, other options, a setting that can change and one that cannot.
    writeFileSync(plugin, pluginText("two"));
    writeFileSync(values, '{ "refused": "bad" }');
    write({ plugins: [plugin], publish: { startMs: 9999 }, hls: { segmentMs: 3000 } });
    const { body } = await reload();
    assert.deepEqual(body, {
      changed: ["publish.startMs"],
      needsRestart: ["hls.segmentMs"],
      plugins: { added: [], reloaded: ["names"], removed: [] },
    });
    await server.waitForText("stopped one");
    await server.waitForText("started two behind one");
    const routed = await fetch(`http://127.0.0.1:${server.httpPort}/plugins/names`);
    assert.equal(await routed.text(), "two");
    await using second = await RtmpClient.open(server.rtmpPort);
    await second.publish("live", "cam");
    await server.waitForLog("publishing", { name: "cam-two" });
    await using third = await RtmpClient.open(server.rtmpPort);
    await third.publish("live", "bad").catch(() => {});
    await server.waitForLog("publish refused", { plugin: "names", reason: "Not this one" });

    // What is wrong is told, and nothing is changed by it.
    const wrong = async (told: RegExp) => {
      const { status, body } = await reload();
      assert.equal(status, 409);
      assert.match((body as { error: { message: string } }).error.message, told);
    };
    writeFileSync(plugin, "export default {{{");
    await wrong(/p\.ts.* failed to start/s);
    writeFileSync(plugin, pluginText("three", 'start() { throw new Error("no disk"); },'));
    await wrong(/Cannot start plugin "names": no disk/);
    await server.waitForText("started two behind two");
    writeFileSync(plugin, pluginText("four", 'routes() { throw new Error("x"); },'));
    await wrong(/Cannot add the routes of plugin "names"/);
    writeFileSync(config, "{ nonsense");
    await wrong(/c\.json/);
    const still = await fetch(`http://127.0.0.1:${server.httpPort}/plugins/names`);
    assert.equal(await still.text(), "two");

    // By a signal, with a token that guards what comes behind.
    writeFileSync(plugin, pluginText("five"));
    write({ plugins: [plugin], api: { token: "0123456789abcdef" }, log: { level: "debug" } });
    server.signal("SIGHUP");
    await server.waitForLog("reloaded");
    await server.waitForText("started five behind two");
    assert.equal((await server.api("/streams")).status, 401);
    const headers = { Authorization: "Bearer 0123456789abcdef" };
    const streams = await server.api("/streams", { headers });
    const names = (streams.body as { streams: { name: string }[] }).streams.map(({ name }) => name);
    assert.deepEqual(names, ["cam-one", "cam-two"]);
    write({ plugins: [], api: { token: "0123456789abcdef" } });
    const { body: last } = await reload(headers);
    assert.deepEqual((last as { plugins: object }).plugins, {
      added: [],
      reloaded: [],
      removed: ["names"],
    });
    await server.waitForText("stopped five");
    assert.ok(!server.output.includes("0123456789abcdef"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
