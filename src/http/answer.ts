/**
 * Answers as JSON, with their length.
 *
 * @module
 */
import type { Context } from "hono";
import type { Slices } from "./slices.ts";
import type { List } from "./view.ts";

const encoder = new TextEncoder();

/** Bytes that are handed to the transport at once. */
const PART_BYTES = 64 * 1024;

/** Answers with `value`. */
export function json(c: Context, value: unknown, status = 200): Response {
  const bytes = encoder.encode(JSON.stringify(value));
  return response(c, bytes, bytes.length, status);
}

/** Answers with a page of a list: `{ [name]: items, total }`. Its items are made and written in slices. */
export async function jsonList<T>(
  c: Context,
  name: string,
  list: List<T>,
  slices: Slices,
): Promise<Response> {
  return await textAnswer(c, "application/json", pieces(name, list), slices);
}

function* pieces<T>(name: string, list: List<T>): Iterable<string> {
  yield `{${JSON.stringify(name)}:[`;
  let first = true;
  for (const item of list.items) {
    // What was looked at and is not wanted.
    if (item === undefined) yield "";
    else {
      yield (first ? "" : ",") + JSON.stringify(item);
      first = false;
    }
  }
  // How many there are may be known only now.
  yield `],"total":${list.total}}`;
}

/** Answers with a text of many pieces, which are made and written in slices. */
export async function textAnswer(
  c: Context,
  type: string,
  pieces: Iterable<string>,
  slices: Slices,
): Promise<Response> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let [text, length] = ["", 0];
  const flush = () => {
    const bytes = encoder.encode(text);
    parts.push(bytes);
    length += bytes.length;
    text = "";
  };
  await slices.each(pieces, (piece) => {
    text += piece;
    if (text.length >= PART_BYTES) flush();
  });
  flush();
  return response(c, parts.length === 1 ? parts[0]! : stream(parts), length, 200, type);
}

function stream(parts: Iterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = parts[Symbol.iterator]();
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function response(
  c: Context,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
  length: number,
  status: number,
  type = "application/json",
): Response {
  const headers = { "Content-Type": type, "Content-Length": `${length}` };
  return c.body(body, status as 200, headers);
}
