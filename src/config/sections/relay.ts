/**
 * Relays: streams that are pushed to other servers.
 *
 * @module
 */
import * as v from "valibot";
import { readPushRule } from "../../service/relay/mod.ts";
import { integer, meta, type Section, time, toggle } from "../setting.ts";

const entries = {
  push: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((rule) => typeof readPushRule(rule) !== "string"))),
      v.maxLength(100),
      meta({
        text:
          "Streams that are pushed to other servers while they are live: a pattern such as `live/*`, a space and" +
          " an `rtmp://` or `rtmps://` URL with the name to publish, in which `{app}` and `{name}` are those of the" +
          " stream; behind it, if wanted, `video=`, `audio=`, `codecs=` and `metadata=`, see docs/relays.md." +
          " Repeat the flag for more than one; separate them with commas in the environment.",
        expected: "a list of at most 100 texts of the form PATTERN URL [OPTION=VALUE]",
        placeholder: "RULE",
        secret: true,
      }),
    ),
    (): string[] => [],
  ),
  allowPrivate: toggle(
    "Let relays connect to addresses that are not public: this machine, private networks, link-local" +
      " ones. Without it a target that leads there is refused, whoever named it.",
  ),
  maxTargets: integer(1000, 1, 100_000, {
    text: "Targets at once, of all streams.",
  }),
  timeoutMs: time(
    10_000,
    100,
    600_000,
    "Longest time until a connection to another server stands, and from there until it publishes or plays.",
  ),
};

/** The section `relay`. */
export const relay: Section<typeof entries> = { title: "Relays", entries };
