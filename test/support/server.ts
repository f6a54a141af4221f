/**
 * Real servers for tests: the program, as its own process, on the runtime that runs the test.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import process from "node:process";
import type { Tuning } from "../../mod.ts";
import { OTHER_PROGRAM, withOwnPlugins } from "./other_program.ts";
import { type Exit, ROOT, TestProcess } from "./process.ts";

/** A record of the server's log. */
export interface LogRecord {
  /** When, as ISO 8601 says it. */
  readonly time: string;
  readonly level: string;
  readonly area: string;
  readonly message: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** How long a server may take to start (ms): the first start may fetch packages. */
const START_MS = 60_000;

/** Arguments that load the plugin behind {@link TestServer.playRequested}. */
export const ANNOUNCE: readonly string[] = ["--plugin", "test/support/plugins/announce.ts"];

/** How this runtime runs a file of the checkout; `flags` are Deno's, all permissions if left out. */
export function runtimeCommand(
  file: string,
  flags: readonly string[] = ["-A"],
): [program: string, args: string[]] {
  return [process.execPath, ["run", ...("Deno" in globalThis ? flags : []), file]];
}

/** The environment without the settings of whoever runs the tests. */
export function cleanEnv(env: Readonly<Record<string, string | undefined>>) {
  const settings = Object.keys(process.env).filter((name) => name.startsWith("SLUICE_"));
  return {
    ...Object.fromEntries(settings.map((name) => [name, undefined])),
    NO_COLOR: "1",
    ...env,
  };
}

/** How the program is run: that of the checkout, unless another is named. */
function commandOf(
  file: string,
  flags: readonly string[] | undefined,
  args: readonly string[],
): readonly string[] {
  if (file === "mod.ts" && OTHER_PROGRAM !== undefined) {
    return [...OTHER_PROGRAM, ...withOwnPlugins(args)];
  }
  const [runtime, before] = runtimeCommand(file, flags);
  return [runtime, ...before, ...args];
}

/** Starts the program with exactly these arguments. */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  file = "mod.ts",
  flags?: readonly string[],
  through: readonly string[] = [],
): TestProcess {
  const [program, ...rest] = [...through, ...commandOf(file, flags, args)];
  return new TestProcess(program!, rest, { env: cleanEnv(env) });
}

/** Starts a program with so many file descriptors, for {@link startServer}. */
export function withDescriptors(count: number): readonly string[] {
  return ["sh", "-c", `ulimit -n ${count} && exec "$@"`, "sh"];
}

/** Runs the program, or a tool, to its end with exactly these arguments. */
export async function runProgram(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  file = "mod.ts",
): Promise<Exit> {
  await using program = startProgram(args, env, file);
  return await program.ended(START_MS);
}

/** A path in the checkout. */
export function inCheckout(path: string): string {
  return join(ROOT, path);
}

/** A running server. Use it with `await using`, so that it ends with the test. */
export class TestServer implements AsyncDisposable {
  readonly #process: TestProcess;
  readonly rtmpPort: number;
  readonly httpPort: number;

  constructor(process: TestProcess, rtmpPort: number, httpPort: number) {
    this.#process = process;
    this.rtmpPort = rtmpPort;
    this.httpPort = httpPort;
  }

  /** Process id. */
  get pid(): number {
    return this.#process.pid;
  }

  /** All that the server logged so far. */
  get logs(): LogRecord[] {
    return this.#process.lines.flatMap((line) => recordOf(line) ?? []);
  }

  /** All that the server wrote to both outputs so far. */
  get output(): string {
    return this.#process.stdout + this.#process.stderr;
  }

  /** The RTMP URL of a stream. */
  url(app: string, name: string): string {
    return `rtmp://127.0.0.1:${this.rtmpPort}/${app}/${name}`;
  }

