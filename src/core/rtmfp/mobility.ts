/**
 * Packets of a peer that come from another address [RFC 7016 §3.5.4.2]: the peer may have moved, or
 * somebody sends again what he has seen. Who answers a ping there, with the keys of the session, is it.
 *
 * @module
 */
import type { Address } from "../../ports/connection.ts";

/**
 * Bytes of what is to be given back. A packet with so many is one block long, as the shortest that a peer
 * sends is: nobody has an address that is not his be sent more than he sends.
 */
const TOKEN_LENGTH = 7;

/** How long an answer is waited for, and an address is not asked again (ms). */
const ANSWER_MS = 10_000;
const AGAIN_MS = 1000;

/** Addresses that are asked at once. */
const MAX_PROBES = 4;

interface Probe {
  readonly address: Address;
  readonly message: Uint8Array;
  readonly first: number;
  at: number;
}

/** The addresses that a peer may have moved to. */
export class Mobility {
  readonly #random: { randomBytes(length: number): Uint8Array };
  #probes: Probe[] = [];

  constructor(random: { randomBytes(length: number): Uint8Array }) {
    this.#random = random;
  }

  /** A packet came from `address`. Returns the ping to send there; `undefined` for none at this time. */
  probe(address: Address, now: number): Uint8Array | undefined {
    this.#probes = this.#probes.filter(({ first }) => now - first < ANSWER_MS);
    const known = this.#probes.find((probe) => isSame(probe.address, address));
    if (known !== undefined) {
      if (now - known.at < AGAIN_MS) return undefined;
      known.at = now;
      return known.message;
    }
    if (this.#probes.length >= MAX_PROBES) return undefined;
    const message = this.#random.randomBytes(TOKEN_LENGTH);
    this.#probes.push({ address, message, first: now, at: now });
    return message;
  }

  /** Whether `message` is the answer that was waited for from `address`. */
  isAnswer(message: Uint8Array, address: Address, now: number): boolean {
    const at = this.#probes.findIndex((probe) =>
      isSame(probe.address, address) && now - probe.first < ANSWER_MS &&
      probe.message.length === message.length &&
      probe.message.every((byte, at) => byte === message[at])
    );
    if (at < 0) return false;
    this.#probes = [];
    return true;
  }
}

function isSame(one: Address, other: Address): boolean {
  return one.port === other.port && one.hostname === other.hostname;
}
