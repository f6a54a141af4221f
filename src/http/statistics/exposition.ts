/**
 * The text that Prometheus reads: families of metrics, each with what it is and its samples.
 *
 * @module
 */

/** What the answer is called. */
export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Labels of a sample, in their order. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** A sample of a family. */
export type Sample = readonly [labels: Labels, value: number];

/** The lines that begin a family. A counter is called `…_total`, a unit is in the name and is a base unit. */
export function familyHead(name: string, type: "counter" | "gauge", help: string): string {
  return `# HELP ${name} ${
    help.replace(/\\/g, "\\\\").replace(/\n/g, "\\n")
  }\n# TYPE ${name} ${type}\n`;
}

/** The line of a sample. */
export function sampleLine(name: string, labels: Labels, value: number): string {
  const inside = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(",");
  return `${name}${inside === "" ? "" : `{${inside}}`} ${numberText(value)}\n`;
}

function escapeLabel(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}
