/**
 * What package and binary cost beside the checkout: CPU time of a start, memory behind it, and CPU time of sending to
 * players. They take turns, and figures are medians. CPU time rather than time: it says the same on a machine that is
 * busy with much else.
 *
 *     deno run -A bench/shipped.ts [ROUNDS]
 *
 * @module
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { run } from "../tools/command.ts";
import { makeBinary } from "../tools/binary.ts";
import { findBun } from "../tools/find_bun.ts";
import { madeOnce } from "../tools/made_once.ts";
import { pack } from "../tools/pack.ts";
import { ROOT } from "../tools/root.ts";
import { cpuSeconds, processTree, residentBytes } from "./process_stat.ts";
import { type Command, Program } from "./processes.ts";

/** How a server is started, by what it is. */
type Forms = Readonly<Record<string, readonly string[]>>;

/** Figures of one start. */
interface Figures {
  readonly startCpuMs: number;
  readonly startMs: number;
  readonly restMB: number;
  readonly cpuPerGB: number;
  readonly loadMB: number;
}

const ARGS = ["--rtmp-port", "0", "--http-port", "0", "--log-format", "json"];

async function forms(work: string): Promise<Forms> {
  const dist = await madeOnce("package", pack);
  const binary = join(
    await madeOnce("binary", (folder) => makeBinary(join(folder, "sluice"))),
    "sluice",
  );
  const tarball = join(dist, readdirSync(dist)[0]!);
  const install = ["install", "--silent", "--no-package-lock", tarball];
  const { code, output } = await run("npm", install, { cwd: work });
  if (code !== 0) throw new Error(output);
  const { path: bun } = await findBun();
  const bin = join(work, "node_modules/sluice/bin/sluice.mjs");
  return {
    "deno checkout": [process.execPath, "run", "-A", join(ROOT, "mod.ts")],
    "deno package": [process.execPath, "run", "-A", bin],
    "bun checkout": [bun, "run", join(ROOT, "mod.ts")],
    "bun package": [bun, "run", bin],
    "binary": [binary],
  };
}

async function measure([program, ...args]: readonly string[]): Promise<Figures> {
  const command: Command = { program: program!, args: [...args, ...ARGS] };
  const began = performance.now();
  const server = new Program(command);
  try {
    let port: string | undefined;
    while (port === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      port = /"rtmp":"[^"]*:(\d+)"/.exec(server.output)?.[1];
      if (performance.now() - began > 60_000) throw new Error(`no start: ${server.errors}`);
    }
    const startMs = performance.now() - began;
    const tree = processTree(server.pid);
    const startCpuMs = cpuSeconds(tree) * 1000;
    const restMB = residentBytes(tree) / 1e6;
    const load = ["bench/load/main.ts", "--port", port, "--pid", `${server.pid}`];
    const much = ["--players", "100", "--seconds", "6", "--warm", "2", "--probes", "1"];
    const { code, output } = await run(process.execPath, ["run", "-A", ...load, ...much], {
      cwd: ROOT,
    });
    if (code !== 0) throw new Error(output);
    const { cpuPerOutGB, rssMB } = JSON.parse(output.trim().split("\n").at(-1)!);
    return { startCpuMs, startMs, restMB, cpuPerGB: cpuPerOutGB, loadMB: rssMB };
  } finally {
    await server.end();
  }
}

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[values.length >> 1]!;

const work = mkdtempSync(join(tmpdir(), "sluice-shipped-"));
try {
  const all = Object.entries(await forms(work));
  const rows = new Map<string, Figures[]>(all.map(([name]) => [name, []]));
  for (let round = 0; round < Number(process.argv[2] ?? 5); round++) {
    for (const [name, command] of all) rows.get(name)!.push(await measure(command));
  }
  console.log(
    "| | CPU of a start, ms | start, ms | memory, MB | CPU s/GB to 100 players | memory then, MB |",
  );
  console.log("|---|---|---|---|---|---|");
  for (const [name, figures] of rows) {
    const cell = (key: keyof Figures, digits: number) =>
      median(figures.map((one) => one[key])).toFixed(digits);
    console.log(
      `| ${name} | ${cell("startCpuMs", 0)} | ${cell("startMs", 0)} | ${cell("restMB", 0)} | ` +
        `${cell("cpuPerGB", 2)} | ${cell("loadMB", 0)} |`,
    );
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
