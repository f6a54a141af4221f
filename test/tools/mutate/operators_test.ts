import assert from "node:assert/strict";
import { test } from "node:test";
import { fetchCompiler } from "../../../tools/mutate/compiler.ts";
import { applyTo } from "../../../tools/mutate/mutation.ts";
import { Mutator } from "../../../tools/mutate/operators.ts";

const mutator = new Mutator(await fetchCompiler());

/** The code with each mutation, by operators; `code` is put into a function. */
function mutants(code: string, only?: string): string[] {
  const head = "function f(): void {\n";
  const source = `${head}${code}\n}`;
  return mutator.mutationsOf("f.ts", source)
    .filter(({ operator }) => only === undefined || operator === only)
    .map((mutation) => applyTo(source, mutation).slice(head.length, -2));
}

const CASES: readonly [operator: string, code: string, mutants: readonly string[]][] = [
  ["boundary", "use(a < b);", ["use(a <= b);"]],
  ["boundary", "use(a >= b);", ["use(a > b);"]],
  ["equality", "use(a === b);", ["use(a !== b);"]],
  ["arithmetic", "use(a + b);", ["use(a - b);"]],
  ["arithmetic", "a += b;", ["a -= b;", "a = b;"]],
  ["arithmetic", "a++;", ["a--;"]],
  ["arithmetic", "use(-a);", ["use(a);"]],
  ["logical", "use(a && b);", ["use(a || b);"]],
  ["nullish", "use(a ?? b);", ["use(a);", "use(b);"]],
  ["bits", "use(a >>> b);", ["use(a << b);", "use(a >> b);"]],
  ["bits", "use(a & b);", ["use(a | b);"]],
  ["bits", "use(~a);", ["use(a);"]],
  ["negated", "if (a) use();", ["if (!(a)) use();"]],
  ["negated", "if (!a) use();", ["if (a) use();"]],
  ["negated", "if (a === b) use();", []],
  ["removed", "if (a) use();", ["if (a) ;"]],
  ["removed", "a = b;", [";"]],
  ["removed", "throw new Error();", [";"]],
  ["early return", "if (a) return;\nuse();", ["if (a) ;\nuse();"]],
  ["early return", "use();\nif (a) return;", []],
  ["method", "use(a.toString());", []],
  ["number", "use(0x10);", ["use(15);", "use(17);"]],
  ["number", "use(0);", ["use(1);"]],
  ["number", "use(15);", ["use(14);", "use(16);"]],
  ["number", "use(16);", ["use(32);", "use(8);"]],
  ["number", "use(5_001);", ["use(10002);", "use(2500);"]],
  ["boolean", "use(true);", ["use(false);"]],
  ["string", 'use("a", "");', ['use("", "");', 'use("a", "mutated");']],
  ["string", 'use({ "a": b });', []],
  ["string", "use(`${a}`);", ['use("");']],
  ["optional", "use(a?.b, a?.[b]);", ["use(a!.b, a?.[b]);", "use(a?.b, a![b]);"]],
  ["method", "use(a.some(b));", ["use(a.every(b));"]],
  ["method", "use(a.filter(b).length);", ["use(a.length);"]],
];

for (const [operator, code, expected] of CASES) {
  // Names of tests are on one line.
  const shown = expected.map((mutant) => mutant.replaceAll("\n", " "));
  const name = `${code.replaceAll("\n", " ")} becomes ${shown.join(" or ") || "nothing else"}`;
  test(`${operator}: ${name}`, () => {
    assert.deepEqual(mutants(code, operator).sort(), [...expected].sort());
  });
}

test("types, imports, log lines, errors and sentences are left alone", () => {
  const code = [
    "let a: 1 | 2 | undefined;",
    'type T = { readonly a: "x" };',
    'log.info("a", { b: 1 });',
    'use(new ProtocolError("amf", `at ${1}`));',
    'use("what people read");',
    'use("Playing on.");',
  ].join("\n");
  const calls = code.split("\n").filter((line) => line.startsWith("use"));
  // Only that something is done at all.
  assert.equal(mutants(code).length, calls.length);
  assert.deepEqual(mutants(code), mutants(code, "removed"));
  assert.deepEqual(mutator.mutationsOf("f.ts", 'import { a } from "./a.ts";'), []);
});

for (
  const [type, expected] of [
    ["boolean", ["true", "false"]],
    ["number", ["0"]],
    ["string | undefined", ["undefined"]],
    ["string[]", ["[]"]],
    ["Uint8Array", []],
  ] as const
) {
  test(`a function that gives ${type} returns ${expected.join(" or ") || "nothing else"}`, () => {
    const returned = (source: string) =>
      mutator.mutationsOf("f.ts", source).filter(({ operator }) => operator === "returned")
        .map(({ replacement }) => replacement);
    assert.deepEqual(returned(`function f(): ${type} { return made(); }`), expected);
    assert.deepEqual(returned(`const f = (): ${type} => made();`), expected);
  });
}

test("a mutation knows its line, the declarations around it and the text that changes", () => {
  const source = "class Queue {\n  #add(n: number) {\n    // full\n    use(n <\n      9);\n  }\n}";
  const found = mutator.mutationsOf("src/queue.ts", source).find(({ operator }) =>
    operator === "removed"
  );
  assert.deepEqual(found, {
    file: "src/queue.ts",
    line: 4,
    start: source.indexOf("use"),
    end: source.indexOf(";") + 1,
    replacement: ";",
    operator: "removed",
    within: "Queue.#add",
    before: "use(n <\n9);",
    after: ";",
  });
});
