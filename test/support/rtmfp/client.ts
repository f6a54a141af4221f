/**
 * An RTMFP client on a real socket that a test leads by the hand: it connects, publishes and plays.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createSocket, type Socket } from "node:dgram";
import { type Amf, decodeAmf, encodeAmf } from "../amf0.ts";
import { within } from "../deadline.ts";
import { type PeerOptions, RtmfpPeer } from "./peer.ts";
import type { Came } from "./peer_inbound.ts";

/** A message that came, with its AMF values when it is a command or data. */
export interface Received extends Came {
  readonly values: readonly Amf[];
  /** When it came (ms, monotonic). */
  readonly at: number;
}

/** How often it looks at the clock (ms). */
const TICK_MS = 10;

/** A client. Use it with `await using`, so that it ends with the test. */
export class RtmfpClient implements AsyncDisposable {
  /** All that came, oldest first. */
  readonly messages: Received[] = [];
  readonly peer: RtmfpPeer;
  readonly #port: number;
  readonly #watchers = new Set<() => void>();
  readonly #taken = new Set<Received>();
  readonly #timer: ReturnType<typeof setInterval>;
  #socket: Socket;
  #transaction = 0;

  private constructor(port: number, options: PeerOptions) {
    this.#port = port;
    this.#socket = this.#open();
    this.peer = new RtmfpPeer((datagram) => this.send(datagram), options);
    this.peer.onMessage = (came) => {
      const values = came.type === 20 || came.type === 18 ? decodeAmf(came.payload) : [];
      this.messages.push({ ...came, values, at: performance.now() });
      this.#wake();
    };
    this.peer.onState = () => this.#wake();
    this.#timer = setInterval(() => this.peer.tick(performance.now()), TICK_MS);
  }

  /** Opens a session with the server on this port. */
  static async open(
    port: number,
    options: PeerOptions = {},
    url = "rtmfp://127.0.0.1/live",
  ): Promise<RtmfpClient> {
    const client = new RtmfpClient(port, options);
    client.peer.connect(url, performance.now());
    await client.until(
      () => client.peer.state !== "hello" && client.peer.state !== "keying",
      "keys",
    );
    return client;
  }

  #open(): Socket {
    const socket = createSocket("udp4");
    socket.on("error", () => {});
    socket.on("message", (datagram) => this.peer.receive(datagram, performance.now()));
    return socket;
  }

  /** Sends a datagram as it is. */
  send(datagram: Uint8Array): void {
    this.#socket.send(datagram, this.#port, "127.0.0.1", () => {});
  }

  /** Goes on from another port, as behind a router that forgot it. */
  move(): void {
    const old = this.#socket;
    this.#socket = this.#open();
    this.peer.packet(Buffer.from([0x01, 0, 0]), performance.now());
    old.close();
  }

  #wake(): void {
    for (const watch of this.#watchers) watch();
  }

  /** Waits until something is so. */
  async until(done: () => boolean, what: string, ms?: number): Promise<void> {
    let watch = () => {};
    const found = new Promise<void>((resolve) => {
      watch = () => void (done() && resolve());
      this.#watchers.add(watch);
      watch();
    });
    await within(found, what, ms, this.describe).finally(() => this.#watchers.delete(watch));
  }

  /** The first message that fits and was not returned before, past ones included. */
  async waitFor(
    fits: (message: Received) => boolean,
    what: string,
    ms?: number,
  ): Promise<Received> {
    let found: Received | undefined;
    await this.until(
      () => {
        found = this.messages.find((one) => !this.#taken.has(one) && fits(one));
        return found !== undefined;
      },
      what,
      ms,
    );
    this.#taken.add(found!);
    return found!;
  }

  /** What came, for a person who wants to know what went wrong. */
  readonly describe = (): string =>
    `state ${this.peer.state}\n` +
    this.messages.slice(-20).map(({ type, streamId, timestamp, values, payload }) =>
      `type ${type} stream ${streamId} time ${timestamp} ${payload.length} bytes ` +
      JSON.stringify(values)
    ).join("\n");

  /** Sends a message. */
  message(streamId: number, type: number, timestamp: number, payload: Uint8Array): void {
    this.peer.write(streamId, type, timestamp, payload, performance.now());
  }

  /** Sends a command; answers with its number. */
  command(streamId: number, name: string, ...values: Amf[]): number {
    const id = ++this.#transaction;
    this.message(streamId, 20, 0, encodeAmf(name, id, ...values));
    return id;
  }

  async #call(name: string, ...values: Amf[]): Promise<readonly Amf[]> {
    const id = this.command(0, name, ...values);
    const { values: answer } = await this.waitFor(
      ({ values }) => (values[0] === "_result" || values[0] === "_error") && values[1] === id,
      `an answer to ${name}`,
    );
    if (answer[0] !== "_result") throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Connects to an application. */
  async connect(app: string): Promise<void> {
    const tcUrl = `rtmfp://127.0.0.1/${app}`;
    await this.#call("connect", { app, tcUrl, flashVer: "test", objectEncoding: 0 });
  }

  /** Makes a message stream. */
  async createStream(): Promise<number> {
    return (await this.#call("createStream", null))[3] as number;
  }

  /** Waits for an `onStatus` of this code. */
  async statusOf(code: string, ms?: number): Promise<void> {
    await this.waitFor(
      ({ values }) =>
        values[0] === "onStatus" && (values[3] as { code?: string } | null)?.code === code,
      code,
      ms,
    );
  }

  /** Publishes; answers with the message stream. */
  async publish(app: string, name: string): Promise<number> {
    await this.connect(app);
    const stream = await this.createStream();
    this.command(stream, "publish", null, name, "live");
    await this.statusOf("NetStream.Publish.Start");
    return stream;
  }

  /** Plays; answers with the message stream. */
  async play(app: string, name: string): Promise<number> {
    await this.connect(app);
    const stream = await this.createStream();
    this.command(stream, "play", null, name, -2);
    return stream;
  }

  /** Resolves once the server has all that was sent. */
  async flushed(): Promise<void> {
    const end = performance.now() + 30_000;
    while (this.peer.waiting > 0 && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    if (this.peer.waiting > 0) throw new Error("Not all was acknowledged within 30 s");
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.peer.close(performance.now());
    clearInterval(this.#timer);
    // What was sent last may be on its way.
    return new Promise((resolve) =>
      setTimeout(() => {
        this.#socket.close();
        resolve();
      }, 20)
    );
  }
}
