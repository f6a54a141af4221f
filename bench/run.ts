/**
 * Measures Sluice beside other servers and beside the floor of the machine.
 *
 *     deno task bench --help
 *
 * @module
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { run } from "../tools/command.ts";
import { ROOT } from "../tools/root.ts";
import { chart } from "./chart.ts";
import { figure, type Figures, show } from "./figures.ts";
import type { LoadOptions } from "./load/options.ts";
import { machine } from "./machine.ts";
import { report, scenarioTable } from "./report.ts";
import { REFERENCE, type Results, type ScenarioResults, summarize } from "./results.ts";
import { type Scenario, SCENARIOS } from "./scenarios.ts";
import { floor } from "./servers/floor.ts";
import { nginxRtmp } from "./servers/nginx_rtmp.ts";
import { nodeMediaServer } from "./servers/node_media_server.ts";
import type { BenchServer, FoundServer } from "./servers/server.ts";
import { sluiceBun, sluiceDeno } from "./servers/sluice.ts";
import { trial } from "./trial.ts";

const SERVERS: readonly BenchServer[] = [sluiceBun, sluiceDeno, nginxRtmp, nodeMediaServer, floor];
const RUNS = 5;

/** What makes a trial short, and coarse. */
const QUICK: Partial<LoadOptions> = { seconds: 4, warm: 1 };

const HELP = `Measures Sluice beside other servers. Linux only; takes the better part of an hour.

Usage: deno task bench [flags]

  --only NAME,...     only these scenarios: ${SCENARIOS.map(({ name }) => name).join(", ")}
  --servers NAME,...  only these servers: ${SERVERS.map(({ name }) => name).join(", ")}
  --runs N            medians of N runs (${RUNS}; 1 with --quick)
  --quick             short windows, one run: to see that it works
  --out FOLDER        where to write results.json, RESULTS.md and results.svg. A complete
                      measurement goes to bench/ when it is left out, others nowhere
  --keep              keep the scenarios in FOLDER (bench/) that are not measured now: to repeat
                      those that others disturbed
`;

/** What was asked for. */
interface Task {
  readonly scenarios: readonly Scenario[];
  readonly servers: readonly BenchServer[];
  readonly runs: number;
  readonly quick: boolean;
  /** `undefined` to write nothing. */
  readonly out: string | undefined;
  /** Keep the scenarios that were written there before. */
  readonly keep: boolean;
}

function chosen<T extends { readonly name: string }>(
  flag: string,
  all: readonly T[],
  names: string | undefined,
): readonly T[] {
  if (names === undefined) return all;
  const wanted = names.split(",");
  for (const name of wanted) {
    if (all.some((one) => one.name === name)) continue;
    throw new Error(`--${flag} ${name}: use ${all.map(({ name }) => name).join(", ")}`);
  }
  return all.filter(({ name }) => wanted.includes(name));
}

function readTask(args: string[]): Task | undefined {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string" },
      servers: { type: "string" },
      runs: { type: "string" },
      out: { type: "string" },
      quick: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return undefined;
  const { quick, keep } = values;
  const runs = Number(values.runs ?? (quick ? 1 : RUNS));
  if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs takes a whole number from 1");
  const isComplete = !quick && values.only === undefined && values.servers === undefined;
  const out = values.out ?? (isComplete || keep ? join(ROOT, "bench") : undefined);
  return {
    scenarios: chosen("only", SCENARIOS, values.only),
    servers: chosen("servers", SERVERS, values.servers),
    runs,
    quick,
    keep,
    out: out === undefined ? undefined : resolve(out),
  };
}

/** The first line of what went wrong, without paths of this machine. */
function briefly(error: unknown): string {
  return (error as Error).message.split("\n")[0]!.replace(/(?:\/[\w.@+-]+){2,}/g, "PATH");
}

/** Whether a server takes part in a scenario. */
function takesPart({ name, ways }: BenchServer, { floorWindowMs, load }: Scenario): boolean {
  if (!ways.includes(load?.way ?? "rtmp")) return false;
  return name !== floor.name || floorWindowMs !== undefined;
}

