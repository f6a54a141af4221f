/**
 * Which test files run in one process, and in which order.
 *
 * @module
 */

/** What starts processes, opens sockets or waits for real time; all else is done within a minute. */
const SLOW = [
  /^test\/(?:e2e|browser|hostile|fuzz|soak|reliability|transport|tools|client)\//,
  /^test\/embed_test|_ffmpeg_test|^test\/recordings\/(?:mp4_(?:file|codecs|recording)|damaged)_test/,
  /^test\/plugins\/(?:upload_recordings|stream_keys|signed_urls|jwt|limits)_test/,
  /^test\/plugins\/webhook\/(?:decisions|events)_test/,
];

/** Files of a batch: so few that lanes end together, so many that starts do not add up. */
const SLOW_FILES = 3;
const QUICK_FILES = 40;

/** Whether a test file is left out by `deno task test:unit`. */
export function isSlow(file: string): boolean {
  return SLOW.some((slow) => slow.test(file));
}

/** Puts files that wait in batches, then those that only work. */
export function batchesOf(files: readonly string[]): string[][] {
  const slow = files.filter(isSlow);
  const quick = files.filter((file) => !isSlow(file));
  return [...chunks(slow, SLOW_FILES), ...chunks(quick, QUICK_FILES)];
}

function chunks(files: readonly string[], size: number): string[][] {
  return Array.from(
    { length: Math.ceil(files.length / size) },
    (_, index) => files.slice(index * size, (index + 1) * size),
  );
}

/**
 * Runs `work` on all batches, `lanes` at a time. The first lane takes them from the end, so that what
 * works runs beside what waits.
 *
 * @returns what came of each, in the order of the batches
 */
export async function inLanes<B, R>(
  batches: readonly B[],
  lanes: number,
  work: (batch: B) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let [first, end] = [0, batches.length];
  await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
    while (first < end) {
      const index = lane === 0 ? --end : first++;
      results[index] = await work(batches[index]!);
    }
  }));
  return results;
}
