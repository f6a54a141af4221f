/**
 * Finds Bun: the one that runs this, the one named in SLUICE_TEST_BUN, the one on PATH, else as an npm
 * package.
 *
 * @module
 */
import process from "node:process";
import { run } from "./command.ts";
import { VERSIONS } from "./versions.ts";

/** A program that was found. */
export interface Found {
  /** What to start. */
  readonly path: string;
  /** What it says of itself, and where it came from. */
  readonly about: string;
}

const WHERE = "console.log(JSON.stringify([process.execPath, process.versions.bun]))";

/** @throws {Error} saying how to get it */
export async function findBun(): Promise<Found> {
  const { bun: version } = process.versions;
  if (version !== undefined) return { path: process.execPath, about: `bun ${version}` };
  // Asking npm for it takes longer than most tests, so the runner of the tests hands its answer on.
  const named = process.env.SLUICE_TEST_BUN;
  const attempts: [program: string, args: string[], source: string][] = [
    ...(named ? [[named, ["-e", WHERE], "SLUICE_TEST_BUN"] as [string, string[], string]] : []),
    ["bun", ["-e", WHERE], "on PATH"],
    ["npx", ["-y", `bun@${VERSIONS.bun}`, "-e", WHERE], "npm package"],
  ];
  const problems: string[] = [];
  for (const [program, args, source] of attempts) {
    const { code, output, failure } = await run(program, args, { timeoutMs: 300_000 });
    // npm may warn of something on lines of its own.
    const line = output.split("\n").find((line) => line.startsWith('["'));
    if (code === 0 && line !== undefined) {
      const [path, version] = JSON.parse(line) as [string, string];
      return { path, about: `bun ${version} (${source})` };
    }
    problems.push(`${program}: ${failure ?? output.trim()}`);
  }
  throw new Error(
    `Bun was not found (${
      problems.join("; ")
    }). Install it (npm install -g bun@${VERSIONS.bun}), ` +
      "or install npm, with which this program fetches it",
  );
}
