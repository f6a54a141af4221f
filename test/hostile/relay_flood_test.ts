/** E6: other servers that flood the one that relays to them and from them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { figure, sized } from "../support/figure.ts";
import { startProgram, startServer } from "../support/server.ts";
import { Beat, HealthySet } from "./healthy_set.ts";

test("E6: targets and sources that flood the server leave players their pictures", async () => {
  await using flooder = startProgram([], {}, "test/hostile/flooding_server_program.ts");
  const port = await flooder.waitForLine(
    (line) => /^port (\d+)/.exec(line)?.[1],
    "its port",
    30_000,
  );
  const at = (name: string) => `rtmp://127.0.0.1:${port}/x/${name}`;
  await using server = await startServer([
    ...["--relay-allow-private", "--relay-timeout-ms", "600000"],
  ]);
  await using beat = await Beat.start(server.rtmpPort, "a", 10_000);
  await using healthy = await HealthySet.join(server.rtmpPort, "a", sized(3, 20));
  await beat.pass(500);
  healthy.take();
  await beat.pass(sized(1000, 5000));
  const before = healthy.take();
  const asJson = { "Content-Type": "application/json" };
  for (let index = 0; index < 4; index++) {
    const body = JSON.stringify({ app: "live", name: "a", url: at(`t${index}`) });
    const { status } = await server.api("/relays", { method: "POST", headers: asJson, body });
    assert.equal(status, 201);
  }
  await flooder.waitForLine(
    (line) => Number(/^messages (\d+)/.exec(line)?.[1]) > 0 || undefined,
    "it floods",
    30_000,
  );
  healthy.take();
  await beat.pass(sized(2000, 8000));
  const during = healthy.take();
  const { body } = await server.api("/relays");
  const { relays } = body as { relays: { state: string; oddMessages: number }[] };
  assert.ok(relays.every(({ state }) => state === "connecting"));
  assert.equal(during.missing, 0, "no player misses a picture");
  figure({
    ...{ id: "E6", what: "p99 of players with four targets that flood, more than before" },
    ...{ value: Math.max(0, during.p99 - before.p99), unit: "ms", atMost: 100, by: "wall" },
  });
  server.assertHealthy();
});
