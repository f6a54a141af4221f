/**
 * What the figures were measured on, without names or paths of the machine.
 *
 * @module
 */
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import process from "node:process";

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGB: number;
  readonly kernel: string;
  /** What runs the load generator. */
  readonly runtime: string;
}

/** The machine this runs on. */
export function machine(): Machine {
  const { deno, bun } = process.versions as Record<string, string | undefined>;
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e9),
    kernel: `${type()} ${release()} ${arch()}`,
    runtime: deno !== undefined ? `Deno ${deno}` : `Bun ${bun}`,
  };
}
