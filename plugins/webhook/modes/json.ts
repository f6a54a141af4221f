/**
 * The way of calling an endpoint that is this server's own: JSON.
 *
 * @module
 */
import type { ConnectContext, PublishVerdict } from "../../../src/plugin/api.ts";
import type { PostAnswer } from "../post.ts";
import {
  type Asked,
  clip,
  clipQuery,
  type Message,
  type Mode,
  type Note,
  type Question,
  type Stamp,
  type Told,
  type ToldHook,
} from "./mode.ts";

const TYPE = "application/json";

/** What events are called. */
const EVENTS: Readonly<Record<ToldHook, string>> = {
  onLive: "live",
  onEnded: "ended",
  onUnpublish: "unpublish",
  onPlayEnd: "stop",
  onDisconnect: "disconnect",
  onRecorded: "recorded",
  onRecordFailed: "record_failed",
};

/** Names of events that can be told. */
export const EVENT_NAMES: readonly string[] = Object.values(EVENTS);

/** What is asked and told, and where. */
export interface JsonModeOptions {
  readonly url: string;
  readonly eventsUrl: string;
  readonly decisions: ReadonlySet<string>;
  readonly events: ReadonlySet<string>;
}

/** JSON. */
export class JsonMode implements Mode {
  readonly #options: JsonModeOptions;

  /** `options`: what is asked and told, and where. */
  constructor(options: JsonModeOptions) {
    this.#options = options;
  }

  asks(question: Question): boolean {
    return this.#options.decisions.has(question);
  }

  tells(hook: ToldHook): boolean {
    return this.#options.events.has(EVENTS[hook]);
  }

  ask(question: Question, context: Asked, stamp: Stamp): Message {
    const data = dataOf(context as unknown as Readonly<Record<string, unknown>>);
    const authorization = context.http?.authorization;
    // For who decides, and nobody later.
    if (authorization !== undefined) data.authorization = clip(authorization);
    return {
      url: this.#options.url,
      type: TYPE,
      body: bodyOf("decision", question, stamp, data),
    };
  }

  read(question: Question, { status, body }: PostAnswer): PublishVerdict {
    if (status >= 200 && status < 300) {
      if (body.trim() === "") return status === 204 ? undefined : fail(status);
      const answer = objectIn(body);
      if (answer?.allow === false) return refusal(answer.reason);
      if (answer?.allow !== true) return fail(status);
      const { rename, record, push } = answer;
      if (question === "connect") return undefined;
      // The server looks at what is in them.
      const more = {
        ...(rename === undefined ? {} : { rename }),
        ...(record === undefined || question === "play" ? {} : { record }),
        ...(push === undefined || question === "play" ? {} : { push }),
      };
      return Object.keys(more).length === 0 ? undefined : more as PublishVerdict;
    }
    if ([401, 403, 404].includes(status)) return refusal(objectIn(body)?.reason);
    return fail(status);
  }

  tell<H extends ToldHook>(hook: H, context: Told[H], stamp: Stamp): readonly Note[] {
    const told = context as unknown as Readonly<Record<string, unknown>>;
    const { app, name, sessionId } = told;
    const ofStream = hook !== "onPlayEnd" && hook !== "onDisconnect";
    return [{
      key: ofStream ? `stream ${app}/${name}` : `session ${sessionId}`,
      url: this.#options.eventsUrl,
      type: TYPE,
      body: bodyOf("event", EVENTS[hook], stamp, dataOf(told)),
    }];
  }

  lost(count: number, stamp: Stamp): Note {
    const body = bodyOf("event", "lost", stamp, { count });
    return { key: "lost", url: this.#options.eventsUrl, type: TYPE, body };
  }
}

function bodyOf(
  kind: "decision" | "event",
  type: string,
  { id, at }: Stamp,
  data: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({ id, time: new Date(at).toISOString(), kind, type, data });
}

/** What a hook was told, as plain data. */
function dataOf(context: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { client, query, rtmp, http, ...rest } = context as Partial<ConnectContext>;
  const data: Record<string, unknown> = { ...rest };
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === "string") data[key] = clip(value);
  }
  if (client !== undefined) {
    const { protocol, secure, address: { hostname, port }, agent } = client;
    data.client = { protocol, secure, address: hostname, port, agent: clip(agent) };
  }
  if (query !== undefined) {
    // Backwards: the first of a key wins. A key is nobody's property, whatever it is called.
    data.query = Object.fromEntries(clipQuery(query).reverse());
  }
  if (rtmp !== undefined) {
    data.tcUrl = clip(rtmp.tcUrl);
    if (rtmp.pageUrl !== undefined) data.pageUrl = clip(rtmp.pageUrl);
  }
  if (http !== undefined) {
    data.url = clip(http.url);
    if (http.referer !== undefined) data.referer = clip(http.referer);
  }
  return data;
}

function objectIn(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as Record<string, unknown>
      : undefined;
  } catch {
    return undefined;
  }
}

function refusal(reason: unknown): PublishVerdict {
  return { refuse: typeof reason === "string" ? reason : "" };
}

function fail(status: number): never {
  throw new Error(`the answer ${status} has no decision in it`);
}
