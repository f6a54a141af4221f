/**
 * A socket that sends whatever bytes a test likes and reads past what comes back.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { within } from "./deadline.ts";

/** C0, C1 and C2 of a client that shakes hands without digest and does not wait for the answers. */
export const BLIND_HANDSHAKE: Uint8Array = new Uint8Array(1 + 2 * 1536).fill(3, 0, 1);

/** A raw client. Use it with `await using`, so that it ends with the test. */
export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #closed: Promise<void>;
  #since = 0;
  #open = true;
  /** Bytes that came back. */
  received = 0;
  /** How long the connection lived (ms); 0 while it does. */
  livedMs = 0;
  /** The client's own port, by which the server names it in its log. */
  port = 0;

  private constructor(port: number) {
    const socket = this.#socket = connect({ host: "127.0.0.1", port, noDelay: true });
    socket.on("data", (bytes: Uint8Array) => void (this.received += bytes.length));
    socket.on("error", () => {}); // `close` follows.
    this.#closed = new Promise((resolve) =>
      socket.on("close", () => {
        this.#open = false;
        this.livedMs = performance.now() - this.#since;
        resolve();
      })
    );
  }

  /** Connects. */
  static async open(port: number): Promise<RawClient> {
    const client = new RawClient(port);
    const socket = client.#socket;
    await within(new Promise<void>((resolve) => socket.on("connect", resolve)), "it connects");
    client.#since = performance.now();
    client.port = socket.localPort ?? 0;
    return client;
  }

  /** Whether the server has not closed the connection. */
  get isOpen(): boolean {
    return this.#open;
  }

  /** Bytes that wait for the kernel to take them. */
  get waiting(): number {
    return this.#socket.writableLength;
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): void {
    if (this.#open) this.#socket.write(bytes);
  }

  /** Resolves when the server has closed the connection. */
  closed(ms?: number): Promise<void> {
    return within(this.#closed, "the server closes the connection", ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.#closed;
  }
}
