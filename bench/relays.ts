/**
 * What targets of a stream, and players over RTMPS, cost beside as many players over RTMP: CPU time of a server of
 * this runtime per GB that it sends. The ways take turns, each with a fresh server.
 *
 *     deno run -A bench/relays.ts [COUNT] [SECONDS] [ROUNDS] [WAYS]
 *     bun run bench/relays.ts [COUNT] [SECONDS] [ROUNDS] [WAYS]
 *
 * `WAYS` are `targets,rtmps` if nothing is said. Players over RTMP are measured first in each round. Targets are
 * streams of a second server of the same runtime, whose CPU does not count.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { makePair } from "../src/tls/make.ts";
import { ROOT } from "../tools/root.ts";
import { sleep } from "./clock.ts";
import { DEFAULTS } from "./load/options.ts";
import { Pacer, Publisher } from "./load/publisher.ts";
import { cpuSeconds, processTree, residentBytes } from "./process_stat.ts";
import { median } from "./stats.ts";

const [count = 100, seconds = 6, rounds = 3] = process.argv.slice(2, 5).map(Number);
const ways = ["players", ...(process.argv[5] ?? "targets,rtmps").split(",")];
const PORT = 21_957;
const [HTTP_PORT, RTMPS_PORT, SINK_PORT, SINK_HTTP_PORT] = [21_958, 21_959, 21_960, 21_961];
/** From the start of a server to its first client, and from the last client to the window (ms). */
const SETTLE_MS = 2_500;
const WARM_MS = 3_000;
/** Longest until all clients are there (ms). */
const JOIN_MS = 60_000;

const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
const pair = makePair(["localhost", "127.0.0.1"], 30, Date.now());
writeFileSync(certFile, pair.cert);
writeFileSync(keyFile, pair.key, { mode: 0o600 });

/** Runs a file of the checkout on this runtime. */
function run(file: string, ...args: readonly string[]): ChildProcess {
  const flags = ["run", ...("Deno" in globalThis ? ["-A"] : []), join(ROOT, file)];
  return spawn(process.execPath, [...flags, ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

function serve(rtmp: number, http: number, ...more: readonly string[]): ChildProcess {
  const ports = ["--rtmp-port", String(rtmp), "--http-port", String(http)];
  return run("mod.ts", ...ports, "--log-level", "error", ...more);
}

/** Waits for a child to say something. */
function said(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.once("data", () => resolve());
    child.once("exit", () => reject(new Error("It has ended")));
    setTimeout(() => reject(new Error("It says nothing")), JOIN_MS).unref();
  });
}

async function ask(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const response = await fetch(`http://127.0.0.1:${HTTP_PORT}${path}`, {
    ...(body === undefined ? {} : {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
  return await response.json() as Record<string, unknown>;
}

/** Has the stream pushed to so many targets. */
async function push(): Promise<ChildProcess> {
  const sink = serve(SINK_PORT, SINK_HTTP_PORT);
  await sleep(SETTLE_MS);
  for (let index = 0; index < count; index++) {
    const url = `rtmp://127.0.0.1:${SINK_PORT}/in/t${index}`;
    await ask("/relays", { app: "live", name: "s", url });
  }
  for (const end = performance.now() + JOIN_MS; performance.now() < end; await sleep(200)) {
    const { relays } = await ask("/relays?limit=1000") as { relays: { state: string }[] };
    if (relays.filter(({ state }) => state === "publishing").length === count) return sink;
  }
  sink.kill("SIGKILL");
  throw new Error("Not all targets take the stream");
}

/** Lets so many players in. */
async function play(way: string): Promise<ChildProcess> {
  const crowd = way === "rtmps"
    ? run("bench/relay_players.ts", `rtmps://localhost:${RTMPS_PORT}/live/s`, `${count}`, certFile)
    : run("bench/relay_players.ts", `rtmp://127.0.0.1:${PORT}/live/s`, `${count}`);
  await said(crowd);
  return crowd;
}

/** CPU time per GB (s), and memory (MB). */
interface Cost {
  readonly perGB: number;
  readonly residentMB: number;
}

async function cost(way: string): Promise<Cost> {
  const tls = ["--tls-cert", certFile, "--tls-key", keyFile, "--rtmps-port", String(RTMPS_PORT)];
  const server = serve(PORT, HTTP_PORT, "--relay-allow-private", ...tls);
  let others: ChildProcess | undefined;
  try {
    await sleep(SETTLE_MS);
    const target = { ...DEFAULTS, port: PORT, app: "live", name: "s" };
    const publisher = new Publisher(target, "s", { ...target, apart: false });
    await publisher.ready;
    const pacer = new Pacer([publisher], target.fps);
    await sleep(1000);
    others = await (way === "targets" ? push() : play(way));
    await sleep(WARM_MS);
    const pids = processTree(server.pid!);
    const sent = async () => Number((await ask("/streams/live/s")).bytesOut);
    const [cpu, bytes] = [cpuSeconds(pids), await sent()];
    await sleep(seconds * 1000);
    const perGB = (cpuSeconds(pids) - cpu) / ((await sent() - bytes) / 1e9);
    const residentMB = residentBytes(pids) / 1e6;
    pacer.stop();
    publisher.close();
    return { perGB, residentMB };
  } finally {
    others?.kill("SIGKILL");
    server.kill("SIGKILL");
    await sleep(500);
  }
}

const costs = new Map<string, Cost[]>(ways.map((way) => [way, []]));
for (let round = 0; round < rounds; round++) {
  for (const way of ways) {
    const found = await cost(way);
    const players = costs.get("players")!.at(-1) ?? found;
    costs.get(way)!.push(found);
    const ratio = (found.perGB / players.perGB).toFixed(2);
    console.log(
      `${way}: ${found.perGB.toFixed(2)} s/GB, ${ratio}x, ${found.residentMB.toFixed(0)} MB`,
    );
  }
}
const players = costs.get("players")!;
console.log(`players, median: ${median(players.map(({ perGB }) => perGB)).toFixed(2)} s/GB`);
for (const way of ways.slice(1)) {
  const own = costs.get(way)!;
  const ratio = median(own.map(({ perGB }, round) => perGB / players[round]!.perGB));
  const perGB = median(own.map((one) => one.perGB));
  console.log(`${way}, median: ${perGB.toFixed(2)} s/GB, ${ratio.toFixed(2)}x of players`);
}
rmSync(folder, { recursive: true });
process.exit(0);
