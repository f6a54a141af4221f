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

/** Longest text of a client that is shown, in UTF-16 units. */
export const MAX_SHOWN = 256;

/** What a client calls itself or its stream, as it said it: cut where it is long, and harmless. */
export function shownText(text: string): string {
  return escapeControls(text.length > MAX_SHOWN ? text.slice(0, MAX_SHOWN - 1) + "…" : text);
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

/** Words: what is between separators, in running text and in URLs. */
const WORD = /[^\s"'`<>(){}[\],;:=&?/@|]+/g;
/** Words shorter than this are masked where they are all that was said between separators. */
const SHORT_WORD = 4;
/** Longest text that is searched, and most that is searched for, in UTF-16 units. */
const MAX_MESSAGE = 2048;
const MAX_SAID = 8192;

/**
 * What somebody said, made ready once to be looked for in any number of texts. To make it costs in
 * proportion to what was said, to look in proportion to the text.
 */
export class Mentions {
  readonly #base: Mentions | undefined;
  /** As they were said. */
  readonly #known = new Set<string>();
  /** In small letters; as they were said, and what a URL makes of them. */
  readonly #forms = new Set<string>();
  /** Sorted. */
  readonly #words: readonly string[] = [];
  #tooMuch = false;
  /** The text that was searched last, and what was found: many get the same answer again and again. */
  #lastText: string | undefined;
  #lastFound = new Uint8Array(0);

  /** `base` is what was said before, to be looked for as well. */
  constructor(said: Iterable<string>, base?: Mentions) {
    this.#base = base;
    let size = 0;
    const words = new Set<string>();
    for (const value of said) {
      if (
        value === "" || this.#known.has(value) || (base !== undefined && base.#known.has(value))
      ) continue;
      this.#known.add(value);
      size += value.length;
      if (size > MAX_SAID) {
        this.#tooMuch = true;
        return;
      }
      for (const form of new Set([value, decoded(value), encoded(value)])) {
        const lower = form.toLowerCase();
        if (lower.length >= SHORT_WORD) this.#forms.add(lower);
        for (const [word] of lower.matchAll(WORD)) words.add(word);
      }
    }
    this.#words = [...words].sort();
  }

  /**
   * Masks in `text` whatever of it was said, whole or in part, as it is or escaped for a URL, in
   * capitals or not: a message made by others about what a client sent may repeat a key that it
   * sent, and may have been cut in the middle of it. Where so much was said that the search would
   * take long, the whole message is masked.
   */
  mask(text: string): string {
    const base = this.#base;
    if (this.#tooMuch || (base !== undefined && base.#tooMuch)) return "***";
    text = text.slice(0, MAX_MESSAGE);
    let lower = text.toLowerCase();
    // Some letters become longer.
    if (lower.length !== text.length) text = lower = lower.slice(0, MAX_MESSAGE);
    const found = this.#find(lower);
    let masked = "";
    for (let at = 0; at < text.length;) {
      const from = at;
      const isSaid = found[at];
      while (at < text.length && found[at] === isSaid) at++;
      masked += isSaid ? "***" : text.slice(from, at);
    }
    return masked;
  }

  /** 1 for each unit of `lower` that was said. */
  #find(lower: string): Uint8Array {
    if (this.#lastText === lower) return this.#lastFound;
    const base = this.#base;
    const found = base === undefined ? new Uint8Array(lower.length) : base.#find(lower).slice();
    for (const form of this.#forms) {
      let at = lower.indexOf(form);
      for (; at >= 0; at = lower.indexOf(form, at + form.length)) {
        found.fill(1, at, at + form.length);
      }
    }
    if (this.#words.length > 0) {
      for (const { 0: word, index } of lower.matchAll(WORD)) {
        const known = isSaid(word, this.#words) ||
          (word.includes("%") && isSaid(decoded(word), this.#words));
        if (known) found.fill(1, index, index + word.length);
      }
    }
    this.#lastText = lower;
    this.#lastFound = found;
    return found;
  }
}

/** Masks in `text` what of `said` it repeats; see {@link Mentions}. */
export function maskMentions(text: string, said: Iterable<string>): string {
  return new Mentions(said).mask(text);
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
