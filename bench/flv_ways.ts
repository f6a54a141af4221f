/**
 * What players of FLV over HTTP and over WebSocket cost beside as many of RTMP: CPU time of the server per GB
 * that they got, on the runtime that runs this. The ways take turns, and each round is a ratio of its own.
 *
 *     deno run -A bench/flv_ways.ts [PLAYERS] [SECONDS] [ROUNDS]
 *     bun run bench/flv_ways.ts [PLAYERS] [SECONDS] [ROUNDS]
 *
 * @module
 */
import process from "node:process";
import { FlvViewer } from "./load/flv_viewer.ts";
import { Player } from "./load/player.ts";
import { DEFAULTS } from "./load/options.ts";
import { costOf, type Viewer, withServer } from "./viewers.ts";

const [players = 500, seconds = 8, rounds = 3] = process.argv.slice(2).map(Number);
const RTMP_PORT = 21_935;
const HTTP_PORT = 28_935;
const PATH = "/live/s0.flv";
/** Players that join in a second. */
const JOIN_RATE = 500;
/** Between the last one that joined and the window (ms). */
const WARM_MS = 2000;

const target = { ...DEFAULTS, port: RTMP_PORT, app: "live", name: "s" };

const WAYS: Readonly<Record<string, () => Viewer>> = {
  rtmp: () => new Player(target, "s0"),
  "http-flv": () => new FlvViewer(HTTP_PORT, PATH, false),
  "ws-flv": () => new FlvViewer(HTTP_PORT, PATH, true),
};

await withServer(target, ["--http-port", String(HTTP_PORT)], async (pids) => {
  for (let round = 0; round < rounds; round++) {
    const costs: string[] = [];
    let rtmp = NaN;
    for (const [name, join] of Object.entries(WAYS)) {
      const crowd = { ...{ join, players, seconds }, joinRate: JOIN_RATE, warmMs: WARM_MS };
      const cost = await costOf({ ...crowd, kbps: target.kbps + 128 }, pids);
      const share = (100 * cost.delivered).toFixed(0);
      console.log(`  ${share} % delivered, ${cost.cpuSeconds.toFixed(2)} s of CPU`);
      if (name === "rtmp") rtmp = cost.perGB;
      costs.push(`${name} ${cost.perGB.toFixed(2)} s/GB (${(cost.perGB / rtmp).toFixed(2)}x)`);
    }
    console.log(costs.join(", "));
  }
});
process.exit(0);
