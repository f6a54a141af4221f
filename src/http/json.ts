/**
 * Reads JSON that somebody sent: not deep, and every key of an object once.
 *
 * @module
 */

/** How deep arrays and objects may nest. */
export const MAX_JSON_DEPTH = 32;
/** How many values there may be, members and items included: what handles them takes its time. */
export const MAX_JSON_VALUES = 16_384;

/**
 * The value of a JSON text.
 *
 * Two programs that read `{"a":1,"a":2}` may see different values, and one that checks is not
 * always the one that acts: a key given twice is a mistake [RFC 8259 §4].
 *
 * @throws {SyntaxError} when it is no JSON, too deep, too much, or gives a key twice; the message
 * holds nothing of the text
 */
export function parseJson(text: string): unknown {
  // Before the parser, which recurses.
  const twice = scan(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError("The body is not JSON");
  }
  if (twice) throw new SyntaxError("The body gives a key twice");
  return value;
}

const [QUOTE, BACKSLASH, COLON, COMMA] = [0x22, 0x5c, 0x3a, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether an object in the text gives a key twice. Looks at brackets and texts only: what it says of
 * a text that is no JSON means nothing.
 *
 * @throws {SyntaxError} when the text is nested too deeply, or holds too many values
 */
function scan(text: string): boolean {
  /** The keys of the objects that are open; `undefined` for a list. */
  const open: (Set<string> | undefined)[] = [];
  let twice = false;
  /** The last text, which is a key if a colon follows. */
  let last = "";
  let values = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const start = at++;
      while (at < text.length && text.charCodeAt(at) !== QUOTE) {
        at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
      }
      last = text.slice(start, at + 1);
    } else if (code === COMMA) {
      if (++values >= MAX_JSON_VALUES) {
        throw new SyntaxError(`The body holds more than ${MAX_JSON_VALUES} values`);
      }
    } else if (code === COLON) {
      const keys = open.at(-1);
      const key = unescaped(last);
      twice ||= keys?.has(key) === true;
      keys?.add(key);
    } else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      values++;
      open.push(code === OPEN_OBJECT ? new Set() : undefined);
      if (open.length > MAX_JSON_DEPTH) {
        throw new SyntaxError(`The body is nested more than ${MAX_JSON_DEPTH} deep`);
      }
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) open.pop();
  }
  return twice;
}

/** The text of a literal; `"a"` and `"\u0061"` are one key. */
function unescaped(literal: string): string {
  if (!literal.includes("\\")) return literal.slice(1, -1);
  try {
    return JSON.parse(literal);
  } catch {
    return literal;
  }
}
