/**
 * Requests that services answer without what HTTP has around them.
 *
 * @module
 */
import type { PlainHandler } from "../ports.ts";
import type { Service } from "./surroundings.ts";

/** Asks the services in turn; `undefined` where none of them answers plain requests. */
export function plainOf(services: readonly Service[]): PlainHandler | undefined {
  const handlers = services.flatMap(({ plain }) => plain === undefined ? [] : [plain]);
  if (handlers.length < 2) return handlers[0];
  return (request, answer) => {
    for (const handler of handlers) {
      const taken = handler(request, answer);
      if (taken !== false) return taken;
    }
    return false;
  };
}
