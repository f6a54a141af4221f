/**
 * Functions that give a constant instead of what they computed.
 *
 * @module
 */
import type { Node } from "./compiler.ts";
import type { Change } from "./mutation.ts";
import type { Is } from "./syntax.ts";

/** Constants by the type of which they are. */
const CONSTANTS: readonly [type: RegExp, constants: readonly string[]][] = [
  [/^boolean$/, ["true", "false"]],
  [/^number$/, ["0"]],
  [/^string$/, ['""']],
  [/(^|\W)undefined$/, ["undefined"]],
  [/(^|\W)null$/, ["null"]],
  [/\[\]$/, ["[]"]],
];

const FUNCTIONS = ["ArrowFunction", "FunctionDeclaration", "FunctionExpression", "GetAccessor"];

/** What a `return`, or an arrow function without a block, can give instead of its expression. */
export function returnedInstead(is: Is, node: Node): Change[] {
  const arrow = is(node.parent, "ArrowFunction") && (node.parent as { body?: Node }).body === node;
  const value = arrow && !is(node, "Block")
    ? node
    : is(node, "ReturnStatement")
    ? node.expression
    : undefined;
  const text = value?.getText();
  const type = value === undefined ? undefined : returnType(is, value)?.getText();
  if (value === undefined || type === undefined) return [];
  return CONSTANTS.filter(([pattern]) => pattern.test(type)).flatMap(([, constants]) => constants)
    // Other operators see to those that are constants already.
    .filter((constant) => constant !== text && !["true", "false"].includes(text!))
    .map((replacement) => ({
      operator: "returned",
      start: value.getStart(),
      end: value.end,
      replacement,
    }));
}

/** The type that is written at the function around a node, if one is. */
function returnType(is: Is, node: Node): Node | undefined {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (is(at, "MethodDeclaration") || FUNCTIONS.some((kind) => is(at, kind))) return at.type;
  }
  return undefined;
}
