/**
 * Lets publish and play by address: rules in order, of which the first that fits decides.
 *
 * Options in `SLUICE_PLUGIN_IP_RULES`: `{ "rules": [{ "allow": ["10.0.0.0/8"], "to": ["publish"] }, { "deny":
 * ["*"], "to": ["publish"] }] }`.
 *
 * @module
 */
import * as v from "valibot";
import {
  AddressSet,
  checkOptions,
  coversPath,
  definePlugin,
  isAddressRange,
  pathsOf,
  type PlayContext,
  type PluginFactory,
  readOptions,
  refuse,
} from "../src/plugin/api.ts";

/** Most rules, and most ranges in one of them. */
const MAX_RULES = 1000;
const MAX_RANGES = 100_000;

/** Stands for every address. */
const ANY = "*";

const ranges = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.check(
        (text) => text === ANY || isAddressRange(text),
        "an address, a range as 10.0.0.0/8, or *",
      ),
    ),
  ),
  v.minLength(1, "one address or more"),
  v.maxLength(MAX_RANGES),
);

const Rule = v.pipe(
  v.strictObject({
    allow: v.optional(ranges),
    deny: v.optional(ranges),
    to: v.optional(v.pipe(v.array(v.picklist(["publish", "play"])), v.minLength(1)), [
      "publish",
      "play",
    ]),
    streams: v.optional(v.array(v.string()), ["*"]),
  }),
  v.check(({ allow, deny }) => (allow === undefined) !== (deny === undefined), "allow or deny"),
);

const Options = v.strictObject({
  rules: v.pipe(v.array(Rule), v.minLength(1, "one rule or more"), v.maxLength(MAX_RULES)),
  otherwise: v.optional(v.picklist(["allow", "deny"]), "allow"),
  edges: v.optional(ranges),
});

/** A rule: who is let do what, or is not. */
export interface IpRule {
  /** Addresses and ranges that are let; `*` is all. Either this or `deny`. */
  readonly allow?: string[];
  /** Those that are not. */
  readonly deny?: string[];
  /** What the rule is about; both if left out. */
  readonly to?: ("publish" | "play")[];
  /** `<app>/<name>`, or with `*` at its end all that begin so; all if left out. */
  readonly streams?: string[];
}

/** What the plugin is made with. */
export interface IpRulesOptions {
  /** The first that fits decides. */
  readonly rules: IpRule[];
  /** What becomes of those whom no rule fits. */
  readonly otherwise?: "allow" | "deny";
  /** Addresses of edges, which are believed when they say whom they stand for. */
  readonly edges?: string[];
}

/** Makes the plugin. @throws {Error} on a mistake in the options */
export function ipRules(options: IpRulesOptions) {
  const { rules, otherwise, edges } = checkOptions(Options, options, "ip_rules");
  const known = rules.map(({ allow, deny, to, streams }) => ({
    lets: allow !== undefined,
    has: matcherOf(allow ?? deny ?? []),
    to,
    streams,
  }));
  /** Whether somebody has to be named to publish. */
  const deniesOthers = otherwise === "deny" ||
    rules.some(({ deny, to, streams }) =>
      deny?.includes(ANY) && to.includes("publish") && streams.includes("*")
    );
  const isEdge = matcherOf(edges ?? []);

  function decide(action: "publish" | "play", context: PlayContext) {
    const { client, rtmp } = context;
    const { hostname } = client.address;
    const forwarded = rtmp?.forwardedFor;
    const address = forwarded !== undefined && isEdge(hostname) ? forwarded : hostname;
    const paths = pathsOf(context);
    const rule = known.find(({ to, streams, has }) =>
      to.includes(action) && streams.some((one) => paths.some((path) => coversPath(one, path))) &&
      has(address)
    );
    if (!(rule?.lets ?? otherwise === "allow")) return refuse(`Not from this address`);
  }

  return definePlugin({
    name: "ip_rules",
    anybody: !deniesOthers,
    ...(concerns("publish")
      ? { onPublish: (context: PlayContext) => decide("publish", context) }
      : {}),
    ...(concerns("play") ? { onPlay: (context: PlayContext) => decide("play", context) } : {}),
  });

  function concerns(action: "publish" | "play"): boolean {
    return otherwise === "deny" || known.some(({ to }) => to.includes(action));
  }
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) => ipRules(readOptions("ip_rules", Options, env));
export default fromEnvironment;

function matcherOf(texts: readonly string[]): (address: string) => boolean {
  if (texts.includes(ANY)) return () => true;
  const set = new AddressSet(texts);
  return (address) => set.has(address);
}
