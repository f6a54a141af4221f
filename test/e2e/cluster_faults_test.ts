/** Nodes of a cluster that are killed and cut off, and a nats-server that is: what viewers and names see of it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { TestNats, Wire } from "../support/nats.ts";
import { conflicts, tenuresOf } from "../support/ownership.ts";
import { needs } from "../support/programs.ts";
import { TestPlayer, TestPublisher } from "../support/relay_servers.ts";
import { startServer, type TestServer } from "../support/server.ts";

/** Long enough for a machine that is busy with other tests. */
const LEASE_MS = 2000;

/** A node as a process of its own, with its own wire to NATS. */
async function nodeOf(node: string, port: number): Promise<TestServer> {
  const server = await startServer([
    ...["--cluster", `nats://127.0.0.1:${port}`, "--cluster-node", node],
    ...["--cluster-lease-ms", `${LEASE_MS}`, "--reconnect-window-ms", "30000"],
  ]);
  await server.waitForLog("in the cluster");
  return server;
}

/** An encoder that comes back until it is let publish, at the first of these nodes that lets it. */
async function encoder(
  nodes: readonly TestServer[],
  name: string,
): Promise<TestPublisher> {
  const publisher = await until(async () => {
    for (const node of nodes) {
      try {
        return await TestPublisher.start(node.url("live", name));
      } catch {
        // It is away, or the name is not free yet.
      }
    }
    return undefined;
  }, `${name} is published`);
  publisher.run();
  return publisher;
}

/** Waits until a viewer sees on, and says how long that took (ms). */
async function seesOn(viewer: TestPlayer): Promise<number> {
  const seen = viewer.heard.length;
  const began = performance.now();
  await until(() => Promise.resolve(viewer.heard.length > seen + 5), "the viewer sees on");
  return performance.now() - began;
}

test(
  ...needs(
    "nats",
    "nodes and NATS are killed and cut off: no name has two owners beyond a lease, no viewer is lost",
  ),
  async () => {
    await using nats = await TestNats.start();
    await using wire = await Wire.to(nats.port);
    await using one = await nodeOf("one", wire.port);
    await using two = await nodeOf("two", nats.port);
    await using three = await nodeOf("three", nats.port);
    await using a = await encoder([one], "a");
    await using b = await encoder([two], "b");
    await using ofA = await TestPlayer.start(three.url("live", "a"));
    await using ofB = await TestPlayer.start(one.url("live", "b"));
    await using nearA = await TestPlayer.start(one.url("live", "a"));
    for (const viewer of [ofA, ofB, nearA]) await viewer.pictures(20);

    // NATS is killed: what is there goes on, and nothing new begins.
    await nats.kill();
    await two.waitForLog("cut off from the cluster");
    await assert.rejects(TestPublisher.start(two.url("live", "new")), /cannot say right now/);
    for (const viewer of [ofA, ofB, nearA]) await seesOn(viewer);
    await nats.again();
    for (const [node, name] of [[one, "a"], [two, "b"]] as const) {
      await until(
        () => Promise.resolve(count(node, "name owned", name) === 2),
        `${name} is taken back`,
      );
    }

    // One node is cut off. Its name is published elsewhere, and those who watch it there go along.
    wire.cut();
    await until(() => Promise.resolve(count(one, "cut off from the cluster") === 2), "cut off");
    for (const viewer of [ofA, nearA]) await seesOn(viewer);
    await using other = await encoder([two], "a");
    await until(() => Promise.resolve(count(two, "name owned", "a") === 1), "it has another owner");
    wire.mend();
    await one.waitForLog("name lost to another node");
    for (const viewer of [ofA, ofB, nearA]) await seesOn(viewer);

    // The node that has it all is killed; its encoders come back at another one.
    await two.kill();
    await using a2 = await encoder([three], "a");
    await using b2 = await encoder([one], "b");
    for (const viewer of [ofA, ofB, nearA]) await seesOn(viewer);

    const tenures = [one, two, three].flatMap((node) => tenuresOf(node.logs, lastOf(node)));
    assert.deepEqual(conflicts(tenures, LEASE_MS), []);
    assert.ok(tenures.length >= 7, `${tenures.length} tenures`);
    for (const node of [one, two, three]) node.assertHealthy();
    for (const publisher of [a, b, other, a2, b2]) await publisher.stop();
  },
);

function count(node: TestServer, message: string, name?: string): number {
  return node.logs.filter((record) =>
    record.message === message && (name === undefined || record.properties["name"] === name)
  ).length;
}

/** When a node logged last. */
function lastOf({ logs }: TestServer): number {
  return Math.max(...logs.map(({ time }) => Date.parse(time)));
}
