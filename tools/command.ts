/**
 * Runs programs for the tools.
 *
 * @module
 */
import { spawn } from "node:child_process";
import process from "node:process";

/** How to run a program. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Variables to set besides those of this process; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Show the output as it comes instead of collecting it. */
  readonly show?: boolean;
  /** Takes the output as it comes, instead of its being collected. */
  readonly onOutput?: (text: string, output: "out" | "err") => void;
  /** End the program after this many milliseconds. */
  readonly timeoutMs?: number;
  /** What the program started ends with it, also when it is ended. */
  readonly group?: boolean;
}

/** What became of a program. */
export interface CommandResult {
  /** Exit code; `undefined` when a signal ended it or it could not be started. */
  readonly code: number | undefined;
  /** Both outputs, in the order of arrival; empty when they were shown or taken. */
  readonly output: string;
  /** Why there is no exit code. */
  readonly failure?: string;
}

/** Runs a program to its end. Never throws: what went wrong is in the result. */
export function run(
  program: string,
  args: readonly string[],
  { cwd, env, show = false, onOutput, timeoutMs, group = false }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(program, [...args], {
      cwd,
      env: env === undefined ? undefined : { ...process.env, ...env },
      stdio: ["ignore", show ? "inherit" : "pipe", show ? "inherit" : "pipe"],
      detached: group,
    });
    const end = () => {
      try {
        if (group && child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
        else child.kill("SIGKILL");
      } catch {
        // It is gone already.
      }
    };
    if (group) process.on("exit", end);
    let output = "";
    let late = false;
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => {
      late = true;
      end();
    }, timeoutMs);
    const take = onOutput ?? ((text: string) => void (output += text));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => take(text, "out"));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => take(text, "err"));
    child.on("error", (error) => {
      clearTimeout(timer);
      resolve({ code: undefined, output, failure: error.message });
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (group) process.removeListener("exit", end);
      const failure = late
        ? `stopped after ${timeoutMs} ms`
        : code === null
        ? `ended by ${signal}`
        : undefined;
      resolve({ code: code ?? undefined, output, failure });
    });
  });
}
