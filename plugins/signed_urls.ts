/**
 * Lets in who holds a signed token in the query of the stream or the URL: for publishing, and for playing over
 * RTMP, FLV and HLS alike. `sluice sign` makes tokens; `src/plugin/signed_token.ts` says what is signed.
 *
 * Options in `SLUICE_PLUGIN_SIGNED_URLS`: `{ "secrets": ["…"], "actions": ["publish", "play"],
 * "afterExpiry": "run-on" }`.
 *
 * @module
 */
import {
  checkOptions,
  definePlugin,
  type PlayContext,
  type PluginFactory,
  readOptions,
  refuse,
  SessionDeadlines,
} from "../src/plugin/api.ts";
import {
  type SignedAction,
  SignedTokens,
  type SignedUrlOptions,
  SignedUrlOptionsShape,
} from "../src/plugin/signed_token.ts";

/** Makes the plugin. `now` tells milliseconds since 1970. @throws {Error} on a mistake in the options */
export function signedUrls(options: Partial<SignedUrlOptions>, now: () => number = Date.now) {
  const checked = checkOptions(SignedUrlOptionsShape, options, "signed_urls");
  const { secrets, actions, afterExpiry } = checked;
  const tokens = new SignedTokens(secrets);
  const deadlines = new SessionDeadlines("signed_urls", now);

  function check(action: SignedAction, context: PlayContext) {
    const { app, name, client, query, sessionId } = context;
    const path = `${app}/${name}`;
    const result = tokens.check(action, path, client.address.hostname, query, now());
    if (typeof result === "string") return refuse(result);
    if (afterExpiry === "end") deadlines.set(sessionId, result, "the token has expired");
  }

  return definePlugin({
    name: "signed_urls",
    start: (server, before) => deadlines.start(server, before),
    handOver: () => deadlines.handOver(),
    stop: () => deadlines.stop(),
    ...(actions.includes("publish")
      ? { onPublish: (context: PlayContext) => check("publish", context) }
      : {}),
    ...(actions.includes("play")
      ? { onPlay: (context: PlayContext) => check("play", context) }
      : {}),
    onDisconnect: ({ sessionId }) => deadlines.forget(sessionId),
  });
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) =>
  signedUrls(readOptions("signed_urls", SignedUrlOptionsShape, env));
export default fromEnvironment;
