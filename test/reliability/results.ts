/**
 * What a run of the reliability tests came to, as it is kept beside the document.
 *
 * @module
 */
import type { Machine } from "../../bench/machine.ts";
import type { Figure } from "../support/figure.ts";
import type { RuntimeName } from "../halves.ts";

/** A figure, as tests write it down. */
export interface Recorded extends Figure {
  readonly runtime: RuntimeName;
}

/** One test of the bar on one runtime. */
export interface BarResult {
  /** Day of the run. */
  readonly date: string;
  /** Version of the runtime. */
  readonly version: string;
  readonly passed: number;
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
  /** Names of the tests that were left out, which say why. */
  readonly skipped: readonly string[];
  /** What was measured; of a figure that was measured often, the worst. */
  readonly figures: readonly Figure[];
}

/** Everything that was measured on one machine. */
export interface Results {
  readonly machine: Omit<Machine, "runtime">;
  /** By id, then by runtime. */
  readonly tests: Readonly<Record<string, Partial<Record<RuntimeName, BarResult>>>>;
}

/** The ids that the name of a test begins with: `A1: ...`, or `A1, A2: ...`. */
export function idsOf(name: string): string[] {
  return /^((?:[A-JRW]\d{1,2}, )*[A-JRW]\d{1,2}): /.exec(name)?.[1]?.split(", ") ?? [];
}

/** What the names of the tests of an id match. */
export function namesOf(id: string): RegExp {
  return new RegExp(`^([A-JRW][0-9]+, )*${id}(, [A-JRW][0-9]+)*: `);
}

/** The order of ids: `A2` comes before `A10`. */
export function compareIds(a: string, b: string): number {
  return a.charCodeAt(0) - b.charCodeAt(0) || Number(a.slice(1)) - Number(b.slice(1));
}

/** One figure for each thing that was measured: the worst by its gate, else the last. */
export function worst(figures: readonly Figure[]): Figure[] {
  const byWhat = new Map<string, Figure>();
  for (const figure of figures) {
    const before = byWhat.get(figure.what);
    const better = before !== undefined &&
      (figure.atMost !== undefined
        ? figure.value < before.value
        : figure.atLeast !== undefined && figure.value > before.value);
    if (!better) byWhat.set(figure.what, figure);
  }
  return [...byWhat.values()];
}

/** Whether a figure is within its gate. */
export function withinGate({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean {
  return value <= atMost && value >= atLeast;
}
