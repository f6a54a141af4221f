/**
 * How long a client may take: absolute limits up to its first publish or play, signs of life after.
 *
 * @module
 */
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

/** What is watched, and who is told that time is up. */
export interface Watched {
  readonly core: ServerSession;
  readonly outlet: Outlet;
  readonly connection: Connection;
  /** The client was silent, or took nothing, for too long. */
  onDeadline(reason: "timeout" | "stalled", message: string): void;
}

/** Watches one session; somebody calls {@link tick} twice a second. */
export class SessionDeadlines {
  readonly #settings: DeadlineSettings;
  readonly #watched: Watched;
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

  constructor(settings: DeadlineSettings, watched: Watched, now: number) {
    this.#settings = settings;
    this.#watched = watched;
    this.#startedAt =
      this.#idleSince =
      this.#heardAt =
      this.#pingedAt =
      this.#wroteAt =
        now;
  }

  /** Looks at the clock; ends the session, or its connection, when a limit has passed. */
  tick(now: number): void {
    const { core, connection } = this.#watched;
    const { phase } = core;
    if (phase === "closed") {
      // It was told why; a peer that does not take even that is cut off.
      this.#endedAt ??= now;
      if (now - this.#endedAt > this.#settings.handshakeTimeoutMs) connection.destroy();
      return;
    }
    if (this.#stalled(now)) return;
    if (core.deciding) {
      // We keep the client waiting and do not even read: its silence counts from the answer on.
      this.#idleSince = this.#heardAt = this.#pingedAt = now;
    } else if (phase === "connected") this.#watchConnected(now);
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
    const { core, outlet } = this.#watched;
    let publishes = false;
    let active = false;
    for (const stream of core.streams.values()) {
      publishes ||= stream.isPublisher;
      active ||= stream.isPublisher || stream.isPlayer;
    }
    if (active) this.#idleSince = now;
    else if (now - this.#idleSince > idleTimeoutMs) {
      return this.#timeOut(`Neither publish nor play within ${idleTimeoutMs} ms`);
    }
    if (core.bytesIn !== this.#bytesIn) {
      this.#bytesIn = core.bytesIn;
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
      core.ping(now);
      outlet.pump();
    }
  }

  /** Whether it was just given up because its socket takes nothing. */
  #stalled(now: number): boolean {
    const { playerStallMs } = this.#settings;
    const { connection, outlet } = this.#watched;
    const { bytesWritten } = connection;
    if (!outlet.busy || bytesWritten !== this.#bytesOut) {
      this.#bytesOut = bytesWritten;
      this.#wroteAt = now;
      return false;
    }
    if (now - this.#wroteAt <= playerStallMs) return false;
    this.#watched.onDeadline("stalled", `No byte was taken for ${playerStallMs} ms`);
    return true;
  }

  #timeOut(message: string): void {
    this.#watched.onDeadline("timeout", message);
  }
}
