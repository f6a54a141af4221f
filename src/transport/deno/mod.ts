/**
 * Deno as a {@link Runtime}.
 *
 * @module
 */
import type { Runtime } from "../../ports.ts";
import { createClock } from "../clock.ts";
import { deno } from "./api.ts";
import { listenTcp } from "./tcp.ts";

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
  writeOut: (bytes) => deno.stdout.write(bytes),
  listenTcp,
  // Loaded only now: few servers connect to others, and node:dns takes its time.
  dialTcp: async (...args) => (await import("./dial.ts")).dialTcp(...args),
  // Loaded only now: node:http takes its time, and players need not wait for the control API.
  serveHttp: async (...args) => (await import("./http.ts")).serveHttp(...args),
};