  /** Asks the control API; the answer must be JSON. */
  async api(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`http://127.0.0.1:${this.httpPort}${path}`, init);
    const text = await response.text();
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  /** Waits for a record of the log, past ones included. */
  waitForLog(
    message: string,
    properties: Readonly<Record<string, unknown>> = {},
    ms?: number,
  ): Promise<LogRecord> {
    return this.#process.waitForLine(
      (line) => {
        const record = recordOf(line);
        if (record?.message !== message) return undefined;
        const wanted = Object.entries(properties);
        return wanted.every(([key, value]) => record.properties[key] === value)
          ? record
          : undefined;
      },
      `the server logs "${message}" with ${JSON.stringify(properties)}`,
      ms,
    );
  }

  /** Waits for a line with this in it, past ones included. */
  async waitForText(text: string): Promise<void> {
    await this.#process.waitForLine((line) => line.includes(text) || undefined, `"${text}"`);
  }

  /** Waits until clients have asked to play this `count` times in all; needs {@link ANNOUNCE}. */
  async playRequested(app: string, name: string, count = 1): Promise<void> {
    const announced = `play requested: ${app}/${name}`;
    let found = 0;
    await this.#process.waitForLine(
      (line) => line === announced && ++found === count || undefined,
      `${announced} (${count})`,
    );
  }

  /** Asks it to stop, as a supervisor does, and waits for its end. */
  stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<Exit> {
    this.#process.signal(signal);
    return this.#process.ended();
  }

  /** Waits for its end, for which it was asked before. */
  ended(): Promise<Exit> {
    return this.#process.ended();
  }

  /** Ends it without asking. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** Sends a signal. SIGSTOP freezes it: connections stay open and nothing is answered. */
  signal(name: "SIGTERM" | "SIGSTOP" | "SIGCONT" | "SIGHUP"): void {
    this.#process.signal(name);
  }

  /** Fails the test if the server met an error of its own. */
  assertHealthy(): void {
    const faults = this.logs.filter(({ level }) => level === "error" || level === "fatal");
    assert.deepEqual(faults, []);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process.kill();
  }
}

function recordOf(line: string): LogRecord | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as LogRecord;
  } catch {
    return undefined;
  }
}

function portOf(address: unknown): number {
  const port = /:(\d+)$/.exec(String(address))?.[1];
  assert.ok(port !== undefined, `no port in ${address}`);
  return Number(port);
}

/** Starts a server on free ports and waits until it listens; `flags` are those of Deno. */
export async function startServer(
  args: readonly string[] = [],
  env: Readonly<Record<string, string | undefined>> = {},
  flags?: readonly string[],
  through: readonly string[] = [],
): Promise<TestServer> {
  return await listening(startProgram([...PORTS, ...args], env, "mod.ts", flags, through));
}

let shared: Promise<TestServer> | undefined;

/**
 * A server with {@link ANNOUNCE} for all tests of this process that need no fresh one: each of them takes a
 * name of its own. It ends with the process.
 */
export function sharedServer(): Promise<TestServer> {
  return shared ??= startServer(ANNOUNCE);
}

/** The same with bounds that no operator turns. */
export async function startTuned(
  tuning: Partial<Tuning>,
  args: readonly string[] = [],
): Promise<TestServer> {
  const file = "test/support/tuned_program.ts";
  return await listening(startProgram([JSON.stringify(tuning), ...PORTS, ...args], {}, file));
}

/** The same with a disk that stands still while nobody reads this pipe. */
export async function startSlow(pipe: string, args: readonly string[]): Promise<TestServer> {
  return await listening(startProgram([pipe, ...PORTS, ...args], {}, SLOW_DISK));
}

const SLOW_DISK = "test/hostile/slow_disk_program.ts";

/**
 * Arguments of every server here; those of a test win. Players that come first wait for a publisher
 * for longer than a busy machine takes to start one.
 */
const PORTS: readonly string[] = [
  ...["--rtmp-port", "0", "--http-port", "0", "--log-format", "json"],
  ...["--play-wait-ms", "60000"],
];

/** Waits until a program listens, which ends when it does not. */
export async function listening(process: TestProcess): Promise<TestServer> {
  try {
    const addresses = await process.waitForLine(
      (line) => {
        const record = recordOf(line);
        if (record?.message === "listening") return record.properties;
        const [, rtmp, http] = / listening {2}rtmp=(\S+) http=(\S+)/.exec(line) ?? [];
        return rtmp === undefined ? undefined : { rtmp, http };
      },
      "the server listens",
      START_MS,
    );
    return new TestServer(process, portOf(addresses.rtmp), portOf(addresses.http));
  } catch (error) {
    await process.kill();
    throw error;
  }
}
