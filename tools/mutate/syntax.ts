/**
 * Questions about syntax trees.
 *
 * @module
 */
import type { Compiler, Node } from "./compiler.ts";

/** The names of declarations in front of a place, outermost first, joined by dots. */
export function declarationsAround(is: Is, node: Node): string {
  const names: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    if (is(at, "Constructor")) names.unshift("constructor");
    else if (DECLARATIONS.some((kind) => is(at, kind)) && at.name !== undefined) {
      names.unshift(at.name.getText());
    }
  }
  return names.join(".");
}

const DECLARATIONS = [
  "ClassDeclaration",
  "ClassExpression",
  "FunctionDeclaration",
  "GetAccessor",
  "MethodDeclaration",
  "PropertyDeclaration",
  "SetAccessor",
  "VariableDeclaration",
];

/** Whether a node is of a kind, by the compiler's name of it. */
export type Is = (node: Node | undefined, kind: string) => boolean;

/** Makes an {@link Is} that knows the kinds of this compiler. */
export function kinds({ SyntaxKind }: Compiler): Is {
  return (node, kind) => {
    const number = SyntaxKind[kind];
    if (number === undefined) throw new Error(`the compiler knows no ${kind}`);
    return node?.kind === number;
  };
}

/** What is gone when the program runs, and what only loads. */
const WITHOUT_EFFECT = [
  "ExportDeclaration",
  "ImportDeclaration",
  "InterfaceDeclaration",
  "TypeAliasDeclaration",
];

/** Whether nothing in a node can change what the program does: types, imports. */
export function isTypeOnly(is: Is, { SyntaxKind }: Compiler, node: Node): boolean {
  if (WITHOUT_EFFECT.some((kind) => is(node, kind))) return true;
  return node.kind >= SyntaxKind.FirstTypeNode! && node.kind <= SyntaxKind.LastTypeNode!;
}

/** What loggers are called here, and their methods. */
const LOG_CALL = /(^|[.#])(log|logger|console)(\.\w+|\[\w+\])$/;

/** Whether a node is a call that writes a line of the log, or that names a logger. */
export function isLogCall(is: Is, node: Node): boolean {
  if (!is(node, "CallExpression")) return false;
  const called = node.expression!.getText();
  return LOG_CALL.test(called) || called === "getLogger" || called === "loggerOf";
}

/** Whether a node makes an error, whose text is for people. */
export function isErrorText(is: Is, node: Node): boolean {
  return is(node, "NewExpression") && /(Error|Exception)$/.test(node.expression!.getText());
}

/** Whether text is a sentence: words with blanks between them, or such as `"Playing on."`. */
export function isForPeople(text: string): boolean {
  return / \S+ /.test(text) || /^["'`][A-Z][^"'`]*[a-z]\.["'`]$/.test(text);
}
