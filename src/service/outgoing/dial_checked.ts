/**
 * Connecting to where a setting, a plugin or another server says, with a look at the addresses first. Names
 * are looked up here and the address is dialled that was looked at: between two look-ups a name may change.
 *
 * @module
 */
import { type Connection, DialError, type Runtime } from "../../ports.ts";
import { addressKind } from "./address_kind.ts";

/** What is needed of the machine. */
export type OutgoingRuntime = Pick<
  Runtime,
  "clock" | "randomBytes" | "dialTcp" | "dialTls" | "lookup"
>;

/** Where to, and by what. */
export interface Destination {
  /** A name, or an IP address without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly tls: boolean;
}

/** The address is one that may not be connected to. The message names it, and no URL. */
export class ForbiddenAddressError extends Error {
  override readonly name = "ForbiddenAddressError";
}

/** How to connect. */
export interface CheckedDialOptions {
  /** Whether addresses that are not public are connected to as well. */
  readonly allowPrivate: boolean;
  /** For all addresses and the look-up together (ms). */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Connects to the first address that answers, of those that may be connected to.
 *
 * @throws {DialError}
 * @throws {ForbiddenAddressError} when there is none that may
 */
export async function dialChecked(
  runtime: OutgoingRuntime,
  { hostname, port, tls }: Destination,
  { allowPrivate, timeoutMs, signal }: CheckedDialOptions,
): Promise<Connection> {
  const end = runtime.clock.now() + timeoutMs;
  const found = await withinTime(runtime, runtime.lookup(hostname), timeoutMs, signal, {
    hostname,
    port,
  });
  const kinds = found.map((address) => ({ address, kind: addressKind(address) }));
  const allowed = kinds.filter(({ kind }) => kind === "public" || allowPrivate);
  if (allowed.length === 0 && kinds.length > 0) {
    const { address, kind } = kinds[0]!;
    throw new ForbiddenAddressError(
      `${hostname} is ${address}, a ${kind} address: allow those with relay.allowPrivate`,
    );
  }
  // With addresses it is that the look-up has taken all of the time.
  const reason = allowed.length === 0 ? "not-found" : "timeout";
  let failure: unknown = new DialError(reason, { hostname, port });
  for (const [index, { address }] of allowed.entries()) {
    const left = end - runtime.clock.now();
    if (signal.aborted || left <= 0) break;
    // One that does not answer must not take the time of those behind it.
    const share = Math.max(1, left / (allowed.length - index));
    const target = { hostname: address, port };
    try {
      return await (tls
        ? runtime.dialTls(target, { timeoutMs: share, signal, serverName: hostname })
        : runtime.dialTcp(target, { timeoutMs: share, signal }));
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** `promise`, unless it takes too long or is called off: what becomes of it then does not matter. */
function withinTime<T>(
  runtime: OutgoingRuntime,
  promise: Promise<T>,
  ms: number,
  signal: AbortSignal,
  target: { hostname: string; port: number },
): Promise<T> {
  const givenUp = Promise.withResolvers<never>();
  const abort = () => givenUp.reject(new DialError("aborted", target));
  const timer = runtime.clock.after(ms, () => givenUp.reject(new DialError("timeout", target)));
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  return Promise.race([promise, givenUp.promise]).finally(() => {
    timer.cancel();
    signal.removeEventListener("abort", abort);
  });
}
