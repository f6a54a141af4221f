/**
 * What is exchanged for what, by operator.
 *
 * @module
 */

/** Binary operators and assignments: what takes the place of each, by the name of the mutation. */
export const BINARY: Readonly<Record<string, readonly [operator: string, others: string[]]>> = {
  "<": ["boundary", ["<="]],
  "<=": ["boundary", ["<"]],
  ">": ["boundary", [">="]],
  ">=": ["boundary", [">"]],
  "===": ["equality", ["!=="]],
  "!==": ["equality", ["==="]],
  "+": ["arithmetic", ["-"]],
  "-": ["arithmetic", ["+"]],
  "*": ["arithmetic", ["/"]],
  "/": ["arithmetic", ["*"]],
  "%": ["arithmetic", ["*"]],
  "**": ["arithmetic", ["*"]],
  "&&": ["logical", ["||"]],
  "||": ["logical", ["&&"]],
  "&": ["bits", ["|"]],
  "|": ["bits", ["&"]],
  "^": ["bits", ["|"]],
  "<<": ["bits", [">>>"]],
  ">>": ["bits", ["<<"]],
  ">>>": ["bits", ["<<", ">>"]],
  "+=": ["arithmetic", ["-=", "="]],
  "-=": ["arithmetic", ["+=", "="]],
  "*=": ["arithmetic", ["/="]],
  "/=": ["arithmetic", ["*="]],
  "&=": ["bits", ["|="]],
  "|=": ["bits", ["&="]],
  "^=": ["bits", ["|="]],
  "<<=": ["bits", [">>>="]],
  ">>>=": ["bits", ["<<="]],
  "&&=": ["logical", ["||="]],
  "||=": ["logical", ["&&="]],
  "??=": ["nullish", ["="]],
};

/** Methods by name, and the one that is called instead. */
export const METHODS: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  push: "unshift",
  unshift: "push",
  pop: "shift",
  shift: "pop",
  min: "max",
  max: "min",
  ceil: "floor",
  floor: "ceil",
  round: "floor",
  find: "findLast",
  findLast: "find",
  findIndex: "findLastIndex",
  indexOf: "lastIndexOf",
  lastIndexOf: "indexOf",
  startsWith: "endsWith",
  endsWith: "startsWith",
  padStart: "padEnd",
  trimStart: "trimEnd",
  toUpperCase: "toLowerCase",
  toLowerCase: "toUpperCase",
};

/** Methods without which a chain goes on with what it has: `list.filter(f)` becomes `list`. */
export const DROPPED_METHODS: ReadonlySet<string> = new Set([
  "filter",
  "reverse",
  "slice",
  "sort",
  "subarray",
  "toReversed",
  "toSorted",
  "trim",
]);
