/**
 * How long plugins may take, and clients that they ask.
 *
 * @module
 */
import { DEFAULT_HOOK_TIMEOUT_MS } from "../../plugin/mod.ts";
import { type Section, time } from "../setting.ts";

const hookEntries = {
  timeoutMs: time(
    DEFAULT_HOOK_TIMEOUT_MS,
    10,
    600_000,
    "Longest time a plugin may take to decide; after it the answer is no.",
  ),
};

/** The section `hook`. */
export const hook: Section<typeof hookEntries> = { title: "Plugin hooks", entries: hookEntries };

const callEntries = {
  timeoutMs: time(
    5000,
    10,
    600_000,
    "Longest time that a client may take to answer a remote call of the server.",
  ),
};

/** The section `call`. */
export const call: Section<typeof callEntries> = { title: "Remote calls", entries: callEntries };
