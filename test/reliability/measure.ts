/**
 * Runs the tests of one id on one runtime at their full size, and collects what they measured.
 *
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/command.ts";
import { type Half, runHalf } from "../halves.ts";
import { BAR } from "./bar.ts";
import { type BarResult, idsOf, namesOf, type Recorded, worst } from "./results.ts";

/** Longest time for the tests of one id on one runtime (ms). */
const TIMEOUT_MS = 45 * 60_000;

/** A test by its name, with or without a program that it needs. */
const TEST = /\btest\(\s*(?:\.\.\.needs\(\s*"\w+",\s*)?[`"']([^`"'\n]*)/g;

/** Files of tests by the ids that names of their tests begin with. */
export function testFiles(read: (file: string) => string, files: readonly string[]) {
  const found = new Map<string, Set<string>>();
  for (const file of files) {
    for (const [, name] of read(file).matchAll(TEST)) {
      for (const id of idsOf(name!)) {
        const known = found.get(id);
        if (known === undefined) found.set(id, new Set([file]));
        else known.add(file);
      }
    }
  }
  return found;
}

/** Runs what belongs to one id on one runtime. */
export async function measure(id: string, files: readonly string[], half: Half, ffmpeg: string) {
  const folder = mkdtempSync(join(tmpdir(), "sluice-reliability-"));
  const file = join(folder, "figures.jsonl");
  const env = { SLUICE_FULL: "1", SLUICE_FIGURES: file, SLUICE_TEST_FFMPEG: ffmpeg };
  let passed = 0;
  const failed: string[] = [];
  const skipped: string[] = [];
  for (const testFile of files) {
    const options = { names: namesOf(id), timeoutMs: TIMEOUT_MS, env };
    const outcome = await runHalf(half, [testFile], options);
    const own = (line: string) => idsOf(line.slice(testFile.length + 2)).includes(id);
    passed += outcome.passed;
    failed.push(...outcome.failures);
    // Tests of other ids that the filter left out are skipped as well.
    skipped.push(...outcome.skipped.filter(own));
  }
  const program = BAR[id]?.program;
  if (program !== undefined) {
    const [path, ...args] = program;
    const { code, failure } = await run(
      half.program,
      [...half.runArgs, half.path(path!), "--runtime", half.name, ...args],
      { cwd: half.cwd, env, show: true, timeoutMs: TIMEOUT_MS },
    );
    if (code === 0) passed++;
    else failed.push(`${path} ${args.join(" ")}: ${failure ?? `exit code ${code}`}`);
  }
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  rmSync(folder, { recursive: true, force: true });
  const figures = text.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recorded)
    .filter((figure) => figure.id === id)
    .map(({ id, what, value, unit, atMost, atLeast }) => ({
      id,
      what,
      value,
      unit,
      atMost,
      atLeast,
    }));
  const result: BarResult = {
    date: new Date().toISOString().slice(0, 10),
    version: half.about.replace(/^\w+ /, "").replace(/ .*/, ""),
    passed,
    failed,
    skipped,
    figures: worst(figures),
  };
  return result;
}
