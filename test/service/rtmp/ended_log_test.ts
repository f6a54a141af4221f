/** What the log has of many that end or are refused at once: some of them, and how many more there were. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { Rig } from "../../support/rtmp_service.ts";

/** Lines that are logged meanwhile: each message, with how many it stands for. */
async function linesOf(work: () => void | Promise<void>): Promise<Map<string, unknown[]>> {
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
    await work();
  } finally {
    await reset();
  }
  const lines = new Map<string, unknown[]>();
  for (const { message, properties } of records) {
    const text = message.join("");
    lines.set(text, [...lines.get(text) ?? [], properties.count]);
  }
  return lines;
}

const break15 = (rig: Rig) => {
  for (let count = 0; count < 15; count++) {
    const client = rig.client();
    // A handshake of a version that there is not.
    client.connection.deliver(new Uint8Array(2000).fill(99));
  }
};

const refuse15 = (rig: Rig) => {
  rig.client();
  for (let count = 0; count < 15; count++) rig.client();
};

test("of connections that end by what they said ten are told of a second, and how many more", async () => {
  const ended = await linesOf(() => {
    const rig = new Rig();
    break15(rig);
    rig.clock.advance(250);
    rig.clock.advance(1000);
  });
  assert.deepEqual(ended.get("closing the connection"), [
    ...Array(10).fill(undefined),
    5,
  ]);
});

test("a server that stops tells how many more there were", async () => {
  const ended = await linesOf(async () => {
    const rig = new Rig();
    break15(rig);
    await rig.stop(0);
  });
  assert.deepEqual(ended.get("closing the connection"), [...Array(10).fill(undefined), 5]);
  const refused = await linesOf(async () => {
    const rig = new Rig({ maxConnectionsPerAddress: 1 });
    refuse15(rig);
    await rig.stop(0);
  });
  const [first, ...more] = refused.get("connection refused: too many of its address")!;
  assert.equal(first, undefined);
  assert.equal(more.reduce<number>((sum, count) => sum + Number(count ?? 1), 1), 15);
});
