/**
 * The command line of `deno task mutate`.
 *
 * @module
 */

/** What is mutated when nothing else is asked for. */
export const FOLDERS = ["src/core", "src/hub", "src/service", "src/plugin", "src/http"];

/** How to run. */
export interface Options {
  readonly seed: number;
  /** How many mutations to try. */
  readonly count: number;
  /** Texts of which a path must contain one; none for all of {@link FOLDERS}. */
  readonly files: readonly string[];
  /** All mutations of one line instead of a draw. */
  readonly only?: { readonly file: string; readonly line: number };
  /** Most test files for one mutation. */
  readonly tests: number;
  /** Most further test files for one that survives those. */
  readonly further: number;
  /** How many mutations are tried at a time. */
  readonly atOnce: number;
  /** Result of an earlier run: what survived there is tried again, instead of a draw. */
  readonly again?: string;
  readonly runtime: "deno" | "bun";
  /** File for the result. */
  readonly out?: string;
  /** Print the mutations instead of trying them. */
  readonly list: boolean;
}

/** What `--help` prints. */
export const HELP = `deno task mutate: do the tests notice when the code is wrong?

It draws small changes of the code (mutations: < becomes <=, a call is left out, 64 becomes 65),
makes each in a copy of the tree, and runs the tests of the file there. A mutation that a test
notices is killed. One that survives shows what no test asks for: it is printed, with the tests
that ran. The checkout is not touched.

  --seed N           which mutations: the same for the same seed and code (default: by chance)
  --count N          how many (default 300)
  --files TEXT,...   only files of src/ and plugins/ with one of these texts in their path
                     (default: ${FOLDERS.join(", ")})
  --only FILE:LINE   all mutations of one line, such as src/hub/fanout/player.ts:120
  --list             print the mutations and try none
  --runtime bun      run the tests on Bun (default: deno)
  --tests N          most test files for one mutation (default 30): the one of the same name first,
                     then those that import the file directly, or through up to three others, or the
                     next nearest where these are few. Slow ones run last. Left out are those that
                     start programs or measure time
  --further N        most further test files for a mutation that survives those (default 60): all
                     that reach the file through however many imports, those that measure as well,
                     the one that holds the published limits against the code, and those that start
                     programs and have a word of the file or its folder in their name. What one of
                     these sees has to be seen twice. 0 for a quick look
  --at-once N        mutations that are tried at a time (default 2)
  --again FILE       what survived in the run with this result, whose other mutations are taken to be
                     as they were there: for new tests of the same code
  --out FILE         where to write the result as JSON

What to do with a survivor:
  1. See it again: deno task mutate --only FILE:LINE
  2. Write the test that fails with it. Ask what the code promises and not how it does it: a bound
     is tested at the bound and one above, a call by what is missing without it.
  3. If the line can go, remove it.
  4. If the program does the same with the mutation, whatever anybody sends, it is equivalent. Put
     it into tools/mutate/equivalent.json, as it is printed, with the reason. The list is checked:
     an entry that fits no mutation, or one that a test kills, is a mistake.

Mutations that do not compile are not tried. Types, imports, log lines and sentences for people are not
changed. A run that hangs counts as killed.

Exits with 1 when under 90 % are killed or the list of equivalents is wrong, with 2 when it cannot
run.`;

/** Reads the command line. @throws {Error} saying what is wrong with it */
export function readOptions(args: readonly string[]): Options | "help" {
  let options: Options = {
    seed: Math.floor(Math.random() * 1_000_000),
    count: 300,
    files: [],
    tests: 30,
    further: 60,
    atOnce: 2,
    runtime: "deno",
    list: false,
  };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === "--") continue;
    if (arg === "--help" || arg === "-h") return "help";
    if (arg === "--list") {
      options = { ...options, list: true };
      continue;
    }
    const value = args[++index] ?? "";
    options = { ...options, ...readOption(arg, value) };
  }
  return options;
}

function readOption(name: string, value: string): Partial<Options> {
  const whole = () => {
    if (!/^\d{1,9}$/.test(value)) throw new Error(`${name} takes a whole number`);
    return Number(value);
  };
  switch (name) {
    case "--seed":
      return { seed: whole() };
    case "--count":
      return { count: whole() };
    case "--tests":
      return { tests: whole() };
    case "--further":
      return { further: whole() };
    case "--at-once":
      if (whole() === 0) throw new Error("--at-once takes a whole number from 1 on");
      return { atOnce: whole() };
    case "--again":
      if (value === "") throw new Error("--again takes a file");
      return { again: value };
    case "--out":
      if (value === "") throw new Error("--out takes a file");
      return { out: value };
    case "--files":
      if (value === "") throw new Error("--files takes texts, with commas between them");
      return { files: value.split(",").filter((text) => text !== "") };
    case "--runtime":
      if (value !== "deno" && value !== "bun") throw new Error("--runtime takes deno or bun");
      return { runtime: value };
    case "--only": {
      const [, file, line] = /^(?:\.\/)?(.+):(\d{1,6})$/.exec(value) ?? [];
      if (file === undefined) throw new Error("--only takes FILE:LINE");
      return { only: { file, line: Number(line) } };
    }
  }
  throw new Error(`there is no ${name}; --help shows what there is`);
}
