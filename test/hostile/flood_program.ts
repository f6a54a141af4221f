/**
 * Floods a server with one kind of flood after another, from a process of its own: what a flood
 * costs whoever makes it must not be taken for what it costs the server's other clients.
 *
 *     flood_program.ts PORT MS
 *
 * Prints `begin KIND` for each, and at the end `sent MESSAGES`.
 *
 * @module
 */
import process from "node:process";
import { amfObject } from "../../src/core/amf/mod.ts";
import { joined } from "../support/chunks.ts";
import { BLIND_HANDSHAKE, RawClient } from "../support/raw_client.ts";
import { CHUNK_SIZE, command, type Flood, FLOODS } from "./floods.ts";

/** Messages a second that a flood tries to send. */
const RATE = 100_000;

/** Most bytes that are sent at once. */
const BURST = 256 * 1024;

/** Opens a connection that is connected and has two streams, and sends `flood` at the rate. */
async function attack(port: number, flood: Flood, ms: number): Promise<number> {
  await using client = await RawClient.open(port);
  client.send(BLIND_HANDSHAKE);
  client.send(CHUNK_SIZE);
  const { start: first, again, tcUrl = "rtmp://host/live" } = flood;
  client.send(command(0, "connect", 1, amfObject({ app: "live", tcUrl })));
  for (const id of [2, 3]) client.send(command(0, "createStream", id, null));
  if (first !== undefined) client.send(first);
  const burst = joined(
    Array<Uint8Array>(Math.min(5000, Math.ceil(BURST / again.length))).fill(again),
  );
  const start = performance.now();
  let sent = 0;
  while (performance.now() - start < ms && client.isOpen) {
    const due = Math.floor(RATE * (performance.now() - start) / 1000) - sent;
    const count = Math.min(due, burst.length / again.length);
    // No more than the server takes: what it does not read is not its load.
    if (client.waiting < 1_000_000 && count > 0) {
      client.send(burst.subarray(0, count * again.length));
      sent += count;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return sent;
}

const [port, ms] = process.argv.slice(2).map(Number);
let sent = 0;
for (const [kind, flood] of Object.entries(FLOODS)) {
  console.log(`begin ${kind}`);
  sent += await attack(port!, flood, ms!);
}
console.log(`sent ${sent}`);
process.exit(0);
