/**
 * The addresses of a host, for whoever has to look at them before it connects.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { toDialError } from "./dial.ts";

/** Addresses of one name that are used. */
const MAX_ADDRESSES = 8;

/** See `Runtime.lookup`. @throws {DialError} */
export async function lookupHost(hostname: string): Promise<readonly string[]> {
  if (isIP(hostname) !== 0) return [hostname];
  try {
    const found = await lookup(hostname, { all: true });
    return found.slice(0, MAX_ADDRESSES).map(({ address }) => address);
  } catch (error) {
    throw toDialError(error, { hostname, port: 0 });
  }
}
