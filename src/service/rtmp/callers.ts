/**
 * Who has come to a port that speaks TLS, or that is for all, and is no client of RTMP yet: they count as
 * those do, and make room as those do.
 *
 * @module
 */
import type { Address, Connection, DoorHandler, Visitor } from "../../ports.ts";
import { formatAddress } from "../address.ts";
import type { Admission, Evictable, Progress } from "../admission.ts";

/** What the service does for them. */
export interface CallerHost {
  readonly admission: Admission<Evictable>;
  now(): number;
  /** Whether somebody from there is let in, and what it counts as; says why not in the log. */
  admit(remote: Address, now: number): { readonly group: string | undefined } | undefined;
  /** Others have to make room for who came. */
  makeRoom(now: number): void;
  accept(connection: Connection, secure: boolean): void;
}

/** One of them, in the line of those that make room. */
class Caller implements Evictable {
  readonly address: string;
  readonly startedAt: number;
  readonly #visitor: Visitor;
  readonly #leave: () => void;

  constructor(visitor: Visitor, now: number, leave: () => void) {
    this.#visitor = visitor;
    this.#leave = leave;
    this.address = formatAddress(visitor.remote);
    this.startedAt = now;
  }

  get progress(): Progress {
    return this.#visitor.spoke ? 1 : 0;
  }

  evict(): void {
    this.#leave();
    this.#visitor.destroy();
  }
}

/** All of them. */
export class Callers implements DoorHandler {
  readonly #host: CallerHost;
  readonly #callers = new Map<Visitor, Caller>();

  constructor(host: CallerHost) {
    this.#host = host;
  }

  onVisitor(visitor: Visitor): boolean {
    const host = this.#host;
    const now = host.now();
    const admitted = host.admit(visitor.remote, now);
    if (admitted === undefined) return false;
    const caller = new Caller(visitor, now, () => void this.#callers.delete(visitor));
    this.#callers.set(visitor, caller);
    host.admission.enter(caller, admitted.group);
    host.makeRoom(now);
    // It may have been the one that had to.
    return this.#callers.has(visitor);
  }

  onLeft(visitor: Visitor): void {
    const caller = this.#callers.get(visitor);
    if (caller === undefined) return;
    this.#callers.delete(visitor);
    this.#host.admission.leave(caller);
  }

  onConnection(connection: Connection, visitor: Visitor, secure: boolean): void {
    this.onLeft(visitor);
    this.#host.accept(connection, secure);
  }
}
