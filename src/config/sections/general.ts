/**
 * The settings that stand in no section.
 *
 * @module
 */
import * as v from "valibot";
import { isHost } from "../host.ts";
import { meta, type Section, toggle } from "../setting.ts";

const entries = {
  host: v.optional(
    v.pipe(
      v.string(),
      v.check(isHost),
      meta({
        text: "Address that both servers listen on. 0.0.0.0 or :: is every address of the machine.",
        expected: "an IP address or a host name, without port or brackets",
        placeholder: "ADDRESS",
      }),
    ),
    "127.0.0.1",
  ),
  plugins: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.nonEmpty())),
      v.maxLength(100),
      meta({
        flag: "plugin",
        text:
          "Plugin modules to load, in this order; paths are relative to the working directory." +
          " Repeat the flag for more than one; separate them with commas in the environment.",
        expected: "a list of at most 100 paths, none of them empty",
        placeholder: "PATH",
      }),
    ),
    (): string[] => [],
  ),
  allowAnonymous: toggle(
    "Let anybody who reaches the server publish, even where no plugin decides who may and the" +
      " server listens beyond this machine.",
  ),
};

/** The settings that stand in no section. */
export const general: Section<typeof entries> = { title: "General", entries };
