/** Sessions that die in whatever state they are in leave nothing behind (B10). */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { MessageType } from "../../src/core/rtmp/message/types.ts";
import { until } from "../support/deadline.ts";
import { figure, FULL, sized } from "../support/figure.ts";
import { audioFrame, keyFrame } from "../support/media.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { Rig, type RigClient, settle } from "../support/rtmp_service.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { residentBytes } from "./machine.ts";

const { Audio, CommandAmf0, Video } = MessageType;

/** Resident memory of a process (MiB). */
const residentMiB = (pid: number) => residentBytes(pid) / 1024 / 1024;

/** Numbers from a seed, 0 to 2^32 - 1 (xorshift). */
function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

type Step = (client: RigClient, random: (below: number) => number) => void;

/** Names that sessions share, so that they meet. */
const nameOf = (random: (below: number) => number) => `s${random(12)}`;

/** What leads a client from one state to the next; it dies in front of any, or in the midst. */
const LIVES: readonly (readonly Step[])[] = [
  [(client) => void client.shake()],
  [(client) => void client.shake(), (client) => client.connect()],
  [
    (client) => void client.connected(2),
    (client, random) => client.publish(1, nameOf(random)),
    (client) => client.message(Video, 1, 0, keyFrame(2000)),
    (client) => client.message(Audio, 1, 20, audioFrame()),
    (client, random) => client.play(2, nameOf(random)),
    (client) => client.command(1, "closeStream", 0, null),
  ],
  [
    (client) => void client.connected(2),
    (client, random) => client.play(1, nameOf(random)),
    (client) => client.command(1, "pause", 0, null, true, 0),
    (client) => client.command(1, "receiveVideo", 0, null, false),
    (client) => client.command(1, "pause", 0, null, false, 0),
    (client, random) => client.play(2, nameOf(random)),
    (client) => client.command(0, "deleteStream", 0, null, 1),
  ],
];

/** Ways to die. */
const DEATHS: readonly Step[] = [
  (client) => client.connection.hangUp(),
  (client) => client.session.end("kicked"),
  (client) => client.session.evict("for a test"),
  // In the midst of a message.
  (client) => {
    client.write(client.encode(CommandAmf0, 0, 0, new Uint8Array(500)).subarray(0, 250));
    client.connection.hangUp();
  },
  // With a protocol error: garbage for a handshake, a chunk stream without a beginning, or AMF.
  (client) => {
    client.write(new Uint8Array(4000).fill(0xff));
    client.connection.hangUp();
  },
  // With a write that nobody takes.
  (client) => {
    client.connection.block();
    client.command(0, "_checkbw", 9, null);
    client.session.end("shutdown");
    client.connection.hangUp();
  },
];

/** Lets sessions live and die, some of them at the same time; ends with nobody connected. */
async function churn(rig: Rig, sessions: number, random: (below: number) => number): Promise<void> {
  let alive: RigClient[] = [];
  for (let index = 0; index < sessions; index++) {
    const client = rig.client();
    const life = LIVES[random(LIVES.length)]!;
    const steps = random(life.length + 1);
    for (let step = 0; step < steps; step++) {
      if (client.session.core.phase !== "closed") life[step]!(client, random);
    }
    alive.push(client);
    if (alive.length > 20 || random(4) === 0) {
      const victim = alive.splice(random(alive.length), 1)[0]!;
      DEATHS[random(DEATHS.length)]!(victim, random);
      await settle();
      rig.clock.advance(random(300));
    }
    alive = alive.filter(({ connection }) => !connection.closed);
  }
  for (const client of alive) DEATHS[random(DEATHS.length)]!(client, random);
  await settle();
  // Whoever was told why and did not go yet is cut off; waits and reconnect windows run out.
  rig.clock.advance(30_000);
  await settle();
}

/** Everything that is counted. */
function gauges(rig: Rig): Record<string, number> {
  return {
    ...rig.service.gauges,
    streams: rig.registry.size,
    // Those that go on whoever is there.
    timers: rig.clock.pending - new Rig().clock.pending,
  };
}

