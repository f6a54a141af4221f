/**
 * How long a client may take: absolute limits up to its first publish or play, which nothing it sends
 * prolongs; media, or signs of life, after.
 *
 * @module
 */
import type { ServerSession } from "../../core/rtmp/session/mod.ts";
import type { EndReason } from "../../plugin/mod.ts";
import type { Connection } from "../../ports.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { Publish, RecordedPlay } from "./attachment.ts";

/** The settings used here, in milliseconds; see the configuration table. */
export interface DeadlineSettings {
  /**
   * Longest time of each step until something is published or played: the handshake, the connect
   * command, and twice it for the first publish or play that is let in.
   */
  readonly openingTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly publishStartMs: number;
  readonly publishIdleMs: number;
  readonly publishProbeMs: number;
  readonly playerStallMs: number;
}

/**
 * How long a peer may take to go once it was told to (ms): with the time until it is looked at, a
 * second. One that does not close, or does not even take its farewell, is cut off.
 */
export const FAREWELL_MS = 750;

/**
 * How long a client that was refused has for another request (ms), a name that it tries instead for
 * instance, when there is nothing else that it publishes, plays or uses.
 */
export const REFUSED_MS = 500;

/** The same of a client whose last play has ended (ms). */
export const PLAYED_MS = 2000;

/** Some players of recordings do not say that they pause: they stop to read (ms). */
const RECORDED_STALL_MS = 30 * 60_000;

/** What is watched, and who is told that time is up. */
export interface Watched {
  readonly core: ServerSession;
  readonly writer: ConnectionWriter;
  readonly connection: Connection;
  /** When bytes last came (ms). */
  readonly heardAt: number;
  /** Whether it has reason to stay, although it neither publishes nor plays. */
  readonly busy: boolean;
  /** It was refused, or what it played is over, and it asks for nothing else. */
  onLeft(reason: EndReason): void;
  /** The client was silent, or took nothing, for too long. */
  onDeadline(reason: "timeout" | "stalled", message: string): void;
}

/** A question to a publisher whether it is still there. */
interface Probe {
  readonly askedAt: number;
  readonly over: Promise<void>;
  readonly end: () => void;
}

/** A client that has nothing left here, unless it asks for something. */
interface Leaving {
  readonly reason: EndReason;
  readonly at: number;
  /** What it had asked for by then. */
  readonly requestCount: number;
}

/** Watches one session; somebody calls {@link tick} some times a second. */
export class SessionDeadlines {
  readonly #settings: DeadlineSettings;
  readonly #watched: Watched;
  /** The phase it was in when last looked at, and since when; later by what a decision took. */
  #phase: ServerSession["phase"] = "handshake";
  #phaseSince: number;
  /** Whether it was ever let publish or play. */
  #served = false;
  /** Since when it neither publishes nor plays. */
  #idleSince: number;
  /** When we last kept it waiting for a decision. */
  #heldAt: number;
  #tickedAt: number;
  #pingedAt: number;
  /** When bytes were last seen to have gone out while a write was in flight. */
  #wroteAt: number;
  #bytesOut = 0;
  /** When a session that has ended is cut off; set once it has. */
  #cutOffAt: number | undefined;
  #leaving: Leaving | undefined;
  #probe: Probe | undefined;

  constructor(settings: DeadlineSettings, watched: Watched, now: number) {
    this.#settings = settings;
    this.#watched = watched;
    this.#phaseSince =
      this.#idleSince =
      this.#heldAt =
      this.#tickedAt =
        now;
    this.#pingedAt = this.#wroteAt = now;
  }

  /**
   * Asks a publisher for a sign of life, because another wants its name. Resolves when one has come,
   * or when it was given up for want of one: within `publishProbeMs`.
   */
  probe(now: number): Promise<void> {
    const { core, writer } = this.#watched;
    // It waits for us, and is not read meanwhile: that is no silence.
    if (core.phase !== "connected" || core.deciding) return Promise.resolve();
    if (this.#probe === undefined) {
      let end = () => {};
      const over = new Promise<void>((resolve) => end = resolve);
      this.#probe = { askedAt: now, over, end };
      core.ping(now);
      writer.pump();
    }
    return this.#probe.over;
  }

  /** The session has ended: its peer has `ms` to go. */
  ended(now: number, ms: number): void {
    this.#cutOffAt = now + ms;
  }

  /** It has nothing left here, as far as what just ended or was refused goes; see {@link REFUSED_MS}. */
  left(reason: EndReason, now: number, ms: number): void {
    const { requestCount } = this.#watched.core;
    this.#leaving = { reason, at: now + ms, requestCount };
  }

