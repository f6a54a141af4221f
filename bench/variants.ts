/**
 * What the variants of RTMP cost: CPU time of a server of this runtime for players of one stream, each
 * way in turn with a fresh server. The players are rtmpdump, which speaks them all but RTMFP; those of that are
 * our own.
 *
 *     deno run -A bench/variants.ts [PLAYERS] [SECONDS] [ROUNDS] [WAYS]
 *     bun run bench/variants.ts [PLAYERS] [SECONDS] [ROUNDS] [WAYS]
 *
 * `WAYS` are `rtmpe,rtmpt,rtmpte` if nothing is said; `rtmfp` has checksums, `rtmfp-codes` codes and numbers. Plain RTMP is measured first in each round.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { ROOT } from "../tools/root.ts";
import { sleep } from "./clock.ts";
import { DEFAULTS } from "./load/options.ts";
import { Pacer, Publisher } from "./load/publisher.ts";
import { cpuSeconds, processTree } from "./process_stat.ts";
import { Program } from "./processes.ts";
import { median } from "./stats.ts";

const [players = 100, seconds = 10, rounds = 3] = process.argv.slice(2, 5).map(Number);
const ways = ["rtmp", ...(process.argv[5] ?? "rtmpe,rtmpt,rtmpte").split(",")];
const PORT = 21_951;
/** From the start of a server to its first publisher, and from the last player to the window (ms). */
const SETTLE_MS = 2_500;
const WARM_MS = 5_000;
/** Between players that join (ms): the server makes the keys for a hundred of them in a second. */
const JOIN_MS = 20;

/** The same of those of RTMFP (ms). */
const SLOW_JOIN_MS = 60;

/** What a way cost in one round, by bytes that were given to players. */
interface Cost {
  readonly perGB: number;
  /** Of what the players should have got. */
  readonly delivered: number;
}

/** Bytes that players of the stream were sent so far. */
async function sentBytes(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${PORT + 1}/streams`);
  const { streams } = await answer.json() as {
    streams: readonly { readonly bytesOut: number }[];
  };
  return streams.reduce((sum, { bytesOut }) => sum + bytesOut, 0);
}

async function cost(way: string): Promise<Cost> {
  const run = ["run", ...("Deno" in globalThis ? ["-A"] : []), `${ROOT}/mod.ts`];
  const ports = ["--rtmp-port", String(PORT), "--http-port", String(PORT + 1)];
  const server = spawn(
    process.execPath,
    [
      ...run,
      ...ports,
      ...["--rtmfp-port", String(PORT), "--log-level", "warning"],
      ...["--max-connections-per-address", "1000"],
    ],
    { stdio: ["ignore", "ignore", "inherit"], cwd: ROOT },
  );
  const dumps: Program[] = [];
  try {
    for (let tries = 0; tries < 30; tries++) {
      await sleep(SETTLE_MS / 5);
      if (await sentBytes().catch(() => undefined) !== undefined) break;
    }
    await sleep(SETTLE_MS);
    const target = { ...DEFAULTS, port: PORT, app: "live", name: "s" };
    const publisher = new Publisher(target, "s", { ...target, apart: false });
    await publisher.ready;
    const pacer = new Pacer([publisher], target.fps);
    const port = way.startsWith("rtmpt") ? PORT + 1 : PORT;
    const url = `${way}://127.0.0.1:${port}/live/s`;
    if (way.startsWith("rtmfp")) {
      const codes = way === "rtmfp-codes" ? ["codes"] : [];
      const file = `${ROOT}/bench/load/rtmfp_players.ts`;
      const all = ["-A", file].slice("Deno" in globalThis ? 0 : 1);
      const args = ["run", ...all, `${PORT}`, `${players}`, ...codes];
      dumps.push(new Program({ program: process.execPath, args }));
      await sleep(players * SLOW_JOIN_MS);
    }
    for (let count = 0; !way.startsWith("rtmfp") && count < players; count++) {
      dumps.push(
        new Program({ program: "rtmpdump", args: ["-q", "-v", "-r", url, "-o", "/dev/null"] }),
      );
      await sleep(JOIN_MS);
    }
    await sleep(WARM_MS);
    const pids = processTree(server.pid!);
    const [cpu, bytes, sent] = [cpuSeconds(pids), await sentBytes(), publisher.leastBytes];
    await sleep(seconds * 1000);
    const used = cpuSeconds(pids) - cpu;
    const out = await sentBytes() - bytes;
    const delivered = out / (players * (publisher.leastBytes - sent));
    pacer.stop();
    publisher.close();
    return { perGB: used / (out / 1e9), delivered };
  } finally {
    await Promise.all(dumps.map((dump) => dump.end()));
    server.kill("SIGKILL");
    await sleep(500);
  }
}

const costs = new Map<string, Cost[]>(ways.map((way) => [way, []]));
for (let round = 0; round < rounds; round++) {
  for (const way of ways) {
    const found = await cost(way);
    costs.get(way)!.push(found);
    const ratio = found.perGB / costs.get("rtmp")!.at(-1)!.perGB;
    console.log(
      `${way}: ${found.perGB.toFixed(2)} CPU s/GB, ${ratio.toFixed(2)}x, ` +
        `${(100 * found.delivered).toFixed(0)} % delivered`,
    );
  }
}
const plain = costs.get("rtmp")!;
for (const way of ways.slice(1)) {
  const ratio = median(costs.get(way)!.map(({ perGB }, round) => perGB / plain[round]!.perGB));
  console.log(`${way}, median: ${ratio.toFixed(2)}x of RTMP`);
}
process.exit(0);
