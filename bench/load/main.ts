/**
 * The load generator: publishers, a crowd of players and some probes among them.
 *
 *     deno run -A bench/load/main.ts --help
 *
 * @module
 */
import process from "node:process";
import { now, sleep } from "../clock.ts";
import { cpuSeconds, machineCpuSeconds, processTree, residentBytes } from "../process_stat.ts";
import { spreadOf } from "../stats.ts";
import { Crowd } from "./crowd_link.ts";
import type { CrowdCount } from "./crowd_protocol.ts";
import { type LoadOptions, readArguments } from "./options.ts";
import { Player, probeIndices, streamName } from "./player.ts";
import { Pacer, Publisher } from "./publisher.ts";
import type { LoadResult } from "./result.ts";

const NOBODY: CrowdCount = {
  reading: 0,
  bytes: 0,
  playing: 0,
  closed: 0,
  refused: 0,
  stalled: 0,
  slowClosed: 0,
  joinMs: [],
  lateJoinMs: [],
  lateFailed: 0,
  lateBytes: 0,
  cpuSeconds: 0,
};

/** Time from publishing to the first player (ms). */
const SETTLE_MS = 300;

/** Starts the publishers and lets them send. */
async function publish(options: LoadOptions): Promise<{ all: Publisher[]; pacer: Pacer }> {
  const shape = { ...options, apart: options.apart > 0 };
  const all = Array.from(
    { length: options.publishers },
    (_, i) => new Publisher(options, streamName(options.name, i), shape),
  );
  await Promise.all(all.map(({ ready }) => ready));
  return { all, pacer: new Pacer(all, options.fps) };
}

/** Lets the probes join in their places among the crowd. */
async function joinProbes(
  { publishers, players, probes, joinRate, name, ...options }: LoadOptions,
  startAt: number,
  onPicture: (sent: number, received: number) => void,
): Promise<Player[]> {
  const all: Player[] = [];
  for (const index of probeIndices(publishers * players, probes)) {
    await sleep(Math.max(0, startAt + index * 1000 / joinRate - now()));
    all.push(new Player(options, streamName(name, index % publishers), { onPicture }));
  }
  return all;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

async function load(options: LoadOptions): Promise<LoadResult> {
  const { players, publishers, pid, warm, seconds, slow, joins } = options;
  const tree = () => pid === 0 ? [] : processTree(pid);
  const rssBefore = residentBytes(tree());
  const { all, pacer } = await publish(options);
  await sleep(SETTLE_MS);

  const latencies: number[] = [];
  let from = Infinity;
  let to = -Infinity;
  const startAt = now() + SETTLE_MS;
  const crowd = publishers * players + joins > 0 ? new Crowd({ options, startAt }) : undefined;
  const probes = await joinProbes(options, startAt, (sent, received) => {
    if (sent >= from && received < to) latencies.push(received - sent);
  });
  await crowd?.ready();
  await sleep(warm * 1000);

  const read = () => ({
    pids: tree(),
    own: process.cpuUsage(),
    machine: machineCpuSeconds(),
    in: sum(all, ({ sentBytes }) => sentBytes),
    least: sum(all, ({ leastBytes }) => leastBytes),
    probes: sum(probes, ({ bytes }) => bytes),
  });
  await crowd?.start();
  const before = read();
  const cpuBefore = cpuSeconds(before.pids);
  from = now();
  to = from + seconds * 1000;
  await sleep(seconds * 1000);
  const until = now();
  const cpu = cpuSeconds(before.pids) - cpuBefore;
  const after = read();
  const rss = residentBytes(after.pids);
  const probesClosed = probes.filter(({ closed }) => closed).length;
  const count = await crowd?.stop() ?? NOBODY;
  pacer.stop();
  crowd?.end();
  const gone = all.filter(({ closed }) => closed).length;
  if (gone > 0) throw new Error(`the server closed ${gone} of ${publishers} publishers`);

  const length = (until - from) / 1000;
  const own = after.own.user + after.own.system - before.own.user - before.own.system;
  const generator = own / 1e6 + count.cpuSeconds;
  const bytes = count.bytes + after.probes - before.probes;
  const reading = count.reading + probes.length;
  const due = (after.least - before.least) / publishers * reading;
  const bytesIn = after.in - before.in;
  return {
    players: reading,
    playing: count.playing + probes.filter(({ joinMs }) => joinMs !== undefined).length,
    closed: count.closed + probesClosed,
    refused: count.refused + probes.filter(({ refusal }) => refusal !== undefined).length,
    stalled: count.stalled,
    slow,
    slowClosed: count.slowClosed,
    seconds: length,
    inGB: bytesIn / 1e9,
    dueGB: due / 1e9,
    outGB: bytes / 1e9,
    delivered: due === 0 ? 1 : bytes / due,
    cpuSeconds: cpu,
    cpuPercent: cpu / length * 100,
    cpuPerOutGB: bytes === 0 ? 0 : cpu / (bytes + count.lateBytes) * 1e9,
    cpuPerInGB: cpu / bytesIn * 1e9,
    rssBeforeMB: rssBefore / 1e6,
    rssMB: rss / 1e6,
    latencyMs: spreadOf(latencies),
    joinMs: spreadOf([...count.joinMs, ...probes.flatMap(({ joinMs }) => joinMs ?? [])]),
    lateJoinMs: spreadOf(count.lateJoinMs),
    lateFailed: count.lateFailed,
    backlogMB: sum(all, ({ waitingBytes }) => waitingBytes) / 1e6,
    generatorPercent: generator / length * 100,
    // The kernel samples the machine's time but counts that of processes: this is an estimate.
    elsewherePercent: Math.max(0, after.machine - before.machine - cpu - generator) / length * 100,
  };
}

try {
  const options = readArguments(process.argv.slice(2));
  if (typeof options === "string") {
    console.log(options);
  } else {
    const round = (_: string, value: unknown) =>
      typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value;
    console.log(JSON.stringify(await load(options), round));
  }
  process.exit(0);
} catch (error) {
  console.error(`load: ${(error as Error).message}`);
  process.exit(1);
}
