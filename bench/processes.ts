/**
 * Programs that a benchmark starts, and that end with it however it ends.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";

/** What to start. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables to set besides those of this process; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Allows as many open files as the user may have: thousands of players need them. */
const WITH_FILES = 'ulimit -n "$(ulimit -Hn)" 2>/dev/null; exec "$@"';

/**
 * Kills a process group when its standard input ends, which it does at the latest when the
 * benchmark is gone, even if that was killed itself.
 */
const WATCH = 'cat >/dev/null; kill -s KILL -- "-$1" 2>/dev/null';

/** A running program with all that it starts. */
export class Program {
  readonly pid: number;
  /** Exit code, or the signal that ended it. */
  readonly exit: Promise<number | string>;
  /** What it wrote to its standard output. */
  output = "";
  /** The end of what it wrote to its error output. */
  errors = "";
  readonly #watchdog: ChildProcess;

  constructor({ program, args, env = {} }: Command) {
    const child = spawn("sh", ["-c", WITH_FILES, "sh", program, ...args], {
      detached: true, // A process group of its own.
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (child.pid === undefined) throw new Error(`Cannot start ${program}`);
    this.pid = child.pid;
    this.#watchdog = spawn("sh", ["-c", WATCH, "sh", String(child.pid)], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const limit = 1 << 20;
    child.stdout!.setEncoding("utf8").on("data", (text) => {
      if (this.output.length < limit) this.output += text;
    });
    child.stderr!.setEncoding("utf8").on("data", (text) => {
      this.errors = (this.errors + text).slice(-2000);
    });
    this.exit = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
  }

  /** Kills it and all it started. */
  async end(): Promise<void> {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // Nothing is left of it.
    }
    this.#watchdog.stdin!.end();
    await this.exit;
  }
}
