/**
 * What recordings are called: `{app}/{name}/` and a file name that is made by a template.
 *
 * @module
 */
import { isMediaPathPart, mediaPathParts } from "./path.ts";

/** What can stand in a template, and what it is. */
export const FILE_NAME_TOKENS = {
  app: "the application, with `-` in the place of `/`",
  name: "the name of the stream",
  start: "when the file began, as 20261126T045553.123Z",
  date: "the day, as 2026-11-26",
  time: "the time of day (UTC), as 04-55-53",
  number: "the number of the file in its recording, as 00001",
} as const;

type Token = keyof typeof FILE_NAME_TOKENS;

/** Longest template, in characters. */
const MAX_TEMPLATE = 128;

const TOKEN = /\{([^{}]*)\}/g;

/** What a file is about. */
export interface NamedFile {
  readonly app: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  /** From 1. */
  readonly number: number;
}

/** Why a template cannot be used; `undefined` when it can. */
export function fileNameMistake(template: string): string | undefined {
  if (template.length > MAX_TEMPLATE) return `has at most ${MAX_TEMPLATE} characters`;
  for (const [, token] of template.matchAll(TOKEN)) {
    if (!Object.hasOwn(FILE_NAME_TOKENS, token!)) {
      const known = Object.keys(FILE_NAME_TOKENS).map((name) => `{${name}}`).join(" ");
      return `knows ${known}, not {${token}}`;
    }
  }
  if (/[{}]/.test(template.replace(TOKEN, ""))) return "has { and } in pairs only";
  const example = { app: "live", name: "demo", start: 0, number: 1 };
  if (!isMediaPathPart(expanded(template, example))) {
    return "makes the name of a file, without a folder, that is not hidden";
  }
  return undefined;
}

/**
 * Where a file belongs in the folder of media, without its extension. The folder of a stream holds its
 * recordings only: the path says whose they are, whatever the template.
 *
 * @returns `undefined` when there can be no such file: the names are too long for it
 */
export function recordingPath(template: string, file: NamedFile): string | undefined {
  const path = `${recordingFolder(file)}/${expanded(template, file)}`;
  return mediaPathParts(path) === undefined ? undefined : path;
}

/** The folder of a stream's recordings. */
export function recordingFolder({ app, name }: Pick<NamedFile, "app" | "name">): string {
  return app === "" ? name : `${app}/${name}`;
}

function expanded(template: string, { app, name, start, number }: NamedFile): string {
  const iso = new Date(start).toISOString();
  const values: Readonly<Record<Token, string>> = {
    app: app.replaceAll("/", "-"),
    name,
    start: iso.replace(/[-:]/g, ""),
    date: iso.slice(0, 10),
    time: iso.slice(11, 19).replaceAll(":", "-"),
    number: String(number).padStart(5, "0"),
  };
  return template.replace(TOKEN, (_, token: Token) => values[token]);
}
