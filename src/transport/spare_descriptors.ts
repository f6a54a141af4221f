/**
 * Notices that the process runs out of file descriptors while there are still some left.
 *
 * Neither runtime says so in time: once `accept` has failed for want of a descriptor, Deno's listeners
 * stay deaf for good, and Bun's spins without telling. So a few descriptors are kept in reserve, and
 * with every connection one more is opened as a trial. When that fails the reserve is given up, which
 * leaves room for what must go on, and the owner is told to close what it can spare.
 *
 * @module
 */

/** Descriptors in reserve. */
const SPARE = 8;
/** How often is looked without a connection (ms): others than RTMP clients may use them up. */
const WATCH_MS = 250;

/** Opens something that takes one descriptor; returns what closes it, or `undefined` if it cannot. */
export type OpenDescriptor = () => (() => void) | undefined;

/** A reserve of file descriptors. */
export class SpareDescriptors {
  readonly #open: OpenDescriptor;
  readonly #onExhausted: () => void;
  readonly #onRecovered: () => void;
  readonly #spares: (() => void)[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  /** Whether none was left since the owner was last told of a recovery. */
  #exhausted = false;

  /**
   * `onExhausted` is told that none is left, `onRecovered` that there are some again: an `accept` may
   * have failed in between. `unref` lets the process end while the timer is pending.
   */
  constructor(
    open: OpenDescriptor,
    onExhausted: () => void,
    onRecovered: () => void,
    unref: (timer: ReturnType<typeof setTimeout>) => void,
  ) {
    this.#open = open;
    this.#onExhausted = onExhausted;
    this.#onRecovered = onRecovered;
    while (this.#spares.length < SPARE && this.#refill());
    this.#timer = setInterval(() => {
      this.check();
      this.#recover();
    }, WATCH_MS);
    unref(this.#timer);
  }

  /** Looks whether there is one left; call it with each connection. */
  check(): void {
    if (this.#refill()) return;
    for (const close of this.#spares.splice(0)) close();
    this.#exhausted = true;
    this.#onExhausted();
    this.#recover();
  }

  #recover(): void {
    if (!this.#exhausted || !this.#refill()) return;
    this.#exhausted = false;
    this.#onRecovered();
  }

  /** Opens one, and keeps it if the reserve has room for it. */
  #refill(): boolean {
    const close = this.#open();
    if (close === undefined) return false;
    if (this.#spares.length < SPARE) this.#spares.push(close);
    else close();
    return true;
  }

  /** Gives the reserve up for good. */
  close(): void {
    clearInterval(this.#timer);
    for (const close of this.#spares.splice(0)) close();
  }
}

/** What a listener is told of descriptors. */
export interface DescriptorWatch {
  /** None is left: it is to close what it can spare. */
  onExhausted(): void;
  /** There are some again, and `accept` may have failed meanwhile. */
  renew(): void;
}

/**
 * The listeners of a process, which has one set of descriptors: whichever of them notices, all are told.
 * The one that can spare something may be another, and so may be the one whose `accept` failed.
 */
export class DescriptorWatches {
  readonly #all = new Set<DescriptorWatch>();

  /** Watches for one more listener, until that closes it; `open` and `unref` as above. */
  add(
    watch: DescriptorWatch,
    open: OpenDescriptor,
    unref: (timer: ReturnType<typeof setTimeout>) => void,
  ): Pick<SpareDescriptors, "check" | "close"> {
    const spares = new SpareDescriptors(
      open,
      () => this.#all.forEach((each) => each.onExhausted()),
      () => this.#all.forEach((each) => each.renew()),
      unref,
    );
    this.#all.add(watch);
    return {
      check: () => spares.check(),
      close: () => {
        this.#all.delete(watch);
        spares.close();
      },
    };
  }
}
