/**
 * The program: command line in, server up, signals, exit code out.
 *
 * @module
 */
import { readFileSync, writeSync } from "node:fs";
import process from "node:process";
import { runCommand } from "./commands.ts";
import { type CliResult, explain, runCli, useColor } from "./cli.ts";
import { PluginFiles } from "./plugin_files.ts";
import { Reloader } from "./reload.ts";
import { Terminal } from "./terminal.ts";
import {
  type Config,
  ConfigError,
  ExitCode,
  exitCodeOfListen,
  guardedEnv,
  type MayRead,
  type Mistake,
  permittedEnv,
  type Tuning,
} from "../config/mod.ts";
import { errorText, Faults } from "../faults.ts";
import { configureLogging, loggerOf } from "../log/log.ts";
import { LogWriter } from "../log/writer.ts";
import { fileUrl, type Plugin, PluginLoadError, PluginStartError } from "../plugin/mod.ts";
import * as pluginApi from "../plugin/api.ts";
import { ListenError, placeOf, type Runtime } from "../ports.ts";
import { mistakeBetween } from "../config/mistake_between.ts";
import { certificatesOf, relayRuntimeOf } from "../listening.ts";
import { Server, type ServerOptions } from "../server.ts";
import { loadRuntime } from "../transport/runtime.ts";
import { VERSION } from "../version.ts";

const STDOUT = 1;
const STDERR = 2;

/** How long the last lines of the log may take to be read when the program ends (ms). */
const FLUSH_MS = 250;

function print(fd: number, text: string): void {
  try {
    writeSync(fd, text);
  } catch {
    // The reader is gone; there is nobody to tell.
  }
}

function mayRead(runtime: Runtime): MayRead {
  return (name) => runtime.mayReadEnv?.(name) ?? true;
}

/** Loads the configured plugins; paths are relative to the working directory. */
function pluginFiles(runtime: Runtime): PluginFiles {
  runtime.provideModule?.("sluice/plugin", pluginApi);
  const base = fileUrl(`${process.cwd()}/`)!;
  const { specifierOf } = runtime;
  return new PluginFiles({ base, env: guardedEnv(process.env, mayRead(runtime)), specifierOf });
}

/** What `--check` looks at beyond the settings themselves. */
async function verify(config: Config, runtime: Runtime): Promise<readonly Mistake[]> {
  try {
    const mistake = mistakeBetween(
      config,
      (await pluginFiles(runtime).load(config.plugins)).plugins,
    );
    if (mistake !== undefined) return [mistake];
    await certificatesOf(config, runtime);
    await relayRuntimeOf(config, runtime);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    if (!(error instanceof PluginLoadError)) throw error;
    return [pluginMistake(error)];
  }
}

function pluginMistake(error: PluginLoadError): Mistake {
  return {
    source: "plugin",
    key: error.path,
    problem: `${error.problem}. ${error.cure}`,
  };
}

/** Says on one line why a port cannot be listened on, and what to do. */
function explainListen({ reason, address, cause }: ListenError): string {
  const where = placeOf(address);
  if (where.startsWith("unix:")) return explainSocket(where, reason, cause);
  const cures: Record<ListenError["reason"], string> = {
    "in-use": "is in use: stop the program that listens there, or choose another port",
    "not-permitted":
      "is not permitted: choose a port from 1024 on, or grant the right (Deno: --allow-net)",
    "bad-address": "is not an address of this machine: correct --host",
    "other": `cannot be listened on: ${cause instanceof Error ? cause.message : cause}`,
  };
  return `sluice: ${where} ${
    cures[reason]
  } (--rtmp-port, --rtmps-port, --rtmfp-port, --http-port, --host).\n`;
}

/** The same of a socket of the file system. */
function explainSocket(where: string, reason: ListenError["reason"], cause: unknown): string {
  const cures: Record<ListenError["reason"], string> = {
    "in-use": "is in use: stop the program that listens there, or choose another path",
    "not-permitted": "is not permitted: let this user write into its folder (Deno: --allow-net," +
      " --allow-read, --allow-write)",
    "bad-address": "cannot be made: its folder is missing, its path is longer than 100 bytes, or" +
      " something that is no socket has its name",
    "other": `cannot be listened on: ${cause instanceof Error ? cause.message : cause}`,
  };
  return `sluice: ${where} ${cures[reason]} (--http-socket).\n`;
}

/** Exits once; a second call while the first is draining changes nothing. */
function exit(code: number): never {
  process.exit(code);
}

/**
 * Runs the program to its end, which is an exit of the process. `tuning` is for tests of the program:
 * no operator turns those bounds.
 */
