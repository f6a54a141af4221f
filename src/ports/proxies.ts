/**
 * Balancers in front of a listener, as types only.
 *
 * @module
 */
import type { Address } from "./connection.ts";

/** Reads what a balancer sends ahead of all else. */
export interface HeaderReader {
  /** Takes what comes, until it is not `more`. */
  read(bytes: Uint8Array):
    | { readonly kind: "more" }
    | { readonly kind: "done"; readonly client?: Address; readonly rest: Uint8Array }
    | { readonly kind: "wrong"; readonly why: string };
}

/** The balancers that begin each connection with a header of the PROXY protocol. */
export interface Proxies {
  /** Whether an IP address is one of theirs. */
  has(hostname: string): boolean;
  reader(): HeaderReader;
  /** Longest time until the header is whole (ms). */
  readonly headerMs: number;
  /** One of them sent none, or not in time. */
  onWrong(balancer: Address, why: string): void;
}
