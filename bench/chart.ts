/**
 * Results as a chart: plain bars, one panel for each kind of figure, shorter is better.
 *
 * @module
 */
import { type FigureKey, show } from "./figures.ts";
import type { Results, ScenarioResults } from "./results.ts";

/** One panel. */
interface Panel {
  readonly title: string;
  readonly key: FigureKey;
  /** Scenarios that it shows; those that were not measured are left out. */
  readonly scenarios: readonly string[];
}

const FAN_OUTS = ["fanout20", "fanout300", "fanout1000", "fanout1000-150ms", "fanout5000"];

const PANELS: readonly Panel[] = [
  { title: "CPU seconds per GB sent", key: "cpuPerOutGB", scenarios: FAN_OUTS },
  { title: "CPU seconds per GB received", key: "cpuPerInGB", scenarios: ["ingest100"] },
  { title: "Latency, 99th percentile (ms)", key: "latencyP99", scenarios: FAN_OUTS },
  { title: "First picture, median (ms)", key: "lateJoinP50", scenarios: ["joins"] },
  { title: "Memory (MB)", key: "rssMB", scenarios: ["fanout1000", "ingest100"] },
  { title: "Start to first answer (ms)", key: "answerMs", scenarios: ["start-up"] },
];

/** Colors that stand out from white and from black. */
const COLORS: Readonly<Record<string, string>> = {
  "sluice-bun": "#e8710a",
  "sluice-deno": "#1a9aa0",
  "nginx-rtmp": "#4f9e4f",
  "node-media-server": "#9a6fd0",
  "floor": "#8c959f",
};

const WIDTH = 760;
const LEFT = 130;
const RIGHT = 70;
const BAR = 12;
const GAP = 8;

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function text(x: number, y: number, words: string, more = ""): string {
  return `<text x="${x}" y="${y}"${more}>${escape(words)}</text>`;
}

/** Draws from top to bottom. */
class Drawing {
  readonly parts: string[] = [];
  y = 14;

  legend(servers: readonly string[]): void {
    let x = 0;
    for (const server of servers) {
      this.parts.push(
        `<rect x="${x}" y="${this.y - 10}" width="12" height="12" fill="${COLORS[server]}"/>`,
        text(x + 17, this.y, server),
      );
      x += 40 + server.length * 7;
    }
    this.y += 14;
  }

  panel({ title, key }: Panel, scenarios: readonly ScenarioResults[]): void {
    this.y += 22;
    this.parts.push(text(0, this.y, title, ' class="title"'));
    this.y += 10;
    const values = scenarios.flatMap(({ servers }) =>
      Object.values(servers).flatMap(({ median }) => median[key] ?? [])
    );
    const scale = (WIDTH - LEFT - RIGHT) / Math.max(...values, Number.MIN_VALUE);
    for (const { name, servers } of scenarios) {
      const bars = Object.entries(servers).flatMap(([server, { median }]) =>
        median[key] === undefined ? [] : [{ server, value: median[key] }]
      );
      this.parts.push(text(LEFT - 8, this.y + bars.length * BAR / 2 + 4, name, ' class="label"'));
      for (const { server, value } of bars) {
        const width = Math.max(1, value * scale).toFixed(1);
        this.parts.push(
          `<rect x="${LEFT}" y="${this.y}" width="${width}" height="${BAR - 2}"` +
            ` fill="${COLORS[server]}"><title>${escape(server)}</title></rect>`,
          text(LEFT + Number(width) + 5, this.y + BAR - 3, show(key, value), ' class="value"'),
        );
        this.y += BAR;
      }
      this.y += GAP;
    }
  }
}

/** The chart, an SVG document that suits light and dark pages. */
export function chart({ scenarios, servers }: Results): string {
  const drawing = new Drawing();
  drawing.legend(Object.keys(COLORS).filter((name) => servers[name] && "about" in servers[name]));
  for (const panel of PANELS) {
    const shown = panel.scenarios.flatMap((name) => {
      const scenario = scenarios.find((one) => one.name === name);
      const known = scenario !== undefined &&
        Object.values(scenario.servers).some(({ median }) => median[panel.key] !== undefined);
      return known ? [scenario] : [];
    });
    if (shown.length > 0) drawing.panel(panel, shown);
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${drawing.y}"` +
    ` width="${WIDTH}" height="${drawing.y}" role="img">
<title>Sluice beside other servers; shorter bars are better</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #3d444d; }
.title { font-weight: 600; font-size: 13px; }
.label { text-anchor: end; }
.value { font-size: 11px; }
@media (prefers-color-scheme: dark) { text { fill: #d1d7e0; } }
</style>
${drawing.parts.join("\n")}
</svg>
`;
}
