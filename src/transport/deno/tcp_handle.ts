/**
 * TCP on Deno with the handles beneath `node:net`. A write is a call and nothing more, where
 * `Deno.Conn` makes promises, an asynchronous operation and a turn of the event loop; a fifth to a
 * quarter less CPU per GB was measured with 1000 players, and half the memory of a connection. Not
 * a public API: `tcp.ts` falls back to `Deno.Conn` where it is missing.
 *
 * @module
 */
import type { Address, Connection, ConnectionHandler, Listener } from "../../ports.ts";
import { ReadCoalescer } from "../read_coalescer.ts";
import {
  type DescriptorWatch,
  DescriptorWatches,
  type SpareDescriptors,
} from "../spare_descriptors.ts";
import { unrefTimer } from "./api.ts";
import { linger } from "../linger.ts";
import type { HandleRequest, TcpHandle, TcpHandles } from "./handles.ts";

const BACKLOG = 511;
/** EMFILE. ENFILE, that the whole system has none left, is no fault of ours to act upon. */
const OUT_OF_DESCRIPTORS = -24;
/** Every read of every connection lands here: its bytes are handed on before the next read. */
const READ_BUFFER = new Uint8Array(64 * 1024);

const reads = new ReadCoalescer();

/** A connection on a handle that is connected. */
export class HandleConnection implements Connection, HandleRequest {
  readonly remote: Address;
  readonly local: Address;
  bytesWritten = 0;
  readonly #handles: TcpHandles;
  readonly #handle: TcpHandle;
  #handler: ConnectionHandler | undefined;
  /** The write in flight. The handle reads from its memory until then, so it must not be collected. */
  #inFlight: Uint8Array | undefined;
  #ending = false;
  #closed = false;
  #stopLingering: (() => void) | undefined;

  constructor(handles: TcpHandles, handle: TcpHandle) {
    this.#handles = handles;
    this.#handle = handle;
    const [remote, local]: { address?: string; port?: number }[] = [{}, {}];
    handle.getpeername(remote!);
    handle.getsockname(local!);
    this.remote = { hostname: remote!.address ?? "unknown", port: remote!.port ?? 0 };
    this.local = { hostname: local!.address ?? "unknown", port: local!.port ?? 0 };
    handle.setNoDelay(true);
  }

  start(handler: ConnectionHandler): void {
    this.#handler = handler;
    this.#handle.onread = () => this.#onRead();
    this.#handle.useUserBuffer(READ_BUFFER);
    this.#handle.readStart();
  }

  pause(): void {
    if (!this.#closed) this.#handle.readStop();
  }

  resume(): void {
    if (!this.#closed) this.#handle.readStart();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    const status = this.#handle.writeBuffer(this, bytes);
    if (status < 0) {
      this.destroy();
      return true;
    }
    if (this.#handles.lastWriteIsPending()) {
      this.#inFlight = bytes;
      return false;
    }
    this.bytesWritten += bytes.length;
    return true;
  }

  end(): void {
    if (this.#inFlight === undefined) this.#finish();
    else this.#ending = true;
  }

  /**
   * Says goodbye and waits for the peer's, for a while: closing at once would make the kernel discard
   * what the peer has not read yet when there is something of the peer's that we have not read.
   */
  #finish(): void {
    if (this.#closed) return;
    const status = this.#handle.shutdown({
      oncomplete: (status) => {
        if (status < 0) this.destroy();
      },
    });
    if (status < 0) return this.destroy();
    this.#stopLingering = linger(() => this.destroy(), unrefTimer);
    this.resume();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopLingering?.();
    this.#handle.readStop();
    this.#handle.close();
    // Never inside the caller's own call: the caller may be half-way through a loop over sessions.
    queueMicrotask(() => this.#handler?.onClose());
  }

  #onRead(): void {
    reads.read();
    if (this.#closed) return;
    const count = this.#handles.lastRead();
    if (count > 0) this.#handler!.onData(READ_BUFFER.subarray(0, count));
    else if (count < 0) this.destroy();
  }

  /** The write in flight is over. */
  oncomplete(status: number): void {
    const length = this.#inFlight?.length ?? 0;
    this.#inFlight = undefined;
    if (this.#closed) return;
    if (status < 0) return this.destroy();
    this.bytesWritten += length;
    if (this.#ending) this.#finish();
    else this.#handler!.onWritable();
  }
}

function bind(handle: TcpHandle, { hostname, port }: Address): number {
  return hostname.includes(":") ? handle.bind6(hostname, port, 0) : handle.bind(hostname, port);
}

/** Takes a descriptor for a socket that is bound where we listen, as we have the right to that. */
function openSpare(handles: TcpHandles, address: Address): (() => void) | undefined {
  const spare = handles.socket();
  if (bind(spare, address) !== OUT_OF_DESCRIPTORS) return () => spare.close();
  spare.close();
  return undefined;
}

const watches = new DescriptorWatches();

/** Watches the file descriptors for a listener at `address`. */
export function watchDescriptors(
  handles: TcpHandles,
  address: Address,
  watch: DescriptorWatch,
): Pick<SpareDescriptors, "check" | "close"> {
  return watches.add(watch, () => openSpare(handles, address), unrefTimer);
}

/** Listens for TCP connections on an IP address. @throws {Error} when it cannot, for any reason */
export function listenHandle(
  handles: TcpHandles,
  wanted: Address,
  onConnection: (connection: Connection) => void,
  onExhausted: () => void = () => {},
): Listener {
  const server = handles.listener();
  const check = (status: number) => {
    if (status >= 0) return;
    server.close();
    throw new Error(`Cannot listen: error number ${-status}`);
  };
  check(bind(server, wanted));
  server.onconnection = (status) => {
    if (status < 0) return;
    const socket = handles.socket();
    if (server.accept(socket) < 0) return socket.close();
    spares.check();
    onConnection(new HandleConnection(handles, socket));
  };
  check(server.listen(BACKLOG));
  const bound: { port?: number } = {};
  server.getsockname(bound);
  const address = { hostname: wanted.hostname, port: bound.port ?? wanted.port };
  // A listener whose `accept` has failed is deaf until it is told to listen again.
  const renew = () => void server.listen(BACKLOG);
  let spares: Pick<SpareDescriptors, "check" | "close">;
  try {
    // There, as that is what there is a right to: any port, where any was wanted.
    spares = watchDescriptors(handles, wanted, { onExhausted, renew });
  } catch (error) {
    server.close();
    throw error;
  }
  return {
    address,
    close() {
      spares.close();
      server.close();
    },
  };
}
