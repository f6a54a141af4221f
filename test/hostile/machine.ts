/**
 * What the kernel tells of a server process, where it is Linux.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";

/** Where the kernel tells of memory and sockets; elsewhere the figures of both are 0. */
const IS_LINUX = process.platform === "linux";

/** Resident memory of a process (bytes). */
export function residentBytes(pid: number): number {
  if (!IS_LINUX) return 0;
  const kiB = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1];
  return Number(kiB) * 1024;
}

/** Most bytes that wait to be read on any connection of the server's port. */
export function longestReceiveQueue(port: number): number {
  if (!IS_LINUX) return 0;
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = readFileSync("/proc/net/tcp", "utf8").split("\n").map((row) =>
    row.trim().split(/\s+/)
  );
  const queues = rows.filter((row) => row[1]?.endsWith(local)).map((row) =>
    Number.parseInt(row[4]!.split(":")[1]!, 16)
  );
  return Math.max(0, ...queues);
}
