/**
 * One connection of HTTP, with one request at a time.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

const BLANK = new TextEncoder().encode("\r\n\r\n");

/** The connection. */
export class Line {
  readonly #socket: Socket;
  #head: Uint8Array[] = [];
  #body: Uint8Array[] | undefined;
  #left = -1;
  #status = 0;
  #answer: ((status: number, body: Uint8Array[] | undefined, size: number) => void) | undefined;
  #size = 0;
  #keep = false;
  /** Bytes of bodies. */
  bytes = 0;
  closed = false;

  constructor(port: number) {
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (data: Uint8Array) => this.#onData(data));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.closed = true);
  }

  /** Asks for a path; `keep`: the body is wanted, and not only its size. */
  get(
    path: string,
    keep: boolean,
    answer: (status: number, body: Uint8Array[] | undefined, size: number) => void,
  ): void {
    this.#answer = answer;
    this.#keep = keep;
    this.#left = -1;
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n`,
    );
  }

  /** Takes nothing more from the kernel. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Leaves. */
  close(): void {
    this.#socket.destroy();
  }

  #onData(data: Uint8Array): void {
    let rest = data;
    if (this.#left < 0) {
      const body = this.#readHead(data);
      if (body === undefined) return;
      rest = body;
    }
    this.bytes += rest.length;
    this.#left -= rest.length;
    if (this.#keep) this.#body!.push(rest);
    if (this.#left > 0) return;
    const answer = this.#answer!;
    answer(this.#status, this.#body, this.#size);
  }

  #readHead(data: Uint8Array): Uint8Array | undefined {
    this.#head.push(data);
    const all = this.#head.length === 1
      ? data
      : Uint8Array.from(this.#head.flatMap((one) => [...one]));
    const end = indexOf(all, BLANK);
    if (end < 0) return undefined;
    const head = new TextDecoder().decode(all.subarray(0, end));
    this.#head = [];
    this.#body = [];
    this.#status = Number(head.slice(9, 12));
    this.#left = this.#size = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    return all.subarray(end + BLANK.length);
  }
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}

/** The text of a body. */
export function text(body: readonly Uint8Array[]): string {
  const decoder = new TextDecoder();
  return body.map((bytes) => decoder.decode(bytes, { stream: true })).join("");
}
