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

/** Bytes of the peer at `peerPort` that the server at `port` has not read yet. */
export function receiveQueue(port: number, peerPort: number): number {
  if (!IS_LINUX) return 0;
  const end = (one: number) => `:${one.toString(16).toUpperCase().padStart(4, "0")}`;
  for (const line of readFileSync("/proc/net/tcp", "utf8").split("\n")) {
    const row = line.trim().split(/\s+/);
    if (!row[1]?.endsWith(end(port)) || !row[2]!.endsWith(end(peerPort))) continue;
    return Number.parseInt(row[4]!.split(":")[1]!, 16);
  }
  return 0;
}
