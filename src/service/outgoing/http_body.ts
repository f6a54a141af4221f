/**
 * The answer of an HTTP server as its bytes come: the head, then the body, in chunks or until the end.
 *
 * @module
 */
import { ProtocolError } from "../../core/errors.ts";

/** Longest head (bytes). */
const MAX_HEAD = 32 * 1024;
/** Longest line with the size of a chunk (bytes). */
const MAX_LINE = 1024;

const text = new TextDecoder("latin1");

/** One answer. */
export class HttpBody {
  /** 0 until the head was read. */
  status = 0;
  /** Where the answer sends us. */
  location: string | undefined;
  /** The body is over. */
  done = false;
  #head: Uint8Array | undefined = new Uint8Array(0);
  #chunked = false;
  /** Bytes that are still to come: of the chunk, or of the body where its length is known. */
  #left = Infinity;
  /** What came of the line of a chunk. */
  #line = "";
  /** Where it is between chunks. */
  #place: "size" | "data" | "end" = "size";

  /**
   * Takes bytes. `take` is called with each part of the body, which is lent, and once with nothing behind the
   * head.
   *
   * @throws {ProtocolError} for what is no HTTP
   */
  add(bytes: Uint8Array, take: (part: Uint8Array) => void): void {
    let rest: Uint8Array = bytes;
    if (this.#head !== undefined) {
      const after = this.#readHead(bytes);
      if (after === undefined) return;
      take(bytes.subarray(0, 0));
      rest = after;
    }
    while (rest.length > 0 && !this.done) {
      if (this.#chunked && this.#place !== "data") {
        rest = this.#readLine(rest);
        continue;
      }
      const part = rest.subarray(0, Math.min(rest.length, this.#left));
      this.#left -= part.length;
      rest = rest.subarray(part.length);
      if (this.#left === 0) {
        if (this.#chunked) this.#place = "end";
        else this.done = true;
      }
      take(part);
    }
  }

  #readHead(bytes: Uint8Array): Uint8Array | undefined {
    const before = this.#head!;
    const all = new Uint8Array(before.length + bytes.length);
    all.set(before);
    all.set(bytes, before.length);
    const said = text.decode(all.subarray(0, MAX_HEAD));
    const end = said.indexOf("\r\n\r\n");
    if (end < 0) {
      if (all.length >= MAX_HEAD || (all.length >= 5 && !said.startsWith("HTTP/"))) {
        throw new ProtocolError("command", "The server does not speak HTTP");
      }
      this.#head = all;
      return undefined;
    }
    this.#head = undefined;
    const [first, ...lines] = said.slice(0, end).split("\r\n");
    const status = /^HTTP\/1\.[01] (\d{3})\b/.exec(first!)?.[1];
    if (status === undefined) throw new ProtocolError("command", "The server does not speak HTTP");
    this.status = Number(status);
    for (const line of lines) this.#header(line);
    return all.subarray(end + 4);
  }

  #header(line: string): void {
    const parts = /^([^:]+):\s*(.*?)\s*$/.exec(line);
    if (parts === null) return;
    const value = parts[2]!;
    switch (parts[1]!.toLowerCase()) {
      case "location":
        this.location = value;
        break;
      case "transfer-encoding":
        this.#chunked = /\bchunked\b/i.test(value);
        break;
      case "content-length":
        if (/^\d{1,15}$/.test(value)) this.#left = Number(value);
    }
  }

  /** Reads on in a line between chunks. @returns what is behind */
  #readLine(bytes: Uint8Array): Uint8Array {
    const end = bytes.indexOf(10);
    this.#line += text.decode(end < 0 ? bytes : bytes.subarray(0, end));
    if (this.#line.length > MAX_LINE) {
      throw new ProtocolError("command", "The server sends chunks that cannot be read");
    }
    if (end < 0) return bytes.subarray(bytes.length);
    const line = this.#line.trim();
    this.#line = "";
    if (this.#place === "end" && line === "") this.#place = "size";
    else {
      const size = /^([0-9a-f]{1,8})(?:\s*;.*)?$/i.exec(line)?.[1];
      if (size === undefined || this.#place === "end") {
        throw new ProtocolError("command", "The server sends chunks that cannot be read");
      }
      this.#left = parseInt(size, 16);
      this.#place = "data";
      this.done = this.#left === 0;
    }
    return bytes.subarray(end + 1);
  }
}
