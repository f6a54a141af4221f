/**
 * Answers to requests of HLS: their heads, and what of a file they hold.
 *
 * @module
 */
import { rangeOf } from "../../core/http/byte_range.ts";
import { HttpBytes } from "../../ports.ts";
import type { AnswerHeaders } from "../media_origins.ts";
import type { MediaFile } from "./body.ts";

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

/** Makes the heads of answers, each kind of them once. */
export class Answers {
  readonly #heads = new Map<string, AnswerHeaders>();
  /** What the heads below are made with. */
  #base: AnswerHeaders | undefined;

  #head(base: AnswerHeaders, type: string, cache: string, encoding = ""): AnswerHeaders {
    if (base !== this.#base) {
      this.#base = base;
      this.#heads.clear();
    }
    const key = `${type} ${cache} ${encoding}`;
    let head = this.#heads.get(key);
    if (head === undefined) {
      head = {
        ...base,
        "X-Content-Type-Options": "nosniff",
        "Content-Type": type,
        "Cache-Control": cache,
        ...(encoding === "" ? {} : {
          "Content-Encoding": encoding,
          Vary: [base.Vary, "Accept-Encoding"].filter(Boolean).join(", "),
        }),
      };
      this.#heads.set(key, head);
    }
    return head;
  }

  /**
   * Answers with a file, or the range of it that is wanted; `encoding`: of its bytes, beside what they
   * are.
   */
  file(
    { type, chunks, size }: MediaFile,
    base: AnswerHeaders,
    cache: string,
    range: string | null | undefined,
    encoding?: string,
  ): HttpBytes {
    const head = this.#head(base, type, cache, encoding);
    const wanted = rangeOf(range, size);
    if (wanted === "all") return new HttpBytes(200, head, chunks, size);
    if (wanted === "none") {
      return new HttpBytes(416, { ...head, "Content-Range": `bytes */${size}` }, [], 0);
    }
    const [from, to] = wanted;
    const partial = { ...head, "Content-Range": `bytes ${from}-${to - 1}/${size}` };
    return new HttpBytes(206, partial, cut(chunks, from, to), to - from);
  }
}
