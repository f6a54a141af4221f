/** Whether a plugin works: its faults, and those in a row. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FaultRecord } from "../../src/plugin/health.ts";
import { type Plugin, PluginRunner } from "../../src/plugin/mod.ts";
import { FakeClock } from "../support/clock.ts";
import * as contexts from "../support/plugin_contexts.ts";

const AT = Date.UTC(2024, 4, 6);

/** A record in which a hook has failed so many times. */
function failed(record: FaultRecord, hook: "onPublish" | "onPlay", times: number): FaultRecord {
  for (let time = 0; time < times; time++) record.failed(hook, "threw", new TypeError("x"), AT);
  return record;
}

test("a plugin is unhealthy once one hook failed three times in a row, until it succeeds", () => {
  const record = failed(new FaultRecord("one", 3), "onPublish", 2);
  failed(record, "onPlay", 2);
  assert.equal(record.health().healthy, true, "each hook by itself");
  failed(record, "onPublish", 1);
  assert.equal(record.health().healthy, false);
  record.succeeded("onPlay");
  assert.equal(record.health().healthy, false, "that is another one");
  record.succeeded("onPublish");
  assert.equal(record.health().healthy, true);
  failed(record, "onPublish", 2);
  assert.equal(record.health().healthy, true, "it begins anew");
});

test("what a plugin did wrong is counted and told, the last of it in full", () => {
  const record = new FaultRecord("one", 3);
  assert.deepEqual(record.health(), {
    ...{ name: "one", faults: 0, pending: 0, late: 0, healthy: true },
  });
  failed(record, "onPublish", 1);
  record.failed("onPlay", "timeout", new RangeError("y"), AT + 1000);
  record.pending = 4;
  record.late = 2;
  assert.deepEqual(record.health(), {
    ...{ name: "one", faults: 2, pending: 4, late: 2, healthy: true },
    lastFault: {
      ...{ hook: "onPlay", kind: "timeout", error: "RangeError", at: "2024-05-06T00:00:01.000Z" },
    },
  });
});

test("a hook that is only told something is healthy again with the first success, now or later", async () => {
  for (const later of [false, true]) {
    let fails = true;
    const plugin: Plugin = {
      name: "told",
      onDisconnect() {
        if (fails) throw new Error("a bug of it");
        return later ? Promise.resolve() : undefined;
      },
    };
    const options = { clock: new FakeClock(), timeoutMs: 1000, faultLimit: 2, onFault() {} };
    const runner = new PluginRunner([plugin], options);
    assert.deepEqual(runner.plugins, [plugin]);
    for (let time = 0; time < 2; time++) runner.disconnect(contexts.disconnect);
    assert.equal(runner.health()[0]!.healthy, false);
    fails = false;
    runner.disconnect(contexts.disconnect);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    assert.deepEqual([runner.health()[0]!.healthy, runner.health()[0]!.faults], [true, 2]);
  }
});