for (const [policy, latency] of [["replace", "lowest"], ["reject", "25"]] as const) {
  test(`B10: after sessions that died at random states every gauge is zero (${policy})`, async () => {
    const given = process.env.SLUICE_TEST_SEED;
    const seed = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
    const random = numbers(seed);
    const rig = new Rig({
      ...{ publishPolicy: policy, latency, reconnectWindowMs: 1000, playWaitMs: 2000 },
      ...{ maxPendingConnections: 15 },
    });
    const count = sized(500, 5000);
    await churn(rig, count, random);
    const left = gauges(rig);
    const message = `replay with SLUICE_TEST_SEED=${seed}`;
    for (const [what, value] of Object.entries(left)) assert.equal(value, 0, `${what}; ${message}`);
    assert.deepEqual(rig.faults, [], message);
    const value = Object.values(left).reduce((sum, each) => sum + each, 0);
    figure({
      id: "B10",
      what: `objects left after ${count} sessions, ${policy}`,
      value,
      unit: "",
      atMost: 0,
    });
    const unpaired = rig.told.filter((line) => line.startsWith("disconnect internal"));
    assert.deepEqual(unpaired, [], message);
  });
}

/** Descriptors that a process has open, or `undefined` where there is no `/proc`. */
function descriptors(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** What a client does on a socket before it is cut off. */
const ON_SOCKETS: readonly ((client: RtmpClient, name: string) => Promise<unknown>)[] = [
  () => Promise.resolve(),
  (client) => client.connect("live"),
  async (client, name) => {
    const { id } = await client.publish("live", name);
    client.send(Type.Video, id, 0, keyFrame(20_000));
  },
  (client, name) => client.play("live", name),
];

/** The same on sockets: `count` sessions, eight at a time. */
async function churnServer(server: TestServer, count: number, random: (below: number) => number) {
  let left = count;
  const lane = async () => {
    while (left-- > 0) {
      const client = await RtmpClient.open(server.rtmpPort);
      const act = ON_SOCKETS[random(ON_SOCKETS.length)]!;
      // A name that another takes over ends this one before its time.
      await act(client, nameOf(random)).catch(() => {});
      if (random(2) === 0) client.cut();
      else client.close();
      await client.closed;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  await until(async () => {
    const { body } = await server.api("/health");
    const { sessions, streams } = body as { sessions: number; streams: number };
    return sessions === 0 && streams === 0;
  }, "no session and no stream is left");
}

test("B10: a server keeps neither memory nor descriptors of sessions that died", async () => {
  const random = numbers(7);
  const flags = ["-A", "--v8-flags=--expose-gc"];
  await using server = await startServer(
    ["--plugin", "test/soak/probe.ts"],
    {},
    flags,
  );
  const count = sized(200, 10_000);
  const sample = async () => {
    const { body } = await server.api("/plugins/probe");
    return body as { heapBytes: number; rssBytes: number };
  };
  const held = async () => (await sample()).heapBytes;
  await churnServer(server, sized(200, 2000), random);
  const [before, open] = [await held(), descriptors(server.pid)];
  await churnServer(server, count, random);
  const after = await held();
  figure({
    ...{ id: "B10", what: `memory kept after ${count} sessions`, unit: "MiB", atMost: 20 },
    ...{ value: Math.round((after - before) / 1024 / 1024 * 100) / 100 },
  });
  if (open !== undefined) {
    const more = descriptors(server.pid)! - open;
    figure({ id: "B10", what: "descriptors kept", value: more, unit: "", atMost: 2 });
  }
  server.assertHealthy();
});

test("B10: what sessions that died made resident is given back, and does not add up", async () => {
  const random = numbers(11);
  await using server = await startServer();
  /**
   * The least that is resident within a while without sessions, in which a server gives back what its
   * runtime made room for: on Deno once nobody has been connected for a second or two.
   */
  const resting = async (enough: number) => {
    let least = Infinity;
    for (let round = 0; round < 30 && least > enough; round++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      least = Math.min(least, residentMiB(server.pid));
    }
    return least;
  };
  await churnServer(server, sized(150, 1000), random);
  const before = await resting(FULL ? 0 : residentMiB(server.pid));
  const count = sized(200, 2000);
  const more: number[] = [];
  for (let batch = 0; batch < sized(1, 3); batch++) {
    await churnServer(server, count, random);
    more.push(await resting(before + sized(20, 5)) - before);
  }
  const unit = "MiB";
  const value = Math.round(Math.max(...more) * 10) / 10;
  figure({ id: "B10", what: `resident at rest after ${count} sessions`, value, unit, atMost: 20 });
  // The last batch adds to those before it no more than noise.
  const slope = Math.round((more.at(-1)! - more[0]!) * 10) / 10;
  figure({
    id: "B10",
    what: "resident, last batch over the first",
    value: slope,
    unit,
    atMost: 10,
  });
  server.assertHealthy();
});
