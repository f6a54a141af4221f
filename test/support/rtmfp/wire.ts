/**
 * Packets of RTMFP as an independent peer makes and reads them: the ciphers are those of node:crypto, and
 * nothing is shared with `src/core/rtmfp`, whose oracle this is.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";

/** `Adobe Systems 02`. */
export const STARTUP_KEY: Buffer = Buffer.from("41646f62652053797374656d73203032", "hex");

const IV = Buffer.alloc(16);

/** A number of variable length. */
export function vlu(value: number): Buffer {
  const groups: number[] = [];
  let rest = BigInt(value);
  do {
    groups.unshift(Number(rest & 127n));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(groups.map((group, at) => at < groups.length - 1 ? group | 128 : group));
}

/** Reads numbers and bytes; throws at the end. */
export class Bytes {
  readonly buffer: Buffer;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes);
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  byte(): number {
    if (this.left < 1) throw new Error("cut short");
    return this.buffer[this.at++]!;
  }

  short(): number {
    return this.byte() * 256 + this.byte();
  }

  long(): number {
    return this.short() * 65536 + this.short();
  }

  vlu(): number {
    let value = 0n;
    for (;;) {
      const byte = this.byte();
      value = value << 7n | BigInt(byte & 127);
      if (byte < 128) return Number(value);
    }
  }

  bytes(length: number): Buffer {
    if (this.left < length) throw new Error("cut short");
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  field(): Buffer {
    return this.bytes(this.vlu());
  }

  rest(): Buffer {
    return this.bytes(this.left);
  }
}

/** Bytes behind their number. */
export function field(bytes: Uint8Array): Buffer {
  return Buffer.concat([vlu(bytes.length), bytes]);
}

/** An option of a list. */
export function opt(type: number, value: Uint8Array = new Uint8Array(0)): Buffer {
  return field(Buffer.concat([vlu(type), value]));
}

/** A chunk. */
export function chunk(type: number, ...body: Uint8Array[]): Buffer {
  const payload = Buffer.concat(body);
  const head = Buffer.alloc(3);
  head[0] = type;
  head.writeUInt16BE(payload.length, 1);
  return Buffer.concat([head, payload]);
}

/** The chunks of a packet, behind its flags and times. */
export function chunksOf(bytes: Bytes): { readonly type: number; readonly body: Buffer }[] {
  const chunks = [];
  while (bytes.left >= 3) {
    const type = bytes.byte();
    if (type === 0xff || type === 0) break;
    chunks.push({ type, body: bytes.bytes(bytes.short()) });
  }
  return chunks;
}

function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += at + 1 < bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : bytes[at]!;
  }
  while (sum > 65535) sum = Math.floor(sum / 65536) + sum % 65536;
  return 65535 - sum;
}

/** What guards packets of one direction. */
export interface Guard {
  readonly key: Uint8Array;
  readonly codeKey?: Uint8Array | undefined;
  readonly codeLength?: number;
  readonly numbered?: boolean;
}

/** A datagram. `number` is that of the packet, where packets have one. */
export function seal(plain: Uint8Array, sessionId: number, guard: Guard, number = 0): Buffer {
  const ahead = guard.numbered ? vlu(number) : Buffer.alloc(0);
  const sumLength = guard.codeKey ? 0 : 2;
  const length = ahead.length + sumLength + plain.length;
  const padded = Buffer.concat([plain, Buffer.alloc((16 - length % 16) % 16, 0xff)]);
  const sum = Buffer.alloc(sumLength);
  if (sumLength > 0) sum.writeUInt16BE(sumOf(padded));
  const cipher = createCipheriv("aes-128-cbc", guard.key, IV).setAutoPadding(false);
  const secret = Buffer.concat([
    cipher.update(Buffer.concat([ahead, sum, padded])),
    cipher.final(),
  ]);
  const code = guard.codeKey
    ? createHmac("sha256", guard.codeKey).update(secret).digest().subarray(0, guard.codeLength)
    : Buffer.alloc(0);
  const id = Buffer.alloc(4);
  const tail = Buffer.concat([secret, code]);
  id.writeUInt32BE((sessionId ^ tail.readUInt32BE(0) ^ tail.readUInt32BE(4)) >>> 0);
  return Buffer.concat([id, tail]);
}

/** The session that a datagram is for. */
export function idOf(datagram: Uint8Array): number {
  const bytes = Buffer.from(datagram);
  return (bytes.readUInt32BE(0) ^ bytes.readUInt32BE(4) ^ bytes.readUInt32BE(8)) >>> 0;
}

/** The packet in a datagram, with its padding. Throws where it is not genuine. */
export function open(datagram: Uint8Array, guard: Guard): { number: number; packet: Bytes } {
  const bytes = Buffer.from(datagram);
  const codeLength = guard.codeKey ? guard.codeLength! : 0;
  const secret = bytes.subarray(4, bytes.length - codeLength);
  if (guard.codeKey) {
    const code = createHmac("sha256", guard.codeKey).update(secret).digest();
    if (!code.subarray(0, codeLength).equals(bytes.subarray(bytes.length - codeLength))) {
      throw new Error("wrong code");
    }
  }
  const cipher = createDecipheriv("aes-128-cbc", guard.key, IV).setAutoPadding(false);
  const packet = new Bytes(Buffer.concat([cipher.update(secret), cipher.final()]));
  const number = guard.numbered ? packet.vlu() : 0;
  if (!guard.codeKey && packet.short() !== sumOf(packet.buffer.subarray(packet.at))) {
    throw new Error("wrong checksum");
  }
  return { number, packet };
}
