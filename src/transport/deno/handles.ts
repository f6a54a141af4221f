/**
 * The TCP handles beneath Deno's `node:net`, as far as they are used, or nothing when this Deno has
 * none like them.
 *
 * @module
 */
import process from "node:process";

/** A request that completes later: a write that did not fit, or a shutdown. */
export interface HandleRequest {
  /** `status` is 0, or a negative error number. */
  oncomplete(status: number): void;
}

/** A TCP socket or listener. Methods that return a number return 0, or a negative error number. */
export interface TcpHandle {
  bind(address: string, port: number): number;
  bind6(address: string, port: number, flags: number): number;
  listen(backlog: number): number;
  accept(client: TcpHandle): number;
  connect(request: HandleRequest, address: string, port: number): number;
  connect6(request: HandleRequest, address: string, port: number): number;
  getpeername(out: { address?: string; port?: number }): number;
  getsockname(out: { address?: string; port?: number }): number;
  setNoDelay(on: boolean): number;
  readStart(): number;
  readStop(): number;
  /** Where reads are stored. It may be shared: `onread` is called before the next read. */
  useUserBuffer(buffer: Uint8Array): void;
  /** Writes what the kernel takes, and reads the rest from `bytes` until `oncomplete`. */
  writeBuffer(request: HandleRequest, bytes: Uint8Array): number;
  shutdown(request: HandleRequest): number;
  close(callback?: () => void): void;
  onread: (() => void) | undefined;
  onconnection: ((status: number) => void) | undefined;
}

/** The handles and the array in which they report. */
export interface TcpHandles {
  readonly listener: () => TcpHandle;
  readonly socket: () => TcpHandle;
  /** A request to connect; its `oncomplete` must be set. */
  readonly connecting: () => HandleRequest;
  /** Bytes of the read that `onread` is about; negative at the end or after a fault. */
  readonly lastRead: () => number;
  /** Whether the last write is still going on. */
  readonly lastWriteIsPending: () => boolean;
}

type TcpConstructor = new (type: number) => TcpHandle;
type RequestConstructor = new (type: number) => HandleRequest;

/** Looks the handles up. Nothing here throws: what is missing means that there are none. */
export function findHandles(): TcpHandles | undefined {
  try {
    const binding = (process as unknown as { binding(name: string): Record<string, unknown> })
      .binding;
    const tcp = binding("tcp_wrap");
    const stream = binding("stream_wrap");
    const Tcp = tcp.TCP as TcpConstructor;
    const Connecting = tcp.TCPConnectWrap as RequestConstructor;
    const { SOCKET, SERVER } = tcp.constants as { SOCKET: number; SERVER: number };
    const state = stream.streamBaseState as ArrayLike<number>;
    const read = stream.kReadBytesOrError as number;
    const written = stream.kLastWriteWasAsync as number;
    const wanted = ["bind", "bind6", "listen", "accept", "getpeername", "getsockname"]
      .concat(
        "connect",
        "connect6",
        "setNoDelay",
        "readStart",
        "readStop",
        "useUserBuffer",
        "writeBuffer",
        "shutdown",
      );
    const probe = new Tcp(SOCKET) as unknown as Record<string, unknown>;
    const complete = wanted.every((name) => typeof probe[name] === "function");
    (probe as unknown as TcpHandle).close();
    new Connecting(SOCKET);
    if (!complete || typeof state[read] !== "number" || typeof state[written] !== "number") {
      return undefined;
    }
    return {
      listener: () => new Tcp(SERVER),
      socket: () => new Tcp(SOCKET),
      connecting: () => new Connecting(SOCKET),
      lastRead: () => state[read]!,
      lastWriteIsPending: () => state[written] !== 0,
    };
  } catch {
    return undefined;
  }
}
