import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fetchCompiler } from "../../../tools/mutate/compiler.ts";
import { readEquivalents, staleEntries } from "../../../tools/mutate/equivalent.ts";
import { Mutator } from "../../../tools/mutate/operators.ts";
import { ROOT } from "../../../tools/root.ts";
import { mutationAt } from "./mutations.ts";

const ENTRY = { ...mutationAt("src/a.ts", 3, "x"), reason: "the same either way" };

test("every equivalent mutation of the list fits one mutation of its file, and has a reason", async () => {
  const mutator = new Mutator(await fetchCompiler());
  const mutationsOf = (file: string) =>
    mutator.mutationsOf(file, readFileSync(join(ROOT, file), "utf8"));
  assert.deepEqual(staleEntries(readEquivalents(), mutationsOf), []);
});

test("an entry that fits no mutation is stale", () => {
  const [problem] = staleEntries([ENTRY], () => [mutationAt("src/a.ts", 3, "y")]);
  assert.match(problem ?? "", /fits no mutation: src\/a\.ts f: 3/);
});

test("an entry that fits two mutations names neither", () => {
  const [problem] = staleEntries([ENTRY], () => [ENTRY, ENTRY]);
  assert.match(problem ?? "", /fits 2 mutations/);
});

test("an entry without a reason is refused", () => {
  const { reason: _, ...rest } = ENTRY;
  assert.throws(() => readEquivalents(JSON.stringify([rest])), /entry 1 has no reason/);
});
