/**
 * The doors by which programs come in (`exports` of deno.json): whether all that can be reached through
 * one has a doc comment, and whether it hands out every type that it speaks of.
 *
 * @module
 */

/** A problem of `deno doc --lint`: what, and below it where. */
const PROBLEM = /^error(\[[a-z-]+\]: .*)\n\s+--> (.*)$/gm;

/** Types of packages, which are theirs to hand out. */
const OF_PACKAGES: readonly string[] = ["Hono"];

function problemsIn(output: string): { line: string; isOurs: boolean }[] {
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  return [...plain.matchAll(PROBLEM)].map(([, what, where]) => ({
    line: `${where}: ${what}`,
    isOurs: !OF_PACKAGES.some((name) => what!.endsWith(`private type '${name}'`)),
  }));
}

/** What is wrong with a door, one mistake a line, by what `deno doc --lint` says of it. */
export function doorProblems(output: string): string[] {
  return problemsIn(output).filter(({ isOurs }) => isOurs).map(({ line }) => line);
}

/** Whether all that it says is of packages. */
export function onlyOfPackages(output: string): boolean {
  const problems = problemsIn(output);
  return problems.length > 0 && problems.every(({ isOurs }) => !isOurs);
}
