/**
 * The version of Sluice.
 *
 * @module
 */

/** The version of Sluice, as in `deno.json` and `package.json`. */
export const VERSION = "0.1.0";
