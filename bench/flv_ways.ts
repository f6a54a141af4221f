/**
 * What players of FLV over HTTP and over WebSocket cost beside as many of RTMP: CPU time of the server per GB
 * that they got, on the runtime that runs this. The ways take turns, and each round is a ratio of its own.
 *
 *     deno run -A bench/flv_ways.ts [PLAYERS] [SECONDS] [ROUNDS]
 *     bun run bench/flv_ways.ts [PLAYERS] [SECONDS] [ROUNDS]
 *
 * @module
 */
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../tools/root.ts";
import { sleep } from "./clock.ts";
import { Player } from "./load/player.ts";
import { DEFAULTS } from "./load/options.ts";
import { Pacer, Publisher } from "./load/publisher.ts";
import { cpuSeconds, processTree } from "./process_stat.ts";

const [players = 500, seconds = 8, rounds = 3] = process.argv.slice(2).map(Number);
const RTMP_PORT = 21_935;
const HTTP_PORT = 28_935;
/** Players that join in a second. */
const JOIN_RATE = 500;
/** Between the last one that joined and the window (ms). */
const WARM_MS = 2000;

/** Somebody who gets bytes. */
interface Viewer {
  readonly bytes: number;
  close(): void;
}

const target = { ...DEFAULTS, port: RTMP_PORT, app: "live", name: "s" };

/** Asks for the stream over HTTP with these headers, and counts what comes. */
function viewerOf(...headers: readonly string[]): Viewer {
  const viewer = { bytes: 0, close: () => void socket.destroy() };
  const socket = connect(HTTP_PORT, "127.0.0.1");
  socket.on("error", () => {});
  socket.on("data", (bytes: Uint8Array) => viewer.bytes += bytes.length);
  const lines = ["GET /live/s0.flv HTTP/1.1", "Host: 127.0.0.1", ...headers];
  socket.write(lines.join("\r\n") + "\r\n\r\n");
  return viewer;
}

const UPGRADE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

const WAYS: Readonly<Record<string, () => Viewer>> = {
  rtmp: () => new Player(target, "s0"),
  "http-flv": () => viewerOf(),
  "ws-flv": () => viewerOf(...UPGRADE),
};

/** CPU seconds of the server for each GB that viewers of one way got. */
async function costOf(join: () => Viewer, pids: readonly number[]): Promise<number> {
  const viewers: Viewer[] = [];
  while (viewers.length < players) {
    viewers.push(join());
    await sleep(1000 / JOIN_RATE);
  }
  await sleep(WARM_MS);
  const total = () => viewers.reduce((sum, { bytes }) => sum + bytes, 0);
  const [before, cpu] = [total(), cpuSeconds(pids)];
  await sleep(seconds * 1000);
  const [got, used] = [total() - before, cpuSeconds(pids) - cpu];
  for (const viewer of viewers) viewer.close();
  await sleep(1000);
  const due = players * seconds * (target.kbps + 128) * 125;
  console.log(`  ${(100 * got / due).toFixed(0)} % delivered, ${used.toFixed(2)} s of CPU`);
  return used / (got / 1e9);
}

const run = ["run", ...("Deno" in globalThis ? ["-A"] : []), join(ROOT, "mod.ts")];
const ports = ["--rtmp-port", String(RTMP_PORT), "--http-port", String(HTTP_PORT)];
const server = spawn(process.execPath, [...run, ...ports, "--log-level", "warning"], {
  stdio: "inherit",
});
try {
  await sleep(4000);
  const publisher = new Publisher(target, "s0", { ...target, apart: false });
  await publisher.ready;
  new Pacer([publisher], target.fps);
  const pids = processTree(server.pid!);
  for (let round = 0; round < rounds; round++) {
    const costs: string[] = [];
    let rtmp = NaN;
    for (const [name, join] of Object.entries(WAYS)) {
      const cost = await costOf(join, pids);
      if (name === "rtmp") rtmp = cost;
      costs.push(`${name} ${cost.toFixed(2)} s/GB (${(cost / rtmp).toFixed(2)}x)`);
    }
    console.log(costs.join(", "));
  }
} finally {
  server.kill("SIGKILL");
}
process.exit(0);
