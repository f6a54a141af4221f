/**
 * Shared objects, and where they are kept.
 *
 * @module
 */
import * as v from "valibot";
import { integer, meta, type Section, toggle } from "../setting.ts";

const entries = {
  enabled: toggle(
    "Let clients use shared objects, and change them unless a plugin decides otherwise. Off, what" +
      " is said to them is read past.",
  ),
  folder: v.optional(v.pipe(
    v.string(),
    v.nonEmpty(),
    meta({
      text: "Folder that persistent shared objects are kept in. Without one there are none.",
      expected: "a path that is not empty",
      placeholder: "PATH",
    }),
  )),
  maxObjects: integer(1000, 1, 100_000, { text: "Shared objects in memory at once." }),
  maxPerApp: integer(100, 1, 100_000, { text: "The same of one application." }),
  maxFiles: integer(10_000, 1, 1_000_000, {
    text: "Persistent shared objects in the folder. Over this, no new one is saved.",
  }),
};

/** The section `sharedObjects`. */
export const sharedObjects: Section<typeof entries> = { title: "Shared objects", entries };
