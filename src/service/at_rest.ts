/**
 * Gives memory back once nobody is there any more. The collector of V8 makes room for up to 48 MiB of
 * new objects while clients come and go, and keeps it until it happens to look again, which without work
 * it may not do for hours; that of Bun does much the same.
 *
 * @module
 */
import type { HubClock, HubTimer } from "../hub/mod.ts";
import type { Service } from "./surroundings.ts";

/** Guests since the last collection that make another one worth its while. */
const ENOUGH_GUESTS = 50;
/** How often it looks (ms). */
const LOOK_MS = 1000;

/** Who comes and who is here, in numbers. */
export interface Guests {
  /** Peers that are here. */
  readonly size: number;
  /** Peers that ever came. */
  readonly came: number;
}

/** Calls for a collection when all guests have been gone for a second, if many had come. */
export class AtRest implements Service {
  readonly #clock: HubClock;
  readonly #guests: Guests;
  readonly #collect: () => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  #timer: HubTimer | undefined;
  /** How many had come at the last collection. */
  #collectedAt = 0;
  /** How many had come when it looked last, if nobody was there then. */
  #leftBy: number | undefined;

  /**
   * @param collect stops the thread for up to some 60 ms: nobody waits for it then
   * @param onFault is told when that failed; it is not tried again
   */
  constructor(
    clock: HubClock,
    guests: Guests,
    collect: () => Promise<void>,
    onFault: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#guests = guests;
    this.#collect = collect;
    this.#onFault = onFault;
  }

  /** Begins to look. */
  start(): void {
    this.#timer = this.#clock.after(LOOK_MS, () => {
      this.#look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const { size, came } = this.#guests;
    const leftBy = size === 0 ? came : undefined;
    const isQuiet = leftBy !== undefined && leftBy === this.#leftBy;
    this.#leftBy = leftBy;
    if (!isQuiet || came - this.#collectedAt < ENOUGH_GUESTS) return;
    this.#collectedAt = came;
    this.#collect().catch((error) => {
      this.#collectedAt = Infinity;
      this.#onFault(error);
    });
  }
}
