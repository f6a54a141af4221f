/**
 * The bill of materials of the package (SBOM): what it brings along, by `npm sbom`.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../command.ts";
import { type CheckoutManifest, packageManifest } from "../pack/manifest.ts";

/** What of a bill is looked at here. */
interface Bill {
  readonly bomFormat?: unknown;
  readonly components?: readonly { readonly name: string; readonly version: string }[];
}

/**
 * The bill of what a manifest wants, as JSON of CycloneDX.
 *
 * @param locked the versions that are locked, by name: the bill names no others
 * @throws {Error} when npm cannot make it, or it names what is not locked
 */
export async function billOf(
  manifest: CheckoutManifest,
  locked: ReadonlyMap<string, string>,
): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), "sluice-bill-"));
  try {
    writeFileSync(join(work, "package.json"), JSON.stringify(packageManifest(manifest)));
    const options = { cwd: work, timeoutMs: 120_000 };
    const resolve = [
      "install",
      "--package-lock-only",
      "--ignore-scripts",
      "--omit=dev",
      "--silent",
    ];
    const install = await run("npm", resolve, options);
    if (install.code !== 0) throw new Error(`npm install: ${install.failure ?? install.output}`);
    const ask = [
      "sbom",
      "--sbom-format=cyclonedx",
      "--sbom-type=application",
      "--package-lock-only",
    ];
    const { code, output, failure } = await run("npm", [...ask, "--omit=dev"], options);
    if (code !== 0) throw new Error(`npm sbom: ${failure ?? output}`);
    const problems = billProblems(JSON.parse(output), manifest, locked);
    if (problems.length > 0) throw new Error(problems.join("; "));
    return output;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What is wrong in a bill: it is none, leaves a dependency out, or names what is not locked. */
export function billProblems(
  bill: Bill,
  { dependencies }: Pick<CheckoutManifest, "dependencies">,
  locked: ReadonlyMap<string, string>,
): string[] {
  if (bill.bomFormat !== "CycloneDX") return ["it is no bill of CycloneDX"];
  const named = new Map((bill.components ?? []).map(({ name, version }) => [name, version]));
  return [
    ...Object.keys(dependencies).filter((name) => !named.has(name)).map((name) =>
      `${name} is not in the bill`
    ),
    ...[...named].filter(([name, version]) => locked.get(name) !== version).map(([name, version]) =>
      `${name} ${version} is not what is locked`
    ),
  ];
}
