/**
 * Connecting on Deno, with the handles beneath `node:net` where this Deno has them.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { getSystemErrorName } from "node:util";
import { type Connection, DialError, type DialOptions, type DialTarget } from "../../ports.ts";
import { dial, toDialError } from "../dial.ts";
import { deno } from "./api.ts";
import { findHandles, type TcpHandles } from "./handles.ts";
import { DenoConnection } from "./tcp_conn.ts";
import { HandleConnection } from "./tcp_handle.ts";

/** Addresses of one name that are tried. */
const MAX_ADDRESSES = 8;
/** How long an address may be silent while others are left to try (ms). */
const NEXT_ADDRESS_MS = 1000;

/** Connects by TCP. @throws {DialError} */
export function dialTcp(target: DialTarget, options: DialOptions = {}): Promise<Connection> {
  const handles = findHandles();
  return handles === undefined ? dialConn(target, options) : dial(
    target,
    options,
    (abandoned) =>
      connect(handles, target, abandoned).catch((error) => {
        // Who may connect to a name need not be allowed to look it up, or to connect to its address.
        const isName = isIP(target.hostname) === 0;
        if (!isName || toDialError(error, target).reason !== "not-permitted") throw error;
        return connectConn(target);
      }),
  );
}

/** Connects with the public API, which knows the addresses of a name itself. @throws {DialError} */
export function dialConn(target: DialTarget, options: DialOptions = {}): Promise<Connection> {
  return dial(target, options, () => connectConn(target));
}

async function connectConn({ hostname, port }: DialTarget): Promise<Connection> {
  return new DenoConnection(await deno.connect({ hostname, port }));
}

/** Tries the addresses of a host one after the other. */
async function connect(
  handles: TcpHandles,
  target: DialTarget,
  abandoned: AbortSignal,
): Promise<Connection> {
  const { hostname, port } = target;
  const found = isIP(hostname) !== 0
    ? [{ address: hostname }]
    : await lookup(hostname, { all: true });
  const addresses = found.slice(0, MAX_ADDRESSES);
  let failure: unknown = new DialError("not-found", target);
  for (const [index, { address }] of addresses.entries()) {
    if (abandoned.aborted) break;
    const last = index === addresses.length - 1;
    try {
      return await connectTo(handles, address, port, abandoned, last ? undefined : NEXT_ADDRESS_MS);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Connects to one address. */
function connectTo(
  handles: TcpHandles,
  address: string,
  port: number,
  abandoned: AbortSignal,
  timeoutMs: number | undefined,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const handle = handles.socket();
    const request = handles.connecting();
    let open = true;
    const settle = () => {
      open = false;
      clearTimeout(timer);
      abandoned.removeEventListener("abort", giveUp);
    };
    const fail = (code: string) => {
      if (!open) return;
      settle();
      handle.close();
      reject(Object.assign(new Error(`connect: ${code}`), { code }));
    };
    const giveUp = () => fail("ETIMEDOUT");
    const timer = timeoutMs === undefined ? undefined : setTimeout(giveUp, timeoutMs);
    abandoned.addEventListener("abort", giveUp);
    request.oncomplete = (status) => {
      if (!open) return;
      if (status < 0) return fail(getSystemErrorName(status));
      settle();
      resolve(new HandleConnection(handles, handle));
    };
    try {
      const status = isIP(address) === 6
        ? handle.connect6(request, address, port)
        : handle.connect(request, address, port);
      if (status < 0) fail(getSystemErrorName(status));
    } catch (error) {
      // Such as one of Deno's permissions.
      settle();
      handle.close();
      reject(error);
    }
  });
}
