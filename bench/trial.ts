/**
 * One trial: a fresh server, one load, its figures.
 *
 * @module
 */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { ROOT } from "../tools/root.ts";
import { sleep } from "./clock.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { knock } from "./knock.ts";
import { DEFAULTS, type LoadOptions, toArguments } from "./load/options.ts";
import type { LoadResult } from "./load/result.ts";
import { processTree, residentBytes } from "./process_stat.ts";
import { Program } from "./processes.ts";
import type { Scenario } from "./scenarios.ts";
import type { FoundServer } from "./servers/server.ts";
import { median } from "./stats.ts";

/** How long a server may take to start (ms). */
const START_MS = 30_000;
/** How long a server is left alone after its start (ms). */
const SETTLE_MS = 500;
/** Starts that make one figure. */
const STARTS = 3;

/** Folders to remove, should the benchmark be interrupted. */
const folders = new Set<string>();
process.on("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** A server in the making. */
interface Running {
  readonly program: Program;
  readonly port: number;
  readonly httpPort: number;
  /** From starting it to its first connection, and to its first answer (ms). */
  readonly acceptMs: number;
  readonly answerMs: number;
}

/** Runs `use` with a fresh server, and ends it. */
async function withServer<T>(
  server: FoundServer,
  { latency, floorWindowMs = 0, load }: Scenario,
  use: (running: Running) => Promise<T>,
): Promise<T> {
  const work = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  folders.add(work);
  let program: Program | undefined;
  try {
    const port = await freePort();
    const byHttp = (load?.way ?? "rtmp") !== "rtmp";
    const httpPort = byHttp ? await freePort() : 0;
    const kbps = load?.kbps ?? DEFAULTS.kbps;
    const command = server.command({ port, httpPort, work, latency, floorWindowMs, kbps });
    const startedAt = performance.now();
    program = new Program(command);
    const timer = new AbortController();
    const answer = await knock(port, Promise.race([program.exit, sleep(START_MS, timer.signal)]));
    timer.abort();
    if (answer === undefined) throw new Error(`it did not start: ${program.errors.trim()}`);
    return await use({
      program,
      port,
      httpPort,
      acceptMs: answer.acceptedAt - startedAt,
      answerMs: answer.answeredAt - startedAt,
    });
  } finally {
    await program?.end();
    rmSync(work, { recursive: true, force: true });
    folders.delete(work);
  }
}

/** Runs the load generator in its own process. */
async function runLoad(options: Partial<LoadOptions>): Promise<LoadResult> {
  const before = "Deno" in globalThis ? ["run", "-A"] : ["run"];
  const args = [...before, join(ROOT, "bench", "load", "main.ts"), ...toArguments(options)];
  const program = new Program({ program: process.execPath, args });
  try {
    const code = await program.exit;
    if (code !== 0) throw new Error(program.errors.trim() || `the load ended with ${code}`);
    return JSON.parse(program.output) as LoadResult;
  } finally {
    await program.end();
  }
}

/** Measures `server` once; `playlist`: where it has those, if not where Sluice has them. @throws {Error} when it does not start or does not hold out */
export async function trial(
  server: FoundServer,
  scenario: Scenario,
  changes: Partial<LoadOptions>,
  playlist?: string,
): Promise<Figures> {
  const { load } = scenario;
  if (load === undefined) return await startUp(server, scenario);
  return await withServer(server, scenario, async ({ program, port, httpPort }) => {
    await sleep(SETTLE_MS);
    const { pid } = program;
    const where = { port, httpPort, ...(playlist === undefined ? {} : { playlist }) };
    return figuresOf(await runLoad({ ...load, ...changes, ...where, pid }));
  });
}

async function startUp(server: FoundServer, scenario: Scenario): Promise<Figures> {
  const starts: Required<Pick<Figures, "acceptMs" | "answerMs" | "idleMB">>[] = [];
  for (let i = 0; i < STARTS; i++) {
    starts.push(
      await withServer(server, scenario, async ({ program, acceptMs, answerMs }) => {
        await sleep(SETTLE_MS);
        const idleMB = residentBytes(processTree(program.pid)) / 1e6;
        return { acceptMs, answerMs, idleMB };
      }),
    );
  }
  return {
    acceptMs: median(starts.map(({ acceptMs }) => acceptMs)),
    answerMs: median(starts.map(({ answerMs }) => answerMs)),
    idleMB: median(starts.map(({ idleMB }) => idleMB)),
  };
}
