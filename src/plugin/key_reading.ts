/**
 * Reads a file of keys while a server runs: in turns, so that a hundred thousand of them hold up no stream.
 *
 * @module
 */
import { checkOptions } from "./options.ts";
import { KeyEntry, KeyFile, MAX_KEYS, type StreamKeyEntry } from "./key_file.ts";

/** Keys that are read in one turn. */
const KEYS_PER_TURN = 200;
/** Longest text that is read at once (UTF-16 units), which is also how long one key may be. */
const SHORT_TEXT = 64 * 1024;
/** How a file begins whose keys can be read one by one. */
const BEGIN = /^\ufeff?\s*\{\s*"keys"\s*:\s*\[/;

/**
 * The keys in the text of a file. `source` says where it is from; `each` is called with each key.
 *
 * @throws {Error} which says in one line what is wrong where
 */
export async function readKeysInTurns(
  text: string,
  source: string,
  each: (key: StreamKeyEntry) => void,
): Promise<void> {
  const [begin] = BEGIN.exec(text.slice(0, SHORT_TEXT)) ?? [];
  if (text.length <= SHORT_TEXT || begin === undefined) {
    if (text.length > SHORT_TEXT) throw noJson(source);
    return checkOptions(KeyFile, parsed(text, source), source).keys.forEach(each);
  }
  let at = begin.length;
  for (let index = 0;; index++) {
    if (index === MAX_KEYS) throw new Error(`${source}: keys: expected ${MAX_KEYS} at the most`);
    if (index % KEYS_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    const end = endOfObject(text, at);
    if (end === undefined) throw noJson(source);
    each(checkOptions(KeyEntry, parsed(text.slice(at, end), source), `${source}: keys.${index}`));
    const [, sign] = /^\s*([,\]])/.exec(text.slice(end, end + 100)) ?? [];
    if (sign === undefined) throw noJson(source);
    at = text.indexOf(sign, end) + 1;
    if (sign === ",") continue;
    // Nothing else may follow: half of another file would be taken for the end of this one.
    if (!/^\s*\}\s*$/.test(text.slice(at))) throw noJson(source);
    return;
  }
}

/** Where the object ends that begins at `from`; `undefined` where none does, or none so short. */
function endOfObject(text: string, from: number): number | undefined {
  const most = Math.min(text.length, from + SHORT_TEXT);
  let [depth, inText] = [0, false];
  for (let at = from; at < most; at++) {
    const letter = text[at];
    if (inText) {
      if (letter === "\\") at++;
      else if (letter === '"') inText = false;
    } else if (letter === '"') inText = true;
    else if (letter === "{") depth++;
    else if (letter === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}

function parsed(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The message of the runtime repeats what was found.
    throw noJson(source);
  }
}

function noJson(source: string): Error {
  return new Error(`${source}: this is no JSON`);
}
