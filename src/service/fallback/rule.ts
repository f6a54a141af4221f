/**
 * Reads what is shown in place of publishers, as the setting `relay.fallback` has it.
 *
 * @module
 */
import { isPlayed } from "../../recordings/played_names.ts";
import { mediaPathParts } from "../../recordings/path.ts";
import type { StreamKey } from "../../hub/mod.ts";
import { patternMistake } from "../record/stream_patterns.ts";

/** Something that can be shown: a file that is looped, or another stream. */
export interface FallbackSource {
  readonly kind: "file" | "stream";
  /** Of a file in the folder of media, or `APPLICATION/NAME`; with `{app}` and `{name}` for those of the stream. */
  readonly path: string;
}

/** One of the setting `relay.fallback`. */
export interface FallbackRule {
  /** Streams that it is for. */
  readonly pattern: string;
  /** The first that there is is shown. */
  readonly sources: readonly FallbackSource[];
  /** Whether it is for publishers alone whose connection broke off. */
  readonly lostOnly: boolean;
}

/** Most sources of one rule. */
const MAX_SOURCES = 8;

/** Reads `PATTERN SOURCE [SOURCE...] [lost]`. @returns why not, where it cannot be read */
export function readFallbackRule(text: string): FallbackRule | string {
  const [pattern = "", ...words] = text.trim().split(/\s+/);
  const mistake = patternMistake(pattern);
  if (mistake !== undefined) return `its pattern ${mistake}`;
  const lostOnly = words.at(-1) === "lost";
  const named = lostOnly ? words.slice(0, -1) : words;
  if (named.length === 0 || named.length > MAX_SOURCES) return `it has 1 to ${MAX_SOURCES} sources`;
  const sources: FallbackSource[] = [];
  for (const word of named) {
    const source = readSource(word);
    if (typeof source === "string") return source;
    sources.push(source);
  }
  return { pattern, sources, lostOnly };
}

function readSource(word: string): FallbackSource | string {
  const found = /^(file|stream)=\/?(.+)$/.exec(word);
  if (found === null) return "a source is file=PATH or stream=APPLICATION/NAME";
  const source = { kind: found[1] as FallbackSource["kind"], path: found[2]! };
  const example = fill(source, { app: "a", name: "n" });
  if (source.kind === "file") {
    const isFile = isPlayed(example) && mediaPathParts(example) !== undefined;
    return isFile ? source : "its file is an FLV or MP4 file, by a path in the folder of media";
  }
  const isStream = /^[^\s?#]+$/.test(example) && patternMistake(example) === undefined;
  return isStream ? source : "its stream is APPLICATION/NAME";
}

/** The path of a source for one stream. */
export function fill({ path }: Pick<FallbackSource, "path">, { app, name }: StreamKey): string {
  return path.replaceAll("{app}", () => app).replaceAll("{name}", () => name);
}

/** The stream of such a path. */
export function keyOfPath(path: string): StreamKey {
  const slash = path.lastIndexOf("/");
  return { app: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}
