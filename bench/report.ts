/**
 * Results as Markdown.
 *
 * @module
 */
import { figure, type FigureKey, show } from "./figures.ts";
import { REFERENCE, type Results, type ScenarioResults, type ServerResults } from "./results.ts";

/** CPU time of others above which a trial is called disturbed (percent of a core). */
const DISTURBED = 15;
/** CPU time of the generator above which it may be what limits (percent of a core). */
const BUSY = 90;

function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function cell({ median, ratio, runs }: ServerResults, key: FigureKey): string {
  if (runs.every((run) => run === null)) return "failed";
  const times = ratio[key] === undefined ? "" : ` (×${ratio[key].toFixed(2)})`;
  return show(key, median[key]) + times;
}

function notes({ servers }: ScenarioResults): string[] {
  return Object.entries(servers).flatMap(([name, { runs, failure, median }]) => {
    const lines: string[] = [];
    const failed = runs.filter((run) => run === null).length;
    if (failed > 0) lines.push(`${name} failed in ${failed} of ${runs.length} runs: ${failure}`);
    const { generatorPercent = 0, playing, closed = 0, stalled = 0, refused = 0 } = median;
    if (generatorPercent > BUSY) {
      const share = show("generatorPercent", generatorPercent);
      lines.push(`${name}: the load generator took ${share} % of a core and may be the limit`);
    }
    if (playing !== undefined && closed + stalled + refused > 0) {
      lines.push(`${name}: ${closed} players closed, ${stalled} stalled, ${refused} refused`);
    }
    const disturbed = runs.filter((run) => (run?.elsewherePercent ?? 0) > DISTURBED).length;
    if (disturbed > 0) {
      lines.push(`${name}: others used the machine in ${disturbed} of ${runs.length} runs`);
    }
    return lines;
  });
}

/** The table of one scenario. */
export function scenarioTable(scenario: ScenarioResults): string {
  const { text, name, figures, servers } = scenario;
  const lines = [
    `### ${name}`,
    "",
    `${text}.`,
    "",
    row(["server", ...figures.map((key) => figure(key).title)]),
    row(["---", ...figures.map(() => "---:")]),
    ...Object.entries(servers).map(([server, results]) =>
      row([server, ...figures.map((key) => cell(results, key))])
    ),
  ];
  const remarks = notes(scenario);
  if (remarks.length > 0) lines.push("", ...remarks.map((remark) => `- ${remark}`));
  return lines.join("\n");
}

/** The whole report. */
export function report({ date, quick, runs, machine, servers, scenarios }: Results): string {
  const { cpu, cores, memoryGB, kernel, runtime } = machine;
  return `# Results

Measured on ${date} by \`deno task bench${quick ? " --quick" : ""}\`: ${
    runs === 1 ? "one run" : `medians of ${runs} runs`
  }. In brackets the
median of the ratios to ${REFERENCE} in the same run. What the figures mean: [README.md](README.md).

- Machine: ${cpu}, ${cores} cores, ${memoryGB} GB, ${kernel}
- Load generator: ${runtime}
${
    Object.entries(servers).map(([name, server]) =>
      `- ${name}: ${"about" in server ? server.about : `left out: ${server.skipped}`}`
    ).join("\n")
  }

${scenarios.map(scenarioTable).join("\n\n")}
`;
}
