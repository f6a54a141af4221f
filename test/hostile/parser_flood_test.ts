import { test } from "node:test";
import assert from "node:assert/strict";
import { joined } from "../support/chunks.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { RtmpClient } from "../support/rtmp_client.ts";
import { Rig } from "../support/rtmp_service.ts";
import { startProgram, startServer } from "../support/server.ts";
import { CHUNK_SIZE, FLOODS } from "./floods.ts";

/** What floods, as a process of its own. */
const PROGRAM = "test/hostile/flood_program.ts";

const p99 = (sorted: readonly number[]) => sorted[Math.floor(sorted.length * 0.99)];
const rounded = (value: number) => Number(value.toFixed(1));

test("A13: a flood of 100,000 messages a second, of any kind, delays no other client", async () => {
  const ms = sized(50, 1500);
  // Nobody here publishes or plays.
  await using server = await startServer(["--rtmp-timeout-ms", "600000"]);
  await using honest = await RtmpClient.open(server.rtmpPort);
  await honest.connect("live");
  /** How long an answer takes (ms). */
  const ask = async () => {
    const start = performance.now();
    await honest.call(0, "_checkbw", null);
    honest.messages.length = 0;
    const took = performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 2));
    return took;
  };
  const idle: number[] = [];
  const until = performance.now() + ms;
  do idle.push(await ask()); while (performance.now() < until);
  await using floods = startProgram([`${server.rtmpPort}`, `${ms}`], {}, PROGRAM);
  const lags = new Map<string, number[]>();
  let kind = "";
  let sent = 0;
  for (let line = 0; sent === 0;) {
    for (; line < floods.lines.length; line++) {
      const [, what, rest] = /^(begin|sent) (.*)$/.exec(floods.lines[line]!) ?? [];
      assert.ok(what, floods.describe());
      if (what === "begin") lags.set(kind = rest!, []);
      else sent = Number(rest);
    }
    const lag = await ask();
    lags.get(kind)?.push(lag);
  }
  const kinds = [...lags].map(([what, list]) => {
    list.sort((a, b) => a - b);
    // In the quick form a busy machine may have no time for an answer during one of them.
    assert.ok(!FULL || list.length > 20, `${what}: ${list.length} answers`);
    return { what, p99: p99(list) ?? 0, most: list.at(-1) ?? 0 };
  });
  kinds.sort((a, b) => b.p99 - a.p99);
  assert.equal(kinds.length, Object.keys(FLOODS).length);
  for (const { what, p99, most } of kinds.slice(0, 5)) {
    console.log(`slowest answers: p99 ${rounded(p99)} ms, at most ${rounded(most)} ms: ${what}`);
  }
  const id = "A13";
  figure({ id, what: "messages of floods sent", value: sent, unit: "messages" });
  const before = p99(idle.sort((a, b) => a - b))!;
  figure({ id, what: "answer to a client, p99", value: rounded(before), unit: "ms" });
  figure({
    ...{ id, what: "the same while another client floods, of the worst kind, more than that" },
    ...{ value: rounded(kinds[0]!.p99 - before), unit: "ms", atMost: 25, by: "wall" },
  });
  const most = Math.max(...kinds.map(({ most }) => most));
  figure({
    id,
    what: "answer to a client during floods, slowest",
    value: rounded(most),
    unit: "ms",
  });
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
    const count = 2500;
    client.write(joined(Array<Uint8Array>(count).fill(again)));
    assert.equal(client.connection.paused, true, what);
    assert.ok(client.take().length <= 2000, what);
    assert.equal(client.session.core.phase, "connected", what);
    // All of it is read in the end.
    rig.clock.advance(60_000);
    assert.equal(client.connection.paused, false, what);
  }
});
