/**
 * Statistics for other programs.
 *
 * @module
 */
import { choice, integer, type Section } from "../setting.ts";

const entries = {
  access: choice("api", ["api", "open"], {
    text:
      "Who may read `/metrics`, for Prometheus: who may ask the control API, or everybody who reaches" +
      " the port. It has the names of streams.",
  }),
  streams: integer(100, 0, 1000, {
    text:
      "Streams that have metrics with their names on them, those first that are there longest; what" +
      " the others measure is one more, called `(other)`.",
  }),
  statAccess: choice("api", ["api", "open"], {
    text:
      "Who may read `/stat`, the statistics in XML that nginx's RTMP module has: who may ask the control" +
      " API, or everybody who reaches the port. It has the names of streams and the addresses of clients.",
  }),
};

/** The section `metrics`. */
export const metrics: Section<typeof entries> = { title: "Statistics", entries };
