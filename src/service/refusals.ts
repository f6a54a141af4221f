/**
 * Why clients are not let publish or play, in the words that they are told it in, whatever brought them.
 *
 * @module
 */
import { NAME_RULE } from "../core/rtmp/stream_name.ts";
import type { HubRefusal } from "../hub/mod.ts";

/** What a client is told when the name that it would have in public is not allowed. */
export const NOT_PUBLIC = `This name cannot be that of a stream: it has ${NAME_RULE}.`;

/** What a client is told when the hub refuses. */
export const REFUSALS: Readonly<Record<HubRefusal, string>> = {
  "taken": "The stream is already being published.",
  "not-found": "Nobody publishes this stream.",
  "too-many-streams": "The server has as many streams as it may have.",
  "too-many-waits": "Too many players wait for streams that nobody publishes.",
  "no-memory": "The server has no memory left for another stream.",
  "too-many-choices": "Players of this stream have chosen too many different tracks.",
};

/** What is told of a switch that comes too late. */
export const PLAY_IS_OVER = "What was played is over.";
