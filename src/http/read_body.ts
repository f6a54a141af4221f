/**
 * Bodies of requests, checked.
 *
 * @module
 */
import type { Context } from "hono";
import * as v from "valibot";
import { failure } from "./error.ts";

/** The body as the schema has it, or the answer to one that is something else. */
export async function readBody<S extends v.GenericSchema>(
  c: Context,
  schema: S,
): Promise<v.InferOutput<S> | Response> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch {
    // That it is JSON was looked at before: there is none.
    return failure(c, "bad-request", "The body must be JSON");
  }
  // Valibot takes an array for an object.
  if (Array.isArray(body)) return failure(c, "bad-request", "The body must be a JSON object");
  const result = v.safeParse(schema, body);
  if (result.success) return result.output;
  const [issue] = result.issues;
  // Nor may a name that nobody knows be repeated: it is what was sent too.
  if (issue.expected === "never") {
    const known = "entries" in schema ? Object.keys(schema.entries as object).join(", ") : "";
    return failure(c, "bad-request", `A member is none of ${known}`);
  }
  const where = v.getDotPath(issue);
  // Messages of valibot hold what was received.
  const expected = issue.expected === null ? issue.message : `must be ${issue.expected}`;
  return failure(c, "bad-request", where === null ? expected : `${where}: ${expected}`);
}
