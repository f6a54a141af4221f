/**
 * A plugin that tells the longest turn of the server's event loop since it was last asked.
 *
 * @module
 */
import process from "node:process";
import { definePlugin } from "../../../src/plugin/mod.ts";

/** How often it looks (ms). */
const EVERY_MS = 1;

let longest = 0;
let at = performance.now();
let cpu = process.cpuUsage();

/** By the clock, but no more than the process has worked: the machine may be busy with others. */
function look(): void {
  const now = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  longest = Math.max(longest, Math.min(now - at - EVERY_MS, (user + system) / 1000));
  at = now;
  cpu = process.cpuUsage();
}

/** The plugin. */
export default definePlugin({
  name: "turns",
  routes(app) {
    setInterval(look, EVERY_MS);
    app.get("/", (c) => {
      const ms = longest;
      longest = 0;
      return c.json({ longestMs: ms });
    });
  },
});
