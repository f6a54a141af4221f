/**
 * Clients, whatever brought them: as the control API shows and ends them.
 *
 * @module
 */
import type { Capabilities } from "../core/rtmp/session/mod.ts";
import type { EndReason, Protocol } from "../plugin/mod.ts";

/** A client, for people. */
export interface SessionDescription {
  readonly protocol: Protocol;
  /** Whether it came over TLS. */
  readonly secure: boolean;
  /** `address:port` of the peer. */
  readonly address: string;
  /** `""` until a stream of it was live in this session: before, it may be a key. */
  readonly app: string;
  /** Where it is in its life, such as `handshake`, `connected`, `waiting`, `playing`. */
  readonly state: string;
  /** What it calls itself. */
  readonly client: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** Bytes of the connection. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** What a client of RTMP announced of Enhanced RTMP. */
  readonly capabilities?: Capabilities;
  /** Public names of the streams it publishes and plays. */
  readonly publishing: readonly string[];
  readonly playing: readonly string[];
}

/** A client that is connected. */
export interface LiveSession {
  /** Unique for the life of the server. */
  readonly id: string;
  describe(): SessionDescription;
  /** Ends it, now or in a turn of its own. */
  end(reason: EndReason): void;
}

/** The clients of one service by their ids. */
export type SessionsById = ReadonlyMap<string, LiveSession>;
