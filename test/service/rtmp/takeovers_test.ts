/** Encoders that take a name from each other for ever are noticed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { Rig, settle } from "../../support/rtmp_service.ts";

/** Runs `act` and answers with the warnings that it logs. */
async function warnings(act: () => Promise<void>): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: "sluice", sinks: ["records"], lowestLevel: "warning" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    await act();
  } finally {
    await reset();
  }
  return records;
}

/** Lets two encoders take `name` from each other, once every `ms`. */
async function fight(rig: Rig, name: string, takeovers: number, ms: number): Promise<void> {
  for (let count = 0; count < takeovers; count++) {
    rig.publisher(name);
    await settle();
    rig.clock.advance(ms);
  }
}

test("two encoders that replace each other for ever are logged once", async () => {
  const rig = new Rig({ publishStartMs: 3_600_000 });
  const said = await warnings(() => fight(rig, "test", 40, 5000));
  assert.equal(said.length, 1);
  const { app, name, takeovers } = said[0]!.properties;
  assert.deepEqual({ app, name, takeovers }, { app: "live", name: "test", takeovers: 4 });
  assert.equal(rig.service.sessions.size, 1);
});

test("an encoder that comes back now and then is not logged", async () => {
  const rig = new Rig({ publishStartMs: 3_600_000 });
  assert.deepEqual(await warnings(() => fight(rig, "test", 20, 60_000)), []);
  const others = await warnings(async () => {
    for (const name of ["a", "b", "c", "d", "e"]) await fight(rig, name, 3, 1000);
  });
  assert.deepEqual(others, [], "each name counts by itself");
});

test("what begins again after a quiet time is logged again", async () => {
  const rig = new Rig({ publishStartMs: 3_600_000 });
  const said = await warnings(async () => {
    await fight(rig, "test", 10, 5000);
    rig.clock.advance(130_000);
    await fight(rig, "test", 10, 5000);
  });
  assert.equal(said.length, 2);
});

test("four takeovers within two minutes are too many, and one that is later is not", async () => {
  for (const [last, times] of [[120_000, 1], [120_001, 0]] as const) {
    const rig = new Rig({ publishStartMs: 3_600_000, publishIdleMs: 3_600_000 });
    const said = await warnings(async () => {
      await fight(rig, "test", 4, 1000);
      rig.clock.advance(last - 3000);
      await fight(rig, "test", 1, 0);
    });
    assert.equal(said.length, times, `${last} ms`);
    if (times === 1) assert.equal(said[0]!.properties.seconds, 120);
  }
});
