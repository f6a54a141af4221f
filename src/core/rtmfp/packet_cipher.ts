/**
 * Packets as they are on the wire [RFC 7016 §2.2.2, RFC 7425 §4.6]: a session id that is mixed with what
 * follows it, and encrypted behind it, if that was agreed on, a number, then either a checksum or a code
 * at the end.
 *
 * @module
 */
import type { BlockCipher, Ciphers, MessageCode } from "../../ports/ciphers.ts";
import { Aes128Cbc, AES_BLOCK_LENGTH } from "../crypto/aes128.ts";
import { PacketMac } from "../crypto/packet_mac.ts";
import { checksum } from "./checksum.ts";
import type { PacketReader } from "./reader.ts";
import { ReplayWindow } from "./replay_window.ts";
import { vluLength, writeVlu } from "./vlu.ts";

/** Bytes of the session id ahead of each packet. */
export const SESSION_ID_LENGTH = 4;

/** Longest datagram that is read, bytes: one with a handshake may have fragments of IP. */
export const MAX_DATAGRAM_LENGTH = 4260;

/** Packets up to so long cost less without the platform, bytes: calling it is most of it. */
const SHORT_LENGTH = 128;

/** The shortest one: an id and a block. */
const MIN_DATAGRAM_LENGTH = SESSION_ID_LENGTH + AES_BLOCK_LENGTH;

/** What all startup packets are encrypted with: `Adobe Systems 02` [RFC 7425 §4.1]. */
const STARTUP_KEY = new TextEncoder().encode("Adobe Systems 02");

/** Where packets are decrypted to: they are read before the next one. */
const plain = new Uint8Array(MAX_DATAGRAM_LENGTH);

/** How packets of one direction are kept whole. */
export interface PacketGuard {
  /** Their code; a checksum without it. */
  readonly hmac?: { readonly key: Uint8Array; readonly length: number } | undefined;
  /** Whether they are numbered. */
  readonly numbered?: boolean | undefined;
}

/** The session a datagram is for, 0 for startup; `undefined` when it is no packet. */
export function sessionIdOf(datagram: Uint8Array): number | undefined {
  const { length } = datagram;
  if (length < MIN_DATAGRAM_LENGTH || length > MAX_DATAGRAM_LENGTH) return undefined;
  return scrambled(datagram) >>> 0;
}

/** The first three words mixed: the id that is mixed gives the id, and the other way round. */
function scrambled(bytes: Uint8Array): number {
  return word(bytes, 0) ^ word(bytes, 4) ^ word(bytes, 8);
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
}

/** Makes packets of one direction, or reads them. */
export class PacketCipher {
  readonly #key: Uint8Array;
  readonly #aes: Aes128Cbc;
  readonly #hmac: MessageCode | undefined;
  readonly #ciphers: Ciphers | undefined;
  /** The cipher of the platform, once there was something to do for it. */
  #ofPlatform: BlockCipher | undefined;
  readonly #codeLength: number;
  readonly #numbered: boolean;
  #number = 0;
  #window: ReplayWindow | undefined;

  /** `key` has 16 bytes. `ciphers`: those of the platform, if they are faster than our own. */
  constructor(
    key: Uint8Array,
    { hmac, numbered = false }: PacketGuard = {},
    ciphers?: Ciphers,
  ) {
    this.#key = key.slice();
    this.#aes = new Aes128Cbc(key);
    this.#hmac = hmac && (ciphers?.hmacSha256(hmac.key) ?? new PacketMac(hmac.key));
    this.#ciphers = ciphers;
    this.#codeLength = hmac?.length ?? 0;
    this.#numbered = numbered;
  }

  /** A datagram of its own for `sessionId`, with the packet `bytes[0..length)`. */
  seal(bytes: Uint8Array, length: number, sessionId: number): Uint8Array {
    const checked = this.#hmac === undefined ? 2 : 0;
    const ahead = (this.#numbered ? vluLength(this.#number) : 0) + checked;
    const size = Math.ceil((ahead + length) / AES_BLOCK_LENGTH) * AES_BLOCK_LENGTH;
    const end = SESSION_ID_LENGTH + size;
    const datagram = new Uint8Array(end + this.#codeLength);
    let at = SESSION_ID_LENGTH;
    if (this.#numbered) at = writeVlu(datagram, at, this.#number++);
    datagram.set(length === bytes.length ? bytes : bytes.subarray(0, length), at + checked);
    datagram.fill(0xff, at + checked + length, end);
    if (this.#hmac === undefined) {
      const sum = checksum(datagram, at + checked, end);
      datagram[at] = sum >> 8;
      datagram[at + 1] = sum;
    }
    const platform = this.#platformFor(size);
    if (platform === undefined) this.#aes.encrypt(datagram, SESSION_ID_LENGTH, end);
    else platform.encrypt(datagram.subarray(SESSION_ID_LENGTH, end));
    if (this.#hmac !== undefined) {
      const code = this.#hmac.of(datagram.subarray(SESSION_ID_LENGTH, end));
      datagram.set(code.subarray(0, this.#codeLength), end);
    }
    const id = scrambled(datagram) ^ sessionId;
    datagram[0] = id >> 24;
    datagram[1] = id >> 16;
    datagram[2] = id >> 8;
    datagram[3] = id;
    return datagram;
  }

  /**
   * Reads a datagram, and sets `reader` to the packet in it, which is lent until the next one. `false`
   * for one that is not genuine, not whole or has come before.
   */
  open(datagram: Uint8Array, reader: PacketReader): boolean {
    const end = datagram.length - this.#codeLength;
    const size = end - SESSION_ID_LENGTH;
    if (size < AES_BLOCK_LENGTH || size % AES_BLOCK_LENGTH !== 0) return false;
    if (datagram.length > MAX_DATAGRAM_LENGTH) return false;
    if (this.#hmac !== undefined && !this.#isGenuine(this.#hmac, datagram, end)) return false;
    const platform = this.#platformFor(size);
    if (platform === undefined) this.#aes.decrypt(datagram, SESSION_ID_LENGTH, end, plain);
    else platform.decrypt(datagram.subarray(SESSION_ID_LENGTH, end), plain);
    reader.set(plain, 0, size);
    const number = this.#numbered ? reader.vlu() : 0;
    if (this.#hmac === undefined) {
      const sum = reader.u16();
      if (reader.failed || sum !== checksum(plain, reader.at, size)) return false;
    }
    if (reader.failed) return false;
    if (this.#numbered) {
      this.#window ??= new ReplayWindow();
      if (!this.#window.isNew(number)) return false;
      this.#window.note(number);
    }
    return true;
  }

  /** What of the platform does a packet of `size` bytes; `undefined`: we do. */
  #platformFor(size: number): BlockCipher | undefined {
    if (this.#ciphers === undefined || size <= SHORT_LENGTH) return undefined;
    return this.#ofPlatform ??= this.#ciphers.aes128Cbc(this.#key);
  }

  #isGenuine(hmac: MessageCode, datagram: Uint8Array, end: number): boolean {
    const code = hmac.of(datagram.subarray(SESSION_ID_LENGTH, end));
    let different = 0;
    for (let i = 0; i < this.#codeLength; i++) different |= code[i]! ^ datagram[end + i]!;
    return different === 0;
  }
}

/** A cipher for startup packets. */
export function startupCipher(): PacketCipher {
  return new PacketCipher(STARTUP_KEY);
}
