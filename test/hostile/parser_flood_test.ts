import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject } from "../../src/core/amf/mod.ts";
import { joined } from "../support/chunks.ts";
import { figure, sized } from "../support/figure.ts";
import { BLIND_HANDSHAKE, RawClient } from "../support/raw_client.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { Rig } from "../support/rtmp_service.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { CHUNK_SIZE, command, type Flood, FLOODS } from "./floods.ts";

/** Messages a second that a flood tries to send. */
const RATE = 100_000;

/** Most bytes that are sent at once. */
const BURST = 256 * 1024;

/** Opens a connection that is connected and has two streams, and sends `flood` at the rate. */
async function attack(server: TestServer, flood: Flood, ms: number): Promise<number> {
  await using client = await RawClient.open(server.rtmpPort);
  client.send(BLIND_HANDSHAKE);
  client.send(CHUNK_SIZE);
  const { start: first, again, tcUrl = "rtmp://host/live" } = flood;
  client.send(command(0, "connect", 1, amfObject({ app: "live", tcUrl })));
  for (const id of [2, 3]) client.send(command(0, "createStream", id, null));
  if (first !== undefined) client.send(first);
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < ms && client.isOpen) {
    const due = Math.floor(RATE * (performance.now() - start) / 1000) - sent;
    const count = Math.min(due, 5000, Math.ceil(BURST / again.length));
    // No more than the server takes: what it does not read is not its load.
    if (client.waiting < 1_000_000 && count > 0) {
      client.send(joined(Array<Uint8Array>(count).fill(again)));
      sent += count;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return sent;
}

test("A13: floods of 100,000 messages a second, of any kind, delay no other client", async () => {
  const ms = sized(100, 3000);
  // Nobody here publishes or plays.
  await using server = await startServer(["--rtmp-timeout-ms", "600000"]);
  await using honest = await RtmpClient.open(server.rtmpPort);
  await honest.connect("live");
  const all: number[] = [];
  let sent = 0;
  let slowest = "";
  for (const [what, flood] of Object.entries(FLOODS)) {
    let over = false;
    const attacked = attack(server, flood, ms).then((count) => {
      over = true;
      sent += count;
    });
    const lags: number[] = [];
    while (!over) {
      const start = performance.now();
      await honest.call(0, "_checkbw", null);
      lags.push(performance.now() - start);
      honest.messages.length = 0;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await attacked;
    if (Math.max(...lags) > Math.max(0, ...all)) slowest = what;
    all.push(...lags);
  }
  all.sort((a, b) => a - b);
  const p99 = all[Math.floor(all.length * 0.99)]!;
  assert.ok(all.length > 50, `${all.length} answers`);
  const id = "A13";
  figure({ id, what: "messages of floods sent", value: sent, unit: "messages" });
  figure({
    ...{ id, what: "answer to another client during floods, p99", value: Number(p99.toFixed(1)) },
    ...{ unit: "ms", atMost: 25, by: "wall" },
  });
  const most = Number(all.at(-1)!.toFixed(1));
  console.log(`slowest: ${slowest}`);
  figure({ id, what: "the same, slowest", value: most, unit: "ms" });
  server.assertHealthy();
});

test("A13: createStream ten thousand times gives as many streams as one connection may have", () => {
  const rig = new Rig({ maxStreamsPerConnection: 16 });
  const client = rig.client().connected(0);
  for (let i = 0; i < 10_000; i++) client.command(0, "createStream", 5, null);
  const answers = client.take();
  assert.equal(answers.length, 10_000);
  assert.equal(answers.filter((answer) => answer.includes("_result")).length, 16);
  assert.equal(client.session.core.streams.size, 16);
});

test("A13: a turn takes a bounded number of messages, whatever it is that floods", () => {
  for (const [what, { start, again }] of Object.entries(FLOODS)) {
    if (again.length > 200 || (start !== undefined && start.length > 50)) continue;
    const rig = new Rig({ maxMessagesPerSecond: 20_000 });
    const client = rig.client().connected();
    rig.clock.advance(100);
    client.write(CHUNK_SIZE);
    if (start !== undefined) client.write(start);
    client.take();
    const count = 4000;
    client.write(joined(Array<Uint8Array>(count).fill(again)));
    assert.equal(client.connection.paused, true, what);
    assert.ok(client.take().length <= 2000, what);
    assert.equal(client.session.core.phase, "connected", what);
    // All of it is read in the end.
    rig.clock.advance(60_000);
    assert.equal(client.connection.paused, false, what);
  }
});
