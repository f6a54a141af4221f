/**
 * Finds Bun: on PATH, else as an npm package.
 *
 * @module
 */
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
  const attempts: [program: string, args: string[], source: string][] = [
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
