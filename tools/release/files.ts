/**
 * What a release consists of: package, binary, bill of materials, and the hashes of these.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";

/** What makes the files. */
export interface Makers {
  /** Puts the package into a folder. @returns its path */
  pack(folder: string): Promise<string>;
  /** Puts the binary at a path. */
  binary(path: string): Promise<void>;
  /** The bill of materials. */
  bill(): Promise<string>;
}

/** The file that has the hashes of all others, as `sha256sum --check` reads it. */
export const SUMS = "SHA256SUMS";

/**
 * Makes all files of a version in `folder`, which is emptied first.
 *
 * @returns their names
 */
export async function makeFiles(
  version: string,
  folder: string,
  makers: Makers,
): Promise<string[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tarball = basename(await makers.pack(folder));
  if (tarball !== `sluice-${version}.tgz`) {
    throw new Error(`${tarball} is not of version ${version}`);
  }
  await makers.binary(join(folder, `sluice-${version}-${process.platform}-${process.arch}`));
  writeFileSync(join(folder, `sluice-${version}.cdx.json`), await makers.bill());
  const names = readdirSync(folder).sort();
  const sums = names.map((name) => {
    const hash = createHash("sha256").update(readFileSync(join(folder, name))).digest("hex");
    return `${hash}  ${name}\n`;
  });
  writeFileSync(join(folder, SUMS), sums.join(""));
  return [...names, SUMS];
}
