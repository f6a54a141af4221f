/**
 * The limits that Sluice keeps, for docs/reliability.md: those that can be set, from the schema, and
 * those that cannot, from the constants and their comments.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { settings } from "../../src/config/settings.ts";
import { formatDefault } from "../../src/config/table.ts";
import { DATA_AMF_LIMITS } from "../../src/core/amf/limits.ts";
import { ROOT, typescriptFiles } from "../../tools/root.ts";
import { constantLimits } from "./constants.ts";

/** Groups of the schema whose numbers are limits. */
const GROUPS = ["Streams", "Players", "Protocol", "Limits"];

/** What the formats of RTMP and of codecs allow is no limit of ours. */
const FORMATS = /^src\/core\/(media|rtmp\/chunk\/format|amf\/u29)/;

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
}

/** The section on limits in Markdown. */
export function limitsSection(): string {
  const limits = settings.filter(({ group, kind }) => GROUPS.includes(group) && kind === "integer");
  const constants = typescriptFiles("src").filter((path) => !FORMATS.test(path)).flatMap((path) =>
    constantLimits(readFileSync(join(ROOT, path), "utf8")).map((limit) => ({ ...limit, path }))
  );
  return [
    "## Limits",
    "",
    "What can be set, with its default:",
    "",
    row(["Setting", "Default", "Meaning"]),
    row(["---", "---:", "---"]),
    ...limits.map((setting) =>
      row([
        `\`${setting.key}\``,
        `${formatDefault(setting)}${setting.unit === "ms" ? " ms" : ""}`,
        setting.text,
      ])
    ),
    "",
    "What cannot be set:",
    "",
    row(["Constant", "Value", "Meaning"]),
    row(["---", "---:", "---"]),
    ...constants.map(({ name, value, meaning, path }) =>
      row([`\`${name}\` (${path})`, String(value), meaning])
    ),
    ...Object.entries(DATA_AMF_LIMITS).map(([name, value]) =>
      row([
        `\`DATA_AMF_LIMITS.${name}\` (src/core/amf/limits.ts)`,
        String(value),
        "Bound of the AMF in a data message.",
      ])
    ),
  ].join("\n");
}
