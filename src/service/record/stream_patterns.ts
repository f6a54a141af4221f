/**
 * Patterns of streams, as `live/*` or `live/camera-*`.
 *
 * @module
 */
import type { StreamKey } from "../../hub/mod.ts";

/** Longest pattern, in characters. */
const MAX_PATTERN = 256;

/** Why a pattern cannot be used; `undefined` when it can. */
export function patternMistake(pattern: string): string | undefined {
  if (pattern === "" || pattern.length > MAX_PATTERN) return `has 1 to ${MAX_PATTERN} characters`;
  if (!/^[A-Za-z0-9_.~@+=*/-]+$/.test(pattern)) {
    return "is APPLICATION/NAME, in which * stands for any characters but /";
  }
  // Each star doubles what may have to be tried.
  if (pattern.split("*").length > 9) return "has at most 8 stars";
  return undefined;
}

/** Whether one of the patterns fits a stream. */
export class StreamPatterns {
  readonly #patterns: readonly RegExp[];

  /** @param patterns without mistakes */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((pattern) => {
      const parts = pattern.replace(/^\//, "").split(/\*+/);
      const escaped = parts.map((part) => part.replace(/[.+]/g, "\\$&"));
      return new RegExp(`^${escaped.join("[^/]*")}$`);
    });
  }

  has({ app, name }: StreamKey): boolean {
    const path = app === "" ? name : `${app}/${name}`;
    return this.#patterns.some((pattern) => pattern.test(path));
  }
}
