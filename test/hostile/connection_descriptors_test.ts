/** A process that runs out of file descriptors goes on, and takes clients again (B6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/deadline.ts";
import { figure } from "../support/figure.ts";
import { keyFrame } from "../support/media.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { startServer, type TestServer, withDescriptors } from "../support/server.ts";
import { SilentSockets } from "../support/silent_sockets.ts";

/** Publishes on a connection of its own; milliseconds until it may. */
async function publishes(server: TestServer, name: string): Promise<number> {
  const asked = performance.now();
  await using client = await RtmpClient.open(server.rtmpPort);
  const { info } = await client.publish("live", name);
  assert.equal(info.code, "NetStream.Publish.Start");
  return Math.round(performance.now() - asked);
}

async function healthy(server: TestServer): Promise<boolean> {
  try {
    return (await server.api("/health")).status === 200;
  } catch {
    return false;
  }
}

/** No message is logged more often than once a second, with one to spare for the flush of a count. */
function loggedAtMostOnceASecond(server: TestServer): void {
  const times = new Map<string, number[]>();
  for (const { message, level, time } of server.logs) {
    if (level !== "warning") continue;
    times.set(message, [...times.get(message) ?? [], Date.parse(time)]);
  }
  assert.ok(times.has("out of file descriptors: raise the limit"), "nobody was told");
  for (const [message, all] of times) {
    const seconds = (all.at(-1)! - all[0]!) / 1000;
    assert.ok(all.length <= seconds + 2, `${all.length} times in ${seconds} s: ${message}`);
  }
}

test("B6: with 64 descriptors and 200 silent connections the server serves clients and API", async () => {
  await using server = await startServer([], {}, undefined, withDescriptors(64));
  await using publisher = await RtmpClient.open(server.rtmpPort);
  const { id } = await publisher.publish("live", "before");
  await using silent = new SilentSockets(server.rtmpPort);
  await silent.open(200);
  await until(() => healthy(server), "the API answers");
  const during = await publishes(server, "during");
  figure({
    id: "B6",
    what: "a client served while descriptors lack",
    unit: "ms",
    value: during,
    atMost: 1000,
    by: "wall",
  });
  publisher.send(9, id, 0, keyFrame());
  await until(async () => {
    const { body } = await server.api("/streams/live/before");
    return (body as { bytesIn: number }).bytesIn > 0;
  }, "the publisher from before goes on");
  silent.end();
  const freed = performance.now();
  await until(async () => await publishes(server, "after").catch(() => undefined), "recovery");
  figure({
    ...{ id: "B6", what: "recovery after descriptors are free", unit: "ms", by: "wall" },
    ...{ value: Math.round(performance.now() - freed), atMost: 2000 },
  });
  loggedAtMostOnceASecond(server);
  server.assertHealthy();
});

test("B6: connections to the API that take every descriptor do not end either port for good", async () => {
  await using server = await startServer([], {}, undefined, withDescriptors(64));
  await using silent = new SilentSockets(server.httpPort);
  // Where the kernel takes no more, the connects fail: that is as good.
  await silent.open(100);
  await server.waitForLog("out of file descriptors: raise the limit");
  silent.end();
  const freed = performance.now();
  await until(() => healthy(server), "the API answers again");
  await until(async () => await publishes(server, "after").catch(() => undefined), "recovery");
  figure({
    ...{ id: "B6", what: "recovery after the API took all", unit: "ms", by: "wall" },
    ...{ value: Math.round(performance.now() - freed), atMost: 2000 },
  });
  loggedAtMostOnceASecond(server);
  server.assertHealthy();
});
