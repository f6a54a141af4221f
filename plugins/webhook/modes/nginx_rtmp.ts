/**
 * Calls as nginx-rtmp makes them: forms, answered by a status, and by a redirect that renames or sends on.
 * What it sends is held against a recording of nginx by `test/plugins/webhook/nginx_rtmp_test.ts`.
 *
 * Left out: `swfurl`, which is always empty, the time of media in updates, which is the time of the session,
 * and parameters of a client that are called as a field is, for they would take its place.
 *
 * @module
 */
import {
  type ConnectContext,
  type PlayContext,
  type PublishContext,
  type PublishVerdict,
  push,
  type RecordedContext,
  refuse,
  rename,
} from "../../../src/plugin/api.ts";
import type { PostAnswer } from "../post.ts";
import { Known, numberOf } from "./known.ts";
import {
  type Asked,
  clip,
  clipQuery,
  type Message,
  type Mode,
  type Note,
  type Question,
  type SessionNames,
  type Stamp,
  type Told,
  type ToldHook,
  type Updates,
} from "./mode.ts";

/** Directives of nginx-rtmp, which are set to the URL that each calls. */
export const NGINX_CALLS = [
  "on_connect",
  "on_disconnect",
  "on_publish",
  "on_play",
  "on_publish_done",
  "on_play_done",
  "on_done",
  "on_record_done",
  "on_update",
] as const;

/** One of them. */
export type NginxCall = (typeof NGINX_CALLS)[number];

/** Of each call that is made, its URL. */
export interface NginxModeOptions {
  readonly urls: Readonly<Partial<Record<NginxCall, string>>>;
  /** Pause between two updates (ms). */
  readonly updateMs: number;
  /** Milliseconds since 1970. */
  wall(): number;
}

const TYPE = "application/x-www-form-urlencoded";

/** Fields that a parameter of a client must not take the place of. */
const FIELDS: ReadonlySet<string> = new Set(
  ("app flashver swfurl tcurl pageurl addr epoch clientid call name type start duration reset time timestamp " +
    "recorder path").split(" "),
);

/** Somebody who publishes or plays. */
interface Doing {
  readonly what: "publish" | "play";
  readonly context: PublishContext | PlayContext;
  /** As others call it, which the one who does it may not know. */
  readonly publicName: string;
  readonly since: number;
}

/** Forms. */
export class NginxMode implements Mode {
  readonly anyAnswer = true;
  readonly updates: Updates | undefined;
  readonly #options: NginxModeOptions;
  /** By session, what and public name. */
  readonly #doing = new Known<Doing>();
  /** Who published a stream last, by its public name. */
  readonly #publishers = new Known<PublishContext>();

  /** `options`: what is called, and where. */
  constructor(options: NginxModeOptions) {
    this.#options = options;
    if (options.urls.on_update === undefined) return;
    this.updates = {
      everyMs: options.updateMs,
      messages: (sessions) => this.#updates(options.urls.on_update!, sessions),
      goesOn: ({ status }) => status >= 200 && status < 300,
    };
  }

  asks(question: Question): boolean {
    return this.#options.urls[`on_${question}`] !== undefined;
  }

  tells(hook: ToldHook): boolean {
    const { urls } = this.#options;
    switch (hook) {
      case "onUnpublish":
        return (urls.on_publish_done ?? urls.on_done ?? urls.on_publish) !== undefined;
      case "onPlayEnd":
        return (urls.on_play_done ?? urls.on_done ?? urls.on_play) !== undefined;
      case "onDisconnect":
        return urls.on_disconnect !== undefined;
      case "onLive":
      case "onRecorded":
        return urls.on_record_done !== undefined;
      default:
        return false;
    }
  }

  ask(question: Question, context: Asked, { at }: Stamp): Message | undefined {
    const url = this.#options.urls[`on_${question}`];
    if (question === "connect") {
      // Only RTMP has a command that connects.
      if (url === undefined || context.rtmp === undefined) return undefined;
      return form(url, context, [["epoch", at % 2 ** 32], ["call", "connect"]], "connect");
    }
    if (url === undefined) return undefined;
    const { name } = context as PublishContext;
    if (question === "publish") {
      const { type } = context as PublishContext;
      return form(url, context, [["call", "publish"], ["name", name], ["type", type]]);
    }
    const { start = 0 } = context as PlayContext;
    return form(url, context, [
      ...[["call", "play"], ["name", name]] as const,
      ...[["start", start], ["duration", 0], ["reset", 0]] as const,
    ]);
  }

  read(question: Question, { status, location }: PostAnswer, context: Asked): PublishVerdict {
    const [allowed, redirected] = [status >= 200 && status < 300, status >= 300 && status < 400];
    if (!allowed && !redirected) return refuse("");
    if (question === "connect") return allowed ? undefined : refuse("");
    // A redirect to nowhere lets in, as there.
    const to = redirected && location ? location : undefined;
    const isUrl = to !== undefined && /^rtmps?:\/\//i.test(to);
    if (isUrl && question === "play") throw new Error("a play cannot be sent to another server");
    // There the path of a URL that it is redirected to does not count, but for its last part.
    const name = to === undefined || isUrl ? undefined : lastPart(to);
    this.#remember(question, context as PublishContext, name);
    if (isUrl) return push(pushUrl(to));
    return name === undefined ? undefined : rename(name);
  }

