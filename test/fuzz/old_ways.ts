/**
 * Runs the fuzzer on the ways in beside plain connections: datagrams of RTMFP, requests of RTMPT.
 *
 * @module
 */
import { HEAP_EVERY, HeapWatch } from "./heap_watch.ts";
import { DATAGRAMS, RtmfpTarget } from "./rtmfp_target.ts";
import { TunnelTarget } from "./tunnel_target.ts";

/** A way in, and what is counted of it. */
export const OLD_WAYS = { rtmfp: "datagrams", rtmpt: "requests" } as const;

/** The name of a way in. */
export type OldWay = keyof typeof OLD_WAYS;

/** What came of a run. */
export interface OldWayReport {
  /** Datagrams, or requests, and the seeds that they were drawn by. */
  readonly count: number;
  readonly seeds: number;
  readonly seconds: number;
  /** How much more the heap held towards the end than towards the beginning (bytes). */
  readonly heapGrowth: number;
}

/** A seed that did not hold. */
export class OldWayFailure extends Error {
  constructor(readonly way: OldWay, readonly seed: number, cause: unknown) {
    super(`Seed ${seed} of ${way} fails: ${cause}`, { cause });
  }
}

/**
 * Feeds at least `count` datagrams or requests, those of the seeds from `seed` on. A service goes on from
 * one to the next, so that what fails may need some of those ahead of it.
 *
 * @throws {OldWayFailure} at the first that does not hold
 */
export async function fuzzOldWay(
  way: OldWay,
  seed: number,
  count: number,
  onProgress: (done: number) => void = () => {},
): Promise<OldWayReport> {
  const target = way === "rtmfp" ? new RtmfpTarget() : new TunnelTarget();
  const heap = new HeapWatch();
  const started = performance.now();
  let done = 0;
  let seeds = 0;
  for (; done < count; seeds++) {
    const one = (seed + seeds) >>> 0;
    try {
      const requests = await target.feed(one);
      done += way === "rtmfp" ? DATAGRAMS : requests;
    } catch (error) {
      throw new OldWayFailure(way, one, error);
    }
    if (seeds % HEAP_EVERY === 0) heap.look(done / count);
    onProgress(done);
  }
  const seconds = (performance.now() - started) / 1000;
  return { count: done, seeds, seconds, heapGrowth: heap.growth };
}
