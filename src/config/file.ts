/**
 * Reads settings from a configuration file: JSON with comments and trailing commas.
 *
 * @module
 */
import type { Node, ParseError } from "jsonc-parser";
import { mismatch } from "./errors.ts";
import { show } from "./redact.ts";
import { type Entry, readTree } from "./tree.ts";
import { emptyResult, type SourceResult } from "./value.ts";

/** What the parser's error codes mean to somebody who wrote the file. */
const SYNTAX: Record<string, string> = {
  InvalidSymbol: "expected a value, or a key in double quotes",
  InvalidNumberFormat: "expected a number",
  PropertyNameExpected: "expected a key in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected a colon after the key",
  CommaExpected: "expected a comma before the next value",
  CloseBraceExpected: "expected a closing brace",
  CloseBracketExpected: "expected a closing bracket",
  EndOfFileExpected: "expected nothing after the closing brace",
  UnexpectedEndOfComment: "this comment has no end",
  UnexpectedEndOfString: "this text has no closing quote",
  UnexpectedEndOfNumber: "this number is not complete",
  InvalidUnicode: "this \\u escape is not complete",
  InvalidEscapeCharacter: "this backslash escape does not exist",
  InvalidCharacter: "control characters in text must be escaped",
};

/** Gives `path:line:column` of an offset, both counted from 1. */
function locator(path: string, text: string): (offset: number) => string {
  return (offset) => {
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    return `${path}:${before.length}:${before[before.length - 1].length + 1}`;
  };
}

/** Reads the text of the file at `path`. The parser is loaded only here: most starts need none. */
export async function readConfigFile(path: string, content: string): Promise<SourceResult> {
  const { getNodeValue, parseTree, printParseErrorCode } = await import("jsonc-parser");
  const result = emptyResult();
  const text = content.replace(/^\ufeff/, "");
  const at = locator(path, text);
  const errors: ParseError[] = [];
  let root: Node | undefined;
  try {
    root = parseTree(text, errors, { allowTrailingComma: true });
  } catch (error) {
    // The parser recurses; a file of brackets only exhausts the stack.
    if (!(error instanceof RangeError)) throw error;
    result.mistakes.push({ source: path, problem: "nested too deeply" });
    return result;
  }
  if (errors.length > 0) {
    // What follows the first error is mostly its echo, and so would be complaints about keys.
    const { error, offset } = errors[0];
    const code = printParseErrorCode(error);
    result.mistakes.push({ source: at(offset), problem: SYNTAX[code] ?? code });
    return result;
  }
  if (root?.type !== "object") {
    const found = root === undefined ? "nothing" : show(getNodeValue(root));
    const source = at(root?.offset ?? 0);
    result.mistakes.push({ source, problem: mismatch("an object with settings", found) });
    return result;
  }

  const entriesOf = (object: Node): Entry[] =>
    (object.children ?? []).map(({ children = [] }) => {
      const [name, node] = children as [Node, Node];
      return {
        key: String(name.value),
        source: at(name.offset),
        valueSource: at(node.offset),
        value: getNodeValue(node),
        entries: () => node.type === "object" ? entriesOf(node) : undefined,
      };
    });
  readTree(result, entriesOf(root));
  return result;
}
