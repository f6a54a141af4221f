/**
 * Bun as a {@link Runtime}.
 *
 * @module
 */
import type { Runtime } from "../../ports.ts";
import { totalmem } from "node:os";
import { createClock } from "../clock.ts";
import { bun } from "./api.ts";
import { dialTcp } from "./dial.ts";
import { memoryOf } from "../memory.ts";
import { readText } from "../read_text.ts";
import { listenTcp } from "./tcp.ts";

/** The running Bun. */
export const runtime: Runtime = {
  name: "bun",
  version: bun.version,
  clock: createClock((timer) => (timer as unknown as { unref(): void }).unref()),
  randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  memory: () => memoryOf(readText, totalmem),
  collect() {
    bun.gc(true);
    return Promise.resolve();
  },
  provideModule(name, exports) {
    bun.plugin({
      name,
      setup: (build) => build.module(name, () => ({ exports, loader: "object" })),
    });
  },
  // Of a URL the query is left out.
  specifierOf: (file, version) => `${decodeURIComponent(file.pathname)}?version=${version}`,
  writeOut: (bytes) => bun.write(bun.stdout, bytes),
  listenTcp,
  // Loaded only then: many servers have no TLS.
  listenDoor: async (...args) => (await import("./door.ts")).listenDoor(...args),
  // Loaded only then: few servers speak RTMFP.
  listenUdp: async (...args) => (await import("./udp.ts")).listenUdp(...args),
  ciphers: async () => (await import("./ciphers.ts")).ciphers,
  dialTcp,
  dialTls: async (...args) => (await import("../tls_dial.ts")).dialTls(...args),
  lookup: async (...args) => (await import("../lookup.ts")).lookupHost(...args),
  // Loaded only now: node:http takes its time, and players need not wait for the control API.
  serveHttp: async (...args) => (await import("./http.ts")).serveHttp(...args),
};
