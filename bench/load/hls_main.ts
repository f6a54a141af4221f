/**
 * Viewers of LL-HLS of one stream, and what they cost the server.
 *
 *     deno run -A bench/load/hls_main.ts --rtmp-port 1935 --http-port 8080 --pid SERVER_PID --viewers 500
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { sleep } from "../clock.ts";
import { cpuSeconds, processTree, residentBytes } from "../process_stat.ts";
import { HlsViewer } from "./hls_viewer.ts";

const { values } = parseArgs({
  options: {
    ...{ "rtmp-port": { type: "string", default: "1935" } },
    ...{ "http-port": { type: "string", default: "8080" } },
    ...{ viewers: { type: "string", default: "500" }, pid: { type: "string", default: "0" } },
    ...{ seconds: { type: "string", default: "8" }, warm: { type: "string", default: "5" } },
    ...{ kbps: { type: "string", default: "2500" }, rate: { type: "string", default: "200" } },
  },
});
const number = (key: keyof typeof values) => Number(values[key]);
const pid = number("pid");
const viewerCount = number("viewers");
const seconds = number("seconds");

const joining = viewerCount / number("rate");
const lasts = Math.ceil(joining + number("warm") + seconds + 10);
const publisher = spawn(process.execPath, [
  ...["run", ...("Deno" in globalThis ? ["-A"] : [])],
  fileURLToPath(new URL("main.ts", import.meta.url)),
  ...["--port", values["rtmp-port"]!, "--players", "0", "--publishers", "1", "--probes", "0"],
  ...["--kbps", values.kbps!, "--seconds", String(lasts), "--warm", "0"],
], { stdio: "ignore" });
process.on("exit", () => publisher.kill());

const path = "/live/bench0/index.m3u8";
for (let tries = 0;; tries++) {
  await sleep(250);
  const answer = await fetch(`http://127.0.0.1:${values["http-port"]}${path}`).catch(() =>
    undefined
  );
  await answer?.body?.cancel();
  if (answer?.ok) break;
  if (tries > 60) throw new Error("the stream is not there");
}
const viewers: HlsViewer[] = [];
for (let index = 0; index < viewerCount; index++) {
  viewers.push(new HlsViewer(number("http-port"), path));
  if (index % 10 === 9) await sleep(10_000 / number("rate"));
}
await sleep(number("warm") * 1000);
const sum = (of: (viewer: HlsViewer) => number) => viewers.reduce((all, one) => all + of(one), 0);
const tree = () => pid === 0 ? [] : processTree(pid);
const read = () => ({
  cpu: cpuSeconds(tree()),
  media: sum(({ mediaBytes }) => mediaBytes),
  all: sum(({ bytes }) => bytes),
  parts: sum(({ parts }) => parts),
  own: process.cpuUsage(),
});
const before = read();
const began = performance.now();
await sleep(seconds * 1000);
const length = (performance.now() - began) / 1000;
const after = read();
const media = after.media - before.media;
const own = after.own.user + after.own.system - before.own.user - before.own.system;
const due = viewerCount * length * (number("kbps") + 128) * 125;
console.log(JSON.stringify({
  viewers: viewerCount,
  playing: viewers.filter(({ joinMs }) => joinMs !== undefined).length,
  closed: viewers.filter(({ closed }) => closed).length,
  errors: sum(({ errors }) => errors),
  seconds: length,
  mediaGB: media / 1e9,
  delivered: media / due,
  playlistShare: 1 - media / (after.all - before.all),
  partsPerSecond: (after.parts - before.parts) / length / viewerCount,
  cpuSeconds: after.cpu - before.cpu,
  cpuPerMediaGB: (after.cpu - before.cpu) / media * 1e9,
  rssMB: residentBytes(tree()) / 1e6,
  generatorPercent: own / 1e4 / length,
}, (_, value) => typeof value === "number" ? Math.round(value * 1e4) / 1e4 : value));
process.exit(0);
