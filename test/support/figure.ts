/**
 * Figures that tests measure: checked against a gate, and written down for docs/reliability.md.
 *
 * @module
 */
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import process from "node:process";

/** Whether the tests run in full, as for the published table, and not in the suite's quick form. */
export const FULL = process.env.SLUICE_FULL === "1";

/** A size of a test: `quick` in the suite, `full` for the published table. */
export function sized(quick: number, full: number): number {
  return FULL ? full : quick;
}

/** One measured figure. */
export interface Figure {
  /** The test of the reliability bar, such as `A1`. */
  readonly id: string;
  /** What was measured, in a few words. */
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it must not exceed; whether it must not fall below, with `atLeast`. */
  readonly atMost?: number;
  readonly atLeast?: number;
  /**
   * By which clock: `wall` for real time, whose gate holds in the full form only, because the suite
   * also runs while the machine is busy with other things; `cpu` for time of the processor; `model`
   * for a clock that the test moves. Times and rates that have a gate must say it.
   */
  readonly by?: "wall" | "cpu" | "model";
  /**
   * Times `atMost` that is let pass in the quick form: a busy machine has colder caches, and collects
   * garbage later. 1 if left out.
   */
  readonly slack?: number;
}

/** Units of times and rates. */
const TIMED = /^(?:µs|ms|s)$|\/(?:s|ms)$/;

/** Writes a figure down if SLUICE_FIGURES names a file, and asserts its gate; `full`: any gate, as it is. */
export function figure(entry: Figure, full = FULL): void {
  const runtime = "Bun" in globalThis ? "bun" : "deno";
  const file = process.env.SLUICE_FIGURES;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ runtime, ...entry })}\n`);
  const { id, what, value, unit, atMost, atLeast, by } = entry;
  if (by === undefined && (atMost ?? atLeast) !== undefined) {
    assert.doesNotMatch(unit, TIMED, `${id} ${what}: a gate on time has to say by which clock`);
  }
  const slack = full ? 1 : entry.slack ?? 1;
  assert.ok(Number.isFinite(value), `${id} ${what}: ${value} is not a figure`);
  if (by === "wall" && !full) return;
  if (atMost !== undefined) {
    assert.ok(value <= atMost * slack, `${id} ${what}: ${value} ${unit}, over ${atMost * slack}`);
  }
  if (atLeast !== undefined) {
    assert.ok(
      value >= atLeast / slack,
      `${id} ${what}: ${value} ${unit}, under ${atLeast / slack}`,
    );
  }
}
