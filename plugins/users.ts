/**
 * Users with passwords, as OBS, Wirecast, FMLE and ffmpeg send them over RTMP (`authmod=adobe`), and as HTTP has
 * them (`Authorization: Basic`): each publishes and plays what the options say.
 *
 * Options in `SLUICE_PLUGIN_USERS`: `{ "users": { "ann": { "password": "…", "publish": ["live/ann"] } },
 * "ask": "encoders" }`.
 *
 * @module
 */
import * as v from "valibot";
import { isSameText, md5 } from "../src/plugin/passwords.ts";
import {
  checkOptions,
  type ConnectContext,
  coversPath,
  definePlugin,
  needLogin,
  type PlayContext,
  type PluginFactory,
  readOptions,
  refuse,
} from "../src/plugin/api.ts";

const paths = v.pipe(
  v.array(v.pipe(v.string(), v.regex(/^[^*]*\*?$/, "<app>/<name>, with * at its end if wanted"))),
  v.maxLength(1000),
);

const User = v.pipe(
  v.strictObject({
    password: v.optional(v.pipe(v.string(), v.minLength(8, "8 characters or more"))),
    salt: v.optional(v.pipe(v.string(), v.regex(/^[\w./+-]{1,32}$/, "1 to 32 letters or digits"))),
    digest: v.optional(v.pipe(v.string(), v.regex(/^[\w/+-]{22}==$/, "16 bytes in base64"))),
    publish: v.optional(paths, []),
    play: v.optional(paths, ["*"]),
  }),
  v.check(
    ({ password, salt, digest }) =>
      (password !== undefined) !== (salt !== undefined && digest !== undefined),
    "a password, or a salt and a digest",
  ),
);

const Options = v.strictObject({
  users: v.record(
    v.pipe(v.string(), v.regex(/^[\w.@~-]{1,64}$/, "1 to 64 letters, digits or one of . _ @ ~ -")),
    User,
  ),
  ask: v.optional(v.picklist(["encoders", "everybody"]), "encoders"),
});

/** A user as the options have it. */
export interface UserEntry {
  /** The password, or the next two. */
  readonly password?: string;
  /** What is hashed between the name and the password. */
  readonly salt?: string;
  /** Base64 of the MD5 of name, salt and password. */
  readonly digest?: string;
  /** What it may publish: `<app>/<name>`, or with `*` at its end all that begin so. Nothing if left out. */
  readonly publish?: string[];
  /** What it may play. All if left out. */
  readonly play?: string[];
}

/** What the plugin is made with. */
export interface UsersOptions {
  /** By their names. */
  readonly users: Readonly<Record<string, UserEntry>>;
  /** Who has to log in: encoders, so that all who play need not, or everybody. */
  readonly ask?: "encoders" | "everybody";
}

/** What encoders call themselves: those that Flash Media Server asks for a user. Others say that they publish. */
const ENCODER = /^(?:FMLE|Wirecast|FME|vMix|XSplit|OBS)\b/i;

/** Makes the plugin. @throws {Error} on a mistake in the options */
export function users(options: UsersOptions) {
  const { users: given, ask } = checkOptions(Options, options, "users");
  const known = new Map(Object.entries(given));

  /** Who a client has proven to be. */
  function userOf({ user, http }: ConnectContext): string | undefined {
    if (user !== undefined) return user;
    const [, encoded] = /^Basic +([\w+/=]{1,400})$/i.exec(http?.authorization ?? "") ?? [];
    const [, name, password] = /^([^:]*):(.*)$/s.exec(decoded(encoded ?? "")) ?? [];
    const entry = name === undefined ? undefined : known.get(name);
    if (entry === undefined || password === undefined) return undefined;
    const salt = entry.salt ?? "";
    const digest = entry.digest ?? md5(`${name}${salt}${entry.password}`);
    // Whoever knows the digest logs in with it over RTMP: no time may tell how much of it was right.
    const said = md5(`${name}${salt}${password}`);
    return isSameText(said, digest) ? name : undefined;
  }

  function may(action: "publish" | "play", context: PlayContext) {
    const user = userOf(context);
    if (user === undefined) return refuse("A user and a password are required");
    const path = `${context.app}/${context.name}`;
    const allowed = known.get(user)?.[action] ?? [];
    if (!allowed.some((one) => coversPath(one, path))) {
      return refuse(`The user may not ${action} this`);
    }
  }

  return definePlugin({
    name: "users",
    onLogin({ user }) {
      const entry = known.get(user);
      if (entry === undefined) return;
      const { password, salt, digest } = entry;
      return password === undefined ? { salt: salt!, digest: digest! } : { password };
    },
    onConnect(context) {
      const { user, rtmp, client } = context;
      if (rtmp === undefined) {
        return ask === "everybody" && userOf(context) === undefined ? needLogin() : undefined;
      }
      if (user !== undefined) return;
      if (ask === "everybody" || rtmp.publishes || ENCODER.test(client.agent)) return needLogin();
    },
    onPublish: (context) => may("publish", context),
    ...(ask === "everybody" ? { onPlay: (context: PlayContext) => may("play", context) } : {}),
  });
}

/** Makes the plugin from the environment. */
const fromEnvironment: PluginFactory = (env) => users(readOptions("users", Options, env));
export default fromEnvironment;

function decoded(base64: string): string {
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return "";
  }
}
