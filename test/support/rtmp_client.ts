/**
 * An RTMP client that a test leads by the hand, on a real socket.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { connect as secureConnect } from "node:tls";
import { type Amf, decodeAmf, encodeAmf } from "./amf0.ts";
import { ChunkReader, joined, type WireMessage, writeMessage } from "./chunks.ts";
import { within } from "./deadline.ts";

/** Types of messages, as the tests need them [RTMP 1.0 §5.4, §7.1]. */
export const Type = {
  SetChunkSize: 1,
  UserControl: 4,
  Audio: 8,
  Video: 9,
  Data: 18,
  Command: 20,
} as const;

const HANDSHAKE = 1536;

/** A message that came, with its AMF values when it is a command or data. */
export interface Received extends WireMessage {
  readonly values: readonly Amf[];
  /** When it came (ms, monotonic). */
  readonly at: number;
}

/** The information object of `_result`, `_error` or `onStatus`. */
export interface Info {
  readonly level?: string;
  readonly code?: string;
  readonly description?: string;
}

/** How to connect. */
export interface OpenOptions {
  /** It goes on when the server has closed. */
  readonly halfOpen?: boolean;
  /** Sent ahead of all else, of TLS too. */
  readonly ahead?: Uint8Array;
  /** In TLS, whatever the certificate. */
  readonly tls?: boolean;
}

/** A client. Use it with `await using`, so that it ends with the test. */
export class RtmpClient implements AsyncDisposable {
  /** All that came, oldest first. */
  readonly messages: Received[] = [];
  /** Resolves when the connection is gone, however it went. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #reader = new ChunkReader();
  readonly #watchers = new Set<() => void>();
  readonly #taken = new Set<Received>();
  /** What came of the handshake so far; `undefined` once it is over. */
  #handshake: Uint8Array | undefined = new Uint8Array(0);
  #onHandshake: () => void = () => {};
  #closed = false;
  #transaction = 0;
  #chunkSize = 128;