  /** Looks at the clock; ends the session, or its connection, when a limit has passed. */
  tick(now: number): void {
    const { core, connection } = this.#watched;
    const { phase } = core;
    const passed = now - this.#tickedAt;
    this.#tickedAt = now;
    this.#watchProbe(now);
    if (phase === "closed") {
      // It was told why; a peer that does not take even that is cut off.
      if (now >= (this.#cutOffAt ?? now)) connection.destroy();
      return;
    }
    if (this.#stalled(now)) return;
    if (phase !== this.#phase) {
      this.#phase = phase;
      this.#phaseSince = this.#idleSince = now;
    }
    if (core.deciding) {
      // We keep the client waiting and do not even read: that time is not the client's.
      this.#phaseSince = Math.min(now, this.#phaseSince + passed);
      this.#idleSince = this.#heldAt = this.#pingedAt = now;
    } else if (phase === "connected") this.#watchConnected(now);
    else this.#watchOpening(phase, now);
  }

  #watchOpening(phase: "handshake" | "connect", now: number): void {
    const limit = this.#settings.openingTimeoutMs;
    if (now - this.#phaseSince >= limit) this.#timeOut(`No ${phase} within ${limit} ms`);
  }

  #watchConnected(now: number): void {
    const { openingTimeoutMs, idleTimeoutMs, pingIntervalMs, publishIdleMs } = this.#settings;
    // A person may choose what to publish or play, or a program ask others first.
    const requestMs = 2 * openingTimeoutMs;
    const { core, heardAt } = this.#watched;
    let publishes = false;
    let active = false;
    for (const stream of core.streams.values()) {
      active ||= stream.isPublisher || stream.isPlayer;
      const use = stream.attachment;
      if (!(use instanceof Publish)) continue;
      publishes = true;
      if (this.#noMedia(use, now)) return;
    }
    if (this.#hasLeft(active, now)) return;
    if (active || this.#watched.busy) {
      this.#served = true;
      this.#idleSince = now;
    } else if (!this.#served && now - this.#phaseSince >= requestMs) {
      return this.#timeOut(`Neither publish nor play within ${requestMs} ms`);
    } else if (this.#served && now - this.#idleSince >= idleTimeoutMs) {
      return this.#timeOut(`Neither published nor played for ${idleTimeoutMs} ms`);
    }
    // A publisher that falls silent is asked early: on a dead link that is what makes the kernel see.
    const askAfter = publishes ? Math.min(pingIntervalMs, publishIdleMs / 2) : pingIntervalMs;
    if (now - heardAt >= askAfter && now - this.#pingedAt >= askAfter) {
      this.#pingedAt = now;
      core.ping(now);
      this.#watched.writer.pump();
    }
  }

  /** Whether it was just ended because there is nothing left for it to do. */
  #hasLeft(active: boolean, now: number): boolean {
    const leaving = this.#leaving;
    if (leaving === undefined) return false;
    const { core, busy } = this.#watched;
    if (active || busy || core.requestCount !== leaving.requestCount) {
      this.#leaving = undefined;
      return false;
    }
    if (now < leaving.at) return false;
    this.#watched.onLeft(leaving.reason);
    // A peer that was refused has had its time.
    if (leaving.reason === "refused") this.ended(now, 0);
    return true;
  }

  /** Whether it was just given up because it publishes no media. */
  #noMedia({ mediaAt, publisher }: Publish, now: number): boolean {
    const { publishStartMs, publishIdleMs } = this.#settings;
    const limit = mediaAt === undefined ? publishStartMs : publishIdleMs;
    if (now - Math.max(mediaAt ?? publisher.since, this.#heldAt) < limit) return false;
    this.#timeOut(
      mediaAt === undefined
        ? `The publisher sent no media within ${limit} ms`
        : `The publisher sent no media for ${limit} ms`,
    );
    return true;
  }

  #watchProbe(now: number): void {
    const probe = this.#probe;
    if (probe === undefined) return;
    const { core, connection, heardAt } = this.#watched;
    const { publishProbeMs } = this.#settings;
    if (core.phase !== "closed" && heardAt <= probe.askedAt) {
      if (now - probe.askedAt < publishProbeMs) return;
      this.#timeOut(`No answer within ${publishProbeMs} ms while another wants to publish`);
      // Its link is taken to be dead: nobody would read a farewell.
      connection.destroy();
    }
    this.#probe = undefined;
    probe.end();
  }

  /** Whether it was just given up because its socket takes nothing. */
  #stalled(now: number): boolean {
    const { playerStallMs } = this.#settings;
    const { connection, writer } = this.#watched;
    const { bytesWritten } = connection;
    if (!writer.busy || bytesWritten !== this.#bytesOut) {
      this.#bytesOut = bytesWritten;
      this.#wroteAt = now;
      return false;
    }
    const limit = this.#playsRecording ? Math.max(playerStallMs, RECORDED_STALL_MS) : playerStallMs;
    if (now - this.#wroteAt < limit) return false;
    this.#watched.onDeadline("stalled", `No byte was taken for ${limit} ms`);
    return true;
  }

  get #playsRecording(): boolean {
    const streams = [...this.#watched.core.streams.values()];
    return streams.some(({ attachment }) => attachment instanceof RecordedPlay);
  }

  #timeOut(message: string): void {
    this.#watched.onDeadline("timeout", message);
  }
}
