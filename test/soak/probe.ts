/**
 * A plugin that tells how much memory the server holds once everything is collected that can be.
 * On Deno it needs `--v8-flags=--expose-gc`.
 *
 * @module
 */
import process from "node:process";
import { definePlugin } from "../../src/plugin/mod.ts";

/** What the server holds. */
export interface Sample {
  /** `heapUsed` and `external` after collection (bytes). */
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/** What this runtime offers to collect with. */
const runtime = globalThis as {
  readonly gc?: () => void;
  readonly Bun?: { gc(force: boolean): void };
};

function collect(): void {
  if (runtime.Bun !== undefined) runtime.Bun.gc(true);
  else if (runtime.gc !== undefined) runtime.gc();
  else throw new Error("Nothing to collect with: start Deno with --v8-flags=--expose-gc");
}

/** The plugin. */
export default definePlugin({
  name: "probe",
  routes(app) {
    app.get("/", async (c) => {
      collect();
      // Finalizers run between the two.
      await new Promise((resolve) => setTimeout(resolve, 5));
      collect();
      const { heapUsed, external, rss } = process.memoryUsage();
      return c.json({ heapBytes: heapUsed + external, rssBytes: rss } satisfies Sample);
    });
  },
});
