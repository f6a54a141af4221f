/**
 * Asks the npm registry for security advisories on every package that is locked, and on those that
 * the tools bring along.
 *
 *     deno task audit
 *
 * Exits with 0 when none is known, 1 when some are, 2 when the registry could not be asked. It asks
 * the registry that npm is configured with; the variable NPM_CONFIG_REGISTRY names another.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run } from "./command.ts";
import { checkLocks } from "./imports/locks.ts";
import { ROOT } from "./root.ts";
import { EMITTER, VERSIONS } from "./versions.ts";

/** Longest time for the answer (ms). */
const TIMEOUT_MS = 30_000;

/** Something that is known against a package. */
export interface Advisory {
  readonly package: string;
  readonly severity: string;
  readonly title: string;
  /** Where to read more. */
  readonly url: string;
  /** The versions it concerns. */
  readonly versions: string;
}

/** Every package with its version, those that others bring along included. */
export function lockedPackages(): Map<string, string> {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const { all } = checkLocks({
    packageJson: read("package.json"),
    denoLock: read("deno.lock"),
    bunLock: read("bun.lock"),
  });
  return new Map([...all, ...Object.entries(VERSIONS)]);
}

/** The advisories in an answer of the registry. @throws {Error} when it is no such answer */
export function readAdvisories(answer: unknown): Advisory[] {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) {
    throw new Error("the answer is no list of advisories");
  }
  return Object.entries(answer).flatMap(([name, list]) => {
    if (!Array.isArray(list)) throw new Error("the answer is no list of advisories");
    return list.map((one: Record<string, unknown>) => ({
      package: name,
      severity: String(one.severity ?? "unknown"),
      title: String(one.title ?? "without a title"),
      url: String(one.url ?? ""),
      versions: String(one.vulnerable_versions ?? "unknown versions"),
    }));
  });
}

/** Other versions of a package that tools bring along. */
function alsoUsed(name: string): string[] {
  return name === "typescript" ? [EMITTER.typescript] : [];
}

/** Asks a registry. @throws {Error} saying why it could not be asked */
export async function askAdvisories(
  registry: string,
  packages: ReadonlyMap<string, string>,
): Promise<Advisory[]> {
  const url = new URL("-/npm/v1/security/advisories/bulk", registry.replace(/\/*$/, "/"));
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(
      Object.fromEntries([...packages].map(([name, one]) => [name, [one, ...alsoUsed(name)]])),
    ),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`it answers ${response.status} to a question for advisories`);
  }
  return readAdvisories(await response.json());
}

/** The registry that npm uses here. @throws {Error} when npm does not say */
async function configuredRegistry(): Promise<string> {
  const { code, output } = await run("npm", ["config", "get", "registry"], { timeoutMs: 30_000 });
  // Npm may have something to say besides.
  const [url] = /^https?:\/\/\S+$/m.exec(output) ?? [];
  if (code === 0 && url !== undefined) return url;
  throw new Error("npm does not say which it uses: set NPM_CONFIG_REGISTRY");
}

if (import.meta.main) {
  const packages = lockedPackages();
  try {
    const registry = process.env.NPM_CONFIG_REGISTRY || await configuredRegistry();
    const advisories = await askAdvisories(registry, packages);
    for (const { package: name, severity, title, url, versions } of advisories) {
      console.error(`${name} ${packages.get(name)}: ${severity}: ${title} (${versions}) ${url}`);
    }
    console.log(`audit: ${packages.size} packages, ${advisories.length} advisories`);
    process.exitCode = advisories.length === 0 ? 0 : 1;
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error ? `${message} (${cause.message})` : message;
    console.error(`audit: NOTHING WAS CHECKED, the registry could not be asked: ${why}`);
    process.exitCode = 2;
  }
}
