/**
 * Ends several things at the end of a test.
 *
 * @module
 */

/** Something for `await using` that disposes of all of these, the last one first. */
export function disposeAll(...things: readonly AsyncDisposable[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      for (const thing of things.toReversed()) await thing[Symbol.asyncDispose]();
    },
  };
}
