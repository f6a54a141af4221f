/**
 * What it costs to record many publishers, beside the same publishers that nobody records: CPU time and memory
 * of a server of this runtime. The ways take turns, each with a fresh server.
 *
 *     deno run -A bench/recording.ts [PUBLISHERS] [SECONDS] [ROUNDS] [WAYS]
 *     bun run bench/recording.ts [PUBLISHERS] [SECONDS] [ROUNDS] [WAYS]
 *
 * `WAYS` are formats, `flv,mp4` if nothing is said; `FORMAT@FOLDER` is recorded by the server in another
 * checkout. What is not recorded is measured first in each round.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../tools/root.ts";
import { sleep } from "./clock.ts";
import { knock } from "./knock.ts";
import { DEFAULTS } from "./load/options.ts";
import { Pacer, Publisher } from "./load/publisher.ts";
import { cpuSeconds, processTree, residentBytes } from "./process_stat.ts";
import { median } from "./stats.ts";

const [publishers = 100, seconds = 10, rounds = 3] = process.argv.slice(2, 5).map(Number);
const ways = ["none", ...(process.argv[5] ?? "flv,mp4").split(",")];
const PORT = 21_947;
/** From where a server listens to its first publisher, and from there to the window (ms). */
const SETTLE_MS = 1_000;
const WARM_MS = 10_000;

/** What a way cost in one round. */
interface Cost {
  readonly cpu: number;
  readonly residentMB: number;
  /** Of what came, the share that is on the disk. */
  readonly written: number;
}

function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  return files.filter((file) => file.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const SPECIAL: Readonly<Record<string, string>> = { none: "" };

async function cost(way: string): Promise<Cost> {
  const [format, checkout = ROOT] = way.split("@") as [string, string?];
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  const run = ["run", ...("Deno" in globalThis ? ["-A"] : []), join(checkout, "mod.ts")];
  const ports = ["--rtmp-port", String(PORT), "--http-port", String(PORT + 1)];
  const flags = [...ports, "--log-level", "warning"];
  const record = ["--record-folder", folder, "--record-streams", "live/*", "--record-format"];
  if (SPECIAL[format] === undefined) flags.push(...record, format);
  const server = spawn(process.execPath, [...run, ...flags], {
    stdio: ["ignore", "ignore", "inherit"],
    cwd: checkout,
  });
  const exit = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  try {
    if (await knock(PORT, exit) === undefined) throw new Error(`The server of ${way} ended`);
    await sleep(SETTLE_MS);
    const target = { ...DEFAULTS, port: PORT, app: "live", name: "s" };
    const all = Array.from(
      { length: publishers },
      (_, number) => new Publisher(target, `s${number}`, { ...target, apart: false }),
    );
    await Promise.all(all.map(({ ready }) => ready));
    const pacer = new Pacer(all, target.fps);
    await sleep(WARM_MS);
    const pids = processTree(server.pid!);
    const before = cpuSeconds(pids);
    await sleep(seconds * 1000);
    const cpu = cpuSeconds(pids) - before;
    const residentMB = residentBytes(pids) / 1e6;
    const sent = all.reduce((sum, { leastBytes }) => sum + leastBytes, 0);
    const written = bytesIn(folder) / sent;
    pacer.stop();
    for (const publisher of all) publisher.close();
    return { cpu, residentMB, written };
  } finally {
    server.kill("SIGKILL");
    await sleep(500);
    rmSync(folder, { recursive: true });
  }
}

const costs = new Map<string, Cost[]>(ways.map((way) => [way, []]));
for (let round = 0; round < rounds; round++) {
  for (const way of ways) {
    const found = await cost(way);
    const none = costs.get("none")!.at(-1) ?? found;
    costs.get(way)!.push(found);
    console.log(
      `${way}: ${found.cpu.toFixed(2)} s, ${(found.cpu / none.cpu).toFixed(2)}x, ` +
        `${found.residentMB.toFixed(0)} MB, ${
          (found.residentMB - none.residentMB).toFixed(0)
        } more, ` +
        `${(100 * found.written).toFixed(0)} % written`,
    );
  }
}
const none = costs.get("none")!;
for (const way of ways.slice(1)) {
  const own = costs.get(way)!;
  const ratio = median(own.map(({ cpu }, round) => cpu / none[round]!.cpu));
  const more = median(own.map(({ residentMB }, round) => residentMB - none[round]!.residentMB));
  console.log(`${way}, median: ${ratio.toFixed(2)}x of not recording, ${more.toFixed(0)} MB more`);
}
process.exit(0);
