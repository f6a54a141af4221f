/**
 * The limits that Sluice keeps, for docs/reliability.md: those that can be set, from the schema, and
 * those that cannot, from the constants and their comments.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Setting, settings } from "../../src/config/settings.ts";
import { formatDefault } from "../../src/config/table.ts";
import { tunables } from "../../src/config/tuning.ts";
import { DATA_AMF_LIMITS } from "../../src/core/amf/limits.ts";
import { ROOT, typescriptFiles } from "../../tools/root.ts";
import { constantLimits } from "./constants.ts";

/** Sections of the schema whose numbers are limits. */
const SECTIONS: readonly (string | undefined)[] = [
  ...["rtmp", "http", "publish", "reconnect", "play", "gopCache", "media", "sharedObjects"],
  ...["hook", "call", "max", "shutdown"],
];

/** What the formats of RTMP and of codecs allow is no limit of ours. */
const FORMATS = /^src\/core\/(media|rtmp\/chunk\/format|amf\/u29)/;

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
}

function settingRow(setting: Setting): string {
  const unit = setting.unit === "ms" ? " ms" : "";
  return row([`\`${setting.key}\``, formatDefault(setting) + unit, setting.text]);
}

/** The section on limits in Markdown. */
export function limitsSection(): string {
  const isLimit = ({ kind, name }: Setting) => kind === "integer" && name !== "port";
  const limits = settings.filter((setting) =>
    SECTIONS.includes(setting.section) && isLimit(setting)
  );
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
    ...limits.map(settingRow),
    "",
    "What a program that embeds Sluice can turn besides (`createServer(config, { tuning })`):",
    "",
    row(["Bound", "Default", "Meaning"]),
    row(["---", "---:", "---"]),
    ...tunables.filter(isLimit).map(settingRow),
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
