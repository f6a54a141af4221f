/**
 * The limits that Sluice keeps, for docs/reliability.md: those that can be set, from the schema, and
 * those that cannot, from the constants themselves.
 *
 * @module
 */
import { formatDefault } from "../../src/config/table.ts";
import { settings } from "../../src/config/settings.ts";
import { COMMAND_AMF_LIMITS, DATA_AMF_LIMITS } from "../../src/core/amf/limits.ts";
import { DEFAULT_CHUNK_DECODER_LIMITS } from "../../src/core/rtmp/chunk/limits.ts";
import { MAX_HELD_BYTES } from "../../src/core/rtmp/session/inbound.ts";
import {
  MAX_PATH_SEGMENTS,
  MAX_QUERY_LENGTH,
  MAX_SEGMENT_LENGTH,
} from "../../src/core/rtmp/stream_name.ts";
import { MAX_LIMIT } from "../../src/http/page.ts";
import { MAX_STORED_DATA } from "../../src/hub/stream_headers.ts";
import { MAX_LINE_BYTES } from "../../src/log_format.ts";
import { UNHEALTHY_AFTER } from "../../src/plugin/health.ts";
import { MAX_REASON_LENGTH } from "../../src/plugin/verdict.ts";
import { MAX_REPLY_BYTES } from "../../src/service/rtmp/outlet.ts";

/** Groups of the schema whose numbers are limits. */
const GROUPS = ["Streams", "Players", "Protocol", "Limits"];

/** Limits that are no settings: what is limited, in words, and the constant that says how far. */
const CONSTANTS: readonly [what: string, value: number | object, unit: string][] = [
  [
    "Chunk stream decoder of the library, where its user sets nothing",
    DEFAULT_CHUNK_DECODER_LIMITS,
    "",
  ],
  ["AMF of a command", COMMAND_AMF_LIMITS, ""],
  ["AMF of a data message", DATA_AMF_LIMITS, ""],
  [
    "What a client may send while a plugin decides; then its socket is not read",
    MAX_HELD_BYTES,
    "bytes",
  ],
  ["Replies that wait for a client to read them; over this it is closed", MAX_REPLY_BYTES, "bytes"],
  ["Segments of an application and stream name", MAX_PATH_SEGMENTS, "segments"],
  ["One segment of a name", MAX_SEGMENT_LENGTH, "characters"],
  ["Query behind a name", MAX_QUERY_LENGTH, "characters"],
  ["Data messages of a stream kept for players that join", MAX_STORED_DATA, "messages"],
  ["Faults in a row after which a plugin is unhealthy", UNHEALTHY_AFTER, "faults"],
  ["Reason that a plugin gives a client", MAX_REASON_LENGTH, "characters"],
  ["Entries of one answer of the control API", MAX_LIMIT, "entries"],
  ["One line of the log", MAX_LINE_BYTES, "bytes"],
];

/** The numbers of a constant: one, or each by its name. */
function numbers(value: number | object, unit: string): string {
  if (typeof value === "number") return `${value} ${unit}`;
  return Object.entries(value).map(([key, part]) => `\`${key}\` ${part}`).join(", ");
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
}

/** The section on limits in Markdown. */
export function limitsSection(): string {
  const limits = settings.filter(({ group, kind }) => GROUPS.includes(group) && kind === "integer");
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
    row(["Limit", "Value"]),
    row(["---", "---:"]),
    ...CONSTANTS.map(([what, value, unit]) => row([what, numbers(value, unit)])),
  ].join("\n");
}
