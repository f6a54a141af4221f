/**
 * Sets the switches of `ws` for as long as it is loaded: imported before it by `ws.ts`, and by nobody else.
 *
 * `ws` looks into the environment for two of them, and whoever runs Deno without the right to has
 * granted none for that: it would be asked on a terminal, and elsewhere the server would not start.
 *
 * @module
 */
import process from "node:process";

/** The environment, to be put back. */
export const environment = process.env;

// Without the native helpers that it would look for, and that nobody has installed.
process.env = { WS_NO_BUFFER_UTIL: "1", WS_NO_UTF_8_VALIDATE: "1" };
