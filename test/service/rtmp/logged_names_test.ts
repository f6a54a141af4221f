/** Which names of streams the log has: those that are public, and no others. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { publishGop, Rig } from "../../support/rtmp_service.ts";

test("a play that had begun is logged with its name, one that only waited is not", async () => {
  const records: LogRecord[] = [];
  await configure({
    reset: true,
    sinks: { records: (record) => records.push(record) },
    loggers: [
      { category: "sluice", sinks: ["records"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
    ],
  });
  try {
    const rig = new Rig();
    publishGop(rig.publisher(), 0);
    for (const name of ["test", "secret"]) {
      const player = rig.player(name);
      player.command(1, "closeStream", 0, null);
    }
  } finally {
    await reset();
  }
  const names = records.filter(({ message }) => message.join("") === "stopped playing")
    .map(({ properties }) => properties.name);
  assert.deepEqual(names, ["test", undefined]);
});
