/**
 * Follows pages of `docs/recipes/` to the letter: saves their files, runs their commands and compares what these print, in
 * a network of their own, so that ports are those of the page.
 *
 * In a page, "```sh" is a command that comes to its end, "```sh background" one that goes on, "```json name.json" a file, and
 * "```text output" is what the command before it prints among other lines. All other blocks are to be read.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { findBun } from "../../tools/find_bun.ts";
import { packagesBeside } from "../../tools/packages.ts";
import { SOON_MS, until } from "./deadline.ts";
import { FFMPEG } from "./ffmpeg.ts";
import { type Exit, ROOT, TestProcess } from "./process.ts";
import { cleanEnv } from "./server.ts";

/** What a block of a page is. */
export interface Step {
  readonly kind: "run" | "background" | "output" | "file";
  /** The block without its fences. */
  readonly text: string;
  /** Of a file. */
  readonly name?: string;
}

/** The steps of a page. */
export function stepsOf(markdown: string): Step[] {
  return [...markdown.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].flatMap(
    ([, language, more, text]): Step[] => {
      if (language === "sh") {
        assert.ok(more === undefined || more === "background", more);
        return [{ kind: more === undefined ? "run" : "background", text: text! }];
      }
      if (more === undefined) return [];
      if (more === "output") return [{ kind: "output", text: text! }];
      assert.match(more, /^\w+\.\w+$/);
      return [{ kind: "file", text: text!, name: more }];
    },
  );
}

/** What of the checkout a reader uses. */
const TREE = [
  "mod.ts",
  "src",
  "plugins",
  "tools",
  "package.json",
  "deno.json",
  "deno.lock",
  "bun.lock",
];

const IS_DENO = "Deno" in globalThis;

/** Has `deno run` mean this runtime: Bun has no flags in front of the file. */
const BUN_AS_DENO = `#!/bin/sh
[ "$1" = run ] && shift
while case "$1" in -*) true ;; *) false ;; esac; do shift; done
exec ${process.execPath} run "$@"
`;

let made: Promise<string> | undefined;

/** A checkout for all recipes of this process: a new one is compiled anew. */
function checkout(): Promise<string> {
  made ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "sluice-recipes-"));
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    for (const name of TREE) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    const bin = join(folder, ".bin");
    mkdirSync(bin);
    symlinkSync(FFMPEG.includes("/") ? FFMPEG : whereIs(FFMPEG), join(bin, "ffmpeg"));
    if (IS_DENO) {
      symlinkSync(process.execPath, join(bin, "deno"));
      return folder;
    }
    writeFileSync(join(bin, "deno"), BUN_AS_DENO);
    chmodSync(join(bin, "deno"), 0o755);
    // Nothing can be fetched later.
    const packages = await packagesBeside((await findBun()).path);
    symlinkSync(join(packages, "node_modules"), join(folder, "node_modules"), "dir");
    return folder;
  })();
  return made;
}

function whereIs(program: string): string {
  for (const folder of process.env["PATH"]!.split(":")) {
    if (readdirSafe(folder).includes(program)) return join(folder, program);
  }
  return assert.fail(`${program} is on PATH`);
}

