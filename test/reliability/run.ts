/**
 * Runs the tests of the reliability bar at their full size on both runtimes, and writes
 * docs/reliability.md.
 *
 *     deno task reliability [ID]... [--only deno|bun] [--out FILE] [--write] [--render]
 *
 * With ids only these run, and what they measured is printed; `--write` puts it into the document
 * beside what is there. `--render` writes the document anew without running anything.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { machine as describeMachine } from "../../bench/machine.ts";
import { findBun } from "../../tools/find_bun.ts";
import { findFfmpeg } from "../../tools/find_ffmpeg.ts";
import { ROOT, typescriptFiles } from "../../tools/root.ts";
import { bunHalf, denoHalf, type Half, type RuntimeName, RUNTIMES } from "../halves.ts";
import { BAR } from "./bar.ts";
import { reliabilityDocument } from "./document.ts";
import { measure, testFiles } from "./measure.ts";
import { type BarResult, compareIds, type Results } from "./results.ts";

/** Where the figures are kept, beside the document. */
const KEPT = "docs/reliability.json";

const USAGE =
  "Usage: deno task reliability [ID]... [--only deno|bun] [--out FILE] [--write] [--render]";

function readResults(): Results {
  const { runtime: _, ...machine } = describeMachine();
  const path = join(ROOT, KEPT);
  if (!existsSync(path)) return { machine, tests: {} };
  return JSON.parse(readFileSync(path, "utf8")) as Results;
}

interface Tools {
  readonly halves: readonly Half[];
  readonly ffmpeg: string;
}

async function findTools(only: readonly RuntimeName[]): Promise<Tools> {
  const bun = await findBun();
  const ffmpeg = await findFfmpeg(bun.path);
  const halves: Half[] = [];
  for (const name of only) {
    halves.push(name === "deno" ? denoHalf() : await bunHalf(bun.path, bun.about));
  }
  return { halves, ffmpeg: ffmpeg.path };
}

async function main(): Promise<number> {
  const { values, positionals: ids } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string" },
      out: { type: "string" },
      write: { type: "boolean", default: false },
      render: { type: "boolean", default: false },
    },
  });
  const only = values.only === undefined
    ? RUNTIMES
    : RUNTIMES.filter((name) => name === values.only);
  if (only.length === 0) throw new Error(USAGE);
  const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
  const found = testFiles(
    read,
    typescriptFiles("test/hostile", "test/browser", "test/e2e").filter((file) =>
      file.endsWith("_test.ts")
    ),
  );
  const known = [
    ...new Set([...found.keys(), ...Object.keys(BAR).filter((id) => BAR[id]!.program)]),
  ]
    .sort(compareIds);
  for (const id of ids) {
    if (!known.includes(id)) throw new Error(`No test of ${id}; there are ${known.join(", ")}`);
  }

  const kept = readResults();
  const tests: Record<string, Partial<Record<RuntimeName, BarResult>>> = {};
  if (ids.length > 0 || values.render || only.length === 1) {
    for (const [id, result] of Object.entries(kept.tests)) tests[id] = { ...result };
  }
  const { runtime: _, ...machine } = describeMachine();
  const results: Results = { machine: values.render ? kept.machine : machine, tests };
  const save = () => {
    if (values.out !== undefined) writeFileSync(values.out, reliabilityDocument(results));
    else if (ids.length === 0 || values.write) {
      writeFileSync(join(ROOT, KEPT), `${JSON.stringify(results, null, 1)}\n`);
      writeFileSync(join(ROOT, "docs/reliability.md"), reliabilityDocument(results));
    }
  };
  if (values.render) {
    save();
    return 0;
  }
  const { halves, ffmpeg } = await findTools(only);
  const report: string[] = [];
  let failures = 0;
  for (const id of ids.length > 0 ? ids : known) {
    for (const half of halves) {
      console.log(`\n=== ${id} on ${half.about}: ${BAR[id]?.what ?? ""}\n`);
      const result = await measure(id, [...found.get(id) ?? []], half, ffmpeg);
      (tests[id] ??= {})[half.name] = result;
      failures += result.failed.length;
      report.push(...linesOf(id, half.name, result));
      // A run takes long: what it has is not lost when it is stopped.
      save();
    }
  }
  console.log(`\n${report.join("\n")}`);
  return failures === 0 ? 0 : 1;
}

/** What a result is, for people. */
function linesOf(id: string, runtime: string, { passed, failed, figures }: BarResult): string[] {
  return [
    `${id} ${runtime}: ${passed} passed, ${failed.length} failed`,
    ...failed.map((name) => `  FAILED  ${name}`),
    ...figures.map(({ what, value, unit, atMost, atLeast }) => {
      const gates = [
        ...(atLeast === undefined ? [] : [`at least ${atLeast}`]),
        ...(atMost === undefined ? [] : [`at most ${atMost}`]),
      ];
      return `  ${what}: ${value} ${unit} (${gates.join(", ") || "no gate"})`;
    }),
  ];
}

if (import.meta.main) {
  try {
    process.exit(await main());
  } catch (error) {
    console.error((error as Error).message);
    process.exit(2);
  }
}
