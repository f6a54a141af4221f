/**
 * What happens in a server, as events for whoever watches it: public names, no queries, no keys.
 *
 * @module
 */
import type { StreamEnd } from "../hub/mod.ts";
import type { EndReason } from "./contexts.ts";

/** A stream by its public name. */
interface OfStream {
  readonly app: string;
  readonly name: string;
}

/** A session by its id. */
interface OfSession {
  readonly session: string;
}

/** How something ended that a session did. */
interface Ended {
  readonly reason: EndReason;
  readonly durationMs: number;
}

/** What is told of each kind of event. */
export interface Happenings {
  /** A client was let in. */
  "session.connected": OfSession & {
    readonly protocol: string;
    readonly secure: boolean;
    readonly address: string;
  };
  /** It is gone. */
  "session.disconnected": OfSession & Ended & {
    readonly bytesIn: number;
    readonly bytesOut: number;
  };
  /** A client plays. */
  "play.started": OfSession & OfStream & { readonly file?: string };
  "play.stopped": OfSession & OfStream & Ended;
  /** Somebody publishes a name that nobody had. */
  "stream.live": OfSession & OfStream & { readonly address: string };
  "stream.ended": OfStream & { readonly reason: StreamEnd; readonly durationMs: number };
  "record.started": OfStream & { readonly file: string };
  "record.finished": OfStream & {
    readonly file: string;
    readonly durationMs: number;
    readonly bytes: number;
    readonly reason: string;
  };
  "record.failed": OfStream & { readonly file: string; readonly error: string };
  /** A target or a source of a relay is in another state. */
  "relay.state": OfStream & {
    readonly id: string;
    readonly direction: "push" | "pull";
    /** Without the name of the stream there, credentials and query. */
    readonly url: string;
    readonly state: string;
    /** What went wrong, while it has not worked again. */
    readonly error: { readonly kind: string; readonly message: string } | null;
  };
  /** Somebody changed something by the API. */
  "api.changed": {
    readonly caller: string;
    readonly method: string;
    readonly path: string;
    readonly status: number;
  };
  /** The configuration was read again. */
  "config.reloaded": { readonly changed: readonly string[] };
}

/** Names of events. */
export type HappeningType = keyof Happenings;

/** Is told of an event. */
export type ActivityListener = <T extends HappeningType>(type: T, about: Happenings[T]) => void;

/** Tells who listens. Nobody is told of the time before. */
export class Activity {
  #listener: ActivityListener | undefined;
  #other: ActivityListener | undefined;

  /** Has `listener` told from now on, in place of the one before. It must not throw, nor take long. */
  listen(listener: ActivityListener | undefined): void {
    this.#listener = listener;
  }

  /** Has `listener` told beside that one; the same holds for it. */
  listenToo(listener: ActivityListener): void {
    this.#other = listener;
  }

  /** Something happened. */
  tell<T extends HappeningType>(type: T, about: Happenings[T]): void {
    this.#listener?.(type, about);
    this.#other?.(type, about);
  }
}
