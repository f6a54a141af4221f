/**
 * What every service has of its server, and what a server has of every service.
 *
 * @module
 */
import type { Faults } from "../faults.ts";
import type { Hub } from "../hub/mod.ts";
import type { PluginRunner } from "../plugin/mod.ts";
import type { Address, HttpAbout, HttpAnswer, PlainHandler, Runtime } from "../ports.ts";
import type { Admission, Evictable } from "./admission.ts";
import type { SessionsById } from "./sessions.ts";

/** What a service is made with, beside its settings. */
export interface Surroundings {
  readonly runtime: Pick<Runtime, "clock" | "randomBytes">;
  /** Streams: who publishes, plays, taps and is told of them. */
  readonly hub: Hub;
  /** Who may do what, and who is told of it. */
  readonly plugins: PluginRunner;
  /** Counts faults of ours. */
  readonly faults: Faults;
  /** How many clients there may be, whatever brings them. */
  readonly admission: Admission<Evictable>;
}

/** A way in or out. */
export interface Service {
  /** Its clients, as the control API lists and ends them; left out by one that has none. */
  readonly sessions?: SessionsById;
  /** The ports are open: begins what takes time by itself. */
  start?(): void;
  /** Answers a request that is for it, or takes its connection over; `undefined` for any other. */
  handle?(
    request: Request,
    remote: Address,
    about: HttpAbout,
  ): HttpAnswer | Promise<HttpAnswer> | undefined;
  /** Answers requests that need no `Request`; see {@link PlainHandler}. Asked ahead of all else. */
  readonly plain?: PlainHandler;
  /**
   * Takes nobody any more, and resolves once all are gone, at the latest after `limitMs`, when those that
   * are left are cut off. Its streams and players have been ended by then. May come before it was used.
   */
  stop(limitMs: number): Promise<void> | void;
}
