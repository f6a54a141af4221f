import { test } from "node:test";
import assert from "node:assert/strict";
import { amfObject, encodeAmf0 } from "../../src/core/amf/mod.ts";
import { encodeMessage } from "../../src/core/rtmp/chunk/encoder.ts";
import { joined } from "../support/chunks.ts";
import { figure, sized } from "../support/figure.ts";
import { BLIND_HANDSHAKE, RawClient } from "../support/raw_client.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { Rig } from "../support/rtmp_service.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Messages a second that a flood tries to send. */
const RATE = 100_000;

const command = (...values: Parameters<typeof encodeAmf0>) =>
  encodeMessage(20, 0, 0, encodeAmf0(...values), 3, 128);

/** Floods by what they consist of: the message, and whether it is of the shortest kind possible. */
const FLOODS: Record<string, Uint8Array> = {
  "ping requests": encodeMessage(4, 0, 0, Uint8Array.of(0, 6, 0, 0, 0, 0), 2, 128),
  "acknowledgements": encodeMessage(3, 0, 0, new Uint8Array(4), 2, 128),
  "buffer lengths": encodeMessage(4, 0, 0, Uint8Array.of(0, 3, 0, 0, 0, 1, 0, 0, 1, 0), 2, 128),
  "windows": encodeMessage(5, 0, 0, Uint8Array.of(0, 0, 0, 1), 2, 128),
  "createStream": command("createStream", 5, null),
  "commands nobody knows": command("x", 5, null),
  "publish and play": command("play", 0, null, "none"),
  // The name "so", version 0, not persistent; one event: use it.
  "shared objects": encodeMessage(
    ...[19, 0, 0] as const,
    Uint8Array.of(0, 2, 115, 111, ...new Array(12).fill(0), 1, 0, 0, 0, 0),
    ...[3, 128] as const,
  ),
  "chunk sizes": encodeMessage(1, 0, 0, Uint8Array.of(0, 0, 0, 128), 2, 128),
  "messages without a byte": Uint8Array.of(0xc2),
};

/** Opens a connection that is connected and has a stream, and sends `flood` at the rate. */
async function attack(server: TestServer, flood: Uint8Array, ms: number): Promise<number> {
  await using client = await RawClient.open(server.rtmpPort);
  client.send(BLIND_HANDSHAKE);
  client.send(command("connect", 1, amfObject({ app: "live" })));
  client.send(command("createStream", 2, null));
  // So that a header of one byte has something to lean on.
  client.send(encodeMessage(4, 0, 0, new Uint8Array(0), 2, 128));
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < ms && client.isOpen) {
    const due = Math.floor(RATE * (performance.now() - start) / 1000) - sent;
    const count = Math.min(due, 5000);
    // No more than the server takes: what it does not read is not its load.
    if (client.waiting < 1_000_000 && count > 0) {
      client.send(joined(Array<Uint8Array>(count).fill(flood)));
      sent += count;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return sent;
}

test("A13: floods of 100,000 tiny messages a second delay no other client", async () => {
  const ms = sized(200, 3000);
  // Nobody here publishes or plays.
  await using server = await startServer(["--request-timeout-ms", "600000"]);
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
    ...{ unit: "ms", atMost: 50, slack: 5 },
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
  for (const [what, flood] of Object.entries(FLOODS)) {
    const rig = new Rig({ maxMessagesPerSecond: 20_000 });
    const client = rig.client().connected();
    rig.clock.advance(100);
    client.write(encodeMessage(4, 0, 0, new Uint8Array(0), 2, 128));
    client.take();
    const count = 4000;
    client.write(joined(Array<Uint8Array>(count).fill(flood)));
    assert.equal(client.connection.paused, true, what);
    assert.ok(client.take().length <= 2000, what);
    assert.equal(client.session.core.phase, "connected", what);
    // All of it is read in the end.
    rig.clock.advance(60_000);
    assert.equal(client.connection.paused, false, what);
  }
});
