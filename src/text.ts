/**
 * Makes text of unknown origin fit to be shown to people: in logs, in messages, on a terminal.
 *
 * @module
 */

/** Control, format, line-separator and lone surrogate characters: what can forge a line. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Replaces every character that moves the cursor, breaks the line, reorders or hides text by
 * `\uXXXX`. The result is also valid inside a JSON string that was valid before.
 */
export function escapeControls(text: string): string {
  return text.replace(UNPRINTABLE, (match) => {
    let escaped = "";
    for (let i = 0; i < match.length; i++) {
      escaped += "\\u" + match.charCodeAt(i).toString(16).padStart(4, "0");
    }
    return escaped;
  });
}

const encoder = new TextEncoder();

/** Length of `text` in bytes of UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Cuts `text` to at most `maxBytes` bytes of UTF-8 (>= 3), ending in `…` when it was cut. */
export function capBytes(text: string, maxBytes: number): string {
  // Three bytes a code unit is the worst case, so short texts need no counting.
  if (text.length * 3 <= maxBytes || byteLength(text) <= maxBytes) return text;
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes - 3));
  return text.slice(0, read) + "…";
}

/**
 * Masks the values of a query string and keeps its names: `key=secret&x=1` becomes
 * `key=***&x=***`. A part without `=` may itself be a secret and becomes `***`.
 */
export function maskQuery(query: string): string {
  const mark = query.startsWith("?") ? "?" : "";
  const parts = query.slice(mark.length).split("&");
  return mark + parts.map((part) => {
    const end = part.indexOf("=");
    return end < 0 ? (part && "***") : `${part.slice(0, end)}=***`;
  }).join("&");
}

/**
 * Masks what can be secret in a URL, whole or relative: the user and password before the host and
 * the values of the query. `rtmp://u:p@host/live?key=x` becomes `rtmp://***@host/live?key=***`.
 */
export function maskUrl(url: string): string {
  const start = url.indexOf("?");
  const path = start < 0 ? url : url.slice(0, start);
  const query = start < 0 ? "" : maskQuery(url.slice(start));
  return path.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, "$1***@") + query;
}

/** `?key=value` in running text, also where the signs are escaped for a URL. */
const QUERY_VALUE = /((?:[?&]|%3f|%26)[^\s=&?"'<>%]{1,256}(?:=|%3d))(?:(?!%26)[^\s&"'<>])+/gi;

/** Masks the values of every query that is somewhere in `text`. */
export function maskQueries(text: string): string {
  return text.replace(QUERY_VALUE, "$1***");
}

/** What separates words, in running text and in URLs. */
const SEPARATORS = /[\s"'`<>(){}[\],;:=&?/@|]+/;
/** Words shorter than this are masked where they are all that was said between separators. */
const SHORT_WORD = 4;
/** Longest text that is searched, and most that is searched for, in UTF-16 units. */
const MAX_MESSAGE = 2048;
const MAX_SAID = 16_384;

/**
 * Masks in `text` whatever of `said` it repeats, whole or in part, as it is or escaped for a URL, in
 * capitals or not: a message made by others about what a client sent may repeat a key that it sent,
 * and may have been cut in the middle of it. Who says so much that the search would take long has
 * the whole message masked.
 */
export function maskMentions(text: string, said: Iterable<string>): string {
  let all = "";
  let size = 0;
  const forms = new Set<string>();
  text = text.slice(0, MAX_MESSAGE);
  for (const value of said) {
    size += value.length;
    if (size > MAX_SAID) return "***";
    for (const form of [value, decoded(value), encoded(value)]) {
      if (form === "") continue;
      all += `${form.toLowerCase()}\n`;
      if (form.length >= SHORT_WORD) forms.add(form.toLowerCase());
    }
  }
  const words = [...new Set(all.split(SEPARATORS))].sort();
  const lower = text.toLowerCase();
  // Longest first: what is masked in part could be guessed.
  const whole = [...forms].filter((form) => lower.includes(form))
    .sort((one, other) => other.length - one.length)
    .map((form) => form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  if (whole.length > 0) text = text.replace(new RegExp(whole.join("|"), "giu"), "***");
  return text.split(/([\s"'`<>(){}[\],;:=&?/@|]+)/).map((word) => {
    const low = word.toLowerCase();
    const known = isSaid(low, words) || isSaid(decoded(low), words);
    return known && !SEPARATORS.test(word) ? "***" : word;
  }).join("");
}

/** Whether `word` is one of the sorted `words`, or the beginning of one. */
function isSaid(word: string, words: readonly string[]): boolean {
  if (word === "") return false;
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle]! < word) low = middle + 1;
    else high = middle;
  }
  const found = words[low];
  return found === word || (word.length >= SHORT_WORD && found?.startsWith(word) === true);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text;
  }
}
