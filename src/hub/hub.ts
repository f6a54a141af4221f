/**
 * The hub of one server: it owns the streams, lets time pass for them, decides when what was pushed goes
 * out, and tells observers what becomes of them. It knows no protocol: services bring publishers, players,
 * taps and observers.
 *
 * @module
 */
import type { Asker } from "./asker.ts";
import { type Claim, Claims } from "./claims.ts";
import type { HubClock, HubTimer } from "./clock.ts";
import { FanoutPacer, type PacerSettings } from "./fanout/pacer.ts";
import { type HubObserver, Observers } from "./observers.ts";
import type { PublisherInfo } from "./publisher.ts";
import { StreamRegistry } from "./registry.ts";
import type { RegistryOptions } from "./registry_options.ts";
import type { LiveStream } from "./stream.ts";
import { keyOf, type StreamKey } from "./stream_key.ts";

/** How often waits, windows and rates are looked at (ms). */
export const HUB_TICK_MS = 500;

/** Longest turn in which is done what was left for later, and the pause before each (ms). */
const WORK_MS = 2;

/** What a hub is made with. */
export interface HubOptions {
  readonly clock: HubClock;
  readonly streams: RegistryOptions;
  readonly pacing: PacerSettings;
  /** How long an answer to a claim may take (ms). */
  readonly claimMs?: number;
  /** A fault while time passes or media goes out; nobody else notices. Must not throw. */
  onFault(error: unknown): void;
}

/** The hub of one server. */
export class Hub {
  readonly registry: StreamRegistry;
  /** Decides when what was pushed goes out. */
  readonly pacer: FanoutPacer;
  readonly #clock: HubClock;
  readonly #onFault: (error: unknown) => void;
  readonly #observers = new Observers();
  readonly #claims: Claims;
  #timer: HubTimer | undefined;
  /** The next turn of what was left for later. */
  #work: HubTimer | undefined;
  #over = false;

  constructor({ clock, streams, pacing, claimMs, onFault }: HubOptions) {
    this.#clock = clock;
    this.#onFault = onFault;
    this.registry = new StreamRegistry({
      ...streams,
      onLive: (stream, now) => this.#observers.live(stream, now),
      onLeft: (stream, reason, now) => this.#observers.left(stream, reason, now),
      onEnded: (stream, reason) => this.#observers.ended(stream, reason),
      onFault,
    });
    this.pacer = new FanoutPacer(pacing, clock, onFault);
    this.#claims = new Claims(claimMs);
  }

  /**
   * Has `observer` told what becomes of streams from now on; those that are there already are not told.
   *
   * @returns ends that
   */
  observe(observer: HubObserver): () => void {
    const forget = this.#observers.add(observer);
    this.#whoAsks();
    return () => {
      forget();
      this.#whoAsks();
    };
  }

  /** Nobody is asked where nobody would answer: then a play or a publish costs nothing more. */
  #whoAsks(): void {
    const { bringers, claimants } = this.#observers;
    this.registry.wants.ask = bringers
      ? (wanted, now) => this.#observers.wanted(wanted, now)
      : undefined;
    this.#claims.ask = claimants
      ? (claim: Claim, now: number) => this.#observers.claimed(claim, now)
      : undefined;
  }

  /** Media was pushed into `stream`: it goes out now or a little later. To be called once a turn. */
  pushed(stream: LiveStream, now: number): void {
    this.pacer.pushed(stream, now);
  }

  /**
   * Sends a data message to the players of a stream, in order with its media; stored, to those that
   * come later as well.
   *
   * @param payload the AMF0 message body, which begins with `handler`; kept, not copied
   * @returns `false` when nobody publishes the stream
   */
  announce(path: StreamKey, handler: string, payload: Uint8Array, store = false): boolean {
    const stream = this.registry.get(path);
    if (stream?.publisher === undefined) return false;
    const now = this.#clock.now();
    stream.announce(handler, payload, store, now);
    this.pacer.pushed(stream, now);
    return true;
  }

  /**
   * Asks for a name without playing it, as a request for a playlist does. `tell` is called once, before
   * this returns or later: whether the stream is there.
   *
   * @returns takes the question back
   */
  want(
    path: StreamKey,
    now: number,
    tell: (live: boolean) => void,
    asker?: Asker,
  ): () => void {
    const { registry } = this;
    const isLive = () => registry.get(path)?.live === true;
    const key = keyOf(path);
    if (isLive() || !registry.wants.open(path, now, asker) || isLive()) {
      tell(isLive());
      return () => {};
    }
    const cancel = registry.wants.listen(key, tell);
    return () => {
      cancel();
      registry.forgetUnwanted(key);
    };
  }

  /**
   * Asks whoever has a say whether `info` may publish this name; to be called behind the plugins and
   * ahead of `registry.publish`. `decided` is called once, before this returns or later, with why it is
   * refused or with nothing.
   */
  claim(
    path: StreamKey,
    info: PublisherInfo,
    now: number,
    decided: (reason?: string) => void,
  ): void {
    this.#claims.open(path, info, now, decided);
  }

  /** Begins to let time pass. */
  start(): void {
    this.registry.later = () => this.#workLater();
    this.#timer = this.#clock.after(HUB_TICK_MS, this.#tick);
  }

  /**
   * Ends every stream, so that services can let their clients go. In a turn of its own: whoever stops
   * the server, a plugin for instance, may be in the middle of one.
   */
  shutdown(): void {
    const now = this.#clock.now();
    this.#over = true;
    this.#attempt(() => this.#claims.close("The server is shutting down."));
    this.#attempt(() => this.registry.shutdown(now));
  }

  /** Time passes no more: everybody is gone. */
  close(): void {
    this.#timer?.cancel();
    this.#work?.cancel();
    this.registry.later = undefined;
  }

  /** Whether {@link shutdown} was called. */
  get over(): boolean {
    return this.#over;
  }

  readonly #tick = (): void => {
    const now = this.#clock.now();
    this.#attempt(() => this.registry.tick(now));
    this.#attempt(() => this.#claims.expire(now));
    this.#timer = this.#clock.after(HUB_TICK_MS, this.#tick);
  };

  #workLater(): void {
    this.#work ??= this.#clock.after(WORK_MS, () => {
      this.#work = undefined;
      const start = this.#clock.now();
      let more = true;
      this.#attempt(() => {
        while (more && this.#clock.now() - start < WORK_MS) more = this.registry.work(start);
      });
      if (more) this.#workLater();
    });
  }

  /** A fault with one stream must not keep the others from being looked after. */
  #attempt(what: () => void): void {
    try {
      what();
    } catch (error) {
      this.#onFault(error);
    }
  }
}
