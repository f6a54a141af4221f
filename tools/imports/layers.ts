/**
 * The layers of Sluice: who may import whom, and what each may use of the platform.
 *
 * @module
 */

/** A folder of `src/`, or a file in it; a file counts as of its own layer, not of its folder's. */
export interface Layer {
  /** Bare imports it may use; every other one is a mistake. */
  readonly packages?: readonly string[];
  /** Imports of the runtime it may use, such as `node:fs`. */
  readonly platform?: readonly string[];
  /** Uses of globals that only one runtime has. */
  readonly runtimeGlobals?: true;
  /** Synchronous, without clock, randomness, timers or console: the same bytes give the same bytes. */
  readonly pure?: true;
  /** Imports files of its own that are no TypeScript, as text. */
  readonly texts?: true;
  /** All it may import besides itself, where its row would let it import more. */
  readonly only?: readonly string[];
}

/** One row above the other: a layer imports from rows below its own, and from itself. */
export const ROWS: readonly Readonly<Record<string, Layer>>[] = [
  { "src/ports": {} },
  {
    "src/core": { pure: true },
    "src/faults.ts": {},
    "src/ports.ts": {},
    "src/text.ts": {},
    "src/version.ts": {},
    "src/web": { packages: ["hls.js", "mpegts.js"], texts: true },
  },
  {
    "src/hub": { pure: true, only: ["src/core"] },
    "src/shared_objects": { only: ["src/core", "src/ports.ts"] },
    "src/recordings": { only: ["src/core"] },
    "src/segments": { only: ["src/core"] },
    "src/client": {},
  },
  {
    "src/nats": {
      packages: ["@nats-io/kv", "@nats-io/transport-node"],
      only: ["src/ports.ts"],
    },
  },
  { "src/plugin/options.ts": { packages: ["valibot"], platform: ["node:fs"] } },
  { "src/plugin": { packages: ["hono", "valibot"] } },
  { "src/service": { packages: ["@logtape/logtape"] } },
  { "src/http": { packages: ["hono", "valibot"] } },
  {
    "src/config": { packages: ["jsonc-parser", "valibot"], platform: ["node:util"] },
    "src/tls": {
      packages: ["@logtape/logtape"],
      platform: ["node:crypto", "node:fs/promises"],
      only: ["src/core", "src/ports.ts"],
    },
    "src/storage": {
      platform: ["node:fs/promises", "node:path"],
      only: ["src/core", "src/recordings", "src/segments", "src/shared_objects"],
    },
  },
  {
    "src/lifecycle.ts": {},
    "src/log": { packages: ["@logtape/logtape"] },
    "src/settings_of.ts": {},
    "src/view": {},
  },
  { "src/balancers.ts": {} },
  {
    "src/cluster_side.ts": {},
    "src/listening.ts": {},
    "src/old_ways.ts": {},
    "src/recording_side.ts": {},
  },
  { "src/http_side.ts": {}, "src/wanted.ts": {} },
  { "src/reloading.ts": {} },
  { "src/server.ts": {} },
  { "src/transport": { packages: ["ws"], runtimeGlobals: true, only: ["src/ports.ts"] } },
  // The door of the client, which finds the runtime it is on; what is behind it is told.
  { "src/client/mod.ts": { only: ["src/client", "src/core", "src/ports.ts", "src/transport"] } },
  { "src/program": { platform: ["node:fs", "node:process", "node:tty", "node:util"] } },
  { "mod.ts": { platform: ["node:process"] } },
];

/** Folders beside `src/`, and what of the tree they may import besides themselves. */
export const OUTER: Readonly<Record<string, readonly string[]>> = {
  plugins: ["src/plugin", "src/text.ts", "src/version.ts"],
  tools: ["mod.ts", "src", "plugins"],
  bench: ["mod.ts", "src", "plugins", "tools"],
  test: ["mod.ts", "src", "plugins", "tools", "bench"],
};

/** Globals of one runtime only. */
export const RUNTIME_GLOBALS: ReadonlySet<string> = new Set([
  "Deno",
  "Bun",
  "process",
  "Buffer",
  "global",
  "require",
  "__dirname",
  "__filename",
  "setImmediate",
]);

/** Names that make a module impure: time, chance, timers, output, waiting. */
export const IMPURE: ReadonlySet<string> = new Set([
  "async",
  "await",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "Date",
  "fetch",
  "globalThis",
  "performance",
  "Promise",
  "queueMicrotask",
  "setInterval",
  "setTimeout",
  "Worker",
]);
