/** Log lines that peers can cause as often as they like. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { LimitedLog } from "../../src/service/limited_log.ts";

function rig(perSecond?: number) {
  const lines: string[] = [];
  const write = (level: string) => (message: unknown, properties: unknown) =>
    lines.push(`${level} ${message} ${JSON.stringify(properties)}`);
  const log = { info: write("info"), warn: write("warn") } as never;
  return { lines, limited: new LimitedLog(log, perSecond) };
}

test("the first line is logged at once, those of the same second are counted in the next", () => {
  const { lines, limited } = rig();
  for (let at = 0; at < 100; at++) limited.say("warn", "refused", { peer: at }, at);
  assert.deepEqual(lines, ['warn refused {"peer":0}']);
  limited.flush(999);
  assert.equal(lines.length, 1);
  limited.flush(1000);
  assert.deepEqual(lines.slice(1), ['warn refused {"peer":99,"count":99}']);
});

test("a flood is told of once a second, and every time is counted once", () => {
  const { lines, limited } = rig();
  for (let at = 0; at < 10_000; at++) limited.say("warn", "refused", {}, at);
  limited.flush(Infinity);
  assert.ok(lines.length <= 11, `${lines.length} lines`);
  const counts = lines.map((line) => Number(/"count":(\d+)/.exec(line)?.[1] ?? 1));
  assert.equal(counts.reduce((sum, count) => sum + count), 10_000);
});

test("what comes once a second or less often is never counted, but logged", () => {
  const { lines, limited } = rig();
  for (let at = 0; at < 10; at++) limited.say("info", "refused", { at }, at * 1000);
  limited.flush(Infinity);
  assert.deepEqual(lines, Array.from({ length: 10 }, (_, at) => `info refused {"at":${at}}`));
});

test("each message has seconds of its own, and as many lines in one as it may", () => {
  const { lines, limited } = rig(3);
  for (let time = 0; time < 5; time++) {
    limited.say("info", "a", {}, 0);
    limited.say("warn", "b", {}, 0);
  }
  assert.equal(lines.filter((line) => line === "info a {}").length, 3);
  assert.equal(lines.filter((line) => line === "warn b {}").length, 3);
  limited.flush(1000);
  assert.deepEqual(lines.slice(6), ['info a {"count":2}', 'warn b {"count":2}']);
});

test("what stands for lines that were left out is one of the lines of its second", () => {
  const { lines, limited } = rig(2);
  for (let time = 0; time < 3; time++) limited.say("info", "a", { time }, 0);
  for (let time = 3; time < 6; time++) limited.say("warn", "a", { time }, 1000);
  assert.deepEqual(lines, [
    'info a {"time":0}',
    'info a {"time":1}',
    'info a {"time":2,"count":1}',
    'warn a {"time":3}',
  ]);
  limited.flush(1999);
  assert.equal(lines.length, 4);
  limited.flush(2000);
  assert.deepEqual(lines.slice(4), ['warn a {"time":5,"count":2}']);
  // The line of the flush was one of this second, too.
  for (let time = 6; time < 9; time++) limited.say("info", "a", { time }, 2500);
  assert.deepEqual(lines.slice(5), ['info a {"time":6}']);
});
