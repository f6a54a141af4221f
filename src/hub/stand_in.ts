/**
 * What is shown in place of a publisher that is away. It pushes as a publisher does, without being one: whoever
 * publishes takes the stream as if nobody had it, and viewers go over to that at its first key frame.
 *
 * @module
 */

/** A stream that something can be shown in. */
export interface ShownIn {
  /** What is shown in it, or is about to be. */
  readonly standIn: StandIn | undefined;
  /** Begins with something else than before; time goes on. */
  restart(now: number): void;
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void;
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void;
  /** What is shown ends, and nothing takes its place. */
  standInOver(now: number, waited: boolean): void;
}

/** The right to show something while a publisher is away; as long as it is there, viewers are kept. */
export class StandIn {
  /** What it is, for people. */
  label: string;
  readonly #stage: ShownIn;
  readonly #onOver: () => void;
  #shown = false;

  /** @param onOver is told in the middle of what somebody else does that the stream was taken away */
  constructor(stage: ShownIn, label: string, onOver: () => void) {
    this.#stage = stage;
    this.label = label;
    this.#onOver = onOver;
  }

  /** Whether it may push. */
  get active(): boolean {
    return this.#stage.standIn === this;
  }

  /** Whether viewers see it: something was pushed. */
  get shown(): boolean {
    return this.active && this.#shown;
  }

  /** What follows is something else than before, and begins with a key frame. */
  change(label: string): void {
    this.label = label;
    this.#shown = false;
  }

  /** Pushes a message, as a publisher does; ignored once somebody publishes. */
  push(kind: number, timestamp: number, payload: Uint8Array, now: number): void {
    if (this.#begin(now)) this.#stage.push(kind, timestamp, payload, now);
  }

  /** Stores and sends a data message. */
  setData(handler: string, timestamp: number, payload: Uint8Array, now: number): void {
    if (this.#begin(now)) this.#stage.setData(handler, timestamp, payload, now);
  }

  #begin(now: number): boolean {
    if (!this.active) return false;
    if (!this.#shown) {
      this.#shown = true;
      this.#stage.restart(now);
    }
    return true;
  }

  /** Gives up: viewers wait for the publisher, as without it, unless they have (`waited`). */
  end(now: number, waited = false): void {
    if (this.active) this.#stage.standInOver(now, waited);
  }

  /** It was taken away. Called by the stream only. */
  over(): void {
    this.#onOver();
  }
}
