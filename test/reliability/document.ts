/**
 * docs/reliability.md, made of the results, the words and the limits. Nothing in it is typed by hand.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../tools/root.ts";
import type { Figure } from "../support/figure.ts";
import { BAR, type BarTest, GROUPS } from "./bar.ts";
import { limitsSection } from "./limits.ts";
import { type BarResult, compareIds, type Results, withinGate } from "./results.ts";

/** The command that measures and writes all of it. */
export const COMMAND = "deno task reliability";

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
}

/** A number for people: whole above a thousand, else four digits that matter. */
export function shown(value: number): string {
  const rounded = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(4));
  return rounded.toLocaleString("en-US", { maximumFractionDigits: 9 });
}

function gate({ atMost, atLeast, unit }: Figure): string {
  const gates = [
    ...(atLeast === undefined ? [] : [`≥ ${shown(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${shown(atMost)}`]),
  ];
  return gates.length === 0 ? "" : `${gates.join(", ")} ${unit}`.trim();
}

function value(result: BarResult | undefined, what: string): string {
  const figure = result?.figures.find((one) => one.what === what);
  if (figure === undefined) return "";
  const text = `${shown(figure.value)} ${figure.unit}`.trim();
  return withinGate(figure) ? text : `**${text}**`;
}

/** How many tests of an id passed on a runtime. */
function tests(result: BarResult | undefined): string {
  if (result === undefined) return "not run";
  const { passed, failed, skipped } = result;
  const parts = [`${passed} passed`];
  if (failed.length > 0) parts.push(`**${failed.length} failed**`);
  if (skipped.length > 0) parts.push(`${skipped.length} skipped`);
  return parts.join(", ");
}

function rowsOf(id: string, { deno, bun }: Results["tests"][string]): string[] {
  const all = [...deno?.figures ?? [], ...bun?.figures ?? []];
  const figures = new Map(all.map((figure) => [figure.what, figure]));
  return [
    row([id, BAR[id]?.program === undefined ? "tests" : "runs", tests(deno), tests(bun), ""]),
    ...[...figures.values()].map((figure) =>
      row([id, figure.what, value(deno, figure.what), value(bun, figure.what), gate(figure)])
    ),
  ];
}

function group(letter: string, results: Results): string[] {
  const ids = Object.keys(results.tests).filter((id) => id[0] === letter).sort(compareIds);
  if (ids.length === 0) return [];
  return [
    `### ${GROUPS[letter] ?? letter}`,
    "",
    row(["Test", "What is done", "Repeat it"]),
    row(["---", "---", "---"]),
    ...ids.map((id) => row([id, BAR[id]?.what ?? "", `\`${COMMAND} ${id}\``])),
    "",
    row(["Test", "Figure", "Deno", "Bun", "Gate"]),
    row(["---", "---", "---:", "---:", "---"]),
    ...ids.flatMap((id) => rowsOf(id, results.tests[id]!)),
    "",
  ];
}

function failures({ tests }: Results): string[] {
  const lines = Object.entries(tests).flatMap(([, runtimes]) =>
    Object.entries(runtimes).flatMap(([runtime, { failed, skipped }]) => [
      ...failed.map((name) => `- failed on ${runtime}: ${name}`),
      ...skipped.map((name) => `- skipped on ${runtime}: ${name}`),
    ])
  );
  return lines.length === 0 ? [] : ["### Failed and skipped", "", ...lines, ""];
}

/** What the bar has and no test does, and what no test of this kind can show. */
function uncovered({ tests }: Results): string[] {
  const missing = Object.entries(BAR).filter(([id]) => tests[id] === undefined);
  const reason = ({ what, uncovered }: BarTest) =>
    `${what}: ${uncovered ?? "there are no results"}.`;
  return [
    "## What is not covered",
    "",
    "- Links that lose or delay packets: everything runs over the loopback interface of one machine.",
    "  That flatters latency, and the load takes its share of the cores.",
    "- Other systems than Linux.",
    "- What Sluice does not have: more than one process.",
    "- A plugin that computes without end: plugins run in the server's thread and are trusted.",
    "- Attacks on the runtimes themselves, on the kernel, and floods that fill the link.",
    ...missing.sort(([a], [b]) => compareIds(a, b)).map(([id, one]) => `- ${id}. ${reason(one)}`),
  ];
}

/** The packages that a running server is made of besides its own files. */
function dependencies(): string {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const names = Object.entries<string>(dependencies).map(([name, version]) => `${name} ${version}`);
  return `${names.length} (${
    names.join(", ")
  }), [each with its reason](../CONTRIBUTING.md#dependencies)`;
}

/** The document. */
export function reliabilityDocument(results: Results): string {
  const { cpu, cores, memoryGB, kernel } = results.machine;
  const all = Object.values(results.tests).flatMap((runtimes) => Object.values(runtimes));
  const versions = (name: "deno" | "bun") =>
    [
      ...new Set(Object.values(results.tests).flatMap((one) => one[name]?.version ?? [])),
    ].join(", ");
  const dates = all.map(({ date }) => date).sort();
  const days = [...new Set([dates[0], dates.at(-1)])].join(" to ");
  return [
    "# Reliability",
    "",
    "What Sluice does with malformed input, slow readers, floods and faults, as measured by the tests",
    "in `test/hostile/` and, with real browsers and players, in `test/browser/` and `test/e2e/`, at their full",
    "size. The suite runs the same tests in a smaller size. This document is written by a program:",
    "",
    "```sh",
    `${COMMAND.padEnd(46)}# everything, on both runtimes, and this document`,
    `${`${COMMAND} A1 C1`.padEnd(46)}# these tests only; prints what it measured`,
    `${`${COMMAND} --only bun --write A1`.padEnd(46)}# on one runtime; puts the figures in here`,
    `${`${COMMAND} --render`.padEnd(46)}# this document anew from the figures kept`,
    "```",
    "",
    "- [Results](#results)",
    "- [Limits](#limits)",
    "- [What is not covered](#what-is-not-covered)",
    "",
    "## Results",
    "",
    ...(all.length === 0 ? [] : [
      `- Measured: ${days}`,
      `- Machine: ${cpu}, ${cores} cores, ${memoryGB} GB, ${kernel}`,
      `- Runtimes: Deno ${versions("deno")}; Bun ${versions("bun")}`,
    ]),
    `- Dependencies of a running server: ${dependencies()}`,
    "- Permissions on Deno: [two ports, and what you add](operations.md#permissions)",
    "",
    "A figure over its gate is bold, and its test fails. Of what is measured more than once the worst",
    "counts. Where there is no gate, the figure is for information.",
    "",
    ...Object.keys(GROUPS).flatMap((letter) => group(letter, results)),
    ...failures(results),
    limitsSection(),
    "",
    ...uncovered(results),
    "",
  ].join("\n");
}
