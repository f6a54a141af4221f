/**
 * A soak: a real server under publish cycles, joins, faults and bad peers, measured from outside
 * and, after forced collection, from inside.
 *
 * @module
 */
import { readdirSync } from "node:fs";
import { now } from "../../bench/clock.ts";
import { until } from "../support/deadline.ts";
import { startProgram, TestServer } from "../support/server.ts";
import type { TestProcess } from "../support/process.ts";
import { type Counts, Crowd } from "./crowd.ts";
import { seeded } from "./faults.ts";
import type { Sample } from "./probe.ts";
import { leastSquares } from "./slope.ts";

/** How hard and how long. */
export interface SoakOptions {
  readonly durationMs: number;
  readonly seed: number;
  /** Publishers that come, a second. */
  readonly cyclesPerSecond: number;
  /** Players that join, a second. */
  readonly joinsPerSecond: number;
  /** Is told how it goes. */
  readonly say?: (line: string) => void;
}

/** What came of it. */
export interface SoakReport extends Counts {
  readonly samples: number;
  /** Memory after collection, over the last two thirds. */
  readonly slopeMiBPerMinute: number;
  readonly slopeR2: number;
  /** Memory after collection, before the first peer and after the last. */
  readonly heapBeforeMiB: number;
  readonly heapMiB: number;
  /** Resident memory when the first third was over, and at the end. */
  readonly rssWarmMiB: number;
  readonly rssEndMiB: number;
  /** Open files before the first peer, and after the last; Linux only. */
  readonly filesBefore: number | undefined;
  readonly filesAfter: number | undefined;
  /** What is left of sessions and streams when everybody has gone. */
  readonly sessionsLeft: number;
  readonly streamsLeft: number;
  /** Errors that nobody caught, and faults of parts of the server. */
  readonly faults: number;
  /** Exit code when it was asked to stop. */
  readonly exitCode: number | undefined;
}

const MIB = 1024 * 1024;
/** How often peers are looked after (ms). */
const TICK_MS = 10;
/** How long sessions may take to end after everybody has gone (ms). */
const DRAIN_MS = 20_000;

/** How long a start may take (ms): the first may fetch packages. */
const START_MS = 60_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function openFiles(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined; // No /proc on this system.
  }
}

async function sample(server: TestServer): Promise<Sample> {
  const { status, body } = await server.api("/plugins/probe");
  if (status !== 200) throw new Error(`The probe answers ${status}: ${JSON.stringify(body)}`);
  return body as Sample;
}

interface Health {
  readonly sessions: number;
  readonly streams: number;
  readonly faults: readonly { readonly count: number }[];
}

async function health(server: TestServer): Promise<Health> {
  return (await server.api("/health")).body as Health;
}

/** Starts a server that logs little, so that hours of its log can be kept. */
async function start(program: TestProcess): Promise<TestServer> {
  const port = (what: RegExp) =>
    program.waitForLine((line) => what.exec(line)?.[1], "the server listens", START_MS);
  const rtmp = await port(/rtmp:\/\/.* port (\d+)/);
  const http = await port(/^ +HTTP +http:\/\/[^/]*:(\d+)\//);
  return new TestServer(program, Number(rtmp), Number(http));
}

/** Runs the load, and samples between. */
async function run(server: TestServer, crowd: Crowd, options: SoakOptions) {
  const { durationMs, cyclesPerSecond, joinsPerSecond, say } = options;
  const samples: (Sample & { readonly minute: number })[] = [];
  const every = Math.max(1000, durationMs / 100);
  const start = now();
  let cycles = 0;
  let joins = 0;
  let sampling: Promise<void> | undefined;
  let failure: unknown;
  let nextSample = every;
  for (let at = 0; at < durationMs; at = now() - start) {
    if (failure !== undefined) throw failure;
    for (; cycles < at / 1000 * cyclesPerSecond; cycles++) crowd.cycle();
    for (; joins < at / 1000 * joinsPerSecond; joins++) crowd.join();
    crowd.tick();
    if (at >= nextSample && sampling === undefined) {
      nextSample += every;
      sampling = sample(server).then((one) => {
        samples.push({ ...one, minute: (now() - start) / 60_000 });
        const { bad, longestGapMs } = crowd.counts;
        say?.(
          `${(at / 1000).toFixed(0)} s: ${(one.heapBytes / MIB).toFixed(1)} MiB held, ` +
            `${(one.rssBytes / MIB).toFixed(0)} MiB resident, ${joins} joins, ${bad} bad peers, ` +
            `longest gap ${longestGapMs.toFixed(0)} ms`,
        );
      }).catch((error) => failure = error).finally(() => sampling = undefined);
    }
    await sleep(TICK_MS);
  }
  await sampling;
  return samples;
}

/** Starts a server of this runtime, and soaks it. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const ports = ["--rtmp-port", "0", "--http-port", "0"];
  const args = [...ports, "--log-level", "warning", "--plugin", "test/soak/probe.ts"];
  const flags = ["-A", "--v8-flags=--expose-gc"];
  await using program = startProgram(args, {}, "mod.ts", flags);
  const server = await start(program);
  const first = await sample(server);
  const filesBefore = openFiles(server.pid);
  const crowd = new Crowd(server.rtmpPort, seeded(options.seed));
  await crowd.start();
  const samples = await run(server, crowd, options);
  crowd.close();
  const gone = async () => {
    const { sessions, streams } = await health(server);
    return sessions === 0 && streams === 0;
  };
  await until(gone, "every session ends", DRAIN_MS).catch(() => {});
  const { sessions, streams, faults } = await health(server);
  const last = await sample(server);
  const filesAfter = openFiles(server.pid);
  const { code } = await server.stop();
  const late = samples.filter(({ minute }) => minute >= options.durationMs / 60_000 / 3);
  const points = late.map(({ minute, heapBytes }) => [minute, heapBytes / MIB] as const);
  const { slope, r2 } = points.length < 2 ? { slope: 0, r2: 0 } : leastSquares(points);
  return {
    ...crowd.counts,
    samples: samples.length,
    slopeMiBPerMinute: slope,
    slopeR2: r2,
    heapBeforeMiB: first.heapBytes / MIB,
    heapMiB: last.heapBytes / MIB,
    rssWarmMiB: (late[0] ?? last).rssBytes / MIB,
    rssEndMiB: (late.at(-1) ?? last).rssBytes / MIB,
    filesBefore,
    filesAfter,
    sessionsLeft: sessions,
    streamsLeft: streams,
    faults: faults.reduce((sum, { count }) => sum + count, 0),
    exitCode: code,
  };
}
