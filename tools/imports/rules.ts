/**
 * The rules on imports and on names of the platform.
 *
 * @module
 */
import { IMPURE, type Layer, OUTER, ROWS, RUNTIME_GLOBALS } from "./layers.ts";
import { type Module, resolveImport } from "./module.ts";
import type { Token } from "./tokens.ts";

/** Where a layer is. */
interface Place {
  readonly name: string;
  readonly row: number;
  readonly layer: Layer;
}

function placeOf(path: string): Place | undefined {
  let found: Place | undefined;
  for (const [row, layers] of ROWS.entries()) {
    for (const [name, layer] of Object.entries(layers)) {
      if (path === name) return { name, row, layer };
      if (isWithin(path, name)) found ??= { name, row, layer };
    }
  }
  return found;
}

/** Whether `path` is the file, or a file in the folder, called `name`. */
function isWithin(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}/`);
}

/** `hono/http-exception` is of the package `hono`. */
function packageOf(specifier: string): string {
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Every breach of the rules in one module, as `path:line: what is wrong`. */
export function checkModule(module: Module, dependencies: ReadonlySet<string>): string[] {
  const { path } = module;
  const problems: string[] = [];
  const place = placeOf(path);
  const folder = path.split("/")[0]!;
  const outer = OUTER[folder];
  const say = (line: number, problem: string) => problems.push(`${path}:${line}: ${problem}`);

  if (place === undefined && outer === undefined) {
    say(1, "belongs to no layer: give it a row in tools/imports/layers.ts");
    return problems;
  }
  for (const { specifier, line } of module.imports) {
    const problem = specifier === undefined
      ? undefined // Plugins: known only when it runs.
      : /^\.{1,2}\//.test(specifier)
      ? checkRelative(path, place, outer ?? [], specifier)
      : checkBare(place, specifier, dependencies);
    if (problem !== undefined) say(line, problem);
  }
  if (place !== undefined) {
    for (const { problem, line } of checkNames(place.layer, module.tokens)) say(line, problem);
  }
  return problems;
}

function checkRelative(
  path: string,
  place: Place | undefined,
  outer: readonly string[],
  specifier: string,
): string | undefined {
  const target = resolveImport(path, specifier);
  const isText = place?.layer.texts === true && /\.(?:css|html|js|svg)$/.test(target) &&
    isWithin(target, place.name);
  if (isText) return undefined;
  if (!target.endsWith(".ts")) return `imports ${specifier}: name the file with its ending .ts`;
  if (place === undefined) {
    const folder = path.split("/")[0]!;
    if ([folder, ...outer].some((name) => isWithin(target, name))) return undefined;
    return `${folder} may not import ${target}`;
  }
  const other = placeOf(target);
  if (other?.name === place.name) return undefined;
  if (other === undefined) return `src may not import ${target}`;
  if (place.layer.only !== undefined) {
    if (place.layer.only.includes(other.name)) return undefined;
    return `${place.name} imports only ${place.layer.only.join(" and ")}, not ${other.name}`;
  }
  // The bottom row is the language of all others, but its members do not know each other.
  if (other.row < place.row) return undefined;
  return `${place.name} may not import ${other.name}: imports go down, see tools/imports/layers.ts`;
}

function checkBare(
  place: Place | undefined,
  specifier: string,
  dependencies: ReadonlySet<string>,
): string | undefined {
  if (/^(node|bun):|^bun$/.test(specifier)) {
    if (place === undefined || place.layer.runtimeGlobals) return undefined;
    if (place.layer.platform?.includes(specifier)) return undefined;
    return `${place.name} may not import ${specifier}: only src/transport knows the platform`;
  }
  if (/^[a-z]+:/i.test(specifier)) return `imports ${specifier}: use bare names from package.json`;
  const name = packageOf(specifier);
  if (!dependencies.has(name)) return `imports ${specifier}, which is not in package.json`;
  if (place === undefined || place.layer.packages?.includes(name)) return undefined;
  return `${place.name} may not import the package ${name}`;
}

function* checkNames(
  { pure, runtimeGlobals, platform = [] }: Layer,
  tokens: readonly Token[],
): Generator<{ problem: string; line: number }> {
  for (const [index, { kind, value, line }] of tokens.entries()) {
    if (kind !== "word") continue;
    const before = tokens[index - 1]?.value;
    const after = tokens[index + 1]?.value;
    if (value === "eval" && before !== ".") yield { problem: "uses eval", line };
    // A member or a key is no global, whatever it is called.
    if (before === "." || before === "?.") continue;
    if (after === ":" && (before === "{" || before === "," || before === ";")) continue;
    if (!runtimeGlobals && RUNTIME_GLOBALS.has(value) && !platform.includes(`node:${value}`)) {
      yield { problem: `uses ${value}: only src/transport knows the platform`, line };
    }
    if (!pure) continue;
    if (IMPURE.has(value)) yield { problem: `uses ${value}: src/core and src/hub are pure`, line };
    if (value === "Math" && after === "." && tokens[index + 2]?.value === "random") {
      yield { problem: "uses Math.random: src/core and src/hub are pure", line };
    }
  }
}

/** Most lines of a module: a longer one has more than one idea. */
export const MAX_LINES = 400;

/** Whether a module is longer than it may be; the vectors of tests come as they are. */
export function checkLength(path: string, source: string): string[] {
  const lines = source.split("\n").length - 1;
  if (lines <= MAX_LINES || path.startsWith("test/vectors/")) return [];
  return [`${path}: ${lines} lines, and at most ${MAX_LINES} are allowed: part it by its ideas`];
}

/**
 * Modules that import each other in a circle, one line a circle. Within the server types make a circle
 * too: whoever reads one of its files has to read them all. Elsewhere only what is loaded does.
 */
export function findCycles(modules: readonly Module[]): string[] {
  const targets = new Map(modules.map(({ path, imports }) => [
    path,
    imports.flatMap(({ specifier, typeOnly }) =>
      (!typeOnly || path.startsWith("src/")) && specifier !== undefined &&
        /^\.{1,2}\//.test(specifier)
        ? [resolveImport(path, specifier)]
        : []
    ),
  ]));
  const problems: string[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (path: string) => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      problems.push(`import cycle: ${[...trail.slice(start), path].join(" -> ")}`);
      return;
    }
    if (done.has(path)) return;
    trail.push(path);
    for (const target of targets.get(path) ?? []) visit(target);
    trail.pop();
    done.add(path);
  };
  for (const path of targets.keys()) visit(path);
  return problems;
}