export async function main(
  argv: readonly string[] = process.argv.slice(2),
  tuning?: Partial<Tuning>,
): Promise<void> {
  const done = await runCommand(argv);
  if (done !== undefined) {
    print(done.exitCode === ExitCode.Ok ? STDOUT : STDERR, done.text);
    exit(done.exitCode);
  }
  const runtime = await loadRuntime();
  if (argv[0] === "token") {
    const { makeToken } = await import("./token.ts");
    const { text, exitCode } = await makeToken(
      argv.slice(1),
      (bytes) => runtime.randomBytes(bytes),
    );
    print(exitCode === ExitCode.Ok ? STDOUT : STDERR, text);
    exit(exitCode);
  }
  const version = `sluice ${VERSION} (${runtime.name} ${runtime.version})`;
  const isTTY = process.stdout.isTTY === true;
  const may = mayRead(runtime);
  const env = permittedEnv(process.env, may);
  const readFile = (path: string) => readFileSync(path, "utf8");
  const read = () =>
    runCli({ argv, env, isTTY, version, readFile, verify: (config) => verify(config, runtime) });
  const command = await read();
  if (command.kind === "print") {
    print(command.exitCode === ExitCode.Ok ? STDOUT : STDERR, command.text);
    exit(command.exitCode);
  }
  const { config } = command;
  const faults = new Faults(() => runtime.clock.wall());
  const lost = (error: unknown, lines = 1) => faults.count("log", error, undefined, lines);
  const output = new LogWriter({
    write: (bytes) => runtime.writeOut(bytes),
    onLost: (lines, error) => lost(error, lines),
  });
  const color = useColor({ isTTY, env });
  const logAs = ({ log }: Config) =>
    configureLogging({ ...log, color, write: output.line, onDropped: lost });
  logAs(config);
  const options = { loadRuntime: () => Promise.resolve(runtime), faults, tuning };
  await serve(config, runtime, options, { output, color, read, logAs });
}

/** The plugin that a stack leads to, if there is one. */
function culpritOf(error: unknown, plugins: readonly Plugin[], paths: readonly string[]) {
  try {
    const stack = String((error as Error | undefined)?.stack);
    const base = fileUrl(`${process.cwd()}/`)!;
    return plugins.find((_, index) => {
      const path = fileUrl(paths[index]!, base)?.pathname;
      // With a version behind it where it was loaded again.
      return stack.includes(`${path}:`) || stack.includes(`${path}?version=`);
    })?.name;
  } catch {
    return undefined;
  }
}

/** What of the program a server is served with. */
interface Surroundings {
  readonly output: LogWriter;
  readonly color: boolean;
  /** Reads the configuration again. */
  read(): Promise<CliResult>;
  /** Logs as a configuration has it from now on. */
  logAs(config: Config): void;
}

async function serve(
  config: Config,
  runtime: Runtime,
  options: ServerOptions & { readonly faults: Faults },
  { output, color, read, logAs }: Surroundings,
): Promise<void> {
  const { faults } = options;
  const terminal = new Terminal();
  const log = loggerOf("server");
  let plugins: readonly Plugin[] = [];
  const files = pluginFiles(runtime);
  let server: Server | undefined;
  let stopping = false;
  const end = (code: ExitCode) => output.flushed(FLUSH_MS).then(() => exit(code));
  const stop = (signal: string) => {
    // A second signal means "now".
    if (stopping) exit(128 + (signal === "SIGINT" ? 2 : 15));
    stopping = true;
    log.info("stopping", { signal });
    (server?.stop() ?? Promise.resolve()).then(() => end(ExitCode.Ok), (error) => {
      log.error("could not stop cleanly", { error: errorText(error) });
      return end(ExitCode.Internal);
    });
  };
  process.on("SIGINT", () => stop("SIGINT"));
  process.on("SIGTERM", () => stop("SIGTERM"));
  // Whatever nobody caught is a bug, but no reason to drop every stream.
  let paths = config.plugins;
  const contain = (what: string) => (error: unknown) => {
    const plugin = culpritOf(error, server?.plugins ?? plugins, paths);
    faults.count("process", error, plugin);
    log.error(what, { plugin, error: errorText(error) });
  };
  process.on("uncaughtException", contain("uncaught error"));
  process.on("unhandledRejection", contain("unhandled rejection"));

  try {
    const loaded = await files.load(config.plugins);
    plugins = loaded.plugins;
    const reloader = new Reloader({
      ...{ read, files, server: () => server },
      onTaken: (config) => {
        paths = config.plugins;
        logAs(config);
      },
    });
    server = new Server({ ...config, plugins }, { ...options, reload: () => reloader.reload() });
    loaded.keep();
    const { banner } = await import("./banner.ts");
    const addresses = await server.start();
    process.on("SIGHUP", () => {
      // The same signal tells of a closed terminal, which nobody can stop the server from any more.
      if (!terminal.isGone) reloader.reload().catch(contain("could not reload"));
      else if (!stopping) stop("SIGHUP");
    });
    if (config.log.format === "pretty") {
      output.line(banner(addresses, runtime, plugins, color, config));
    }
  } catch (error) {
    // A signal came while it started: whoever stops it ends the program.
    if (stopping) return;
    if (error instanceof ListenError) {
      print(STDERR, explainListen(error));
      exit(exitCodeOfListen(error.reason));
    }
    const mistake = error instanceof PluginLoadError
      ? new ConfigError([pluginMistake(error)])
      : error instanceof PluginStartError
      ? new ConfigError([{ source: "plugin", key: error.plugin, problem: error.message }])
      : error;
    if (mistake instanceof ConfigError) {
      print(STDERR, explain(mistake));
      exit(ExitCode.Config);
    }
    log.fatal("cannot start", { error: errorText(error) });
    await end(ExitCode.Internal);
  }
}
