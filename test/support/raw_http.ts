/**
 * HTTP as it should not be: bytes on a socket, and what comes back.
 *
 * @module
 */
import { connect } from "node:net";
import { within } from "./deadline.ts";

/** What a server made of some bytes. */
export interface RawAnswer {
  /** Status of the first answer; `undefined` when the connection was closed without one. */
  readonly status: number | undefined;
  readonly text: string;
  /** Milliseconds until the first byte of an answer, or the end. */
  readonly ms: number;
}

/**
 * Sends parts, one after the other with `pauseMs` between them, and waits for the first answer or
 * the end of the connection.
 */
export async function rawHttp(
  port: number,
  parts: readonly (string | Uint8Array)[],
  pauseMs = 0,
): Promise<RawAnswer> {
  const socket = connect(port, "127.0.0.1");
  const start = performance.now();
  let text = "";
  let over = false;
  const answer = new Promise<RawAnswer>((resolve) => {
    const end = () => {
      over = true;
      const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
      const ms = performance.now() - start;
      resolve({ status: status === undefined ? undefined : Number(status), text, ms });
    };
    socket.on("data", (bytes: Uint8Array) => {
      text += new TextDecoder().decode(bytes);
      if (isWhole(text)) end();
    });
    socket.on("close", end);
    socket.on("error", () => {});
  });
  try {
    for (const part of parts) {
      if (over) break;
      // Or its end, whichever comes first: the rest of a refused body is never taken.
      await Promise.race([answer, new Promise<void>((done) => socket.write(part, () => done()))]);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    return await within(answer, "an answer, or the end of the connection");
  } finally {
    socket.destroy();
  }
}

/** Whether an answer is all there; one whose end nothing tells is when its head is. */
function isWhole(text: string): boolean {
  const length = text.indexOf("\r\n\r\n");
  if (length < 0) return false;
  const head = text.slice(0, length);
  const body = text.slice(length + 4);
  if (/^transfer-encoding: *chunked/im.test(head)) return body.includes("0\r\n\r\n");
  const size = /^content-length: *(\d+)/im.exec(head)?.[1];
  return size === undefined || new TextEncoder().encode(body).length >= Number(size);
}

/** The head of a request with `headers`, one a line. */
export function head(line: string, ...headers: string[]): string {
  return [`${line} HTTP/1.1`, "Host: 127.0.0.1", ...headers].join("\r\n") + "\r\n\r\n";
}
