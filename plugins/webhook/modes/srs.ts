/**
 * Calls as the `http_hooks` of SRS make them: JSON, answered by `0`, or by an object whose `code` is 0.
 *
 * Left out: `on_hls` and `on_hls_notify`, which tell of files in MPEG-TS that are not written here.
 *
 * @module
 */
import {
  type ConnectContext,
  type PlayContext,
  type PublishContext,
  type PublishVerdict,
  refuse,
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
  type Told,
  type ToldHook,
} from "./mode.ts";

/** Hooks of SRS, which are set to the URL that each calls. */
export const SRS_CALLS = [
  "on_connect",
  "on_close",
  "on_publish",
  "on_unpublish",
  "on_play",
  "on_stop",
  "on_dvr",
] as const;

/** One of them. */
export type SrsCall = (typeof SRS_CALLS)[number];

/** Of each call that is made, its URL. */
export interface SrsModeOptions {
  readonly urls: Readonly<Partial<Record<SrsCall, string>>>;
  /** Names this server. */
  readonly serverId: string;
  /** Names this run of it. */
  readonly serviceId: string;
}

const CALLS: Readonly<Partial<Record<ToldHook, SrsCall>>> = {
  onUnpublish: "on_unpublish",
  onPlayEnd: "on_stop",
  onDisconnect: "on_close",
  onRecorded: "on_dvr",
};

/** There are no virtual hosts here; this is the one that SRS has for all that it does not know. */
const VHOST = "__defaultVhost__";

type Members = Readonly<Record<string, unknown>>;

/** JSON as SRS has it. */
export class SrsMode implements Mode {
  readonly anyAnswer = true;
  readonly #options: SrsModeOptions;
  /** Who published a stream last: client id, address and parameters. */
  readonly #publishers = new Known<Members>();
  /** Of those who were asked about, by session, until their stream is live. */
  readonly #asked = new Known<Members>();

  /** `options`: what is called, and where. */
  constructor(options: SrsModeOptions) {
    this.#options = options;
  }

  asks(question: Question): boolean {
    return this.#options.urls[`on_${question}`] !== undefined;
  }

  tells(hook: ToldHook): boolean {
    const { urls } = this.#options;
    if (hook === "onLive") return urls.on_dvr !== undefined;
    const call = CALLS[hook];
    return call !== undefined && urls[call] !== undefined;
  }

  ask(question: Question, context: Asked): Message | undefined {
    const url = this.#options.urls[`on_${question}`];
    if (url === undefined) return undefined;
    // Those of HTTP connect to nothing there either.
    if (question === "connect" && context.rtmp === undefined) return undefined;
    const about = question === "connect"
      ? { tcUrl: tcUrlOf(context), pageUrl: pageUrlOf(context) }
      : streamOf(context as PublishContext, question);
    if (question === "publish") {
      const { hostname } = context.client.address;
      this.#asked.set(context.sessionId, { ip: hostname, param: paramOf(context) });
    }
    return this.#message(url, `on_${question}`, { ...clientOf(context), ...about });
  }

  read(_question: Question, { status, body }: PostAnswer): PublishVerdict {
    if (status !== 200) return refuse("");
    let answer: unknown;
    try {
      answer = JSON.parse(body);
    } catch {
      throw new Error("the answer is neither 0 nor an object with a code");
    }
    const code = typeof answer === "object" && answer !== null && "code" in answer
      ? answer.code
      : answer;
    return code === 0 ? undefined : refuse("");
  }

  tell<H extends ToldHook>(hook: H, context: Told[H]): readonly Note[] {
    if (hook === "onLive") {
      this.#live(context as Told["onLive"]);
      return [];
    }
    const call = CALLS[hook];
    const url = call && this.#options.urls[call];
    if (call === undefined || url === undefined) return [];
    if (hook === "onRecorded") return this.#recorded(url, context as Told["onRecorded"]);
    const client = context as PlayContext | Told["onDisconnect"];
    if (hook === "onDisconnect") {
      const { bytesIn, bytesOut, rtmp } = context as Told["onDisconnect"];
      if (rtmp === undefined) return [];
      return this.#note(url, call, client.sessionId, {
        ...clientOf(client),
        ...{ send_bytes: bytesOut, recv_bytes: bytesIn },
      });
    }
    const about = streamOf(client as PlayContext);
    return this.#note(url, call, client.sessionId, { ...clientOf(client), ...about });
  }

  /** A recording is told of as its publisher's, who is gone by then. */
  #live({ app, name, publisher: { sessionId, address } }: Told["onLive"]): void {
    const [, hostname = address] = /^\[?(.*?)\]?:\d+$/.exec(address) ?? [];
    const known = this.#asked.take(sessionId) ?? { ip: hostname, param: "" };
    this.#publishers.set(`${app}/${name}`, { client_id: sessionId, ...known });
  }

  #recorded(url: string, { app, name, file }: Told["onRecorded"]): Note[] {
    const known = this.#publishers.get(`${app}/${name}`) ?? { client_id: "", ip: "", param: "" };
    const { client_id, ip, param } = known;
    return this.#note(url, "on_dvr", String(client_id), {
      ...{ client_id, ip, vhost: VHOST, app, stream: name, param },
      // Files are named within the folder of recordings, whose path nobody else has to know.
      ...{ cwd: "", file },
      ...namesOf(app, name),
    });
  }

  #note(url: string, call: SrsCall, session: string, members: Members): Note[] {
    return [{ key: `session ${session}`, ...this.#message(url, call, members) }];
  }

  #message(url: string, action: string, members: Members): Message {
    const { serverId, serviceId } = this.#options;
    const body = JSON.stringify({
      ...{ server_id: serverId, service_id: serviceId, action },
      ...members,
    });
    return { url, type: "application/json", body };
  }
}

function clientOf({ sessionId, client, app }: ConnectContext): Members {
  return { client_id: sessionId, ip: client.address.hostname, vhost: VHOST, app };
}

function streamOf(context: PublishContext | PlayContext, question?: "publish" | "play"): Members {
  const { app, name } = context;
  return {
    ...question === "publish" ? { tcUrl: tcUrlOf(context) } : {},
    ...{ stream: name, param: paramOf(context) },
    ...question === "play" ? { pageUrl: pageUrlOf(context) } : {},
    ...namesOf(app, name),
  };
}

function namesOf(app: string, name: string): Members {
  const stream_url = `/${app}/${name}`;
  return { stream_url, stream_id: `vid-${numberOf(stream_url).toString(36)}` };
}

function tcUrlOf({ rtmp, http }: ConnectContext): string {
  return clip(rtmp?.tcUrl ?? http?.url ?? "");
}

function pageUrlOf({ rtmp, http }: ConnectContext): string {
  return clip(rtmp?.pageUrl ?? http?.referer ?? "");
}

/** The parameters as they are behind a name. */
function paramOf({ query }: ConnectContext): string {
  const text = String(new URLSearchParams(clipQuery(query)));
  return text === "" ? "" : `?${text.replaceAll("+", "%20")}`;
}
