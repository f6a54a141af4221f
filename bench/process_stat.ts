/**
 * What processes have used, from `/proc`: Linux only.
 *
 * @module
 */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in `/proc`: the kernel shows users 100 whatever it counts with. */
const TICKS = 100;

/** The fields of `/proc/PID/stat` behind the name, which may contain anything. */
function statOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // It has ended.
  }
}

/** The process `root` and everything it started that still runs. */
export function processTree(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync("/proc")) {
    const pid = Number(entry);
    const parent = Number.isInteger(pid) ? Number(statOf(pid)?.[1] ?? NaN) : NaN;
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const tree = [root];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** CPU time that `pids` have used so far, user and system (s), in steps of 10 ms. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    if (stat !== undefined) ticks += Number(stat[11]) + Number(stat[12]);
  }
  return ticks / TICKS;
}

/** Resident memory of `pids` (bytes). */
export function residentBytes(pids: readonly number[]): number {
  let kilobytes = 0;
  for (const pid of pids) {
    kilobytes += Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1] ?? 0);
  }
  return kilobytes * 1024;
}

/** CPU time that the whole machine has used so far, stolen time included (s). */
export function machineCpuSeconds(): number {
  const [user, nice, system, , , irq, softirq, steal] = /^cpu\s+(.*)$/m
    .exec(readFileSync("/proc/stat", "utf8"))![1]!.split(" ").map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / TICKS;
}
