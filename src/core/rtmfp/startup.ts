/**
 * The chunks of the handshake [RFC 7016 §2.3.2 to §2.3.8], as a responder reads and writes them.
 *
 * @module
 */
import { ChunkType, PacketMode } from "./chunk_types.ts";
import type { PacketReader } from "./reader.ts";
import { CHUNK_HEADER_LENGTH, fieldLength, PacketWriter } from "./writer.ts";

/** Longest packet of the handshake that is written, bytes. */
const STARTUP_PACKET_LENGTH = 1024;

/** Where a client is told to look instead, as RFC 7016 §2.1.5 writes it. */
export interface RedirectAddress {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array;
  readonly port: number;
}

/** A client says hello. All bytes of it are lent. */
export interface InitiatorHello {
  readonly discriminator: Uint8Array;
  readonly tag: Uint8Array;
}

/** A client has the cookie, and brings its part of the keys. All bytes of it are lent. */
export interface InitiatorKeying {
  readonly sessionId: number;
  readonly cookie: Uint8Array;
  readonly certificate: Uint8Array;
  readonly component: Uint8Array;
}

/** Reads a hello; `undefined` when it is none. */
export function readInitiatorHello(reader: PacketReader): InitiatorHello | undefined {
  const discriminator = reader.field();
  const tag = reader.rest();
  return reader.failed ? undefined : { discriminator, tag };
}

/** Reads the keying of an initiator; `undefined` when it is none. Its signature says nothing. */
export function readInitiatorKeying(reader: PacketReader): InitiatorKeying | undefined {
  const sessionId = reader.u32();
  const cookie = reader.field();
  const certificate = reader.field();
  const component = reader.field();
  return reader.failed || sessionId === 0
    ? undefined
    : { sessionId, cookie, certificate, component };
}

/** Reads the answer to a hello, whose tag must be ours. Gives the cookie, lent; `undefined` when it is none. */
export function readResponderHello(reader: PacketReader, tag: Uint8Array): Uint8Array | undefined {
  const same = isSame(reader.field(), tag);
  const cookie = reader.field();
  return reader.failed || !same ? undefined : cookie;
}

/** Reads where a client is sent instead, if its tag is ours; `undefined` when it cannot be read. */
export function readRedirection(
  reader: PacketReader,
  tag: Uint8Array,
): RedirectAddress[] | undefined {
  if (!isSame(reader.field(), tag)) return undefined;
  const addresses: RedirectAddress[] = [];
  while (reader.left > 0) {
    const ip = reader.take((reader.u8() & 0x80) === 0 ? 4 : 16).slice();
    const port = reader.u16();
    if (reader.failed) return undefined;
    addresses.push({ ip, port });
  }
  return addresses;
}

/** Reads the responder's part of the keys; `undefined` when it is none. */
export function readResponderKeying(
  reader: PacketReader,
): { readonly sessionId: number; readonly component: Uint8Array } | undefined {
  const sessionId = reader.u32();
  const component = reader.field();
  return reader.failed || sessionId === 0 ? undefined : { sessionId, component };
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** Writes packets of the handshake; what they return is lent until the next one. */
export class StartupWriter {
  readonly #writer = new PacketWriter(STARTUP_PACKET_LENGTH);

  #begin(type: number): PacketWriter {
    this.#writer.at = 0;
    return this.#writer.u8(PacketMode.Startup).begin(type);
  }

  /** Bytes that {@link hello} has beside the cookie. */
  helloLength(tag: Uint8Array, certificate: Uint8Array): number {
    return 1 + CHUNK_HEADER_LENGTH + fieldLength(tag) + 1 + certificate.length;
  }

  /** The answer to a hello; `undefined` when it would be too long. */
  hello(tag: Uint8Array, cookie: Uint8Array, certificate: Uint8Array): Uint8Array | undefined {
    if (tag.length > STARTUP_PACKET_LENGTH / 4) return undefined;
    return this.#begin(ChunkType.ResponderHello).field(tag).field(cookie).put(certificate).end()
      .written;
  }

  /** Sends a client elsewhere; `undefined` when it would be too long. */
  redirect(tag: Uint8Array, addresses: readonly RedirectAddress[]): Uint8Array | undefined {
    if (tag.length > STARTUP_PACKET_LENGTH / 4) return undefined;
    const writer = this.#begin(ChunkType.Redirect).field(tag);
    for (const { ip, port } of addresses) {
      if (writer.room < 3 + ip.length) break;
      writer.u8(ip.length === 16 ? 0x82 : 0x02).put(ip).u16(port);
    }
    return writer.end().written;
  }

  /** A hello, to a server of that name. */
  initiatorHello(discriminator: Uint8Array, tag: Uint8Array): Uint8Array {
    return this.#begin(ChunkType.InitiatorHello).field(discriminator).put(tag).end().written;
  }

  /** Brings the cookie back, with the initiator's part of the keys. */
  initiatorKeying(
    sessionId: number,
    cookie: Uint8Array,
    certificate: Uint8Array,
    component: Uint8Array,
  ): Uint8Array {
    return this.#begin(ChunkType.InitiatorKeying).u32(sessionId).field(cookie).field(certificate)
      .field(component).u8(0x58).end().written;
  }

  /** The responder's part of the keys. The signature of this profile is an X [RFC 7425 §4.3.5]. */
  keying(sessionId: number, component: Uint8Array): Uint8Array {
    return this.#begin(ChunkType.ResponderKeying).u32(sessionId).field(component).u8(0x58).end()
      .written;
  }
}
