/**
 * A server without a socket that a test leads by the hand, with codecs of its own, and a client that
 * dials it.
 *
 * @module
 */
import { connectWith, type RtmpClient } from "../../src/client/client.ts";
import type { ConnectOptions } from "../../src/client/options.ts";
import type { DialOptions, DialTarget } from "../../src/ports.ts";
import { type Amf, decodeAmf, encodeAmf } from "../support/amf0.ts";
import { ChunkReader, joined, type WireMessage, writeMessage } from "../support/chunks.ts";
import { FakeClock } from "../support/clock.ts";
import { MemoryConnection } from "../support/memory_connection.ts";

const PACKET = 1536;

/** How far a server goes by itself; it is silent from then on. */
const STEPS = ["nothing", "handshake", "connect", "createStream", "publish and play"] as const;
/** One of {@link STEPS}. */
export type Step = (typeof STEPS)[number];

/** Lets what was promised happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** A server, and the machine of a client that can reach nothing else. */
export class ScriptedServer {
  readonly clock = new FakeClock();
  readonly name = "test";
  readonly connection: MemoryConnection;
  /** What the client asked to be connected to. */
  dialled: (DialTarget & DialOptions) | undefined;
  /** The client's messages, oldest first. */
  readonly messages: WireMessage[] = [];
  /** Called with each command of the client, in place of the answer; `true` when that is all. */
  onCommand: (name: string, id: number, streamId: number) => boolean = () => false;
  readonly #goes: Step;
  readonly #reader = new ChunkReader();
  #handshake: Uint8Array | undefined = new Uint8Array(0);
  #answered = false;
  #streams = 0;

  /** `goes` says up to which step it answers. */
  constructor(goes: Step = "publish and play") {
    this.#goes = goes;
    this.connection = new MemoryConnection((bytes) => queueMicrotask(() => this.#take(bytes)));
  }

  randomBytes(length: number): Uint8Array {
    return new Uint8Array(length).fill(7);
  }

  dialTcp(target: DialTarget, options: DialOptions = {}): Promise<MemoryConnection> {
    this.dialled = { ...target, ...options };
    return Promise.resolve(this.connection);
  }

  /** A client on its way in. */
  connect(
    options: ConnectOptions = {},
    url = "rtmp://example/live/test?key=s",
  ): Promise<RtmpClient> {
    return connectWith(this, url, options);
  }

  #does(step: Step): boolean {
    return STEPS.indexOf(step) <= STEPS.indexOf(this.#goes);
  }

  #take(bytes: Uint8Array): void {
    if (this.#handshake !== undefined) {
      this.#handshake = joined([this.#handshake, bytes]);
      if (this.#handshake.length >= 1 + PACKET && !this.#answered && this.#does("handshake")) {
        this.#answered = true;
        this.deliver(joined([Uint8Array.of(3), new Uint8Array(2 * PACKET)]));
      }
      if (this.#handshake.length < 1 + 2 * PACKET) return;
      bytes = this.#handshake.subarray(1 + 2 * PACKET);
      this.#handshake = undefined;
    }
    for (const message of this.#reader.read(bytes)) {
      this.messages.push(message);
      if (message.type === 20) this.#command(message);
    }
  }

  #command({ payload, streamId }: WireMessage): void {
    const [name, id] = decodeAmf(payload) as [string, number];
    if (this.onCommand(name, id, streamId)) return;
    if (name === "connect" && this.#does("connect")) {
      const code = "NetConnection.Connect.Success";
      this.command(0, "_result", id, { fmsVer: "FMS/1" }, { level: "status", code });
    } else if (name === "createStream" && this.#does("createStream")) {
      this.command(0, "_result", id, null, ++this.#streams);
    } else if (name === "publish" && this.#does("publish and play")) {
      this.status(streamId, "status", "NetStream.Publish.Start");
    } else if (name === "play" && this.#does("publish and play")) {
      this.status(streamId, "status", "NetStream.Play.Start");
    }
  }

  /** The commands of the client, as `name:messageStreamId`, and forgets them. */
  takeCommands(): string[] {
    const all = this.messages.splice(0);
    return all.filter(({ type }) => type === 20).map(({ payload, streamId }) =>
      `${decodeAmf(payload)[0]}:${streamId}`
    );
  }

  /** Bytes to the client. */
  deliver(bytes: Uint8Array): void {
    this.connection.deliver(bytes);
  }

  /** A message to the client. */
  message(type: number, streamId: number, timestamp: number, payload: Uint8Array): void {
    this.deliver(writeMessage({ type, streamId, timestamp, payload }, 3, 128));
  }

  /** A command to the client. */
  command(streamId: number, name: string, id: number, ...values: Amf[]): void {
    this.message(20, streamId, 0, encodeAmf(name, id, ...values));
  }

  /** An `onStatus`. */
  status(streamId: number, level: string, code: string, more: { [key: string]: Amf } = {}): void {
    this.command(streamId, "onStatus", 0, null, { level, code, description: "because", ...more });
  }
}

/** What `promise` was rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  return await promise.then(
    (value) => {
      throw new Error(`Resolved to ${String(value)}`);
    },
    (error) => error as Error,
  );
}