/** Server by server in each run, so that what drifts hits all of them. */
async function measure(
  scenario: Scenario,
  found: ReadonlyMap<string, FoundServer>,
  { runs, quick }: Task,
): Promise<ScenarioResults> {
  const { name, text, figures } = scenario;
  const all = new Map<string, (Figures | null)[]>();
  const failures = new Map<string, string>();
  for (let run = 1; run <= runs; run++) {
    for (const one of SERVERS) {
      const server = one.name;
      const there = found.get(server);
      if (there === undefined || !takesPart(one, scenario)) continue;
      let result: Figures | null = null;
      let said: string;
      try {
        result = await trial(there, scenario, quick ? QUICK : {}, one.playlist);
        const known = figures.filter((key) => result?.[key] !== undefined);
        said = known.map((key) => `${figure(key).title}: ${show(key, result![key])}`).join("; ");
      } catch (error) {
        failures.set(server, briefly(error));
        said = `FAILED: ${(error as Error).message}`;
      }
      all.set(server, [...(all.get(server) ?? []), result]);
      console.log(`${name} ${run}/${runs} ${server}: ${said}`);
    }
  }
  const reference = all.get(REFERENCE);
  const servers = Object.fromEntries(
    [...all].map(([server, of]) => [server, summarize(of, reference, failures.get(server))]),
  );
  return { name, text, figures, servers };
}

async function bench(task: Task): Promise<void> {
  const servers: Record<string, { about: string } | { skipped: string }> = {};
  const found = new Map<string, FoundServer>();
  for (const server of task.servers) {
    try {
      const one = await server.find();
      found.set(server.name, one);
      servers[server.name] = { about: one.about };
      console.log(`${server.name}: ${one.about}`);
    } catch (error) {
      servers[server.name] = { skipped: briefly(error) };
      console.log(`${server.name} LEFT OUT: ${(error as Error).message}`);
    }
  }
  const scenarios: ScenarioResults[] = [];
  for (const scenario of task.scenarios) {
    const results = await measure(scenario, found, task);
    scenarios.push(results);
    console.log(`\n${scenarioTable(results)}\n`);
  }
  const { out, quick, runs } = task;
  if (out === undefined) return;
  const date = new Date().toISOString().slice(0, 10);
  const measured: Results = { date, quick, runs, machine: machine(), servers, scenarios };
  mkdirSync(out, { recursive: true });
  const results = task.keep ? joined(readResults(out), measured) : measured;
  const round = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)) : value;
  writeFileSync(join(out, "results.json"), `${JSON.stringify(results, round, 2)}\n`);
  writeFileSync(join(out, "RESULTS.md"), report(results));
  writeFileSync(join(out, "results.svg"), chart(results));
  if ("Deno" in globalThis) {
    // As the check of the checkout's format wants them.
    const files = ["results.json", "RESULTS.md", "results.svg"].map((file) => join(out, file));
    await run(process.execPath, ["fmt", "--quiet", ...files], { cwd: ROOT });
  }
  console.log(`Wrote results.json, RESULTS.md and results.svg to ${out}`);
}

function readResults(folder: string): Results | undefined {
  const file = join(folder, "results.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) as Results : undefined;
}

/** The results, and those of before for what was not measured now. */
function joined(before: Results | undefined, now: Results): Results {
  if (before === undefined) return now;
  const scenarios = SCENARIOS.flatMap(({ name }) => {
    const named = (one: ScenarioResults) => one.name === name;
    return now.scenarios.find(named) ?? before.scenarios.find(named) ?? [];
  });
  return { ...now, servers: { ...before.servers, ...now.servers }, scenarios };
}

// Whatever runs ends with this process; leaving in order also removes its files.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
try {
  if (process.platform !== "linux") throw new Error("needs /proc, so Linux");
  const task = readTask(process.argv.slice(2));
  if (task === undefined) console.log(HELP);
  else await bench(task);
  process.exit(0);
} catch (error) {
  console.error(`bench: ${(error as Error).message}`);
  process.exit(1);
}
