/**
 * What the webhook plugin is told, and how it is read from the environment.
 *
 * @module
 */
import * as v from "valibot";
import { EVENT_NAMES } from "./modes/json.ts";
import { NGINX_CALLS } from "./modes/nginx_rtmp.ts";
import { SRS_CALLS } from "./modes/srs.ts";
import { secretMistake } from "./sign.ts";

/** What the names of variables begin with. */
export const PREFIX = "SLUICE_PLUGIN_WEBHOOK_";

const Url = v.pipe(
  v.string(),
  v.check((text) => {
    if (!URL.canParse(text)) return false;
    const { protocol, hostname } = new URL(text);
    return ["http:", "https:"].includes(protocol) && hostname !== "";
  }, "is a URL with http:// or https://"),
);

const whole = (least: number, most: number) =>
  v.pipe(
    v.number(`is a number from ${least} to ${most}`),
    v.integer("is a whole number"),
    v.minValue(least, `is a number from ${least} to ${most}`),
    v.maxValue(most, `is a number from ${least} to ${most}`),
  );

const several = (names: readonly string[]) =>
  v.array(v.picklist(names, `has names of ${names.join(", ")}`));

const CALLS = [...new Set<string>([...NGINX_CALLS, ...SRS_CALLS])];

/** The options, as an embedder hands them over. */
export const WebhookShape = v.strictObject({
  /** Whose requests are spoken: this server's own, nginx-rtmp's or those of SRS. */
  mode: v.optional(
    v.picklist(["json", "nginx-rtmp", "srs"], "is json, nginx-rtmp or srs"),
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
      v.maxLength(2, "has one secret or two"),
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

/** See {@link WebhookShape}. */
export type WebhookOptions = v.InferInput<typeof WebhookShape>;
/** The same with all that has a default. */
export type CompleteOptions = v.InferOutput<typeof WebhookShape>;

/** Completes options. @throws {Error} naming every mistake, without the values: there are secrets in them */
export function completeOptions(options: unknown): CompleteOptions {
  const result = v.safeParse(WebhookShape, options);
  const mistakes = result.success ? [] : result.issues.map((issue) => {
    const path = issue.path?.map(({ key }) => String(key)) ?? [];
    const unknown = issue.type === "strict_object" && issue.expected === "never";
    return `${path.join(".")} ${unknown ? "is no option" : issue.message}`;
  });
  const complete = result.output as CompleteOptions;
  if (mistakes.length === 0) {
    if (complete.mode !== "json") {
      const known: readonly string[] = complete.mode === "srs" ? SRS_CALLS : NGINX_CALLS;
      const calls = Object.keys(complete.calls);
      for (const call of calls) {
        if (!known.includes(call)) mistakes.push(`${call} is no call of ${complete.mode}`);
      }
      if (calls.length === 0) mistakes.push(`calls has one of ${known.join(", ")}`);
    } else {
      if (complete.url === undefined) mistakes.push("url is not set");
      if (complete.secrets.length === 0) mistakes.push("secrets has one secret or two");
    }
  }
  if (mistakes.length > 0) throw new Error(`webhook: ${mistakes.join("; ")}`);
  return complete;
}

/** Options of the environment. @throws {Error} naming every mistake */
export function optionsOf(env: Readonly<Record<string, string | undefined>>): CompleteOptions {
  const text = (name: string) => env[PREFIX + name] || undefined;
  const list = (name: string) => text(name)?.split(",").map((part) => part.trim()).filter(Boolean);
  /** Of names, or `none`. */
  const names = (name: string) => text(name) === "none" ? [] : list(name);
  const number = (name: string) => text(name) && Number(text(name));
  const calls = Object.fromEntries(
    CALLS.map((call) => [call, text(call.toUpperCase())]).filter(([, url]) => url !== undefined),
  );
  const unknown = Object.keys(env).find((name) =>
    name.startsWith(PREFIX) && !NAMES.has(name.slice(PREFIX.length))
  );
  if (unknown !== undefined) throw new Error(`webhook: ${unknown} is not one of its variables`);
  const given = {
    mode: text("MODE"),
    url: text("URL"),
    eventsUrl: text("EVENTS_URL"),
    calls,
    secrets: list("SECRET"),
    decide: names("DECIDE"),
    events: names("EVENTS"),
    decisionMs: number("DECISION_MS"),
    eventMs: number("EVENT_MS"),
    folder: text("FOLDER"),
    queue: number("QUEUE"),
    queueMiB: number("QUEUE_MIB"),
    concurrency: number("CONCURRENCY"),
    perSecond: number("PER_SECOND"),
    maxAgeHours: number("MAX_AGE_HOURS"),
    updateMs: number("UPDATE_MS"),
  };
  return completeOptions(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
}

/** Variables, behind {@link PREFIX}. */
const NAMES: ReadonlySet<string> = new Set([
  ...("MODE URL EVENTS_URL SECRET DECIDE EVENTS DECISION_MS EVENT_MS FOLDER QUEUE QUEUE_MIB CONCURRENCY " +
    "PER_SECOND MAX_AGE_HOURS UPDATE_MS").split(" "),
  ...CALLS.map((call) => call.toUpperCase()),
]);
