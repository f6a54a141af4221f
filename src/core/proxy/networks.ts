/**
 * Sets of IP addresses: single ones, and networks with the length of their prefix.
 *
 * @module
 */
import { parseIp } from "./ip.ts";

interface Network {
  readonly bytes: Uint8Array;
  /** Bits of the prefix. */
  readonly bits: number;
}

/** A network in text, such as `10.0.0.0/8`, `2001:db8::/32` or `127.0.0.1`; `undefined` if it is none. */
function parseNetwork(text: string): Network | undefined {
  const [, address, prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = address === undefined ? undefined : parseIp(address);
  if (bytes === undefined) return undefined;
  const all = bytes.length * 8;
  // What is written as IPv6 counts its bits so.
  const mapped = bytes.length === 4 && address!.includes(":") ? 96 : 0;
  const bits = prefix === undefined ? all : Number(prefix) - mapped;
  return bits >= 0 && bits <= all ? { bytes, bits } : undefined;
}

/** Whether a text is an address or a network. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

/** A set of addresses. */
export class Networks {
  readonly #networks: readonly Network[];

  /** What is neither address nor network is left out. */
  constructor(texts: readonly string[]) {
    this.#networks = texts.map(parseNetwork).filter((network) => network !== undefined);
  }

  /** Whether there are none. */
  get empty(): boolean {
    return this.#networks.length === 0;
  }

  /** Whether an address, in text, is in it. */
  has(hostname: string): boolean {
    if (this.empty) return false;
    const bytes = parseIp(hostname.replace(/%.*$/, ""));
    return bytes !== undefined && this.#networks.some((network) => contains(network, bytes));
  }
}

function contains({ bytes: prefix, bits }: Network, bytes: Uint8Array): boolean {
  if (prefix.length !== bytes.length) return false;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) {
    if (prefix[index] !== bytes[index]) return false;
  }
  const rest = bits & 7;
  return rest === 0 || ((prefix[whole]! ^ bytes[whole]!) >> (8 - rest)) === 0;
}
