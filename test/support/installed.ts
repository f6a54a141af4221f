/**
 * The package as others have it: made once by `deno task pack`, and installed from a registry into folders
 * of their own.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { madeOnce } from "../../tools/made_once.ts";
import { pack } from "../../tools/pack.ts";
import { type Exit, TestProcess } from "./process.ts";
import { type Registry, startRegistry } from "./registry.ts";
import { cleanEnv } from "./server.ts";

/** How long an install or a start may take (ms): packages may have to be fetched. */
export const INSTALL_MS = 120_000;

/** The runtime that runs the test. */
export const RUNTIME = "Deno" in globalThis ? "deno" : "bun";

/** A folder outside the checkout, and a registry that has the package. */
export class Workplace implements AsyncDisposable {
  /** The author's folder. */
  readonly folder: string;
  readonly #parent: string;
  readonly #registry: Registry;

  private constructor(parent: string, registry: Registry, folder: string) {
    this.#parent = parent;
    this.#registry = registry;
    this.folder = join(parent, folder);
    mkdirSync(this.folder);
  }

  /** Makes the package, once for all of them, and serves it. */
  static async open(): Promise<Workplace> {
    const dist = await madeOnce("package", pack);
    const tarball = join(dist, readdirSync(dist)[0]!);
    const parent = mkdtempSync(join(tmpdir(), "sluice-package-"));
    linkPrograms(join(parent, "bare"));
    linkPrograms(join(parent, "bin"));
    // One runtime, by its own name.
    symlinkSync(process.execPath, join(parent, "bin", RUNTIME));
    return new Workplace(parent, await startRegistry(tarball), "author");
  }

  /** An empty folder elsewhere, with the same registry and what was fetched from it; it goes with this one. */
  another(folder: string): Workplace {
    return new Workplace(this.#parent, this.#registry, folder);
  }

  /** Where packages come from, and where they are kept: nothing of this machine's is used. */
  get env(): Readonly<Record<string, string | undefined>> {
    const cache = join(this.#parent, "cache");
    return {
      ...cleanEnv({}),
      PATH: join(this.#parent, "bin"),
      NPM_CONFIG_REGISTRY: this.#registry.url,
      npm_config_registry: this.#registry.url,
      npm_config_cache: join(cache, "npm"),
      DENO_DIR: join(cache, "deno"),
      BUN_INSTALL_CACHE_DIR: join(cache, "bun"),
    };
  }

  /** A path that has only what Node needs, so that neither runtime is there. */
  get withoutRuntimes(): string {
    return join(this.#parent, "bare");
  }

  /** Writes a file of the author. */
  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts a program in the folder. */
  start(program: string, ...args: readonly string[]): TestProcess {
    return new TestProcess(program, args, { cwd: this.folder, env: this.env });
  }

  /** Runs a program to its end, which must be a good one. */
  async run(program: string, ...args: readonly string[]): Promise<Exit> {
    await using running = this.start(program, ...args);
    const exit = await running.ended(INSTALL_MS);
    assert.equal(exit.code, 0, running.describe());
    return exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#registry[Symbol.asyncDispose]();
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

/** Makes a folder with links to what Node needs. */
function linkPrograms(folder: string): void {
  mkdirSync(folder);
  for (const name of ["node", "npm", "npx", "sh", "env"]) {
    const found = (process.env["PATH"] ?? "").split(":").find((folder) =>
      folder !== "" && existsIn(folder, name)
    );
    assert.ok(found !== undefined, `${name} is on PATH`);
    symlinkSync(join(found, name), join(folder, name));
  }
}

function existsIn(folder: string, name: string): boolean {
  try {
    accessSync(join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
