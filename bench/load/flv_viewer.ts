/**
 * A viewer of FLV over HTTP or over a WebSocket: it asks for the stream and counts what comes.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { now } from "../clock.ts";

/** More than this is more than an answer's head, so there is media (bytes). */
const HEAD_BYTES = 2048;

const UPGRADE = [
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/** A viewer. */
export class FlvViewer {
  bytes = 0;
  joinMs: number | undefined;
  closed = false;
  refusal: string | undefined;
  readonly #socket: Socket;
  readonly #openedAt = now();

  /** Asks this machine for `path`; `upgrade`: over a WebSocket. */
  constructor(port: number, path: string, upgrade: boolean) {
    const wanted = upgrade ? "101" : "200";
    this.#socket = connect({ port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.closed = true);
    this.#socket.on("data", (bytes: Uint8Array) => {
      if (this.bytes === 0) {
        const status = new TextDecoder().decode(bytes.subarray(9, 12));
        if (status !== wanted) this.refusal = status;
      }
      this.bytes += bytes.length;
      if (this.joinMs === undefined && this.bytes > HEAD_BYTES) {
        this.joinMs = now() - this.#openedAt;
      }
    });
    const lines = [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", ...(upgrade ? UPGRADE : [])];
    this.#socket.write(lines.join("\r\n") + "\r\n\r\n");
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }
}