  private constructor(port: number, { halfOpen = false, ahead, tls = false }: OpenOptions) {
    const options = { host: "127.0.0.1", port, noDelay: true, allowHalfOpen: halfOpen };
    const plain = connect(options);
    if (ahead !== undefined) plain.write(ahead);
    const socket = this.#socket = tls
      ? secureConnect({ socket: plain, rejectUnauthorized: false })
      : plain;
    plain.on("error", () => {});
    this.closed = new Promise((resolve) => {
      socket.on("error", () => {}); // `close` follows.
      socket.on("close", () => {
        this.#closed = true;
        resolve();
        this.#wake();
      });
    });
    socket.on("data", (bytes) => this.#onBytes(bytes as Uint8Array));
  }

  /** Connects and shakes hands [RTMP 1.0 §5.2]. */
  static async open(port: number, options: OpenOptions = {}): Promise<RtmpClient> {
    const client = new RtmpClient(port, options);
    const shaken = new Promise<void>((resolve) => client.#onHandshake = resolve);
    const c1 = crypto.getRandomValues(new Uint8Array(HANDSHAKE));
    c1.fill(0, 0, 8);
    client.sendBytes(Uint8Array.of(3));
    client.sendBytes(c1);
    const gone = client.closed.then(() => {
      throw new Error("The server closed the connection during the handshake");
    });
    await within(Promise.race([shaken, gone]), "the handshake ends");
    return client;
  }

  #onBytes(bytes: Uint8Array): void {
    if (this.#handshake !== undefined) {
      bytes = this.#handshake = joined([this.#handshake, bytes]);
      if (bytes.length < 1 + 2 * HANDSHAKE) return;
      this.#handshake = undefined;
      this.sendBytes(bytes.slice(1, 1 + HANDSHAKE));
      this.#onHandshake();
      bytes = bytes.subarray(1 + 2 * HANDSHAKE);
    }
    for (const message of this.#reader.read(bytes)) {
      const { type, payload } = message;
      const values = type === Type.Command || type === Type.Data ? decodeAmf(payload) : [];
      this.messages.push({ ...message, values, at: performance.now() });
    }
    this.#wake();
  }

  #wake(): void {
    for (const watch of this.#watchers) watch();
  }

  /** The first message that fits and was not returned before, past ones included. */
  waitFor(fits: (message: Received) => boolean, what: string, ms?: number): Promise<Received> {
    let watch = () => {};
    const found = new Promise<Received>((resolve, reject) => {
      watch = () => {
        const message = this.messages.find((one) => !this.#taken.has(one) && fits(one));
        if (message !== undefined) {
          this.#watchers.delete(watch); // At once: more may come before anybody else runs.
          this.#taken.add(message);
          resolve(message);
        } else if (this.#closed) {
          reject(new Error(`The connection ended before: ${what}\n${this.describe()}`));
        }
      };
      this.#watchers.add(watch);
      watch();
    });
    return within(found, what, ms, this.describe).finally(() => this.#watchers.delete(watch));
  }

  /** What came, for a person who wants to know what went wrong. */
  readonly describe = (): string =>
    this.messages.slice(-30).map(({ type, streamId, timestamp, values, payload }) =>
      `type ${type} stream ${streamId} time ${timestamp} ${payload.length} bytes ` +
      JSON.stringify(values)
    ).join("\n");

  /** Waits for an `onStatus`, and answers with what it says. */
  async status(ms?: number): Promise<Info> {
    const message = await this.waitFor(({ values }) => values[0] === "onStatus", "onStatus", ms);
    return message.values[3] as unknown as Info;
  }

  /** Waits for the `onStatus` of this code, whatever comes before it. */
  async statusOf(code: string, ms?: number): Promise<Info> {
    const message = await this.waitFor(
      ({ values }) => values[0] === "onStatus" && (values[3] as Info | null)?.code === code,
      `onStatus ${code}`,
      ms,
    );
    return message.values[3] as unknown as Info;
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): void {
    if (!this.#closed) this.#socket.write(bytes);
  }

  /** Sends a message. */
  send(type: number, streamId: number, timestamp: number, payload: Uint8Array): void {
    const chunkStreamId = type === Type.Audio ? 4 : type === Type.Video ? 6 : 3;
    this.sendBytes(
      writeMessage({ type, streamId, timestamp, payload }, chunkStreamId, this.#chunkSize),
    );
    if (type === Type.SetChunkSize) {
      this.#chunkSize = new DataView(payload.buffer, payload.byteOffset).getUint32(0);
    }
  }

  /** Sends a command, and returns its transaction id. */
  command(streamId: number, name: string, ...values: Amf[]): number {
    const transaction = ++this.#transaction;
    this.send(Type.Command, streamId, 0, encodeAmf(name, transaction, ...values));
    return transaction;
  }

  /** Sends a command, and waits for its `_result` or `_error`. */
  call(streamId: number, name: string, ...values: Amf[]): Promise<Received> {
    const transaction = this.command(streamId, name, ...values);
    return this.waitFor(
      ({ values: [answer, id] }) =>
        (answer === "_result" || answer === "_error") && id === transaction,
      `an answer to ${name}`,
    );
  }

  /** The `connect` command; answers with the information object, whichever way it went. */
  async connect(app: string, more: Record<string, Amf> = {}): Promise<Info> {
    const object = { app, type: "nonprivate", tcUrl: `rtmp://127.0.0.1/${app}`, ...more };
    return (await this.call(0, "connect", object)).values[3] as unknown as Info;
  }

  /** The `createStream` command; answers with the message stream id. */
  async createStream(): Promise<number> {
    return Number((await this.call(0, "createStream", null)).values[3]);
  }

  /** Connects, creates a stream and publishes; answers with the message stream id and the status. */
  async publish(app: string, name: string): Promise<{ id: number; info: Info }> {
    await this.connect(app);
    const id = await this.createStream();
    this.command(id, "publish", null, name, "live");
    return { id, info: await this.status() };
  }

  /** Connects, creates a stream and asks to play; answers with the message stream id. */
  async play(app: string, name: string): Promise<number> {
    await this.connect(app);
    const id = await this.createStream();
    this.command(id, "play", null, name);
    return id;
  }

  /** Port of its end of the connection. */
  get localPort(): number {
    return this.#socket.localPort!;
  }

  /** Stops reading, as a client with a slow line does. */
  pause(): void {
    this.#socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  /** Closes in an orderly way (FIN). */
  close(): void {
    this.#socket.end();
  }

  /** Cuts the connection (RST). */
  cut(): void {
    this.#socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed;
  }
}
