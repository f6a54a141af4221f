/**
 * When a client is read, and what is done once it was: each turn of a session begins with its bytes, and
 * ends with what it pushed going out.
 *
 * @module
 */
import { DECISION_EFFORT } from "../../core/rtmp/session/effort.ts";
import type { ServerSession } from "../../core/rtmp/session/mod.ts";
import type { LiveStream } from "../../hub/mod.ts";
import type { Connection, ConnectionHandler } from "../../ports.ts";
import type { RtmpContext } from "./context.ts";
import type { ConnectionWriter } from "./connection_writer.ts";
import { PushedStreams } from "./pushed_streams.ts";
import { Throttle } from "./throttle.ts";

/** The session that is read. */
export interface ReadSession {
  readonly context: RtmpContext;
  readonly core: ServerSession;
  readonly connection: Connection;
  readonly writer: ConnectionWriter;
  /** The clock, read once per turn (ms). */
  readonly now: number;
  /** When bytes last came (ms). */
  heardAt: number;
  /** Whether it has ended or is about to. */
  readonly ended: boolean;
  /** Reads the clock. */
  newTurn(): void;
  /** A fault of ours: the session pays for it. */
  fault(error: unknown): void;
  /** The connection is gone. */
  onGone(): void;
}

/** The reading of one session. */
export class Reading implements ConnectionHandler {
  readonly #session: ReadSession;
  readonly #throttle: Throttle;
  readonly #pushed = new PushedStreams();
  /** Whether the connection is not read. */
  #paused = false;

  constructor(session: ReadSession) {
    this.#session = session;
    const { config, runtime, turns } = session.context;
    this.#throttle = new Throttle(
      session.core,
      config.maxMessagesPerSecond,
      runtime.clock,
      turns,
      this,
    );
  }

  onData(bytes: Uint8Array): void {
    this.#turn(bytes);
  }

  onClose(): void {
    this.#session.onGone();
  }

  /** It had to wait, and may go on. */
  readOn(): void {
    this.#turn(undefined);
    try {
      this.#mayRead();
    } catch (error) {
      this.#session.fault(error);
    }
  }

  /** Reads new bytes, or goes on with those that were kept, and acts on what was read. */
  #turn(bytes: Uint8Array | undefined): void {
    const session = this.#session;
    if (session.ended) return;
    session.newTurn();
    session.heardAt = session.now;
    try {
      this.#throttle.begin(session.now);
      if (bytes === undefined) session.core.readOn();
      else session.core.receive(bytes);
      this.#afterReading();
    } catch (error) {
      session.fault(error);
    }
  }

  /** What was in flight has been taken. */
  onWritable(): void {
    try {
      this.#session.writer.onWritable();
      this.#mayRead();
    } catch (error) {
      this.#session.fault(error);
    }
  }

  /** Media was pushed in this turn. */
  pushed(stream: LiveStream): void {
    this.#pushed.add(stream);
  }

  /** How much more its messages may cost in this turn, behind what they owe. */
  more(overdraft: number): number {
    return this.#throttle.more(overdraft);
  }

  /** Reads nothing until {@link #mayRead}. */
  #pause(): void {
    this.#paused = true;
    this.#session.connection.pause();
  }

  /** Reads from the connection again, unless something still keeps the client waiting. */
  #mayRead(): void {
    const { core, writer, connection } = this.#session;
    if (!this.#paused || core.deciding || this.#throttle.waiting || writer.crowded) return;
    this.#paused = false;
    connection.resume();
  }

  #afterReading(): void {
    const session = this.#session;
    // Before anything goes out to players: their number is not for who publishes to pay.
    if (!session.ended && this.#throttle.end()) this.#pause();
    this.#pushed.letOut(session.context.hub.pacer, session.now);
    session.writer.pump();
    if (!session.ended && session.writer.crowded) this.#pause();
  }

  /** Goes on with a decision, now or once it is there; meanwhile nothing is read from the client. */
  whenDecided<T>(decision: T | Promise<T>, act: (decision: T) => void): void {
    const session = this.#session;
    if (!(decision instanceof Promise)) {
      // A plugin may have ended the session while it was asked.
      if (!session.ended) act(decision);
      return;
    }
    this.#pause();
    session.core.charge(DECISION_EFFORT);
    decision.then((decided) => {
      session.newTurn();
      this.#throttle.begin(session.now);
      if (!session.ended) act(decided);
      // What was held back may have asked for the next decision already.
      this.#afterReading();
      this.#mayRead();
    }).catch((error) => session.fault(error));
  }

  /** The connection is gone. */
  stop(): void {
    this.#throttle.stop();
  }
}
