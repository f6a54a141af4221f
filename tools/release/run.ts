/**
 * Releases a version in the checkout: says so wherever the version stands and in the changelog, passes the gate, makes
 * the files and the tag. Nothing leaves the machine: what it prints last does that.
 *
 *     deno task release X.Y.Z
 *
 * When something fails the checkout is as it was before.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { lockedPackages } from "../audit.ts";
import { makeBinary } from "../binary.ts";
import { run } from "../command.ts";
import { pack } from "../pack.ts";
import { ROOT } from "../root.ts";
import { billOf } from "./bill.ts";
import { released } from "./changelog.ts";
import { makeFiles, type Makers } from "./files.ts";
import { isLater, PLACES, VERSION_FORM, withVersion } from "./version.ts";

/** What a release is made with. */
export interface ReleaseOptions {
  /** The checkout. */
  readonly root: string;
  /** As `2027-01-31`. */
  readonly date: string;
  /** Whether the checkout, as it is now, may be released. */
  gate(): Promise<boolean>;
  readonly makers: Makers;
}

/**
 * Releases.
 *
 * @returns the names of the files in `dist/`
 * @throws {Error} with the reason why not
 */
export async function release(
  version: string,
  { root, date, gate, makers }: ReleaseOptions,
): Promise<string[]> {
  const git = async (...args: string[]) => {
    const { code, output, failure } = await run("git", args, { cwd: root });
    if (code !== 0) throw new Error(`git ${args[0]}: ${failure ?? output.trim()}`);
    return output.trim();
  };
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  if (!VERSION_FORM.test(version)) throw new Error(`${version} is no version of the form X.Y.Z`);
  const tag = `v${version}`;
  const before: string = JSON.parse(read("package.json")).version;
  if (await git("tag", "--list", tag) !== "") throw new Error(`there is a tag ${tag} already`);
  const first = await git("tag", "--list", "v*") === "";
  if (!isLater(version, before) && !(first && version === before)) {
    throw new Error(`${version} does not come behind ${before}`);
  }
  if (await git("status", "--porcelain") !== "") {
    throw new Error("something is not committed: see git status");
  }
  const changed = new Map(
    Object.keys(PLACES).map((path) => [path, withVersion(path, read(path), before, version)]),
  );
  changed.set("CHANGELOG.md", released(read("CHANGELOG.md"), version, date));
  for (const [path, text] of changed) writeFileSync(join(root, path), text);
  try {
    if (!await gate()) throw new Error("the gate is closed: see above");
    const names = await makeFiles(version, join(root, "dist"), makers);
    await git("add", ...changed.keys());
    await git("commit", "-q", "-m", `Release ${version}`);
    await git("tag", "-a", tag, "-m", `Sluice ${version}`);
    return names;
  } catch (error) {
    await git("checkout", "-q", "HEAD", "--", ...changed.keys());
    throw error;
  }
}

if (import.meta.main) {
  const [version, ...more] = process.argv.slice(2);
  if (version === undefined || more.length > 0) {
    console.error("Usage: deno task release X.Y.Z");
    process.exit(2);
  }
  const manifest = () => JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  try {
    if (!existsSync(join(ROOT, ".git"))) throw new Error("this is no checkout of git");
    const names = await release(version, {
      root: ROOT,
      date: new Date().toISOString().slice(0, 10),
      gate: async () => {
        const { code } = await run(process.execPath, ["task", "ok"], { cwd: ROOT, show: true });
        return code === 0;
      },
      makers: {
        pack,
        binary: makeBinary,
        bill: () => billOf(manifest(), lockedPackages()),
      },
    });
    console.log(`\nIn dist/: ${names.join(", ")}\n`);
    console.log("What is left, once you have looked at it:\n");
    console.log(`  git push origin HEAD v${version}`);
    console.log(`  npm publish dist/sluice-${version}.tgz`);
    console.log("  and the files of dist/ beside the tag, where the others are");
  } catch (error) {
    console.error(`Not released: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
