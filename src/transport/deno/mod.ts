/**
 * Deno as a {@link Runtime}.
 *
 * @module
 */
import type { Runtime } from "../../ports.ts";
import { createClock } from "../clock.ts";
import { memoryOf } from "../memory.ts";
import { readText } from "../read_text.ts";
import { deno, type DenoPermission } from "./api.ts";
import { openFile } from "./files.ts";
import { listenTcp } from "./tcp.ts";

/** Asking for a right would stop at a prompt on a terminal. */
function isPermitted(what: DenoPermission): boolean {
  return deno.permissions.querySync(what).state === "granted";
}

/** Files of the kernel take the right to write them too, as Deno sees it. */
function permittedText(path: string): string | undefined {
  const permitted = isPermitted({ name: "read", path }) && isPermitted({ name: "write", path });
  return permitted ? readText(path) : undefined;
}

function totalMemory(): number | undefined {
  const permitted = isPermitted({ name: "sys", kind: "systemMemoryInfo" });
  return permitted ? deno.systemMemoryInfo().total : undefined;
}

/** The running Deno. */
export const runtime: Runtime = {
  name: "deno",
  version: deno.version.deno,
  clock: createClock((timer) => deno.unrefTimer(timer as unknown as number)),
  // To read what is not granted asks whoever sits at the terminal, and the server waits for that.
  mayReadEnv: (variable) =>
    deno.permissions.querySync({ name: "env", ...(variable !== undefined && { variable }) })
      .state === "granted",
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  // Not node:fs: its asynchronous writes to standard output hold up the whole process on Deno.
  memory: () => memoryOf(permittedText, totalMemory),
  // Loaded only then: it is wanted long after the start, if ever.
  collect: async () => (await import("./collect.ts")).collect(),
  writeOut: (bytes) => deno.stdout.write(bytes),
  openFile,
  listenTcp,
  // Loaded only then: many servers have no TLS.
  listenDoor: async (...args) => (await import("./door.ts")).listenDoor(...args),
  // Loaded only then: few servers speak RTMFP.
  listenUdp: async (...args) => (await import("../udp.ts")).listenUdp(...args),
  // Loaded only now: few servers connect to others, and node:dns takes its time.
  dialTcp: async (...args) => (await import("./dial.ts")).dialTcp(...args),
  dialTls: async (...args) => (await import("../tls_dial.ts")).dialTls(...args),
  lookup: async (...args) => (await import("../lookup.ts")).lookupHost(...args),
  // Loaded only now: node:http takes its time, and players need not wait for the control API.
  serveHttp: async (...args) => (await import("./http.ts")).serveHttp(...args),
};