function readdirSafe(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** A page that is followed. Use it with `await using`. */
export class Recipe implements AsyncDisposable {
  readonly #folder: string;
  readonly #network: TestProcess;
  readonly #steps: Step[];
  /** What goes on, in the order of the page. */
  readonly programs: TestProcess[] = [];
  #env: Record<string, string | undefined>;
  #last = "";

  private constructor(folder: string, network: TestProcess, steps: Step[]) {
    this.#folder = folder;
    this.#network = network;
    this.#steps = steps;
    this.#env = cleanEnv({ PATH: `${join(folder, ".bin")}:${process.env["PATH"]}` });
  }

  /** Opens a page by the name of its file. */
  static async open(page: string): Promise<Recipe> {
    const folder = await checkout();
    const steps = stepsOf(readFileSync(join(ROOT, "docs/recipes", `${page}.md`), "utf8"));
    const script = "ip link set lo up && echo up && exec sleep 900";
    const network = new TestProcess("unshare", ["-n", "sh", "-c", script]);
    await network.waitForLine((line) => line === "up" || undefined, "there is a network");
    return new Recipe(folder, network, steps);
  }

  /** Steps that were not done yet. */
  get left(): number {
    return this.#steps.length;
  }

  /** Does all steps that are left, or those up to a block with this text, which is not done. */
  async follow(upTo?: string): Promise<void> {
    for (let step = this.#steps[0]; step !== undefined; step = this.#steps[0]) {
      if (upTo !== undefined && step.text.includes(upTo)) return;
      this.#steps.shift();
      await this.#do(step);
    }
    assert.equal(upTo, undefined, `there is a step with ${upTo}`);
  }

  async #do({ kind, text, name }: Step): Promise<void> {
    if (kind === "file") writeFileSync(join(this.#folder, name!), text);
    else if (kind === "run") this.#last = (await this.sh(text)).stdout;
    else if (kind === "background") await this.#begin(text);
    else {
      const lines = this.#last.split("\n");
      for (const line of text.trim().split("\n")) {
        assert.ok(lines.includes(line), `${line} in ${lines}`);
      }
    }
  }

  /** Runs commands as the page's own are, to a good end. What they export stays. */
  async sh(text: string): Promise<Exit> {
    const file = join(this.#folder, ".env");
    await using running = this.#start(`set -e\n${text}\nenv -0 > ${file}`);
    const exit = await running.ended();
    assert.equal(exit.code, 0, running.describe());
    const entries = readFileSync(file, "utf8").split("\0").filter(Boolean).map((line) =>
      [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)] as const
    );
    this.#env = { ...this.#env, ...Object.fromEntries(entries) };
    return exit;
  }

  /** Starts what goes on, and waits until others can use it. */
  async #begin(text: string): Promise<void> {
    const publishing = () =>
      this.programs.reduce(
        (sum, { lines }) => sum + lines.filter((line) => / publishing /.test(line)).length,
        0,
      );
    const before = publishing();
    const program = this.#start(text);
    this.programs.push(program);
    if (/\bffmpeg .*\brtmp:/s.test(text)) {
      await until(() => {
        assert.ok(!program.lines.some((line) => /rror/.test(line)), program.describe());
        return Promise.resolve(publishing() > before);
      }, `it is published: ${text}\n${this.programs.map((one) => one.describe()).join("\n")}`);
    } else {
      // Servers say so, this one, Prometheus and the backends of the pages.
      await program.waitForLine(
        (line) =>
          /\blistening\b.*rtmp=|Server is ready|the backend listens/.test(line) || undefined,
        "it listens",
        SOON_MS * 2,
      );
    }
  }

  #start(text: string): TestProcess {
    const inside = ["-t", `${this.#network.pid}`, "-n", "bash", "-c", text.trim()];
    return new TestProcess("nsenter", inside, { cwd: this.#folder, env: this.#env });
  }

  /** Asks the API of the page's server until the answer has what is wanted. */
  async answers(path: string, wanted: RegExp, port = 8080): Promise<string> {
    let text = "";
    await until(async () => {
      await using asking = this.#start(
        `curl -s "http://127.0.0.1:${port}${path}"`,
      );
      text = (await asking.ended()).stdout;
      return wanted.test(text);
    }, `${path} answers ${wanted}`);
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const own = readlinkSync(`/proc/${this.#network.pid}/ns/net`);
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readlinkSync(`/proc/${pid}/ns/net`) === own) process.kill(Number(pid), "SIGKILL");
      } catch {
        // It is gone already.
      }
    }
    for (const program of this.programs) await program.kill();
    await this.#network.kill();
  }
}
