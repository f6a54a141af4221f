/**
 * What a module imports and which names it uses.
 *
 * @module
 */
import { type Token, tokensOf } from "./tokens.ts";

/** An import, export-from or `import()`. */
export interface Import {
  /** As written; `undefined` for an `import()` of what is known only when it runs. */
  readonly specifier: string | undefined;
  /** Gone once types are: it loads nothing. */
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A module as the rules see it. */
export interface Module {
  /** Path in the checkout. */
  readonly path: string;
  readonly imports: readonly Import[];
  readonly tokens: readonly Token[];
}

/** Reads a module. */
export function readModule(path: string, source: string): Module {
  const tokens = tokensOf(source);
  const imports: Import[] = [];
  for (const [index, { kind, value, line }] of tokens.entries()) {
    if (kind !== "word" || tokens[index - 1]?.value === ".") continue;
    if (value !== "import" && value !== "export") continue;
    const [next, argument, end] = tokens.slice(index + 1, index + 4);
    if (value === "import" && next?.kind === "text") {
      imports.push({ specifier: next.value, typeOnly: false, line });
    } else if (value === "import" && next?.value === "(") {
      const literal = argument?.kind === "text" && (end?.value === ")" || end?.value === ",");
      const specifier = literal ? argument.value : undefined;
      imports.push({ specifier, typeOnly: false, line });
    } else {
      const found = readFrom(tokens, index + 1);
      if (found !== undefined) imports.push({ ...found, line });
    }
  }
  return { path, imports, tokens };
}

/** Reads `... from "specifier"` behind `import` or `export`, if that is what follows. */
function readFrom(
  tokens: readonly Token[],
  start: number,
): Pick<Import, "specifier" | "typeOnly"> | undefined {
  const names: string[] = [];
  for (let index = start; index < tokens.length; index++) {
    const { kind, value } = tokens[index]!;
    const next = tokens[index + 1];
    if (value === "from" && next?.kind === "text") {
      return { specifier: next.value, typeOnly: areTypes(names) };
    }
    if (kind !== "word" && !["{", "}", ",", "*"].includes(value)) return undefined;
    names.push(value);
  }
  return undefined;
}

/** Whether the names between `import` and `from` are types, all of them. */
function areTypes(names: readonly string[]): boolean {
  if (names[0] === "type" && names.length > 1 && names[1] !== ",") return true;
  if (names[0] !== "{") return false;
  const entries = names.slice(1, -1).join(" ").split(",").map((entry) => entry.trim());
  return entries.every((entry) => entry === "" || entry.startsWith("type "));
}

/** The path in the checkout of a relative import. */
export function resolveImport(from: string, specifier: string): string {
  return decodeURI(new URL(specifier, `file:///${from}`).pathname.slice(1));
}
