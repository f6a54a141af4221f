/**
 * A client of WebSocket by hand [RFC 6455], which can also do what none should: the oracle for what
 * servers say, and the hostile one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { until, within } from "./deadline.ts";

/** A frame as it came. */
export interface Frame {
  /** Whether the message ends with it. */
  readonly fin: boolean;
  readonly opcode: number;
  readonly payload: Uint8Array;
}

/** What an opening handshake carries: headers by name, `undefined` leaves one out. */
export type Handshake = Readonly<Record<string, string | undefined>>;

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A frame of a client: masked, unless `masked` says that it is not. */
export function clientFrame(
  opcode: number,
  payload: Uint8Array = new Uint8Array(0),
  { fin = true, masked = true, reserved = 0 } = {},
): Uint8Array {
  const { length } = payload;
  const size = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >>> 8, length & 255]
    : [127, 0, 0, 0, 0, length >>> 24, (length >>> 16) & 255, (length >>> 8) & 255, length & 255];
  size[0]! |= masked ? 0x80 : 0;
  const mask = masked ? [7, 11, 13, 17] : [];
  const body = masked ? payload.map((byte, index) => byte ^ mask[index % 4]!) : payload;
  return Uint8Array.of((fin ? 0x80 : 0) | reserved << 4 | opcode, ...size, ...mask, ...body);
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason = ""): Uint8Array {
  return Uint8Array.of(code >>> 8, code & 255, ...new TextEncoder().encode(reason));
}

/** A connection that is, or was to become, a WebSocket. Use it with `using`. */
export class WebSocketClient implements Disposable {
  readonly #socket: Socket;
  /** The head of the answer, once it is there. */
  head: string | undefined;
  /** What a refusal says behind its head. */
  text = "";
  /** Frames that nobody has looked at yet. */
  readonly frames: Frame[] = [];
  /** Payloads of data frames go here instead, if it is set. */
  onPayload: ((payload: Uint8Array) => void) | undefined;
  closed = false;
  #bytes = new Uint8Array(0);

  /** Connects to a port of this machine and asks for `path`. */
  constructor(port: number, path: string, headers: Handshake = {}) {
    const all: Handshake = {
      Host: `127.0.0.1:${port}`,
      Upgrade: "websocket",
      Connection: "Upgrade",
      "Sec-WebSocket-Key": KEY,
      "Sec-WebSocket-Version": "13",
      ...headers,
    };
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.closed = true);
    this.#socket.on("data", (bytes: Uint8Array) => this.#onBytes(bytes));
    const lines = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`]
    );
    this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  }

  /** Status of the answer. */
  async status(): Promise<number> {
    await this.until(() => this.head !== undefined, "an answer to the handshake");
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.head ?? "")?.[1]);
  }

  /** Resolves once it is a WebSocket. */
  async opened(): Promise<this> {
    assert.equal(await this.status(), 101, this.text);
    const accept = createHash("sha1").update(KEY + GUID).digest("base64");
    assert.match(this.head!, /^upgrade: websocket$/im);
    assert.match(this.head!, /^connection: upgrade$/im);
    assert.ok(this.head!.toLowerCase().includes(`sec-websocket-accept: ${accept.toLowerCase()}`));
    return this;
  }

  #onBytes(bytes: Uint8Array): void {
    const all = new Uint8Array(this.#bytes.length + bytes.length);
    all.set(this.#bytes);
    all.set(bytes, this.#bytes.length);
    this.#bytes = all;
    if (this.head === undefined) {
      const end = new TextDecoder("latin1").decode(this.#bytes).indexOf("\r\n\r\n");
      if (end < 0) return;
      this.head = new TextDecoder("latin1").decode(this.#bytes.subarray(0, end));
      this.#bytes = this.#bytes.slice(end + 4);
    }
    if (this.head.startsWith("HTTP/1.1 101 ")) this.#readFrames();
    else this.text = new TextDecoder().decode(this.#bytes);
  }

  #readFrames(): void {
    const bytes = this.#bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    let at = 0;
    while (at + 2 <= bytes.length) {
      const [first, second] = [bytes[at]!, bytes[at + 1]!];
      assert.equal(second & 0x80, 0, "a server does not mask");
      assert.equal(first & 0x70, 0, "no extension was agreed on");
      const wide = second === 127 ? 8 : second === 126 ? 2 : 0;
      if (at + 2 + wide > bytes.length) break;
      const length = wide === 8
        ? Number(view.getBigUint64(at + 2))
        : wide === 2
        ? view.getUint16(at + 2)
        : second;
      assert.ok(
        wide === 0 || length > (wide === 2 ? 125 : 65_535),
        "the shortest form of a length",
      );
      const start = at + 2 + wide;
      if (start + length > bytes.length) break;
      at = start + length;
      this.#onFrame({
        fin: (first & 0x80) !== 0,
        opcode: first & 15,
        payload: bytes.slice(start, at),
      });
    }
    this.#bytes = bytes.slice(at);
  }

  #onFrame(frame: Frame): void {
    if (this.onPayload !== undefined && frame.opcode < 8) this.onPayload(frame.payload);
    else this.frames.push(frame);
  }

  /** Sends bytes as they are. */
  send(...parts: readonly Uint8Array[]): void {
    for (const part of parts) this.#socket.write(part);
  }

  /** Reads no more, or again. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Ends its half of the connection. */
  finish(): void {
    this.#socket.end();
  }

  /** Waits for something to be so. */
  async until(what: () => boolean, text: string): Promise<void> {
    await until(() => Promise.resolve(what()), text);
  }

  /** The next frame with this opcode; those before it are dropped. */
  async frame(opcode: number): Promise<Frame> {
    const found = () => this.frames.findIndex((frame) => frame.opcode === opcode);
    await this.until(() => found() >= 0, `a frame with the opcode ${opcode}`);
    return this.frames.splice(0, found() + 1).at(-1)!;
  }

  /** The code and the reason of the Close frame that comes. */
  async goodbye(): Promise<[code: number, reason: string]> {
    const { payload } = await this.frame(8);
    return [payload[0]! << 8 | payload[1]!, new TextDecoder().decode(payload.subarray(2))];
  }

  /** Resolves when the server has closed the connection. */
  async ended(): Promise<void> {
    await within(
      this.closed ? Promise.resolve() : new Promise((resolve) => this.#socket.on("close", resolve)),
      "the server closes the connection",
    );
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
