/**
 * A server of this runtime with one live stream, and what a crowd of viewers of one kind costs it.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../tools/root.ts";
import { sleep } from "./clock.ts";
import type { LoadOptions } from "./load/options.ts";
import type { Target } from "./load/client.ts";
import { Pacer, Publisher } from "./load/publisher.ts";
import { cpuSeconds, processTree, residentBytes } from "./process_stat.ts";

/** Between starting a server, or the end of one crowd, and what comes next (ms). */
const SETTLE_MS = 4000;

/** Somebody who gets bytes. */
export interface Viewer {
  readonly bytes: number;
  close(): void;
}

/** A crowd, and how long it is watched. */
export interface Crowd {
  readonly join: () => Viewer;
  readonly players: number;
  readonly seconds: number;
  /** Viewers that join in a second. */
  readonly joinRate: number;
  /** Between the last one that joined and the window (ms). */
  readonly warmMs: number;
  /** What each should get (kbit/s). */
  readonly kbps: number;
}

/** What a crowd cost. */
export interface CrowdCost {
  /** CPU seconds of the server for each 10^9 bytes that viewers got. */
  readonly perGB: number;
  readonly cpuSeconds: number;
  /** The share of what they should have got. */
  readonly delivered: number;
  /** Resident memory that it took for each (KiB). */
  readonly eachKB: number;
}

/** Lets a crowd watch, and measures the processes of the server. */
export async function costOf(crowd: Crowd, pids: readonly number[]): Promise<CrowdCost> {
  const { join, players, seconds, joinRate, warmMs, kbps } = crowd;
  const resident = residentBytes(pids);
  const viewers: Viewer[] = [];
  while (viewers.length < players) {
    viewers.push(join());
    await sleep(1000 / joinRate);
  }
  await sleep(warmMs);
  const total = () => viewers.reduce((sum, { bytes }) => sum + bytes, 0);
  const [before, cpu] = [total(), cpuSeconds(pids)];
  await sleep(seconds * 1000);
  const [got, used] = [total() - before, cpuSeconds(pids) - cpu];
  const eachKB = (residentBytes(pids) - resident) / players / 1024;
  for (const viewer of viewers) viewer.close();
  await sleep(SETTLE_MS);
  return {
    perGB: used / (got / 1e9),
    cpuSeconds: used,
    delivered: got / (players * seconds * kbps * 125),
    eachKB,
  };
}

/** Starts a server on these ports, publishes `s0` to it, and ends it behind `work`. */
export async function withServer(
  target: Omit<LoadOptions, "way" | "playlist"> & Target,
  flags: readonly string[],
  work: (pids: readonly number[]) => Promise<void>,
): Promise<void> {
  const run = ["run", ...("Deno" in globalThis ? ["-A"] : []), join(ROOT, "mod.ts")];
  const all = [...run, "--rtmp-port", String(target.port), "--log-level", "warning", ...flags];
  const server = spawn(process.execPath, all, { stdio: "inherit" });
  try {
    await sleep(SETTLE_MS);
    const publisher = new Publisher(target, "s0", { ...target, apart: false });
    await publisher.ready;
    new Pacer([publisher], target.fps);
    await work(processTree(server.pid!));
  } finally {
    server.kill("SIGKILL");
  }
}
