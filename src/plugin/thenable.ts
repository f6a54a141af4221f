/**
 * Waiting for what a plugin answered later, which may be a promise of anybody's making.
 *
 * @module
 */

/** Whether a value is to be waited for. Throws what a hostile getter throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}

/**
 * Calls `fulfilled` or `rejected`, once, whatever `answer` does: throw, call both, call again. What
 * a thenable of another library fulfils with is not waited for in turn, as a promise would: one
 * that fulfils with itself would keep the process busy for ever.
 */
export function whenSettled(
  answer: PromiseLike<unknown>,
  fulfilled: (value: unknown) => void,
  rejected: (error: unknown) => void,
): void {
  let settled = false;
  const once = (tell: (value: unknown) => void) => (value: unknown) => {
    if (settled) return;
    settled = true;
    tell(value);
  };
  const fail = once(rejected);
  try {
    answer.then(once(fulfilled), fail);
  } catch (error) {
    fail(error);
  }
}