  tell<H extends ToldHook>(hook: H, context: Told[H]): readonly Note[] {
    switch (hook) {
      case "onUnpublish":
        return this.#ended("publish", context as Told["onUnpublish"]);
      case "onPlayEnd":
        return this.#ended("play", context as Told["onPlayEnd"]);
      case "onDisconnect":
        return this.#disconnected(context as Told["onDisconnect"]);
      case "onRecorded":
        return this.#recorded(context as Told["onRecorded"]);
      case "onLive":
        this.#live(context as Told["onLive"]);
    }
    return [];
  }

  #remember(
    what: Doing["what"],
    context: PublishContext | PlayContext,
    renamed: string | undefined,
  ): void {
    const publicName = renamed ?? context.name;
    const since = this.#options.wall();
    const key = doingKey(context.sessionId, what, publicName);
    this.#doing.set(key, { what, context, publicName, since });
    if (what === "publish") {
      this.#publishers.set(`${context.app}/${publicName}`, context as PublishContext);
    }
  }

  #ended(what: Doing["what"], ended: PublishContext | PlayContext): Note[] {
    const doing = this.#doing.take(doingKey(ended.sessionId, what, ended.name));
    const context = doing?.context ?? ended;
    const { urls } = this.#options;
    const calls = [[urls[`on_${what}_done`], `${what}_done`], [urls.on_done, "done"]] as const;
    return calls.flatMap(([url, call]) =>
      url === undefined
        ? []
        : [note(context, form(url, context, [["call", call], ["name", context.name]]))]
    );
  }

  #disconnected(context: Told["onDisconnect"]): Note[] {
    const url = this.#options.urls.on_disconnect;
    if (url === undefined || context.rtmp === undefined) return [];
    return [
      note(context, form(url, context, [["call", "disconnect"], ["app", context.app]])),
    ];
  }

  /** Whoever was not asked about is known by what the stream says of it. */
  #live({ app, name, publisher: { sessionId, address } }: Told["onLive"]): void {
    if (this.#publishers.get(`${app}/${name}`)?.sessionId === sessionId) return;
    const [, hostname = address, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    this.#publishers.set(`${app}/${name}`, {
      ...{ sessionId, app, name, type: "live", query: new URLSearchParams() },
      client: {
        protocol: "rtmp",
        secure: false,
        address: { hostname, port: Number(port ?? 0) },
        agent: "",
      },
    });
  }

  #recorded({ app, name, file }: RecordedContext): Note[] {
    const url = this.#options.urls.on_record_done;
    const context = this.#publishers.get(`${app}/${name}`);
    if (url === undefined || context === undefined) return [];
    return [
      note(
        context,
        form(url, context, [
          ["call", "record_done"],
          ["recorder", ""],
          ["name", context.name],
          ["path", file],
        ]),
      ),
    ];
  }

  *#updates(url: string, sessions: readonly SessionNames[]) {
    const byId = new Map(sessions.map((session) => [session.id, session]));
    for (const [, { what, context, publicName, since }] of this.#doing) {
      const session = byId.get(context.sessionId);
      const names = what === "publish" ? session?.publishing : session?.playing;
      if (names?.includes(publicName) !== true) continue;
      const ms = this.#options.wall() - since;
      const message = form(url, context, [
        ["call", `update_${what}`],
        ["time", Math.round(ms / 1000)],
        ["timestamp", ms],
        ["name", context.name],
      ]);
      yield { ...message, session: context.sessionId };
    }
  }
}

function doingKey(session: string, what: string, name: string): string {
  return `${session} ${what} ${name}`;
}

/** Those of one client arrive in their order. */
function note({ sessionId }: ConnectContext, message: Message): Note {
  return { key: `session ${sessionId}`, ...message };
}

/** A body with what every call has, `fields`, and the parameters of the client. */
function form(
  url: string,
  context: ConnectContext,
  fields: readonly (readonly [string, string | number])[],
  kind?: "connect",
): Message {
  const { client, rtmp, http, sessionId, app, query } = context;
  const all: (readonly [string, string | number])[] = [
    ["app", app],
    ["flashver", clip(client.agent)],
    ["swfurl", ""],
    ["tcurl", clip(rtmp?.tcUrl ?? http?.url ?? "")],
    ["pageurl", clip(rtmp?.pageUrl ?? http?.referer ?? "")],
    ["addr", client.address.hostname],
    ...kind === "connect" ? [] : [["clientid", numberOf(sessionId)]] as const,
    ...fields,
    ...clipQuery(query, FIELDS),
  ];
  const body = all.map(([key, value]) => `${escapeArg(key)}=${escapeArg(String(value))}`).join("&");
  return { url, type: TYPE, body };
}

/** As nginx escapes arguments: what cannot be mistaken stays as it is. */
function escapeArg(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /%(?:2F|3A|3D|2C|24|40)/g,
    decodeURIComponent,
  );
}

/** The name that a redirect within the server leads to. */
function lastPart(location: string): string {
  const path = location.replace(/[?#].*$/s, "");
  return path.slice(path.lastIndexOf("/") + 1) || path;
}

/** Without the name of a stream there, it has that of the stream here. */
function pushUrl(url: string): string {
  const { pathname } = new URL(url.replace(/^rtmp/i, "http"));
  return pathname.split("/").filter((part) => part !== "").length < 2
    ? `${url.replace(/\/+$/, "")}/{name}`
    : url.replaceAll(/[{}]/g, (brace) => encodeURIComponent(brace));
}
