/**
 * The changelog when a version is released.
 *
 * @module
 */

/** The heading of what is not released yet. */
const UNRELEASED = "## [Unreleased]\n";
/** A sentence that ends with the first release. */
const NOTHING_YET = " Nothing has been released yet.";

/**
 * The changelog with what was not released under `version` and its date.
 *
 * @param date as `2027-01-31`
 * @throws {Error} when there is nothing to release, or the version is there already
 */
export function released(changelog: string, version: string, date: string): string {
  if (changelog.includes(`## [${version}]`)) throw new Error(`CHANGELOG.md has ${version} already`);
  const [before, after, ...more] = changelog.split(UNRELEASED);
  if (after === undefined || more.length > 0) {
    throw new Error("CHANGELOG.md has no one [Unreleased]");
  }
  if (notesOf(changelog, "Unreleased") === "") {
    throw new Error("CHANGELOG.md has nothing to release");
  }
  return `${before!.replace(NOTHING_YET, "")}${UNRELEASED}\n## [${version}] - ${date}\n${after}`;
}

/** What the changelog says of a version, without its heading; empty where it says nothing. */
export function notesOf(changelog: string, version: string): string {
  const [, behind = ""] = changelog.split(`## [${version}]`);
  const text = behind.slice(behind.indexOf("\n")).split(/^## \[/m)[0]!;
  return text.replace(/^###? .*$/gm, "").trim() === "" ? "" : text.trim();
}
