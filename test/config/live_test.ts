import assert from "node:assert/strict";
import { test } from "node:test";
import { changesOf, LIVE_SETTINGS } from "../../src/config/live.ts";
import { parseConfig } from "../../src/config/mod.ts";
import { settings } from "../../src/config/settings.ts";

test("what can change counts at once, what cannot is named, and nothing else is touched", () => {
  const before = parseConfig({
    api: { token: "0123456789abcdef" },
    apps: { a: { latency: "lowest" } },
  });
  const after = parseConfig({
    ...{ host: "127.0.0.2", allowAnonymous: true, apps: { a: { latency: "auto" } } },
    publish: { startMs: 7000, policy: "reject" },
    log: { level: "debug" },
  });
  const { changed, needsRestart, config } = changesOf(before, after);
  assert.deepEqual(changed, ["allowAnonymous", "api.token", "publish.startMs"]);
  assert.deepEqual(needsRestart, ["apps", "host", "log.level", "publish.policy"]);
  const { api, publish } = config;
  assert.deepEqual([api.token, publish.startMs, config.allowAnonymous], [undefined, 7000, true]);
  assert.deepEqual({ ...config, api: 0, publish: 0, allowAnonymous: 0 }, {
    ...{ ...before, api: 0, publish: 0, allowAnonymous: 0 },
  });
  assert.deepEqual(publish, { ...before.publish, startMs: 7000 });
  const own = changesOf(before, after, ["log.level"]);
  assert.ok(own.changed.includes("log.level") && !own.needsRestart.includes("log.level"));
  assert.equal(own.config.log.level, "debug");
  const same = changesOf(before, parseConfig({ api: before.api, apps: before.apps }));
  assert.deepEqual([same.changed, same.needsRestart, same.config], [[], [], before]);
});

test("the settings that can change are settings", () => {
  const known = settings.map(({ key }) => key);
  assert.deepEqual([...LIVE_SETTINGS].filter((key) => !known.includes(key)), []);
});
