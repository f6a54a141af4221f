/**
 * The part of `Deno` that Sluice uses, declared here so that the tree type-checks without Deno's
 * own types (the Bun check) and so that a reader sees at a glance what is needed of the runtime.
 *
 * @module
 */

/** The network address of one end of a TCP connection. */
export interface DenoNetAddr {
  hostname: string;
  port: number;
}

/** A TCP connection. */
export interface DenoTcpConn {
  readonly remoteAddr: DenoNetAddr;
  readonly localAddr: DenoNetAddr;
  read(buffer: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(noDelay?: boolean): void;
  closeWrite(): Promise<void>;
  close(): void;
}

/** A TCP listener. */
export interface DenoTcpListener {
  readonly addr: DenoNetAddr;
  accept(): Promise<DenoTcpConn>;
  close(): void;
}

/** A file. */
export interface DenoFile {
  write(bytes: Uint8Array): Promise<number>;
  seekSync(offset: number, whence: number): number;
  truncate(size: number): Promise<void>;
  syncData(): Promise<void>;
  close(): void;
}

/** How a file is opened. */
export interface DenoOpenOptions {
  readonly read: boolean;
  readonly write: boolean;
  readonly createNew?: boolean;
  readonly mode?: number;
}

/** A right of the program. */
export type DenoPermission =
  | { readonly name: "read" | "write"; readonly path: string }
  | { readonly name: "env"; readonly variable?: string }
  | { readonly name: "net"; readonly host: string }
  | { readonly name: "sys"; readonly kind: "systemMemoryInfo" };

/** `globalThis.Deno`, as far as it is used. */
export interface DenoApi {
  readonly version: { deno: string };
  readonly stdout: { write(bytes: Uint8Array): Promise<number> };
  listen(options: { hostname: string; port: number }): DenoTcpListener;
  connect(options: { hostname: string; port: number }): Promise<DenoTcpConn>;
  open(path: string, options: DenoOpenOptions): Promise<DenoFile>;
  unrefTimer(id: number): void;
  /** Says whether the program has a right, and does not ask for it. */
  readonly permissions: { querySync(what: DenoPermission): { readonly state: string } };
  systemMemoryInfo(): { readonly total: number };
}

/** The running Deno. */
export const deno: DenoApi = (globalThis as unknown as { Deno: DenoApi }).Deno;

/** Lets the process end while a timer is pending. */
export function unrefTimer(timer: unknown): void {
  deno.unrefTimer(timer as number);
}
