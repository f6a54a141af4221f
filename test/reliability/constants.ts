/**
 * Finds the limits that are constants, with the words of their doc comments.
 *
 * @module
 */

/** A limit that cannot be set. */
export interface ConstantLimit {
  readonly name: string;
  /** The first sentence of its comment. */
  readonly meaning: string;
  readonly value: number;
}

/** The product in `64 * 1024`; `undefined` where it is none. */
function product(text: string): number | undefined {
  const factors = text.split("*").map((factor) => factor.trim().replaceAll("_", ""));
  if (!factors.every((factor) => /^(?:\d+|0x[\da-f]+)$/i.test(factor))) return undefined;
  return factors.reduce((value, factor) => value * Number(factor), 1);
}

/** Every exported `MAX_...` of a module that is a number. */
export function constantLimits(source: string): ConstantLimit[] {
  const found = source.matchAll(
    /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const (MAX_\w+)(?:: number)? = ([^;]+);/g,
  );
  return [...found].flatMap(([, comment, name, text]) => {
    const value = product(text!);
    if (value === undefined) return [];
    const words = comment!.replace(/^\s*\*/gm, " ").replace(/\s+/g, " ").trim();
    const [sentence] = words.split(/(?<=\.)\s/);
    return [{ name: name!, meaning: sentence!.replace(/\{@\w+ ([^}]+)\}/g, "`$1`"), value }];
  });
}
