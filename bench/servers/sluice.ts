/**
 * Sluice itself, on either runtime.
 *
 * @module
 */
import { join } from "node:path";
import process from "node:process";
import { VERSION } from "../../src/version.ts";
import { run } from "../../tools/command.ts";
import { findBun } from "../../tools/find_bun.ts";
import { ROOT } from "../../tools/root.ts";
import { WAYS } from "../load/ways.ts";
import type { BenchServer, FoundServer } from "./server.ts";

function sluiceOn(runtime: string, program: string, before: readonly string[]): FoundServer {
  // The measurements are of the defaults, whatever is set around here.
  const settings = Object.keys(process.env).filter((name) => name.startsWith("SLUICE_"));
  const env = Object.fromEntries(settings.map((name) => [name, undefined]));
  return {
    about: `Sluice ${VERSION} on ${runtime}`,
    command: ({ port, httpPort, latency }) => ({
      program,
      args: [
        ...before,
        join(ROOT, "mod.ts"),
        ...["--rtmp-port", String(port), "--http-port", String(httpPort)],
        ...["--log-level", "warning", "--play-latency", latency],
      ],
      env,
    }),
  };
}

/** The Deno that runs this, or the one on PATH when this runs on Bun. */
async function findDeno(): Promise<FoundServer> {
  const program = "Deno" in globalThis ? process.execPath : "deno";
  const { code, output, failure } = await run(program, ["--version"]);
  const version = /^deno (\S+)/m.exec(output)?.[1];
  if (code !== 0 || version === undefined) {
    throw new Error(`Deno was not found (${failure ?? output.trim()}): npm install -g deno`);
  }
  return sluiceOn(`Deno ${version}`, program, ["run", "-A"]);
}

/** Sluice on Bun. */
export const sluiceBun: BenchServer = {
  name: "sluice-bun",
  ways: WAYS,
  find: async () => {
    const { path, about } = await findBun();
    return sluiceOn(about.replace(/^bun (\S+).*/, "Bun $1"), path, ["run"]);
  },
};

/** Sluice on Deno. */
export const sluiceDeno: BenchServer = { name: "sluice-deno", ways: WAYS, find: findDeno };
