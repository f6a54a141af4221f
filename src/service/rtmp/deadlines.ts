/**
 * How long a client may take: absolute limits up to its first publish or play, signs of life after.
 *
 * @module
 */
import { ProtocolError } from "../../core/errors.ts";
import type { ServerSession } from "../../core/rtmp/session/mod.ts";
import type { Connection } from "../../ports.ts";
import type { Outlet } from "./outlet.ts";

/** The settings used here, in milliseconds; see the configuration table. */
export interface DeadlineSettings {
  readonly handshakeTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly publishIdleMs: number;
  readonly playerStallMs: number;
}

/** Watches one session; somebody calls {@link tick} twice a second. */
export class SessionDeadlines {
  readonly #settings: DeadlineSettings;
  readonly #session: ServerSession;
  readonly #outlet: Outlet;
  readonly #connection: Connection;
  readonly #startedAt: number;
  /** Since when it neither publishes nor plays. */
  #idleSince: number;
  /** When bytes were last seen to have arrived, and how many there were. */
  #heardAt: number;
  #bytesIn = 0;
  #pingedAt: number;
  /** When bytes were last seen to have gone out while a write was in flight. */
  #wroteAt: number;
  #bytesOut = 0;
  #endedAt: number | undefined;

  constructor(
    settings: DeadlineSettings,
    session: ServerSession,
    outlet: Outlet,
    connection: Connection,
    now: number,
  ) {
    this.#settings = settings;
    this.#session = session;
    this.#outlet = outlet;
    this.#connection = connection;
    this.#startedAt =
      this.#idleSince =
      this.#heardAt =
      this.#pingedAt =
      this.#wroteAt =
        now;
  }

  /** Looks at the clock; ends the session, or its connection, when a limit has passed. */
  tick(now: number): void {
    const { phase } = this.#session;
    if (phase === "closed") {
      // It was told why; a peer that does not take even that is cut off.
      this.#endedAt ??= now;
      if (now - this.#endedAt > this.#settings.handshakeTimeoutMs) this.#connection.destroy();
      return;
    }
    this.#watchWrites(now);
    if (this.#session.deciding) return;
    if (phase === "connected") this.#watchConnected(now);
    else this.#watchOpening(phase, now);
  }

  #watchOpening(phase: "handshake" | "connect", now: number): void {
    const { handshakeTimeoutMs, connectTimeoutMs } = this.#settings;
    const limit = handshakeTimeoutMs + (phase === "connect" ? connectTimeoutMs : 0);
    this.#idleSince = now;
    if (now - this.#startedAt > limit) this.#timeOut(`No ${phase} within ${limit} ms`);
  }

  #watchConnected(now: number): void {
    const { idleTimeoutMs, pingIntervalMs, publishIdleMs } = this.#settings;
    let publishes = false;
    let active = false;
    for (const stream of this.#session.streams.values()) {
      publishes ||= stream.isPublisher;
      active ||= stream.isPublisher || stream.isPlayer;
    }
    if (active) this.#idleSince = now;
    else if (now - this.#idleSince > idleTimeoutMs) {
      return this.#timeOut(`Neither publish nor play within ${idleTimeoutMs} ms`);
    }
    if (this.#session.bytesIn !== this.#bytesIn) {
      this.#bytesIn = this.#session.bytesIn;
      this.#heardAt = now;
    }
    const silentMs = now - this.#heardAt;
    if (publishes && silentMs > publishIdleMs) {
      return this.#timeOut(`The publisher was silent for ${publishIdleMs} ms`);
    }
    // Asked early enough that an answer counts before a silent publisher is given up.
    const askAfter = Math.min(pingIntervalMs, publishIdleMs / 2);
    if (silentMs >= askAfter && now - this.#pingedAt >= askAfter) {
      this.#pingedAt = now;
      this.#session.ping(now);
      this.#outlet.pump();
    }
  }

  #watchWrites(now: number): void {
    const { bytesWritten } = this.#connection;
    if (!this.#outlet.busy || bytesWritten !== this.#bytesOut) {
      this.#bytesOut = bytesWritten;
      this.#wroteAt = now;
    } else if (now - this.#wroteAt > this.#settings.playerStallMs) {
      this.#session.fail(
        new ProtocolError("timeout", `No byte was taken for ${this.#settings.playerStallMs} ms`),
      );
      this.#connection.destroy();
    }
  }

  #timeOut(message: string): void {
    this.#session.fail(new ProtocolError("timeout", message));
  }
}
