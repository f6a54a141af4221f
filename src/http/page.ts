/**
 * Pages of lists: `?limit=` and `?offset=`.
 *
 * @module
 */
import * as v from "valibot";
import type { Page } from "./view.ts";

/** Most items of one page. */
export const MAX_LIMIT = 1000;
/** Items of a page when the client does not say. */
export const DEFAULT_LIMIT = 100;

const number = (name: string, least: number, most: number, otherwise: number) => {
  const message = `${name} must be a whole number from ${least} to ${most}`;
  return v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,10}$/, message),
      v.transform(Number),
      v.minValue(least, message),
      v.maxValue(most, message),
    ),
    String(otherwise),
  );
};

const PageQuery = v.object({
  limit: number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT),
  offset: number("offset", 0, 1_000_000_000, 0),
});

/** Reads the query of a list; parameters it does not know are ignored. @returns a message when it is wrong */
export function readPage(query: Record<string, string>): Page | string {
  const result = v.safeParse(PageQuery, query);
  return result.success ? result.output : result.issues[0].message;
}
