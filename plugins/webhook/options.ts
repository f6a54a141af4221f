/**
 * What the webhook plugin is told.
 *
 * @module
 */
import * as v from "valibot";
import { EVENT_NAMES } from "./modes/json.ts";
import { NGINX_CALLS } from "./modes/nginx_rtmp.ts";
import { SRS_CALLS } from "./modes/srs.ts";
import { secretMistake } from "./sign.ts";

const Url = v.pipe(
  v.string(),
  v.check((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname } = new URL(text);
    return ["http:", "https:"].includes(protocol) && hostname !== "";
  }, "a URL with http:// or https://"),
);

const whole = (least: number, most: number) =>
  v.pipe(
    v.number(`a number from ${least} to ${most}`),
    v.integer("a whole number"),
    v.minValue(least, `a number from ${least} to ${most}`),
    v.maxValue(most, `a number from ${least} to ${most}`),
  );

const several = (names: readonly string[]) =>
  v.array(v.picklist(names, `names of ${names.join(", ")}`));

const CALLS = [...new Set<string>([...NGINX_CALLS, ...SRS_CALLS])];

const Shape = v.strictObject({
  /** Whose requests are spoken: this server's own, nginx-rtmp's or those of SRS. */
  mode: v.optional(
    v.picklist(["json", "nginx-rtmp", "srs"], "json, nginx-rtmp or srs"),
    "json",
  ),
  /** Where decisions are asked for; events go there too, unless `eventsUrl`. */
  url: v.optional(Url),
  /** Where events go. */
  eventsUrl: v.optional(Url),
  /** In the other modes, the URL of each call that is made. */
  calls: v.optional(v.record(v.picklist(CALLS), Url), {}),
  /** What requests are signed with: one secret, or two while it is changed. */
  secrets: v.optional(
    v.pipe(
      v.array(v.pipe(
        v.string(),
        v.rawCheck(({ dataset, addIssue }) => {
          if (!dataset.typed) return;
          const mistake = secretMistake(dataset.value);
          if (mistake !== undefined) addIssue({ message: mistake });
        }),
      )),
      v.maxLength(2, "one secret or two"),
    ),
    [],
  ),
  /** What is asked. */
  decide: v.optional(several(["connect", "publish", "play"]), ["publish", "play"]),
  /** What is told. */
  events: v.optional(several(EVENT_NAMES), [...EVENT_NAMES]),
  /** How long a decision may take (ms). */
  decisionMs: v.optional(whole(100, 60_000), 4_000),
  /** How long one try to hand over an event may take (ms). */
  eventMs: v.optional(whole(100, 60_000), 10_000),
  /** Where events are kept over a restart. */
  folder: v.optional(v.string()),
  /** Most events that wait. */
  queue: v.optional(whole(1, 1_000_000), 10_000),
  /** Most bytes of them (MiB). */
  queueMiB: v.optional(whole(1, 1024), 32),
  /** Events on their way at once. */
  concurrency: v.optional(whole(1, 64), 4),
  /** Most requests with events in a second. */
  perSecond: v.optional(whole(1, 100_000), 200),
  /** How long an event is tried (hours). */
  maxAgeHours: v.optional(whole(1, 24 * 30), 24),
  /** Pause between two calls of `on_update` (ms). */
  updateMs: v.optional(whole(100, 3_600_000), 30_000),
});

/** What is expected instead of what the options say together. */
function mistakeIn(options: v.InferOutput<typeof Shape>): string | undefined {
  const { mode, url, secrets } = options;
  if (mode === "json") {
    if (url === undefined) return "a url";
    return secrets.length === 0 ? "secrets, one or two" : undefined;
  }
  const known: readonly string[] = mode === "srs" ? SRS_CALLS : NGINX_CALLS;
  const calls = Object.keys(options.calls);
  if (calls.length === 0) return `calls, some of ${known.join(", ")}`;
  const unknown = calls.find((call) => !known.includes(call));
  return unknown === undefined ? undefined : `calls of ${mode}, which has no ${unknown}`;
}

/** The options, as an embedder hands them over, or a file of JSON has them. */
export const WebhookShape = v.pipe(
  Shape,
  v.rawCheck(({ dataset, addIssue }) => {
    const message = dataset.typed ? mistakeIn(dataset.value) : undefined;
    if (message !== undefined) addIssue({ message });
  }),
);

/** See {@link WebhookShape}. */
export type WebhookOptions = v.InferInput<typeof WebhookShape>;
/** The same with all that has a default. */
export type CompleteOptions = v.InferOutput<typeof WebhookShape>;
