/**
 * Whether every package is in the table of dependencies, where its reason stands.
 *
 * @module
 */

/**
 * Packages without a row in the section "Dependencies" of `markdown`, and rows without a package.
 *
 * @param packages names of all packages, those that others bring along included
 */
export function dependencyProblems(
  path: string,
  markdown: string,
  packages: ReadonlySet<string>,
): string[] {
  const [, section = ""] = markdown.split(/^## Dependencies$/m);
  const rows = section.split(/^## /m)[0]!.split("\n").filter((line) => line.startsWith("| `"));
  const listed = new Set(
    rows.flatMap((row) =>
      [...row.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
    ),
  );
  return [
    ...[...packages].filter((name) => !listed.has(name)).map((name) =>
      `${path}: the dependency ${name} has no row that says why`
    ),
    ...[...listed].filter((name) => !packages.has(name)).map((name) =>
      `${path}: ${name} is listed and is no dependency`
    ),
  ];
}
