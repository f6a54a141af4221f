/** A mutation for tests that care about its place only. */
import type { Mutation } from "../../../tools/mutate/mutation.ts";

export function mutationAt(file: string, line: number, replacement = ""): Mutation {
  const change = { start: 0, end: 0, replacement, operator: "removed", within: "f" };
  return { file, line, ...change, before: `${line}`, after: replacement };
}
