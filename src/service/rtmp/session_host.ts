/**
 * What the publishing and the playing half of a session share.
 *
 * @module
 */
import type { ConnectRequest, ServerSession } from "../../core/rtmp/session/mod.ts";
import type { LiveStream } from "../../hub/mod.ts";
import type { ConnectContext, Decision, EndReason } from "../../plugin/mod.ts";
import type { Mentions } from "../../text.ts";
import type { AppAccess } from "./app_access.ts";
import type { RtmpContext } from "./context.ts";
import type { ConnectionWriter } from "./connection_writer.ts";

/** One session, as its halves see it. */
export interface SessionHost {
  readonly id: string;
  readonly context: RtmpContext;
  readonly core: ServerSession;
  readonly writer: ConnectionWriter;
  /** `address:port` of the peer. */
  readonly address: string;
  /** What the client calls itself. */
  readonly client: string;
  /** Servers that its stream has come through, where it is one itself. */
  readonly via: readonly string[];
  /** Whether it is another node of the cluster, which has asked its own plugins about who plays. */
  readonly isNode: boolean;
  /**
   * The application once a stream of it was live in this session, `""` before: until somebody has
   * let it in, what a client sends in its place may be a key.
   */
  publicApp: string;
  /** The clock, read once per turn (ms). */
  readonly now: number;
  /** What the client said in `connect`. */
  readonly connected: ConnectRequest;
  /** The same, to be masked in what is logged. */
  readonly said: Mentions | undefined;
  /** Reads the clock: a turn begins that is not the client's own, but the hub's. */
  newTurn(): void;
  /** Why what the client does right now ends a publish or play. */
  readonly endReason: EndReason;
  /** Properties that every log line about this session carries. */
  who(): Record<string, unknown>;
  /** Which applications it may use. */
  readonly apps: AppAccess;
  /** What plugins are told about the client. */
  connectContext(query: URLSearchParams, app: string): ConnectContext;
  /** Goes on with a decision, now or once it is there; meanwhile nothing is read from the client. */
  whenDecided<T = Decision>(decision: T | Promise<T>, act: (decision: T) => void): void;
  /** Media was pushed in this turn. */
  pushed(stream: LiveStream): void;
  /** Something was refused, and unless it has or asks for something else it may go. */
  onRefused(): void;
  /** What it played has ended; the same. */
  played(reason: EndReason): void;
  /** It was let publish or play. */
  served(): void;
  /** Whether it has reason to stay, although it neither publishes nor plays. */
  readonly busy: boolean;
  /**
   * Whether the session has ended or is about to: to be asked behind every call that may lead to
   * that, a hook of a plugin or a reply for instance, before anything is recorded for it.
   */
  readonly ended: boolean;
  /** Ends the session for a reason of ours, in a turn of its own. */
  end(reason: EndReason): void;
  /** A fault of ours: the session pays for it, in a turn of its own. Throws nothing. */
  fault(error: unknown): void;
  /** Does something in a turn that is not the client's own; a fault is the session's. */
  attempt(step: () => void): void;
}
