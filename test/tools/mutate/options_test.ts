import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP, type Options, readOptions } from "../../../tools/mutate/options.ts";

const read = (...args: string[]) => readOptions(args) as Options;

test("a draw is 300 mutations of everything on Deno, unless it is told otherwise", () => {
  const { seed, ...rest } = read();
  assert.ok(Number.isInteger(seed));
  const defaults = {
    count: 300,
    files: [],
    tests: 30,
    further: 60,
    atOnce: 2,
    runtime: "deno",
    list: false,
  };
  assert.deepEqual(rest, defaults);
});

test("every option is read", () => {
  const args = "--seed 1 --count 2 --files a,b --only ./src/a.ts:3 --tests 4 --runtime bun " +
    "--at-once 3 --further 5 --again y.json --out x.json --list";
  assert.deepEqual(read(...args.split(" ")), {
    seed: 1,
    count: 2,
    files: ["a", "b"],
    only: { file: "src/a.ts", line: 3 },
    tests: 4,
    further: 5,
    atOnce: 3,
    again: "y.json",
    runtime: "bun",
    out: "x.json",
    list: true,
  });
});

for (
  const args of [
    "--seed",
    "--seed x",
    "--count -1",
    "--at-once 0",
    "--only src/a.ts",
    "--runtime node",
    "--sed 1",
  ]
) {
  test(`${args} is refused with its name`, () => {
    const [name] = args.split(" ");
    assert.throws(
      () => read(...args.split(" ")),
      new RegExp(`${name} `.replace("--sed ", "--sed")),
    );
  });
}

test("the help names every option", () => {
  assert.equal(readOptions(["--help"]), "help");
  const names = [
    "seed",
    "count",
    "files",
    "only",
    "list",
    "runtime",
    "tests",
    "at-once",
    "again",
    "out",
  ];
  for (const name of names) {
    assert.match(HELP, new RegExp(`^ {2}--${name}`, "m"));
  }
});
