/**
 * Relays: streams that are pushed to other servers, and pulled from them.
 *
 * @module
 */
import * as v from "valibot";
import { readFallbackRule } from "../../service/fallback/rule.ts";
import { isOrigin, originsOf, readPullRule, readPushRule } from "../../service/relay/mod.ts";
import { choice, HOUR, integer, meta, type Section, time, toggle } from "../setting.ts";
import { path } from "./tls.ts";

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
  pull: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((rule) => typeof readPullRule(rule) !== "string"))),
      v.maxLength(100),
      meta({
        text:
          "Streams that are pulled from other servers when somebody asks for them, and dropped when nobody watches" +
          " any more: a pattern, a space and the URLs of sources, the first to be tried first, `rtmp://`, `rtmps://`" +
          " or those of HTTP-FLV, with `{app}` and `{name}` for those of the stream. With `always` behind them, and" +
          " a name without stars, it is pulled all the time.",
        expected: "a list of at most 100 texts of the form PATTERN URL [URL...] [always]",
        placeholder: "RULE",
        secret: true,
      }),
    ),
    (): string[] => [],
  ),
  origin: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((text) => originsOf([text]).every(isOrigin)))),
      v.maxLength(16),
      meta({
        flag: "origin",
        text:
          "Servers that this one is an edge of, the first to be tried first, such as `rtmp://origin.example`: streams" +
          " that nobody publishes here are pulled from there when somebody asks for them, and what is published here" +
          " is published there too, if they let it.",
        expected: "a list of at most 16 rtmp:// or rtmps:// URLs of servers",
        placeholder: "URL",
        secret: true,
      }),
    ),
    (): string[] => [],
  ),
  decides: choice("edge", ["edge", "origin"], {
    text:
      "Who decides who may play at an edge: its plugins alone, or the origin too, which is asked for each viewer" +
      " with its query and address.",
  }),
  fallback: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(), v.check((rule) => typeof readFallbackRule(rule) !== "string"))),
      v.maxLength(100),
      meta({
        text:
          "What viewers are shown while the publisher of their stream is away: a pattern such as `live/*`, a space" +
          " and sources, the first that there is to be shown: `stream=APPLICATION/NAME`, another stream, or" +
          " `file=PATH`, an FLV or MP4 file in the folder of media that is looped, with `{app}` and `{name}` for" +
          " those of the stream. With `lost` behind them only where the connection of the publisher broke off.",
        expected: "a list of at most 100 texts of the form PATTERN SOURCE [SOURCE...] [lost]",
        placeholder: "RULE",
      }),
    ),
    (): string[] => [],
  ),
  idleMs: time(
    10_000,
    0,
    HOUR,
    "How long a stream is pulled on, or has its place taken by a fallback, that nobody watches any more.",
  ),
  allowPrivate: toggle(
    "Let relays connect to addresses that are not public: this machine, private networks, link-local" +
      " ones. Without it a target that leads there is refused, whoever named it.",
  ),
  caFile: path(
    "File of certificates, in PEM, of authorities that are trusted over `rtmps://` and `https://` beside those that" +
      " the runtime knows.",
  ),
  maxTargets: integer(1000, 1, 100_000, {
    text: "Targets at once, of all streams; and as many that are pulled.",
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
