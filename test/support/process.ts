/**
 * Programs that a test starts, and that do not outlive it.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import process from "node:process";
import { ROOT as LINKED_ROOT } from "../../tools/root.ts";
import { SOON_MS, within } from "./deadline.ts";

/** Folder of the checkout; the runner may reach it through a link. */
export const ROOT = realpathSync(LINKED_ROOT);

/** How a program ended. */
export interface Exit {
  /** Exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What to start. */
export interface ProcessOptions {
  /** Variables to set besides those of the test; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where to run it; in the checkout, if left out. */
  readonly cwd?: string;
}

const alive = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of alive) child.kill("SIGKILL");
});

/** A running program. Use it with `await using`, so that it ends with the test. */
export class TestProcess implements AsyncDisposable {
  /** Resolves when it has ended and its output is complete. Never rejects. */
  readonly exit: Promise<Exit>;
  /** What it wrote to its standard output so far. */
  stdout = "";
  /** What it wrote to its error output so far. */
  stderr = "";
  readonly #name: string;
  readonly #child: ChildProcess;
  #ended = false;
  #lines: string[] = [];
  /** Called after each line and at the end. */
  readonly #watchers = new Set<() => void>();

  constructor(
    program: string,
    args: readonly string[],
    { env = {}, cwd = ROOT }: ProcessOptions = {},
  ) {
    this.#name = `${program.split("/").at(-1)} ${args.join(" ")}`;
    const child = this.#child = spawn(program, [...args], {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    alive.add(child);
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#onText("out", text);
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#onText("err", text);
    });
    this.exit = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        alive.delete(child);
        this.#ended = true;
        const { stdout, stderr } = this;
        resolve({ code: code ?? undefined, signal: signal ?? undefined, stdout, stderr });
        for (const watch of this.#watchers) watch();
      };
      child.on("error", (error) => {
        this.stderr += error.message;
        end(null, null);
      });
      child.on("close", end);
    });
  }

  /** Process id. */
  get pid(): number {
    return this.#child.pid!;
  }

  /** The complete lines of both outputs so far, in the order of arrival. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  readonly #rest = { out: "", err: "" };

  #onText(stream: "out" | "err", text: string): void {
    const lines = (this.#rest[stream] + text).split("\n");
    this.#rest[stream] = lines.pop()!;
    this.#lines.push(...lines);
    if (lines.length > 0) { for (const watch of this.#watchers) watch(); }
  }

  /** Both outputs, for a person who wants to know what went wrong. */
  readonly describe = (): string =>
    `${this.#name}\n--- stdout\n${this.stdout.slice(-4000)}\n--- stderr\n${
      this.stderr.slice(-4000)
    }`;

  /** What `find` makes of the first line it does not answer with `undefined`, past lines included. */
  waitForLine<T>(
    find: (line: string) => T | undefined,
    what: string,
    ms: number = SOON_MS,
  ): Promise<T> {
    let looked = 0;
    let watch = () => {};
    const found = new Promise<T>((resolve, reject) => {
      watch = () => {
        while (looked < this.#lines.length) {
          const answer = find(this.#lines[looked++]!);
          if (answer !== undefined) return resolve(answer);
        }
        if (this.#ended) reject(new Error(`It ended before: ${what}\n${this.describe()}`));
      };
      this.#watchers.add(watch);
      watch();
    });
    return within(found, what, ms, this.describe).finally(() => this.#watchers.delete(watch));
  }

  /** Waits for its end. */
  ended(ms: number = SOON_MS): Promise<Exit> {
    return within(this.exit, "the end of the program", ms, this.describe);
  }

  /** Sends a signal. */
  signal(name: "SIGTERM" | "SIGINT" | "SIGKILL" | "SIGSTOP" | "SIGCONT" | "SIGHUP"): void {
    // Not child.kill(): after it, Deno takes the signal for the cause of an orderly exit.
    try {
      if (!this.#ended) process.kill(this.pid, name);
    } catch {
      // It has just ended.
    }
  }

  /** Kills it and waits until it is gone. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exit;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}
