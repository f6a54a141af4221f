/**
 * Cuts TypeScript into tokens, well enough to tell code from comments, text and regular
 * expressions. It does not parse.
 *
 * @module
 */

/** A piece of code. Comments and blanks are left out. */
export interface Token {
  /** `text` is a string, `template` a piece of text in a template, `regex` a regular expression. */
  readonly kind: "word" | "number" | "text" | "template" | "regex" | "sign";
  /** The token as written; of text its content, without quotes and with its escapes. */
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Sticky, tried in this order. What is `none` is dropped. */
const PATTERNS: readonly [kind: Token["kind"] | "none", pattern: RegExp][] = [
  ["none", /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y],
  ["number", /\d[\w.]*/y],
  ["word", /#?[\p{ID_Start}_$][\p{ID_Continue}$]*/uy],
  ["text", /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y],
];
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
/** A template, up to its end or to the code in it. */
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(`|\$\{)/y;
const SIGN = /\?\.|=>|\.\.\.|[^]/uy;

/** Words after which a slash begins a regular expression. */
const BEFORE_REGEX = new Set(
  ["return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "await", "yield"],
);

/** The tokens of `source`. */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each template that is open: how many braces are open in its code. */
  const templates: number[] = [];
  let at = 0;
  let line = 1;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(source);
  };
  const take = (kind: Token["kind"] | "none", raw: string, value = raw) => {
    if (kind !== "none") tokens.push({ kind, value, line });
    at += raw.length;
    line += raw.split("\n").length - 1;
  };
  const template = () => {
    const found = match(TEMPLATE);
    if (found === null) return take("template", source.slice(at)); // Never ends: not for us to say.
    const [raw, end] = found;
    take("template", raw, raw.slice(0, -end!.length));
    if (end === "${") templates.push(0);
  };
  const afterValue = () => {
    const last = tokens.at(-1);
    if (last?.kind === "word") return !BEFORE_REGEX.has(last.value);
    return last !== undefined && (last.kind !== "sign" || [")", "]", "}"].includes(last.value));
  };

  next: while (at < source.length) {
    for (const [kind, pattern] of PATTERNS) {
      const found = match(pattern)?.[0];
      if (found === undefined) continue;
      take(kind, found, kind === "text" ? found.slice(1, -1) : found);
      continue next;
    }
    const regex = source[at] === "/" && !afterValue() ? match(REGEX)?.[0] : undefined;
    if (regex !== undefined) {
      take("regex", regex);
      continue;
    }
    const sign = match(SIGN)![0];
    if (sign === "}" && templates.at(-1) === 0) {
      templates.pop();
      take("none", sign);
      template();
      continue;
    }
    if (templates.length > 0 && sign === "{") templates[templates.length - 1]!++;
    if (templates.length > 0 && sign === "}") templates[templates.length - 1]!--;
    take(sign === "`" ? "none" : "sign", sign);
    if (sign === "`") template();
  }
  return tokens;
}
