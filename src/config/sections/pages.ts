/**
 * The pages for browsers: the dashboard and the player.
 *
 * @module
 */
import * as v from "valibot";
import { meta, type Section } from "../setting.ts";

/** On unless it is turned off. */
const on = (text: string) => v.optional(v.pipe(v.boolean(), meta({ text })), true);

const dashboardEntries = {
  enabled: on(
    "The dashboard, a page at `/` that shows streams and sessions, and plays. What it shows it asks the" +
      " control API for, so it is for whoever may use that.",
  ),
};

/** The section `dashboard`. */
export const dashboard: Section<typeof dashboardEntries> = {
  title: "Dashboard",
  entries: dashboardEntries,
};

/** Sites as `frame-ancestors` of CSP takes them; nothing that could end the header or add to it. */
const SITE =
  /^(?:\*|self|https?:\/\/(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::\d{1,5})?)$/i;

const playerEntries = {
  enabled: on("A page for each stream that plays it, at the path of the stream."),
  frames: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.regex(SITE))),
      v.maxLength(100),
      meta({
        text:
          "Sites that may show the player in a frame of theirs, such as `https://example.org` or" +
          " `https://*.example.org`; `self` is this server, and `*` every site. Without any, none may." +
          " Repeat the flag for more than one; separate them with commas in the environment.",
        expected: "a list of at most 100 origins, self or *",
        placeholder: "ORIGIN",
      }),
    ),
    (): string[] => [],
  ),
};

/** The section `player`. */
export const player: Section<typeof playerEntries> = {
  title: "Player page",
  entries: playerEntries,
};
