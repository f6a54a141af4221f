/**
 * The text of `--help`, derived from the schema.
 *
 * @module
 */
import { exitCodeMeanings } from "./exit_codes.ts";
import { APP_PLACEHOLDER } from "./apps.ts";
import { APPS, appSettings, groups, type Setting } from "./settings.ts";
import { formatDefault } from "./table.ts";

/** How the help is shown. */
export interface HelpOptions {
  /** Use ANSI colours: the output is a terminal and `NO_COLOR` is not set. */
  readonly color: boolean;
}

/** Longest line of the help, in characters. */
const WIDTH = 80;

/** Breaks text into lines of at most `WIDTH`, each behind `indent` spaces. */
function wrap(text: string, indent: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].map((each) => " ".repeat(indent) + each).join("\n");
}

/** A flag with the mark of its value. */
function spellFlag({ flag, kind, placeholder }: Setting): string {
  return kind === "boolean" ? `--${flag}, --no-${flag}` : `--${flag} ${placeholder}`;
}

/** Range of an integer that the text does not tell. */
function range({ kind, expected }: Setting): string {
  return kind === "integer"
    ? `, ${expected.replace(/^a whole number( of \w+)? from/, "from")}`
    : "";
}

/** The whole help, ending in a line break. */
export function helpText({ color }: HelpOptions): string {
  const paint = (code: number, text: string) => color ? `\x1b[${code}m${text}\x1b[0m` : text;
  const title = (text: string) => paint(1, text);
  const flag = (text: string) => paint(36, text);
  const faint = (text: string) => paint(2, text);

  const setting = (row: Setting) =>
    [
      `  ${flag(spellFlag(row))}`,
      wrap(row.text, 6),
      faint(wrap(`${row.env}, default ${formatDefault(row)}${range(row)}`, 6)),
    ].join("\n");

  return [
    "Sluice takes live video over RTMP from publishers and hands it to players.",
    "",
    title("Usage"),
    "  deno run -NER mod.ts [flags]",
    "  bun run mod.ts [flags]",
    "",
    title("Examples"),
    "  Start on this machine only, then publish and watch:",
    "    deno run -NER mod.ts",
    "    ffmpeg -re -i clip.mp4 -c copy -f flv rtmp://127.0.0.1/live/demo",
    "    ffplay rtmp://127.0.0.1/live/demo",
    "  Serve a network, with a plugin that decides who may publish:",
    "    deno run -NER mod.ts --host 0.0.0.0 --plugin plugins/token_auth.ts",
    "  Check a configuration file without starting:",
    "    bun run mod.ts --config sluice.jsonc --check",
    "",
    title("Flags"),
    `  ${flag("--config FILE")}`,
    wrap(
      "Read settings from FILE: a JSON object, comments and trailing commas allowed. The names in" +
        " parentheses below are its sections, such as rtmp; their keys are what follows in the" +
        " flags, in camel case.",
      6,
    ),
    faint("      SLUICE_CONFIG"),
    `  ${flag("--check")}`,
    "      Check the configuration, show what it sets, and stop.",
    `  ${flag("--version")}`,
    "      Print the version and stop.",
    `  ${flag("-h, --help")}`,
    "      Print this help and stop.",
    "",
    title("Where settings come from"),
    wrap(
      "Defaults, then the file, then the environment, then flags: the later one wins." +
        " A name that Sluice does not know is a mistake in each of them. Times are whole" +
        " milliseconds, sizes are whole bytes.",
      2,
    ),
    '    file         { "rtmp": { "port": 1936 }, "plugins": ["plugins/a.ts"] }',
    "    environment  SLUICE_RTMP_PORT=1936 SLUICE_PLUGINS=plugins/a.ts",
    "    flags        --rtmp-port 1936 --plugin plugins/a.ts",
    wrap(
      "Variables that start with SLUICE_PLUGIN_ are left to plugins. Switches take true, false," +
        " 1 or 0 in the environment.",
      2,
    ),
    "",
    ...groups.flatMap((group) => [
      title(group.key === undefined ? group.title : `${group.title} (${group.key})`),
      ...group.settings.map(setting),
      "",
    ]),
    title(`Applications (${APPS.key})`),
    `  ${flag(`--${APPS.flag} ${APP_PLACEHOLDER}`)}`,
    wrap(
      "A setting of one application, at most 100 of them, in the file" +
        ' "apps": { "radio": { "latency": "lowest" } }. Repeat the flag for more than one; separate' +
        " them with commas in the environment.",
      6,
    ),
    faint(`      ${APPS.env}, default none`),
    ...appSettings.map((row) =>
      [`  ${flag(`APP.${row.name}=${row.placeholder}`)}`, wrap(row.text, 6)].join("\n")
    ),
    "",
    title("Exit codes"),
    ...exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padEnd(4)}${meaning}`),
    "",
  ].join("\n");
}
