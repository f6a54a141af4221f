/**
 * Programs on a terminal of their own, where they ask questions that nobody answers.
 *
 * @module
 */
import { spawnSync } from "node:child_process";
import { type ProcessOptions, TestProcess } from "./process.ts";

/** Two ways to a pseudo terminal; one of them is on every machine that the tests are made for. */
const WAYS: readonly { probe: string[]; run(command: readonly string[]): string[] }[] = [
  {
    probe: ["script", "--version"],
    run: (command) => ["script", "-qec", command.map(quoted).join(" "), "/dev/null"],
  },
  {
    probe: ["python3", "-c", "import pty"],
    run: (command) => ["python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])", ...command],
  },
];

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Starts a program on a pseudo terminal. @throws {Error} when the machine has no program for that */
export function onTerminal(command: readonly string[], options: ProcessOptions = {}): TestProcess {
  const way = WAYS.find(({ probe: [program, ...args] }) =>
    spawnSync(program!, args, { stdio: "ignore" }).status === 0
  );
  if (way === undefined) throw new Error("A terminal needs `script` (util-linux) or python3");
  const [program, ...args] = way.run(command);
  return new TestProcess(program!, args, options);
}
