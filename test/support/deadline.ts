/**
 * Deadlines for what a test waits for: no test hangs, and one that waited in vain says for what.
 *
 * @module
 */

/**
 * How long tests wait for what should happen at once (ms). It costs time only where a test fails, and
 * the suite runs on machines that are busy with much else.
 */
export const SOON_MS = 45_000;

/** `promise`, or an error that names `what` did not happen; `details` are looked up only then. */
export async function within<T>(
  promise: Promise<T>,
  what: string,
  ms: number = SOON_MS,
  details: () => string = () => "",
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Not within ${ms} ms: ${what}\n${details()}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Asks again and again until the answer is not `undefined` or `false`: for what tells nobody when
 * it changes, such as the control API.
 */
export async function until<T>(
  ask: () => Promise<T | undefined | false>,
  what: string,
  ms: number = SOON_MS,
  everyMs = 25,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > end) throw new Error(`Not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
