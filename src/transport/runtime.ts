/**
 * Finds the runtime that this program runs on.
 *
 * @module
 */
import type { Runtime } from "../ports.ts";

/** Loads the adapter of the running runtime, and only that one. */
export async function loadRuntime(): Promise<Runtime> {
  if ("Deno" in globalThis) return (await import("./deno/mod.ts")).runtime;
  if ("Bun" in globalThis) return (await import("./bun/mod.ts")).runtime;
  throw new Error(
    "Sluice runs on Deno or Bun: start it with `deno run -NER mod.ts` or `bun run mod.ts`",
  );
}
