/** L14: whatever publishers and players do, the memory for media stays within its budget. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { figure, FULL } from "../support/figure.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { startServer } from "../support/server.ts";
import { residentBytes } from "./machine.ts";

const MiB = 1024 * 1024;
const BUDGET_MIB = 256;

/** A picture of so many bytes. */
function picture(bytes: number, key = false): Uint8Array {
  const payload = new Uint8Array(bytes).fill(7);
  payload.set([key ? 0x17 : 0x27, 1]);
  return payload;
}

class Publisher {
  readonly client: RtmpClient;
  readonly #id: number;
  #time = 0;

  private constructor(client: RtmpClient, id: number) {
    this.client = client;
    this.#id = id;
  }

  static async start(port: number, name: string): Promise<Publisher> {
    const client = await RtmpClient.open(port);
    const { id, info } = await client.publish("live", name);
    assert.equal(info.code, "NetStream.Publish.Start");
    client.send(Type.SetChunkSize, 0, 0, Uint8Array.of(0, 1, 0, 0));
    return new Publisher(client, id);
  }

  /** Sends so many pictures, and waits now and then until the server has taken them. */
  async send(count: number, bytes: number, everyKey = Infinity): Promise<void> {
    for (let index = 0; index < count; index++) {
      this.client.send(
        Type.Video,
        this.#id,
        this.#time += 20,
        picture(bytes, index % everyKey === 0),
      );
      if (index % Math.ceil(MiB / bytes) === 0) await this.taken();
    }
    await this.taken();
  }

  /** Resolves once all has been taken, or it was ended for want of memory. */
  async taken(): Promise<void> {
    await Promise.race([this.client.call(0, "_checkbw", null).catch(() => {}), this.client.closed]);
  }
}

/** A player with so many NetStreams of one stream. */
async function player(port: number, name: string, streams: number, reads: boolean, query = "") {
  const client = await RtmpClient.open(port);
  await client.connect("live");
  const ids: number[] = [];
  while (ids.length < streams) ids.push(await client.createStream());
  if (!reads) client.pause();
  for (const id of ids) client.command(id, "play", null, name + query);
  return { client, ids };
}

type Scenario = (port: number) => Promise<RtmpClient[]>;

const publishers = (port: number, count: number, prefix: string) =>
  Promise.all(Array.from({ length: count }, (_, at) => Publisher.start(port, `${prefix}${at}`)));

/** What each of them leaves open stays until the end of it. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  async "GOPs of many streams, and 16 paused NetStreams of a connection on each"(port) {
    const sources = await publishers(port, 12, "gop");
    await Promise.all(sources.map((source) => source.send(400, 64_000)));
    const players = [];
    for (let at = 0; at < 8; at++) {
      const { client, ids } = await player(port, `gop${at}`, 16, false);
      for (const id of ids) client.command(id, "pause", null, true, 0);
      players.push(client);
    }
    for (let round = 0; round < 10; round++) {
      await Promise.all(sources.map((source) => source.send(1, 64_000)));
    }
    return [...players, ...sources.map(({ client }) => client)];
  },
  async "pictures of 4 MiB to players that read and players that do not"(port) {
    const sources = await publishers(port, 12, "huge");
    const players = [];
    for (let at = 0; at < 48; at++) {
      players.push((await player(port, `huge${at % 12}`, 1 + at % 3, at % 2 === 0)).client);
    }
    await Promise.all(sources.map((source, at) => source.send(10, 3_500_000 + 10_007 * at, 3)));
    return [...players, ...sources.map(({ client }) => client)];
  },
  async "stopped players, and players that choose their tracks"(port) {
    const sources = await publishers(port, 6, "slow");
    await Promise.all(sources.map((source) => source.send(1, 30_000)));
    const players = [];
    for (let at = 0; at < 120; at++) {
      const query = at % 4 === 0 ? `?video=${at}&audio=${at}` : "";
      players.push((await player(port, `slow${at % 6}`, 1 + at % 3, at % 8 === 0, query)).client);
    }
    await Promise.all(sources.map((source) => source.send(300, 64_000, 40)));
    return [...players, ...sources.map(({ client }) => client)];
  },
  async "publishers and players that come and go"(port) {
    for (let round = 0; round < 12; round++) {
      const sources = await publishers(port, 16, "churn");
      const players = await Promise.all(
        sources.map((_, at) => player(port, `churn${at}`, 2, at % 2 === 0)),
      );
      await Promise.all(sources.map((source, at) => source.send(60, 20_000 + 3000 * at)));
      for (const { client } of [...sources, ...players]) client.cut();
    }
    return [];
  },
};

test("L14: whatever publishers and players do, memory stays within the budget and 15 % of it", async () => {
  for (const [name, scenario] of Object.entries(SCENARIOS).slice(0, FULL ? undefined : 2)) {
    await using server = await startServer([
      "--media-memory-bytes",
      String(BUDGET_MIB * MiB),
      "--max-connections-per-address",
      "1000",
    ]);
    const before = residentBytes(server.pid);
    let peak = before;
    const sampler = setInterval(() => peak = Math.max(peak, residentBytes(server.pid)), 20);
    try {
      const clients = await scenario(server.rtmpPort);
      const { mediaMemory } = (await server.api("/health")).body as {
        mediaMemory: { used: number; limit: number };
      };
      assert.equal(mediaMemory.limit, BUDGET_MIB * MiB);
      assert.ok(mediaMemory.used <= mediaMemory.limit);
      for (const client of clients) client.cut();
    } finally {
      clearInterval(sampler);
    }
    figure({
      id: "L14",
      what: `resident beside what was before, peak: ${name}`,
      value: Math.round((peak - before) / MiB),
      unit: "MiB",
      atMost: Math.floor(1.15 * BUDGET_MIB),
    });
    server.assertHealthy();
  }
});
