/**
 * The figures that are kept of every trial.
 *
 * @module
 */
import type { LoadResult } from "./load/result.ts";

/** What is known of a figure. */
interface FigureText {
  /** Heading of its column, with the unit. */
  readonly title: string;
  /** Digits behind the point. */
  readonly digits: number;
  /** Whether its ratio to another server's means something. */
  readonly comparable?: true;
}

/** All figures by key. Less is better, but for the share that was delivered. */
export const FIGURES = {
  cpuPerOutGB: { title: "CPU s/GB out", digits: 2, comparable: true },
  cpuPerInGB: { title: "CPU s/GB in", digits: 2, comparable: true },
  cpuPercent: { title: "CPU %", digits: 0 },
  latencyP50: { title: "latency p50, ms", digits: 1, comparable: true },
  latencyP99: { title: "latency p99, ms", digits: 1, comparable: true },
  latencyMax: { title: "latency max, ms", digits: 1 },
  rssBeforeMB: { title: "idle MB", digits: 0 },
  rssMB: { title: "memory, MB", digits: 0, comparable: true },
  delivered: { title: "delivered", digits: 3 },
  playing: { title: "playing", digits: 0 },
  closed: { title: "closed", digits: 0 },
  refused: { title: "refused", digits: 0 },
  stalled: { title: "stalled", digits: 0 },
  slowClosed: { title: "slow players closed", digits: 0 },
  joinP50: { title: "join p50, ms", digits: 1 },
  joinP99: { title: "join p99, ms", digits: 1 },
  lateJoinP50: { title: "join p50, ms", digits: 1, comparable: true },
  lateJoinP99: { title: "join p99, ms", digits: 1, comparable: true },
  lateFailed: { title: "without picture", digits: 0 },
  backlogMB: { title: "backlog, MB", digits: 1 },
  generatorPercent: { title: "generator %", digits: 0 },
  elsewherePercent: { title: "elsewhere %", digits: 0 },
  acceptMs: { title: "accepts after, ms", digits: 0, comparable: true },
  answerMs: { title: "answers after, ms", digits: 0, comparable: true },
  idleMB: { title: "idle MB", digits: 0, comparable: true },
} as const satisfies Record<string, FigureText>;

/** Name of a figure. */
export type FigureKey = keyof typeof FIGURES;

/** The figures of one trial. */
export type Figures = Partial<Record<FigureKey, number>>;

/** What is known of a figure. */
export function figure(key: FigureKey): FigureText {
  return FIGURES[key];
}

/** A value as people read it. */
export function show(key: FigureKey, value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "–" : value.toFixed(figure(key).digits);
}

/** The figures of a load. What was not measured is left out. */
export function figuresOf(result: LoadResult): Figures {
  const { latencyMs, joinMs, lateJoinMs, players, lateFailed } = result;
  const { cpuPercent, rssBeforeMB, rssMB, backlogMB, generatorPercent, elsewherePercent } = result;
  const figures: Figures = {
    cpuPercent,
    cpuPerInGB: result.cpuPerInGB,
    rssBeforeMB,
    rssMB,
    backlogMB,
    generatorPercent,
    elsewherePercent,
  };
  if (players > 0) {
    const { cpuPerOutGB, delivered, playing, closed, refused, stalled } = result;
    Object.assign(figures, { cpuPerOutGB, delivered, playing, closed, refused, stalled });
  }
  if (latencyMs.n > 0) {
    const { p50, p99, max } = latencyMs;
    Object.assign(figures, { latencyP50: p50, latencyP99: p99, latencyMax: max });
  }
  if (joinMs.n > 0) Object.assign(figures, { joinP50: joinMs.p50, joinP99: joinMs.p99 });
  if (lateJoinMs.n + lateFailed > 0) Object.assign(figures, { lateFailed });
  if (lateJoinMs.n > 0) {
    Object.assign(figures, { lateJoinP50: lateJoinMs.p50, lateJoinP99: lateJoinMs.p99 });
  }
  if (result.slow > 0) figures.slowClosed = result.slowClosed;
  return figures;
}
