import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import type { HealthView } from "../../src/http/mod.ts";
import { until } from "../support/deadline.ts";
import { figure } from "../support/figure.ts";
import { keyFrame, VIDEO_HEADER } from "../support/media.ts";
import { TestProcess } from "../support/process.ts";
import { RtmpClient, Type } from "../support/rtmp_client.ts";
import { runtimeCommand } from "../support/server.ts";

/** A port that nobody listens on, as its server cannot tell which one it took. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts the server by a shell that does `redirect` to its outputs. */
async function start(redirect: string, before = "") {
  const [rtmpPort, httpPort] = [await freePort(), await freePort()];
  const [program, run] = runtimeCommand("mod.ts");
  const flags = ["--rtmp-port", `${rtmpPort}`, "--http-port", `${httpPort}`];
  const log = ["--log-level", "trace", "--log-format", "json", "--log-lines-per-second", "0"];
  const plugin = ["--plugin", "test/support/plugins/faulty.ts"];
  const server = new TestProcess("/bin/sh", [
    "-c",
    `${before} exec "$0" "$@" ${redirect}`,
    ...[program, ...run, ...flags, ...log, ...plugin],
  ], { env: Object.fromEntries(settings().map((name) => [name, undefined])) });
  const api = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${httpPort}${path}`);
    return await response.json() as HealthView;
  };
  await until(() => api("/health").catch(() => undefined), "the server answers", 60_000);
  return { server, rtmpPort, httpPort, api };
}

const settings = () => Object.keys(process.env).filter((name) => name.startsWith("SLUICE_"));

/** Resident memory of a process (MiB); 0 where there is no /proc. */
function residentMiB(pid: number): number {
  if (!existsSync("/proc/self/status")) return 0;
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

/** Lines that the log lost, as health counts them. */
function lostOf({ faults }: HealthView): number {
  return faults.find(({ subsystem }) => subsystem === "log")?.count ?? 0;
}

/** Publishes and plays a stream, which must work whatever became of the log. */
async function streamThrough(port: number): Promise<void> {
  await using publisher = await RtmpClient.open(port);
  const { id } = await publisher.publish("live", "a");
  await using player = await RtmpClient.open(port);
  await player.play("live", "a");
  await player.statusOf("NetStream.Play.Start");
  publisher.send(Type.Video, id, 0, VIDEO_HEADER);
  publisher.send(Type.Video, id, 0, keyFrame(100));
  await player.waitFor(({ type }) => type === Type.Video, "video");
}

/** Makes the server log some 2 MiB. */
async function storm(httpPort: number): Promise<void> {
  for (let round = 0; round < 10; round++) {
    const response = await fetch(`http://127.0.0.1:${httpPort}/plugins/faulty/storm/100`);
    assert.equal(await response.text(), "ok");
  }
}

const FAULTY: Readonly<Record<string, string>> = {
  "closed outputs": ">&- 2>&-",
  "a full disk": "> /dev/full 2>&1",
};

for (const [what, redirect] of Object.entries(FAULTY)) {
  test(`H7: with ${what} the server serves, stops in order and counts the lines it lost`, async () => {
    const { server, rtmpPort, httpPort, api } = await start(redirect);
    await using _server = server;
    await streamThrough(rtmpPort);
    await storm(httpPort);
    await streamThrough(rtmpPort);
    const health = await api("/health");
    const threw = health.faults.find(({ subsystem }) => subsystem === "process")?.count;
    assert.equal(threw, 1000);
    if (what === "a full disk") {
      const lost = lostOf(health);
      figure({
        id: "H7",
        what: "lines lost and counted, full disk",
        value: lost,
        unit: "",
        atLeast: 1000,
      });
    }
    server.signal("SIGTERM");
    assert.equal((await server.ended()).code, 0);
  });
}

test("H7: a pipe that nobody reads holds nothing up; lines are lost, memory stays", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-pipe-"));
  try {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    // Opened for reading too, by the server itself, so that it is open and never read.
    const { server, rtmpPort, httpPort, api } = await start(`1<> ${pipe}`);
    await using _server = server;
    await streamThrough(rtmpPort);
    const before = residentMiB(server.pid);
    await storm(httpPort);
    await streamThrough(rtmpPort);
    const lost = lostOf(await api("/health"));
    const grown = residentMiB(server.pid) - before;
    figure({
      id: "H7",
      what: "lines lost and counted, blocked pipe",
      value: lost,
      unit: "",
      atLeast: 100,
    });
    figure({
      id: "H7",
      what: "memory after 2 MiB of lines",
      value: grown,
      unit: "MiB",
      atMost: 64,
    });
    const from = performance.now();
    server.signal("SIGTERM");
    assert.equal((await server.ended()).code, 0);
    const ms = performance.now() - from;
    figure({
      id: "H7",
      what: "exit, blocked pipe",
      value: ms,
      unit: "ms",
      atMost: 1000,
      by: "wall",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("H7: a reader that goes away is no reason to end", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sluice-pipe-"));
  try {
    const pipe = join(folder, "pipe");
    execFileSync("mkfifo", [pipe]);
    const { server, rtmpPort, httpPort, api } = await start(`> ${pipe}`, `head -n 1 < ${pipe} &`);
    await using _server = server;
    await streamThrough(rtmpPort);
    await storm(httpPort);
    await streamThrough(rtmpPort);
    const value = lostOf(await api("/health"));
    figure({ id: "H7", what: "lines lost and counted, no reader", value, unit: "", atLeast: 100 });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
