/**
 * Soaks a server, and says what it found; exits with 1 when something is over its gate.
 *
 *     deno task soak [--duration 2m] [--seed N] [--runtime deno|bun|both] [--cycles N] [--joins N]
 *
 * The load runs on the runtime of the server. Publishers that come, and players that join, are
 * counted per second. The slope of memory is shown and judged from two minutes on: before, the
 * runtime still compiles and grows.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { run } from "../../tools/command.ts";
import { findBun } from "../../tools/find_bun.ts";
import { ROOT } from "../../tools/root.ts";
import type { Figure } from "../support/figure.ts";
import { figure } from "../support/figure.ts";
import { soak, type SoakReport } from "./soak.ts";

const USAGE =
  "Usage: deno task soak [--duration 2m] [--seed N] [--runtime deno|bun|both] [--cycles N] [--joins N]";

/** From this duration on memory is judged (ms): before, the runtime still compiles and grows. */
const JUDGED_MS = 120_000;

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds in `90s`, `5m` or `8h`; `undefined` where it is none. */
export function durationMs(text: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  return unit === undefined || Number(digits) === 0 ? undefined : Number(digits) * UNITS[unit]!;
}

/** What is measured, with its gates. */
export function soakFigures(report: SoakReport, duration: number): Figure[] {
  const judged = duration >= JUDGED_MS;
  const one = (what: string, value: number, unit: string, atMost?: number): Figure => ({
    id: "J1",
    what,
    value: Math.round(value * 1000) / 1000,
    unit,
    ...(atMost === undefined ? {} : { atMost }),
    ...(unit === "ms" ? { by: "wall" as const } : {}),
  });
  const growth = (report.rssEndMiB / report.rssWarmMiB - 1) * 100;
  const starved = report.starved / Math.max(1, report.joins) * 100;
  const { filesBefore, filesAfter } = report;
  return [
    one("duration", duration / 60_000, "min"),
    one("publish cycles", report.cycles, ""),
    one("joins", report.joins, ""),
    one("bad peers", report.bad, ""),
    // Before, it is the slope of a start.
    ...(!judged ? [] : [
      one("slope of memory", report.slopeMiBPerMinute, "MiB/min", 0.5),
      one("share of it that a line explains (R²)", report.slopeR2, ""),
    ]),
    one("memory held before the first peer", report.heapBeforeMiB, "MiB"),
    one("memory held when all have gone", report.heapMiB, "MiB"),
    one("resident memory at the end", report.rssEndMiB, "MiB"),
    ...(judged ? [one("growth of it since the first third", growth, "%", 15)] : []),
    one("longest gap of a healthy player", report.longestGapMs, "ms", judged ? 1000 : undefined),
    one("longest pause of its publisher meanwhile", report.longestPauseMs, "ms"),
    one("healthy players lost", report.lost, "", 0),
    one("longest wait of a player for its first picture", report.longestJoinMs, "ms"),
    // One in a thousand: both ends share the cores with whatever else runs.
    one("joins without a picture in two seconds", starved, "%", judged ? 0.1 : undefined),
    one("publishers refused", report.refused, "", 0),
    one("sessions left when all have gone", report.sessionsLeft, "", 0),
    one("streams left when all have gone", report.streamsLeft, "", 0),
    ...(filesBefore === undefined || filesAfter === undefined ? [] : [
      one("open files before the first peer", filesBefore, ""),
      one("open files when all have gone", filesAfter, ""),
      // A connection of the control API may be kept open.
      one("more open files than before", filesAfter - filesBefore, "", 2),
    ]),
    one("faults and uncaught errors", report.faults, "", 0),
  ];
}

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

async function here(duration: number, seed: number, cycles: number, joins: number) {
  const runtime = "Deno" in globalThis
    ? `deno ${process.versions.deno}`
    : `bun ${process.versions.bun}`;
  console.log(`soak of ${runtime}: ${duration / 1000} s, --seed ${seed}`);
  const report = await soak({
    durationMs: duration,
    seed,
    cyclesPerSecond: cycles,
    joinsPerSecond: joins,
    say: (line) => console.log(`  ${line}`),
  });
  let good = report.exitCode === 0;
  if (!good) console.error(`  the server ended with exit code ${report.exitCode}`);
  for (const entry of soakFigures(report, duration)) {
    const { what, value, unit, atMost } = entry;
    let mark = "";
    try {
      figure(entry, true);
    } catch {
      good = false;
      mark = "  OVER";
    }
    const gate = atMost === undefined ? "" : `  (at most ${atMost})`;
    console.log(`  ${what.padEnd(48)} ${value} ${unit}${gate}${mark}`);
  }
  return good;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      duration: { type: "string", default: "2m" },
      seed: { type: "string" },
      runtime: { type: "string" },
      cycles: { type: "string", default: "8" },
      joins: { type: "string", default: "60" },
    },
  });
  const own = "Deno" in globalThis ? "deno" : "bun";
  const { runtime = own } = values;
  const duration = durationMs(values.duration);
  const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
  const [cycles, joins] = [Number(values.cycles), Number(values.joins)];
  const numbers = [seed, cycles, joins].every((number) => number >= 0);
  if (duration === undefined || !numbers || !["deno", "bun", "both"].includes(runtime)) fail(USAGE);
  let good = true;
  for (const name of runtime === "both" ? ["deno", "bun"] : [runtime]) {
    if (name === own) {
      good = await here(duration, seed, cycles, joins) && good;
      continue;
    }
    if (name === "deno") fail("Start it with Deno: deno task soak");
    const args = ["--runtime", name, "--duration", values.duration, "--seed", String(seed)];
    const rates = ["--cycles", String(cycles), "--joins", String(joins)];
    const { path } = await findBun();
    const file = "test/soak/run.ts";
    const { code } = await run(path, ["run", file, ...args, ...rates], { cwd: ROOT, show: true });
    good = code === 0 && good;
  }
  return good ? 0 : 1;
}

if (import.meta.main) {
  try {
    process.exit(await main());
  } catch (error) {
    fail((error as Error).message);
  }
}
