/**
 * A scripted RTMP client without a socket: handshake and chunks with the codecs of `src/core`. What
 * the server sends is written down as short lines.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import assert from "node:assert/strict";
import {
  amfObject,
  type AmfValue,
  asRecord,
  decodeAmf0,
  encodeAmf0,
} from "../../src/core/amf/mod.ts";
import { ChunkEncoder } from "../../src/core/rtmp/chunk/encoder.ts";
import { ChunkDecoder } from "../../src/core/rtmp/chunk/decoder.ts";
import { ClientHandshake } from "../../src/core/rtmp/handshake/client.ts";
import { MessageType, type RtmpMessage } from "../../src/core/rtmp/message/types.ts";
import { decodeUserControl } from "../../src/core/rtmp/message/user_control.ts";
import { chunkStreamIdFor } from "../../src/core/rtmp/streams.ts";

/** Bytes for a handshake; random enough for a test. */
export const RANDOM = Uint8Array.from({ length: 3072 }, (_, index) => index * 31);

/** Hex digits of `bytes`. */
export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

/** A value as a line has it: an information object is its level and code. */
function shown(value: AmfValue): string {
  const record = asRecord(value);
  if (record === undefined) return typeof value === "string" ? value : String(value);
  const { level, code, ...more } = Object.fromEntries(record);
  delete more.description;
  const rest = Object.entries(more).map(([key, member]) => `${key}=${shown(member)}`).join(" ");
  const head = code === undefined ? "" : `${level}:${code}`;
  return rest === "" ? head : `${head}{${rest}}`;
}

const USER_CONTROL = [
  ...["streamBegin", "streamEof", "streamDry", "setBufferLength", "streamIsRecorded", "5"],
  ...["pingRequest", "pingResponse"],
];

/** A message of the server as a line; message stream id first where it carries one. */
export function line({ type, messageStreamId, timestamp, payload }: RtmpMessage): string {
  const u32 = () => new DataView(payload.buffer, payload.byteOffset).getUint32(0);
  if (type < MessageType.Audio) assert.equal(messageStreamId, 0, "control is on message stream 0");
  switch (type) {
    case MessageType.SetChunkSize:
      return `setChunkSize ${u32()}`;
    case MessageType.Acknowledgement:
      return `acknowledgement ${u32()}`;
    case MessageType.WindowAckSize:
      return `windowAckSize ${u32()}`;
    case MessageType.SetPeerBandwidth:
      return `peerBandwidth ${u32()} ${["hard", "soft", "dynamic"][payload[4]!]}`;
    case MessageType.UserControl: {
      const message = decodeUserControl(payload)!;
      const number = "streamId" in message ? message.streamId : "time" in message && message.time;
      return `${USER_CONTROL[message.event]} ${number}`;
    }
    case MessageType.CommandAmf0:
    case MessageType.DataAmf0: {
      const what = type === MessageType.DataAmf0 ? "data " : "";
      return `${messageStreamId} ${what}${decodeAmf0(payload).map(shown).join(" ")}`;
    }
    default:
      return `${messageStreamId} type ${type} at ${timestamp}: ${hex(payload)}`;
  }
}

/** A client; what carries its bytes to the server is up to who makes it. */
export class ScriptedClient {
  /** The server's messages, oldest first. */
  messages: RtmpMessage[] = [];
  readonly #deliver: (bytes: Uint8Array) => void;
  readonly #encoder = new ChunkEncoder();
  readonly #decoder = new ChunkDecoder();
  readonly #handshake = new ClientHandshake({ random: RANDOM, now: 0 });
  readonly #outbox: Uint8Array[] = [];
  #writing = false;
  #taken = 0;

  /** `deliver` takes bytes to the server; they are overwritten afterwards. */
  constructor(deliver: (bytes: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  /** Bytes from the server. */
  read(bytes: Uint8Array): void {
    let offset = 0;
    if (!this.#handshake.done) {
      offset = this.#handshake.receive(bytes, 0, (c2) => this.write(c2));
    }
    this.#decoder.decode(bytes, offset, {
      onMessage: (type, messageStreamId, timestamp, payload) => {
        this.messages.push({ type, messageStreamId, timestamp, payload });
        return true;
      },
    });
  }

  /** Bytes to the server. */
  write(bytes: Uint8Array): void {
    this.#outbox.push(bytes.slice());
    // An answer to what the server just sent goes to it after that, not inside.
    if (this.#writing) return;
    this.#writing = true;
    try {
      for (let next = this.#outbox.shift(); next !== undefined; next = this.#outbox.shift()) {
        this.#deliver(next);
        next.fill(0xee);
      }
    } finally {
      this.#writing = false;
    }
  }

  /** Shakes hands. */
  shake(): this {
    this.#handshake.start((bytes) => this.write(bytes));
    return this;
  }

  /** The bytes of a message to the server, which must then be written. */
  encode(
    type: number,
    messageStreamId: number,
    timestamp: number,
    payload: Uint8Array,
  ): Uint8Array {
    const message = { type, messageStreamId, timestamp, payload };
    return this.#encoder.encode(message, chunkStreamIdFor(message));
  }

  /** A message to the server. */
  message(type: number, messageStreamId: number, timestamp: number, payload: Uint8Array): void {
    this.write(this.encode(type, messageStreamId, timestamp, payload));
  }

  /** A command to the server. */
  command(messageStreamId: number, name: string, id: AmfValue, ...values: AmfValue[]): void {
    this.message(MessageType.CommandAmf0, messageStreamId, 0, encodeAmf0(name, id, ...values));
  }

  /** Connects to `app`. */
  connect(app = "live", more: Record<string, AmfValue> = {}): void {
    this.command(0, "connect", 1, amfObject({ app, tcUrl: `rtmp://host/${app}`, ...more }));
  }

  /** What the server sent since the last call, as lines. */
  take(): string[] {
    return this.takeMessages().map(line);
  }

  /** What the server sent since the last call. */
  takeMessages(): RtmpMessage[] {
    const fresh = this.messages.slice(this.#taken);
    this.#taken = this.messages.length;
    return fresh;
  }
}
