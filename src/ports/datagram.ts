/**
 * Sockets of datagrams, as types only.
 *
 * @module
 */
import type { Address } from "./connection.ts";

/** A socket of UDP. It keeps no queue: a datagram that the kernel has no room for is lost, as on the way. */
export interface DatagramSocket {
  readonly address: Address;
  /** Sends a datagram, which must not change any more. Never throws. */
  send(datagram: Uint8Array, to: Address): void;
  close(): void;
}

/** Takes a datagram, whose bytes are valid during the call only. */
export type DatagramHandler = (datagram: Uint8Array, from: Address) => void;
