/**
 * Loads plugin modules named in the configuration.
 *
 * @module
 */
import { pluginMistake } from "./check.ts";
import type { Plugin, PluginFactory } from "./contract.ts";

/** A plugin could not be loaded: names the path, the cause and the cure. */
export class PluginLoadError extends Error {
  override readonly name = "PluginLoadError";
  constructor(
    /** The path as configured. */
    readonly path: string,
    /** What is wrong. */
    readonly problem: string,
    /** What to do about it. */
    readonly cure: string,
    options?: ErrorOptions,
  ) {
    super(`Cannot load plugin "${path}": ${problem}. ${cure}`, options);
  }
}

/** Where plugins come from. */
export interface PluginSource {
  /** The folder that paths are relative to, as a file URL; see {@link fileUrl}. */
  readonly base: URL;
  /** Environment variables, for plugins that are made from them. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What to import another version of a file by; its URL with the version for its query if left out. */
  readonly specifierOf?: ((file: URL, version: number) => string) | undefined;
}

/**
 * Loads the modules at `paths`, in that order. The default export of each is a plugin, or a
 * function that makes one from the environment. `load` loads one of them.
 *
 * @throws {PluginLoadError}
 */
export async function loadPlugins(
  paths: readonly string[],
  source: PluginSource,
  load: (path: string, source: PluginSource) => Promise<Plugin> = loadPlugin,
): Promise<Plugin[]> {
  const plugins: Plugin[] = [];
  const pathOfName = new Map<string, string>();
  // One after the other: the order of the messages and of side effects is then the configured one.
  for (const path of paths) {
    const plugin = await load(path, source);
    const other = pathOfName.get(plugin.name);
    if (other !== undefined) {
      throw new PluginLoadError(
        path,
        `its name "${plugin.name}" is taken by "${other}"`,
        other === path ? "List it once." : "Give one of the two another name.",
      );
    }
    pathOfName.set(plugin.name, path);
    plugins.push(plugin);
  }
  return plugins;
}

/** Loads one module, once for each `version` of it. @throws {PluginLoadError} */
export async function loadPlugin(
  path: string,
  source: PluginSource,
  version = 0,
): Promise<Plugin> {
  const url = fileUrl(path, source.base);
  if (url?.protocol !== "file:") {
    throw new PluginLoadError(
      path,
      "it is not a path of a file",
      "Plugins run with all rights of the server: keep a copy of the module in a local file.",
    );
  }
  let exported: unknown;
  try {
    const { specifierOf = (file, version) => `${file.href}?version=${version}` } = source;
    const specifier = version === 0 ? url.href : specifierOf(url, version);
    exported = (await import(specifier) as { default?: unknown }).default;
  } catch (error) {
    throw importFailure(path, url, source.base, error);
  }
  if (exported === undefined) {
    throw new PluginLoadError(
      path,
      "it has no default export",
      "Write `export default definePlugin({ ... })`.",
    );
  }
  let plugin = exported;
  if (typeof exported === "function") {
    try {
      plugin = await (exported as PluginFactory)(source.env);
    } catch (error) {
      throw new PluginLoadError(
        path,
        `its default export threw: ${firstLine(error)}`,
        "Correct the environment or the plugin.",
        { cause: error },
      );
    }
  }
  const mistake = pluginMistake(plugin);
  if (mistake === undefined) return plugin as Plugin;
  throw new PluginLoadError(
    path,
    `its default export ${
      typeof exported === "function" ? "did not return" : "is not"
    } a plugin: ${mistake}`,
    "Write `export default definePlugin({ ... })`.",
  );
}

/**
 * The file URL of a path.
 *
 * @param path absolute, or relative to `base`, or a file URL
 * @param base file URL of a folder, with or without the slash at its end
 * @returns a URL, of another scheme when `path` is such a URL; `undefined` when it is none at all
 */
export function fileUrl(path: string, base = new URL("file:///")): URL | undefined {
  if (path === "" || /^file:/i.test(path)) return URL.canParse(path) ? new URL(path) : undefined;
  const folder = new URL(base);
  if (!folder.pathname.endsWith("/")) folder.pathname += "/";
  // In a path these are letters like any other, and a drive is no scheme.
  const escaped = path.replaceAll("%", "%25").replaceAll("?", "%3F").replaceAll("#", "%23")
    .replace(/^(?=[A-Za-z]:[\\/])/, "/");
  return URL.canParse(escaped, folder.href) ? new URL(escaped, folder) : undefined;
}

/** Words for an import that failed, whose errors differ between the runtimes. */
function importFailure(path: string, url: URL, base: URL, error: unknown): PluginLoadError {
  const line = firstLine(error);
  const options = { cause: error };
  const named = /["']([^"']+)["']/.exec(line)?.[1];
  const file = pathOf(url);
  if (line.startsWith("Requires read access")) {
    const cure = `Start Deno with --allow-read=${named ?? file}.`;
    return new PluginLoadError(path, "Deno may not read it", cure, options);
  }
  const notFound = /^(?:Module not found|Cannot find module)/.test(line);
  if (notFound && (named === url.href || named === file)) {
    const cure = `Paths are relative to ${pathOf(base)}.`;
    return new PluginLoadError(path, `there is no file ${file}`, cure, options);
  }
  return new PluginLoadError(path, `it failed to start: ${line}`, "Correct the module.", options);
}

/** The path of a file URL, for people. */
function pathOf(url: URL): string {
  try {
    return decodeURIComponent(url.pathname);
  } catch {
    return url.pathname;
  }
}

/** The first line of an error's message, without terminal colours. */
function firstLine(error: unknown): string {
  // Bun gathers syntax errors in one AggregateError.
  const inner = error instanceof AggregateError ? error.errors[0] ?? error : error;
  const message = String((inner as { message?: unknown } | null)?.message ?? inner);
  // deno-lint-ignore no-control-regex -- the escape character begins a colour
  return message.replace(/\u001b\[[0-9;]*m/g, "").split("\n", 1)[0]!.replace(/\.$/, "");
}
