/**
 * The results of a benchmark, as `results.json` has them.
 *
 * @module
 */
import { figure, type FigureKey, FIGURES, type Figures } from "./figures.ts";
import type { Machine } from "./machine.ts";
import { median } from "./stats.ts";

/** The server that ratios refer to. */
export const REFERENCE = "nginx-rtmp";

/** What became of one server in one scenario. */
export interface ServerResults {
  /** The figures of each run; `null` where the server failed. */
  readonly runs: readonly (Figures | null)[];
  /** Why it failed, if it did. */
  readonly failure?: string;
  /** The median of each figure. */
  readonly median: Figures;
  /** The median of the ratios to {@link REFERENCE} in the same run. */
  readonly ratio: Figures;
}

/** A scenario and what became of it. */
export interface ScenarioResults {
  readonly name: string;
  readonly text: string;
  readonly figures: readonly FigureKey[];
  readonly servers: Readonly<Record<string, ServerResults>>;
}

/** Everything. */
export interface Results {
  /** Day of the measurement. */
  readonly date: string;
  readonly quick: boolean;
  readonly runs: number;
  readonly machine: Machine;
  /** What each server is, or why it was left out. */
  readonly servers: Readonly<Record<string, { about: string } | { skipped: string }>>;
  readonly scenarios: readonly ScenarioResults[];
}

/** Sums up the runs of one server, beside those of the reference if there are any. */
export function summarize(
  runs: readonly (Figures | null)[],
  reference: readonly (Figures | null)[] | undefined,
  failure?: string,
): ServerResults {
  const medians: Figures = {};
  const ratios: Figures = {};
  for (const key of Object.keys(FIGURES) as FigureKey[]) {
    const values = runs.flatMap((run) => run?.[key] ?? []);
    if (values.length > 0) medians[key] = rounded(median(values));
    if (!figure(key).comparable) continue;
    const inRun = runs.flatMap((run, i) => {
      const [mine, other] = [run?.[key], reference?.[i]?.[key]];
      return mine === undefined || !other ? [] : [mine / other];
    });
    if (inRun.length > 0) ratios[key] = rounded(median(inRun));
  }
  return { runs, ...(failure === undefined ? {} : { failure }), median: medians, ratio: ratios };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
