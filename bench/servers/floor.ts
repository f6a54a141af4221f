/**
 * The floor: no server, but the least that sending costs on this machine.
 *
 * @module
 */
import { join } from "node:path";
import { findBun } from "../../tools/find_bun.ts";
import { ROOT } from "../../tools/root.ts";
import type { BenchServer } from "./server.ts";

/** The floor, for fan-out only. */
export const floor: BenchServer = {
  name: "floor",
  ways: ["rtmp"],
  find: async () => {
    const { path, about } = await findBun();
    return {
      about: `a program of some lines on ${about.replace(/^bun (\S+).*/, "Bun $1")}`,
      command: ({ port, floorWindowMs, kbps }) => ({
        program: path,
        args: ["run", join(ROOT, "bench", "floor.ts"), ...[port, floorWindowMs, kbps].map(String)],
      }),
    };
  },
};
