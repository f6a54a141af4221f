/**
 * How the process stops, and what it logs.
 *
 * @module
 */
import { choice, HOUR, integer, type Section, time } from "../setting.ts";

const shutdownEntries = {
  ms: time(
    5000,
    0,
    600_000,
    "Longest time to send what is queued when the server is asked to stop.",
  ),
  drainMs: time(
    10_000,
    0,
    HOUR,
    "Longest time before that to serve clients that were asked to reconnect. Nothing is waited for" +
      " when no client follows such a request; few do.",
  ),
};

/** The section `shutdown`. */
export const shutdown: Section<typeof shutdownEntries> = {
  title: "Stopping",
  entries: shutdownEntries,
};

const logEntries = {
  level: choice("info", ["trace", "debug", "info", "warning", "error"], {
    text: "Least severe level to log.",
  }),
  format: choice("pretty", ["pretty", "json"], {
    text: "One line for people, or one JSON object a line.",
  }),
  linesPerSecond: integer(100, 0, 1_000_000, {
    text:
      "Lines a second that one cause, such as a refused publish, may log; the rest are counted" +
      " and told in one line. 0 is no limit.",
  }),
};

/** The section `log`. */
export const log: Section<typeof logEntries> = { title: "Logging", entries: logEntries };
