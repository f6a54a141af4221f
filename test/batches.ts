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

/**
 * How many files are in a batch, by the first kind that a file is of: so few that lanes end together, so many
 * that starts, which load all modules anew, do not add up. The first lanes take batches in this order, so
 * that at the end there are short ones.
 */
const KINDS: readonly (readonly [RegExp, number])[] = [
  [/^test\/browser\//, 5],
  [/^test\/e2e\//, 5],
  [/^test\/hostile\//, 6],
  [/^/, 14],
];
const QUICK_FILES = 100;

/** Whether a test file is left out by `deno task test:unit`. */
export function isSlow(file: string): boolean {
  return SLOW.some((slow) => slow.test(file));
}

/**
 * Puts files that wait in batches, then those that only work. `later` has browsers, which are the most work of
 * all, come behind other programs: one runtime needs them while the other one does not.
 */
export function batchesOf(files: readonly string[], later = false): string[][] {
  const [browsers, programs, ...rest] = KINDS;
  const kinds = later ? [programs!, browsers!, ...rest] : KINDS;
  const kindOf = (file: string) => kinds.findIndex(([kind]) => kind.test(file));
  const slow = files.filter(isSlow);
  const quick = files.filter((file) => !isSlow(file));
  return [
    ...kinds.flatMap(([, size], kind) => dealt(slow.filter((file) => kindOf(file) === kind), size)),
    ...dealt(quick, QUICK_FILES),
  ];
}

/** Deals files out to batches of at most so many: neighbours are alike, so each goes to another one. */
function dealt(files: readonly string[], size: number): string[][] {
  const count = Math.ceil(files.length / size);
  return Array.from(
    { length: count },
    (_, batch) => files.filter((_, index) => index % count === batch),
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
