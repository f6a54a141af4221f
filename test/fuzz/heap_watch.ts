/**
 * Tells whether a long run leaves something behind.
 *
 * @module
 */
import process from "node:process";

/** The heap is looked at behind so many inputs. */
export const HEAP_EVERY = 50;

/**
 * Tells what stays on the heap from what is waiting for the collector: the least it held in the
 * second quarter of a run, and in the last one.
 */
export class HeapWatch {
  #early = Infinity;
  #late = Infinity;

  /** `part` of the run is over. */
  look(part: number): void {
    const { heapUsed } = process.memoryUsage();
    if (part >= 0.25 && part < 0.5) this.#early = Math.min(this.#early, heapUsed);
    if (part >= 0.75) this.#late = Math.min(this.#late, heapUsed);
  }

  /** Bytes; 0 where the run was too short to tell. */
  get growth(): number {
    return Number.isFinite(this.#early + this.#late) ? this.#late - this.#early : 0;
  }
}
