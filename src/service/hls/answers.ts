/**
 * Answers to requests of HLS: their heads, and what of a file they hold.
 *
 * @module
 */
import { HttpBytes } from "../../ports.ts";
import type { MediaFile } from "./body.ts";

/** Headers of an answer. */
export type AnswerHeaders = Readonly<Record<string, string>>;

/** What answers say of themselves, whatever they are. */
const ALWAYS: AnswerHeaders = { "X-Content-Type-Options": "nosniff" };

/** `bytes=FROM-TO`, one range [RFC 9110 §14.2]. */
const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** The bytes that a request wants of `size`: all, some, or none that are there. */
function rangeOf(range: string | null, size: number): [number, number] | "all" | "none" {
  const match = range === null ? null : RANGE.exec(range);
  if (match === null || (match[1] === "" && match[2] === "")) return "all";
  const [, first, last] = match;
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "none" : [size - length, size];
  }
  const from = Number(first);
  const to = last === "" ? size : Math.min(Number(last) + 1, size);
  if (from >= size) return "none";
  return to <= from ? "all" : [from, to];
}

/** The bytes from `from` to `to` of what lies in several arrays, as views. */
function cut(chunks: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  let at = 0;
  for (const chunk of chunks) {
    const [start, end] = [Math.max(from - at, 0), Math.min(to - at, chunk.length)];
    if (start < end) found.push(chunk.subarray(start, end));
    at += chunk.length;
  }
  return found;
}

/** Answers with a file, or the part of it that is wanted. */
export function fileAnswer(
  { type, chunks, size }: MediaFile,
  headers: AnswerHeaders,
  cache: string,
  range: string | null = null,
): HttpBytes {
  const head = { ...ALWAYS, ...headers, "Content-Type": type, "Cache-Control": cache };
  const wanted = range === null ? "all" : rangeOf(range, size);
  if (wanted === "all") return new HttpBytes(200, head, chunks, size);
  if (wanted === "none") {
    return new HttpBytes(416, { ...head, "Content-Range": `bytes */${size}` }, [], 0);
  }
  const [from, to] = wanted;
  const partial = { ...head, "Content-Range": `bytes ${from}-${to - 1}/${size}` };
  return new HttpBytes(206, partial, cut(chunks, from, to), to - from);
}
