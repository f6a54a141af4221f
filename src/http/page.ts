/**
 * Pages of lists: `?limit=` and `?offset=`.
 *
 * @module
 */
import * as v from "valibot";
import type { List, Page } from "./view.ts";

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

const pageEntries = {
  limit: number("limit", 1, MAX_LIMIT, DEFAULT_LIMIT),
  offset: number("offset", 0, 1_000_000_000, 0),
};

/** The query of any list. */
export const PageQuery = v.object(pageEntries);

/** Text that something has to be equal to, or begin with where it ends in `*`. */
const match = v.optional(
  v.pipe(v.string(), v.maxLength(512), v.description("`*` at the end: what begins so")),
);

/** Filters of streams. */
export const StreamsQuery = v.object({
  ...pageEntries,
  app: match,
  name: match,
  published: v.optional(v.picklist(["true", "false"])),
  scope: v.optional(v.pipe(
    v.picklist(["server", "cluster"]),
    v.description("`cluster`: the streams of all nodes, each once, with the players of all"),
  )),
});

/** Filters of sessions. */
export const SessionsQuery = v.object({
  ...pageEntries,
  app: match,
  protocol: match,
  state: match,
  address: match,
});

/** Filters of relays. */
export const RelaysQuery = v.object({
  ...pageEntries,
  app: match,
  name: match,
  direction: v.optional(v.picklist(["push", "pull"])),
  state: match,
});

/** Reads the query of a list; parameters it does not know are ignored. @returns a message when it is wrong */
export function readPage(query: Record<string, string>): Page | string {
  const result = v.safeParse(PageQuery, query);
  return result.success ? result.output : result.issues[0].message;
}

/** Reads the query of a list with filters, likewise. */
export function readQuery<S extends v.GenericSchema>(
  schema: S,
  query: Record<string, string>,
): v.InferOutput<S> | string {
  const result = v.safeParse(schema, query);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const where = v.getDotPath(issue) ?? "";
  // Messages of valibot hold what was received.
  return issue.type === "picklist" || issue.type === "max_length"
    ? `${where} must be ${issue.expected}`
    : issue.message;
}

/** Whether `text` is what a filter wants; none wants all. */
export function matches(text: string, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  return filter.endsWith("*") ? text.startsWith(filter.slice(0, -1)) : text === filter;
}

/** Lists all there is, for {@link filtered}. */
export const EVERYTHING: Page = { limit: Infinity, offset: 0 };

/**
 * Those of a list that are wanted, a page of them. Each step looks at one, whether it is wanted or not, so
 * that it can be done in slices; `total` is right behind the last step.
 */
export function filtered<T>(
  { items }: List<T>,
  { limit, offset }: Page,
  isWanted: (item: T) => boolean,
): List<T | undefined> {
  let total = 0;
  function* steps(): Iterable<T | undefined> {
    for (const item of items) {
      if (!isWanted(item)) yield undefined;
      else {
        const place = total++;
        yield place >= offset && place < offset + limit ? item : undefined;
      }
    }
  }
  return {
    items: steps(),
    get total() {
      return total;
    },
  };
}
