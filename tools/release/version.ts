/**
 * Versions, and the places where that of Sluice stands.
 *
 * @module
 */

/** A version of Semantic Versioning, without what may follow its three numbers. */
export const VERSION_FORM = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/;

/** Files that say which version this is, and how they say it. */
export const PLACES: Readonly<Record<string, (version: string) => string>> = {
  "src/version.ts": (version) => `export const VERSION = "${version}";`,
  "package.json": (version) => `"version": "${version}",`,
  "deno.json": (version) => `"version": "${version}",`,
  "docs/install.md": (version) => `./sluice-${version}.tgz`,
  "deploy/kubernetes.yaml": (version) => `/sluice:${version}`,
};

/** Whether `version` comes behind `other`; both are of {@link VERSION_FORM}. */
export function isLater(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => text.split(".").map(Number));
  for (const [index, number] of a!.entries()) {
    if (number !== b![index]) return number > b![index]!;
  }
  return false;
}

/**
 * The text of a file of {@link PLACES} with another version.
 *
 * @throws {Error} when the version that it should have is not there
 */
export function withVersion(path: string, text: string, from: string, to: string): string {
  const form = PLACES[path]!;
  if (!text.includes(form(from))) throw new Error(`${path} has no ${form(from)}`);
  return text.replaceAll(form(from), form(to));
}
