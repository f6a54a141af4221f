/**
 * Reads sources as the setting `relay.pull` has them.
 *
 * @module
 */
import { UsageError } from "../../core/errors.ts";
import { fillUrl, urlMistake } from "../../plugin/mod.ts";
import { parseHttpUrl } from "../outgoing/http_flv.ts";
import { patternMistake } from "../record/stream_patterns.ts";

/** One of the setting `relay.pull`. */
export interface PullRule {
  /** Streams that are brought from there. */
  readonly pattern: string;
  /** URLs, the first to be tried first, with `{app}` and `{name}` for those of the stream. */
  readonly sources: readonly string[];
  /** Whether it is pulled all the time, rather than while somebody watches. */
  readonly always: boolean;
}

/** Most sources of one stream. */
const MAX_SOURCES = 16;

/**
 * Reads `PATTERN URL [URL...] [always]`.
 *
 * @returns why not, where it cannot be read; without the URLs, which may hold secrets
 */
export function readPullRule(text: string): PullRule | string {
  const [pattern = "", ...words] = text.trim().split(/\s+/);
  const mistake = patternMistake(pattern);
  if (mistake !== undefined) return `its pattern ${mistake}`;
  const always = words.at(-1) === "always";
  const sources = always ? words.slice(0, -1) : words;
  if (always && pattern.includes("*")) return "its pattern has no stars where it is pulled always";
  if (sources.length === 0 || sources.length > MAX_SOURCES) {
    return `it has 1 to ${MAX_SOURCES} URLs`;
  }
  for (const source of sources) {
    const wrong = sourceMistake(source);
    if (wrong !== undefined) return `its URL: ${wrong}`;
  }
  return { pattern, sources, always };
}

/** Why a URL cannot be a source; `undefined` when it can. */
function sourceMistake(source: string): string | undefined {
  if (!/^https?:/i.test(source)) return urlMistake(source);
  try {
    parseHttpUrl(fillUrl(source, { app: "a", name: "n" }));
    return undefined;
  } catch (error) {
    return error instanceof UsageError ? error.message : "cannot be used";
  }
}

/** Templates of URLs for the streams of the servers of an edge; one text may name several, with commas. */
export function originsOf(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(",")).map((text) =>
    `${text.trim().replace(/\/+$/, "")}/{app}/{name}`
  );
}

/** Whether such a template can be used. */
export function isOrigin(template: string): boolean {
  return urlMistake(template) === undefined;
}
