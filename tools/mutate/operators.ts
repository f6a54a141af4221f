/**
 * All mutations of a file.
 *
 * @module
 */
import type { Compiler, Node } from "./compiler.ts";
import { type Change, describe, type Mutation } from "./mutation.ts";
import { returnedInstead } from "./returns.ts";
import { BINARY, DROPPED_METHODS, METHODS } from "./swaps.ts";
import {
  declarationsAround,
  type Is,
  isErrorText,
  isForPeople,
  isLogCall,
  isTypeOnly,
  kinds,
} from "./syntax.ts";

/** Decimal numbers from here on are halved and doubled. */
const LARGE = 16;

/** Finds the mutations of files. */
export class Mutator {
  readonly #compiler: Compiler;
  readonly #is: Is;

  /** `compiler` parses. */
  constructor(compiler: Compiler) {
    this.#compiler = compiler;
    this.#is = kinds(compiler);
  }

  /** The mutations of `source`, in its order. Types, imports, log lines and sentences for people stay. */
  mutationsOf(file: string, source: string): Mutation[] {
    const tree = this.#compiler.createSourceFile(file, source, 99, true);
    const found: Mutation[] = [];
    const visit = (node: Node) => {
      if (isTypeOnly(this.#is, this.#compiler, node)) return;
      if (isLogCall(this.#is, node) || isErrorText(this.#is, node)) return;
      for (const change of this.#changesOf(node)) {
        found.push(describe(file, source, change, declarationsAround(this.#is, node)));
      }
      node.forEachChild(visit);
    };
    visit(tree);
    return found.sort((a, b) => a.start - b.start || a.end - b.end);
  }

  #changesOf(node: Node): Change[] {
    return [
      ...this.#ofBinary(node),
      ...this.#ofUnary(node),
      ...this.#ofCondition(node),
      ...this.#ofStatement(node),
      ...this.#ofLiteral(node),
      ...this.#ofChain(node),
      ...returnedInstead(this.#is, node),
    ];
  }

  #ofBinary({ left, operatorToken, right }: Node): Change[] {
    if (left === undefined || operatorToken === undefined || right === undefined) return [];
    const sign = operatorToken.getText();
    if (sign === "??") {
      return [
        replace("nullish", left.getStart(), right.end, left.getText()),
        replace("nullish", left.getStart(), right.end, right.getText()),
      ];
    }
    const [operator, others] = BINARY[sign] ?? ["", []];
    return others.map((other) => replaceNode(operator, operatorToken, other));
  }

  #ofUnary(node: Node): Change[] {
    const is = this.#is;
    const prefix = is(node, "PrefixUnaryExpression");
    if (!prefix && !is(node, "PostfixUnaryExpression")) return [];
    const { operand } = node;
    const text = node.getText();
    const inside = operand!.getText();
    if (text.startsWith("++") || text.startsWith("--")) {
      const other = text.startsWith("++") ? "--" : "++";
      return [replaceNode("arithmetic", node, other + inside)];
    }
    if (!prefix) {
      return [replaceNode("arithmetic", node, inside + (text.endsWith("++") ? "--" : "++"))];
    }
    const name = text[0] === "~" ? "bits" : text[0] === "!" ? "negated" : "arithmetic";
    return [replaceNode(name, node, inside)];
  }

  /** `if`, `while`, `?:`: negated, where no other operator does just that. */
  #ofCondition(node: Node): Change[] {
    const is = this.#is;
    const loops = is(node, "IfStatement") || is(node, "WhileStatement");
    const condition = loops
      ? node.expression
      : is(node, "ConditionalExpression")
      ? node.condition
      : undefined;
    if (condition === undefined) return [];
    const { operatorToken } = condition;
    if (["===", "!=="].includes(operatorToken?.getText() ?? "")) return [];
    if (is(condition, "PrefixUnaryExpression") && condition.getText().startsWith("!")) return [];
    return [replaceNode("negated", condition, `!(${condition.getText()})`)];
  }

  /** Calls, assignments, throws, jumps and early returns, removed. */
  #ofStatement(node: Node): Change[] {
    const is = this.#is;
    if (is(node, "ExpressionStatement") && !isLogCall(is, node.expression!)) {
      // A call of the constructor above has to be there.
      if (node.getText().startsWith("super(")) return [];
      return [replaceNode("removed", node, ";")];
    }
    if (["ThrowStatement", "ContinueStatement", "BreakStatement"].some((kind) => is(node, kind))) {
      return [replaceNode("removed", node, ";")];
    }
    return is(node, "ReturnStatement") && this.#isEarly(node)
      ? [replaceNode("early return", node, ";")]
      : [];
  }

  /** Whether something follows behind a `return`. */
  #isEarly(node: Node): boolean {
    for (let at = node; at.parent !== undefined; at = at.parent) {
      const { statements } = at.parent;
      if (statements !== undefined && statements.at(-1) !== at) return true;
      // The blocks of these end with the function.
      if (!["Block", "IfStatement"].some((kind) => this.#is(at.parent, kind))) return false;
    }
    return false;
  }

  #ofLiteral(node: Node): Change[] {
    const is = this.#is;
    if (is(node, "TrueKeyword")) return [replaceNode("boolean", node, "false")];
    if (is(node, "FalseKeyword")) return [replaceNode("boolean", node, "true")];
    if (is(node, "NumericLiteral")) {
      return otherNumbers(node).map((other) => replaceNode("number", node, `${other}`));
    }
    if (isForPeople(node.getText())) return [];
    if (is(node, "TemplateExpression")) return [replaceNode("string", node, '""')];
    if (!is(node, "StringLiteral") && !is(node, "NoSubstitutionTemplateLiteral")) return [];
    // As a key it is a name.
    if (node.parent.name === node) return [];
    return [replaceNode("string", node, node.text === "" ? '"mutated"' : '""')];
  }

  /** Calls and accesses: other methods, left out methods, `?.` believed to be there. */
  #ofChain(node: Node): Change[] {
    const is = this.#is;
    const changes: Change[] = [];
    const { questionDotToken: dot, expression } = node;
    if (dot !== undefined) {
      const access = is(node, "PropertyAccessExpression");
      changes.push(replace("optional", dot.getStart(), dot.end, access ? "!." : "!"));
    }
    if (!is(node, "CallExpression") || !is(expression, "PropertyAccessExpression")) return changes;
    const { name, expression: target } = expression!;
    const called = name!.getText();
    // Names such as `toString` are those of every object's members, the table's too.
    const other = Object.hasOwn(METHODS, called) ? METHODS[called] : undefined;
    if (other !== undefined) changes.push(replaceNode("method", name!, other));
    if (DROPPED_METHODS.has(called)) {
      changes.push(replace("method", target!.end, node.end, ""));
    }
    return changes;
  }
}

/**
 * Small numbers, and codes and masks in hexadecimal, off by one. A large decimal one is a length, a
 * time or a bound: nobody gets those wrong by one, but by half; `boundary` tries what is just at it.
 */
function otherNumbers(node: Node): number[] {
  const number = Number(node.text);
  if (number === 0) return [1];
  const isExact = number < LARGE || !/^[\d_]+$/.test(node.getText());
  return isExact ? [number + 1, number - 1] : [Math.floor(number / 2), number * 2];
}

function replace(operator: string, start: number, end: number, replacement: string): Change {
  return { operator, start, end, replacement };
}

function replaceNode(operator: string, node: Node, replacement: string): Change {
  return replace(operator, node.getStart(), node.end, replacement);
}
