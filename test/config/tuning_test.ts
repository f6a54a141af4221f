import { test } from "node:test";
import assert from "node:assert/strict";
import { ConfigError } from "../../src/config/errors.ts";
import { parseConfig } from "../../src/config/load.ts";
import { completeTuning, tunables, type Tuning } from "../../src/config/tuning.ts";
import { pacing, rtmpSettings } from "../../src/settings_of.ts";

test("what is not turned has its default", () => {
  const expected: Tuning = {
    windowAckSize: 2_500_000,
    minChunkSize: 128,
    maxChunkStreams: 32,
    maxUnfinishedMessages: 8,
    maxAssemblyBytes: 16 * 1024 * 1024,
    maxEarlyMessageBytes: 65_536,
    maxCommandBytes: 1024 * 1024,
    maxAudioBytes: 1024 * 1024,
    maxAmfBytes: 65_536,
    maxAmfDepth: 16,
    maxAmfValues: 2048,
    maxAmfStringBytes: 16_384,
    maxStreamsPerConnection: 16,
    limitLoopback: false,
    maxPendingHooks: 1000,
    hookFaultLimit: 3,
    maxPendingCalls: 16,
    apiBodyBytes: 1024 * 1024,
    latencyAutoMs: 25,
    maxSharedObjectsPerConnection: 16,
    maxSharedObjectBytes: 32_768,
    maxSharedObjectProperties: 256,
  };
  assert.deepEqual(completeTuning(), expected);
  assert.deepEqual(completeTuning({ maxAmfDepth: 8, minChunkSize: undefined }), {
    ...expected,
    maxAmfDepth: 8,
  });
  assert.ok(Object.isFrozen(completeTuning()));
});

for (const { name, kind, expected, fallback, text } of tunables) {
  test(`the bound ${name} can be turned, within its own bounds`, () => {
    assert.match(text, /^[A-Z].*\.$/);
    const turn = (value: unknown) => {
      const tuning = { [name]: value };
      parseConfig({}, tuning);
      return completeTuning(tuning)[name as keyof Tuning];
    };
    if (kind === "boolean") {
      assert.equal(turn(!fallback), !fallback);
      assert.throws(() => turn("yes"), ConfigError);
      return;
    }
    const [, min, max] = expected.match(/from (\d+) to (\d+)$/)!.map(Number);
    for (const right of [min!, max!]) assert.equal(turn(right), right);
    for (const wrong of [min! - 1, max! + 1, "1", null]) {
      assert.throws(() => turn(wrong), ConfigError);
    }
  });
}

test("tuning that is no object, or has other names, is a mistake", () => {
  for (const wrong of [null, [], 5]) {
    assert.throws(() => parseConfig({}, wrong as object), /tuning: expected an object, found/);
  }
  assert.throws(
    () => parseConfig({}, { __proto__: null, toString: 1 } as object),
    /tuning: toString: unknown bound$/,
  );
});

test("what is turned reaches the service", () => {
  const tuned = completeTuning({ maxAmfDepth: 9, latencyAutoMs: 7 });
  assert.equal(rtmpSettings(parseConfig(), tuned).maxAmfDepth, 9);
  assert.equal(pacing(parseConfig(), tuned).autoWindowMs, 7);
});
