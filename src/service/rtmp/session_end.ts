/**
 * How a session ends, and why. Neither what its way out meets nor what it is told in the middle of
 * another's turn ends it there and then, where others may hold what it leaves: it is marked, and
 * ended in a turn of its own.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { ProtocolError } from "../../core/errors.ts";
import { errorText } from "../../faults.ts";
import type { EndReason } from "../../plugin/mod.ts";
import type { Connection } from "../../ports.ts";
import { MAX_REPLY_BYTES, type WriterObserver } from "./connection_writer.ts";
import type { SessionHost } from "./session_host.ts";

const log = getLogger(["sluice", "rtmp"]);

/** The session that ends. */
export type Ending = Pick<SessionHost, "context" | "core" | "writer" | "newTurn" | "who"> & {
  readonly connection: Connection;
};

/** The end of one session. */
export class SessionEnd implements WriterObserver {
  readonly #session: Ending;
  /** Why we end it, or why its connection went; unset while the client has the say. */
  #reason: EndReason | undefined;
  #marked = false;
  /** What the peer did wrong, of a session that is marked for it. */
  #error: ProtocolError | undefined;
  /** Whether nothing can be written any more, not even a farewell. */
  #cutOff = false;

  constructor(session: Ending) {
    this.#session = session;
  }

  /** Why the session ends or, while it lives, why what the client stops is over. */
  get reason(): EndReason {
    return this.#reason ?? (this.#session.core.error === undefined ? "client" : "protocol");
  }

  /** Names the reason, unless there is one. */
  because(reason: EndReason): void {
    this.#reason ??= reason;
  }

  /** Whether it is over, or will be in the next turn: nothing new is begun for it. */
  get over(): boolean {
    return this.#marked || this.#session.core.phase === "closed";
  }

  /** To be ended for a reason of ours. */
  soon(reason: EndReason): void {
    if (this.#session.core.phase === "closed") return;
    this.#reason ??= reason;
    this.#mark();
  }

  /** The peer left too many replies unread. */
  onOverflow(): void {
    this.#error ??= new ProtocolError(
      "limit",
      `More than ${MAX_REPLY_BYTES} bytes of replies were left unread`,
    );
    this.#cutOff = true;
    this.soon("stalled");
  }

  /** It holds more unread bytes than any other, and there is no memory left for those. */
  exhausted(): void {
    this.#error ??= new ProtocolError(
      "limit",
      "No memory is left for unfinished messages, and this connection holds most of it",
    );
    this.#cutOff = true;
    this.soon("protocol");
  }

  onFault(error: unknown): void {
    this.fault(error);
  }

  /** A bug of ours: this session pays for it and nobody else. Throws nothing. */
  fault(error: unknown): void {
    const { context, writer, who } = this.#session;
    context.faults.count("session", error);
    log.error("internal error, session closed", {
      ...who.call(this.#session),
      error: errorText(error),
    });
    this.#reason ??= "internal";
    this.#cutOff = true;
    writer.fail();
    this.#mark();
  }

  #mark(): void {
    this.#marked = true;
    this.#session.context.endLater(this);
  }

  /** Ends it in this turn, which is nobody else's. */
  now(reason: EndReason, error?: ProtocolError): void {
    if (this.#session.core.phase === "closed") return;
    this.#reason ??= reason;
    this.#error ??= error;
    this.finish();
  }

  /** Ends it if it has not ended, in whatever state it is; throws nothing. */
  finish(): void {
    const { core, writer, connection } = this.#session;
    this.#attempt(() => {
      if (core.phase === "closed") return;
      this.#session.newTurn();
      if (this.#error !== undefined) core.fail(this.#error);
      else if (this.#reason === "shutdown") core.shutdown();
      else if (this.#reason === "kicked") core.dismiss();
      else core.close();
    });
    // What went wrong while it said goodbye must not keep it alive.
    if (core.phase !== "closed") this.#attempt(() => core.close());
    if (!this.#cutOff) return;
    this.#attempt(() => writer.close());
    this.#attempt(() => connection.destroy());
  }

  #attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#cutOff = true;
      this.#session.context.faults.count("session", error);
      log.error("internal error at the end of a session", {
        ...this.#session.who(),
        error: errorText(error),
      });
    }
  }
}
