/**
 * What processes have used of the processor.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";

/** Ticks of the kernel a second, on every Linux there is. */
const TICKS = 100;

/** CPU time of this process (ms): unlike the clock it does not run on while others are served. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Starts a stopwatch for code of this thread; it tells the milliseconds so far. Other threads add to
 * the time of the process, other processes to that of the clock: the lesser is nearer the truth.
 */
export function stopwatch(): () => number {
  const [cpu, clock] = [cpuMs(), performance.now()];
  return () => {
    const real = performance.now() - clock;
    return Math.min(real, cpuMs() - cpu);
  };
}

/** Seconds of CPU that a process has used so far, or `undefined` where there is no `/proc`. */
export function cpuSeconds(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
    return (Number(user) + Number(system)) / TICKS;
  } catch {
    return undefined;
  }
}
