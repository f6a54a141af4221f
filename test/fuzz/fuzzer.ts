/**
 * Runs inputs by seed and says what came of them. Any failure names the seed of its input.
 *
 * @module
 */
import assert from "node:assert/strict";
import { stopwatch } from "../support/cpu.ts";
import { feedings } from "../support/feed.ts";
import { type FuzzInput, fuzzInput } from "./generator.ts";
import { HEAP_EVERY, HeapWatch } from "./heap_watch.ts";
import { feedSession, type Outcome } from "./session_target.ts";
import { ServiceTarget } from "./service_target.ts";

/** Longest that one input may take (ms). */
export const MAX_INPUT_MS = 50;

/** C0, C1 and C2. */
export const HANDSHAKE_BYTES = 1 + 2 * 1536;

/** An input that takes longer is timed again (ms). */
const SUSPICIOUS_MS = 5;

/** One input in so many is cut in several ways, which must all give the same. */
const CUT_EVERY = 16;
/** One in so many goes to a whole service as well. */
const SERVICE_EVERY = 20;

/** What came of a run. */
export interface FuzzReport {
  readonly inputs: number;
  readonly bytes: number;
  /** Inputs by how their session ended: the code of the error, or `none`. */
  readonly ends: ReadonlyMap<string, number>;
  /** Events that the owners were told. */
  readonly events: number;
  readonly slowestMs: number;
  readonly slowestSeed: number;
  readonly seconds: number;
  /** How much more the heap held towards the end than towards the beginning (bytes). */
  readonly heapGrowth: number;
}

/** An input that did not hold. */
export class FuzzFailure extends Error {
  constructor(readonly input: FuzzInput, cause: unknown) {
    super(`Input of seed ${input.seed} fails: ${cause}`, { cause });
  }
}

/** Feeds the input of one seed in every way; returns the outcome. */
export function tryInput({ seed, bytes }: FuzzInput, everyCut: boolean): Outcome {
  const outcome = feedSession(seed, [bytes.slice()]);
  if (!everyCut) return outcome;
  // The handshake is cut now and then; each of its bytes by itself would take most of the time.
  const whole = seed % 128 === 0 ? 0 : Math.min(bytes.length, HANDSHAKE_BYTES);
  for (const cuts of feedings(bytes.subarray(whole), seed).slice(1)) {
    const segments = [bytes.slice(0, whole), ...cuts];
    const cut = feedSession(seed, segments);
    assert.deepEqual(cut.events, outcome.events, `cut into ${segments.length} segments`);
  }
  return outcome;
}

/** The time of one input at its best of three, as the machine may be busy with something else. */
function bestMs(input: FuzzInput): number {
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    const time = stopwatch();
    feedSession(input.seed, [input.bytes.slice()]);
    best = Math.min(best, time());
  }
  return best;
}

/**
 * Runs `count` inputs, those of the seeds from `seed` on.
 *
 * @throws {FuzzFailure} at the first that does not hold
 */
export async function fuzz(
  seed: number,
  count: number,
  onProgress: (done: number) => void = () => {},
): Promise<FuzzReport> {
  const started = performance.now();
  const service = new ServiceTarget();
  const ends = new Map<string, number>();
  let bytes = 0;
  let events = 0;
  let slowestMs = 0;
  let slowestSeed = seed;
  const heap = new HeapWatch();
  for (let i = 0; i < count; i++) {
    const input = fuzzInput((seed + i) >>> 0);
    try {
      const start = performance.now();
      const outcome = tryInput(input, false);
      let ms = performance.now() - start;
      if (ms > SUSPICIOUS_MS) ms = Math.min(ms, bestMs(input));
      assert.ok(ms <= MAX_INPUT_MS, `took ${ms} ms`);
      if (ms > slowestMs) [slowestMs, slowestSeed] = [ms, input.seed];
      if (i % CUT_EVERY === 0) tryInput(input, true);
      if (i % SERVICE_EVERY === 0) await service.feed([input.bytes.slice()]);
      bytes += input.bytes.length;
      events += outcome.events.length;
      const end = outcome.code ?? "none";
      ends.set(end, (ends.get(end) ?? 0) + 1);
    } catch (error) {
      throw new FuzzFailure(input, error);
    }
    if (i % HEAP_EVERY === 0) heap.look(i / count);
    onProgress(i + 1);
  }
  const seconds = (performance.now() - started) / 1000;
  const { growth: heapGrowth } = heap;
  return { inputs: count, bytes, ends, events, slowestMs, slowestSeed, seconds, heapGrowth };
}
