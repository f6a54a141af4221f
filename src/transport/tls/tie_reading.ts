/**
 * Makes a TLS socket that is stopped stop reading from the network. On Deno it goes on: what a peer sends
 * to one that does not listen is kept, whatever it is.
 *
 * @module
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

/** What is beneath a socket, where it has such methods. */
interface Handle {
  readStop?(): number;
  readStart?(): number;
}

const handleOf = (socket: Socket) => (socket as { readonly _handle?: Handle | null })._handle;

/** Stops `raw` whenever `secure`, which is in it, is stopped, and lets it go on likewise. */
export function tieReading(secure: TLSSocket, raw: Socket): void {
  const [upper, lower] = [handleOf(secure), handleOf(raw)];
  if (!upper?.readStop || !upper.readStart || !lower?.readStop || !lower.readStart) return;
  for (const method of ["readStop", "readStart"] as const) {
    const own = upper[method]!.bind(upper);
    upper[method] = () => {
      if (!raw.destroyed) lower[method]!();
      return own();
    };
  }
}
