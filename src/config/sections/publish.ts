/**
 * Publishers: who has a name, how long they may be silent, and how clients come back.
 *
 * @module
 */
import * as v from "valibot";
import { isReconnectUrl } from "../../core/rtmp/session/mod.ts";
import { choice, HOUR, meta, type Section, time } from "../setting.ts";

const publishEntries = {
  policy: choice("replace", ["replace", "reject"], {
    text: "What happens to a second publisher of a live name: it takes over, or it is refused." +
      " Two encoders that are set to one name and come back by themselves take it from each other" +
      " for ever under `replace`: the log says so once.",
  }),
  startMs: time(
    20_000,
    100,
    HOUR,
    "Longest time from a publish that was let in to its first audio, video or data message.",
  ),
  idleMs: time(
    10_000,
    100,
    HOUR,
    "A publisher that sends no audio, video or data message for this long is disconnected," +
      " whatever else it sends.",
  ),
  probeMs: time(
    2000,
    0,
    60_000,
    "With the policy `reject`: how long the publisher of a live name has for a sign of life when" +
      " another wants the name, which else goes to the other; 0 refuses without asking.",
  ),
};

/** The section `publish`. */
export const publish: Section<typeof publishEntries> = {
  title: "Publishers",
  entries: publishEntries,
};

const reconnectEntries = {
  windowMs: time(
    10_000,
    0,
    HOUR,
    "How long players are kept after the connection of their publisher was lost, for it to come" +
      " back; 0 ends them at once, as a publisher does that says goodbye.",
  ),
  url: v.optional(v.pipe(
    v.string(),
    v.check(isReconnectUrl),
    meta({
      text:
        "Where clients that follow a Reconnect Request go when this server stops or the control" +
        " API sends them; without it they come here again.",
      expected:
        "a URL of RTMP such as rtmp://other.example/live, or //other.example/live, or /live",
      placeholder: "URL",
    }),
  )),
};

/** The section `reconnect`. */
export const reconnect: Section<typeof reconnectEntries> = {
  title: "Coming back",
  entries: reconnectEntries,
};
