/**
 * Who is told what becomes of streams: services that do something with every one of them, or that bring
 * those that are asked for.
 *
 * @module
 */
import type { Claim } from "./claims.ts";
import type { StreamEnd } from "./publisher.ts";
import type { LiveStream } from "./stream.ts";
import type { Wanted } from "./wants.ts";

/**
 * What an observer is told, synchronously and in the middle of what somebody else does: it may tap a
 * stream and note things, and ends or publishes streams in a turn of its own. What it throws goes to its
 * own {@link onFault}, and it is told on.
 */
export interface HubObserver {
  /**
   * A stream is there: somebody publishes a name that nobody had. Nothing was pushed yet, so that a tap
   * that is put on it now misses nothing. Who takes over, or comes back, begins no stream: taps are told.
   */
  onLive?(stream: LiveStream, now: number): void;
  /**
   * Its publisher has gone, be it of its own will or because it was lost: who has something to show in its place
   * begins with {@link LiveStream.standFor}, and keeps the stream with that.
   */
  onLeft?(stream: LiveStream, reason: StreamEnd, now: number): void;
  /** It is over, and its publisher is not waited for. The same name may be there again at once. */
  onEnded?(stream: LiveStream, reason: StreamEnd): void;
  /** Somebody asks for a name that nobody has. */
  onWanted?(wanted: Wanted, now: number): void;
  /** Somebody is about to publish a name, and was let by the plugins. */
  onClaimed?(claim: Claim, now: number): void;
  /** It threw. */
  onFault?(error: unknown): void;
}

/** The observers of a hub. */
export class Observers {
  readonly #observers = new Set<HubObserver>();

  /** Adds one. @returns takes it away again */
  add(observer: HubObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  /** Whether anybody is told when a name is asked for. */
  get bringers(): boolean {
    return this.#some((observer) => observer.onWanted !== undefined);
  }

  /** Whether anybody has a say in who publishes. */
  get claimants(): boolean {
    return this.#some((observer) => observer.onClaimed !== undefined);
  }

  #some(has: (observer: HubObserver) => boolean): boolean {
    for (const observer of this.#observers) if (has(observer)) return true;
    return false;
  }

  live(stream: LiveStream, now: number): void {
    this.#tell((observer) => observer.onLive?.(stream, now));
  }

  left(stream: LiveStream, reason: StreamEnd, now: number): void {
    this.#tell((observer) => observer.onLeft?.(stream, reason, now));
  }

  ended(stream: LiveStream, reason: StreamEnd): void {
    this.#tell((observer) => observer.onEnded?.(stream, reason));
  }

  wanted(wanted: Wanted, now: number): void {
    this.#tell((observer) => observer.onWanted?.(wanted, now));
  }

  /** One that throws has not let it in, and so it is refused. */
  claimed(claim: Claim, now: number): void {
    this.#tell(
      (observer) => observer.onClaimed?.(claim, now),
      () => claim.refuse("A fault of the server."),
    );
  }

  #tell(what: (observer: HubObserver) => void, failed: () => void = () => {}): void {
    for (const observer of this.#observers) {
      try {
        what(observer);
      } catch (error) {
        failed();
        try {
          observer.onFault?.(error);
        } catch {
          // Of what cannot even be told, nothing is left to tell.
        }
      }
    }
  }
}
