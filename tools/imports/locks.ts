/**
 * Whether `package.json`, `deno.lock` and `bun.lock` name the same packages with the same contents.
 *
 * @module
 */

/** The texts of the three files. */
export interface Manifests {
  readonly packageJson: string;
  readonly denoLock: string;
  readonly bunLock: string;
}

type Versions = Map<string, string>;

/**
 * The packages that `package.json` names, all that are locked with their versions, and what is wrong
 * between the files.
 */
export function checkLocks({ packageJson, denoLock, bunLock }: Manifests): {
  readonly dependencies: ReadonlySet<string>;
  readonly all: ReadonlyMap<string, string>;
  readonly problems: string[];
} {
  const manifest = JSON.parse(packageJson);
  const wanted: Versions = new Map(
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }),
  );
  const problems: string[] = [];
  for (const [name, version] of wanted) {
    if (!/^\d+\.\d+\.\d+$/.test(version)) {
      problems.push(`package.json: ${name} ${version} is not pinned to one version`);
    }
  }
  const deno = readDenoLock(denoLock);
  const bun = readBunLock(bunLock);
  problems.push(...compare("deno.lock", wanted, deno.roots));
  problems.push(...compare("bun.lock", wanted, bun.roots));
  problems.push(...compare("bun.lock (against deno.lock)", deno.all, bun.all));
  problems.push(...compareHashes(deno.hashes, bun.hashes));
  for (const [file, text] of [["deno.lock", denoLock], ["bun.lock", bunLock]]) {
    if (/https?:\/\//.test(text!)) problems.push(`${file}: names the host of a registry`);
  }
  return { dependencies: new Set(wanted.keys()), all: deno.all, problems };
}

function compare(file: string, wanted: Versions, found: Versions): string[] {
  const problems: string[] = [];
  for (const [name, version] of wanted) {
    const other = found.get(name);
    if (other !== version) {
      problems.push(`${file}: ${name} is ${other ?? "missing"}, expected ${version}`);
    }
  }
  for (const [name, version] of found) {
    if (!wanted.has(name)) problems.push(`${file}: ${name} ${version} is not expected`);
  }
  return problems;
}

/** Every package needs a hash, and the same one in both files: what is fetched is then the same. */
function compareHashes(deno: Versions, bun: Versions): string[] {
  const problems: string[] = [];
  for (const [id, hash] of deno) {
    if (!/^sha512-/.test(hash)) problems.push(`deno.lock: ${id} has no SHA-512 hash`);
    // That a whole package is missing has been said.
    const other = bun.get(id) ?? hash;
    if (other !== hash) problems.push(`bun.lock: the hash of ${id} is not that of deno.lock`);
  }
  return problems;
}

/** `@scope/name@1.2.3` is `@scope/name` and `1.2.3`; a peer suffix behind `_` does not matter. */
function split(id: string): [name: string, version: string] {
  const at = id.indexOf("@", 1);
  return [id.slice(0, at), id.slice(at + 1).split("_")[0]!];
}

/** What a lock file says; `hashes` are by `name@version`. */
interface Lock {
  readonly roots: Versions;
  readonly all: Versions;
  readonly hashes: Versions;
}

function readDenoLock(text: string): Lock {
  const lock = JSON.parse(text);
  const roots: string[] = lock.workspace?.packageJson?.dependencies ?? [];
  return {
    roots: new Map(roots.map((id) => split(id.replace(/^npm:/, "")))),
    all: new Map(Object.keys(lock.npm ?? {}).map(split)),
    hashes: new Map(
      Object.entries<{ integrity?: string }>(lock.npm ?? {}).map(([id, { integrity = "" }]) => [
        split(id).join("@"),
        integrity,
      ]),
    ),
  };
}

function readBunLock(text: string): Lock {
  const lock = JSON.parse(text.replace(/,(?=\s*[}\]])/g, ""));
  const root = lock.workspaces[""];
  const packages: [id: string, ...rest: unknown[]][] = Object.values(lock.packages);
  return {
    roots: new Map(Object.entries({ ...root.dependencies, ...root.devDependencies })),
    all: new Map(packages.map(([id]) => split(id))),
    hashes: new Map(packages.map((entry) => [split(entry[0]).join("@"), String(entry.at(-1))])),
  };
}
