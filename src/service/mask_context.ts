/**
 * Keeps what clients say out of the log.
 *
 * @module
 */
import type { ConnectContext, HookContext } from "../plugin/mod.ts";
import { Mentions } from "../text.ts";

/** What a client said in `connect`, to be made once: it may be long, and be refused often. */
export function connectMentions(context: HookContext): Mentions {
  const { app = "", query = [], client, rtmp, http, user = "" } = context;
  const said = [
    ...[...urlsOf({ rtmp, http }), client?.agent ?? "", app, ...app.split("/")],
    // The scheme is no secret, what is behind it is.
    http?.authorization?.replace(/^\s*\w+\s+/, "") ?? "",
    user,
  ];
  for (const [key, value] of query) said.push(key, value);
  return new Mentions(said);
}

/** The addresses that it said it uses and comes from. */
function urlsOf({ rtmp, http }: Pick<HookContext, "rtmp" | "http">): string[] {
  return [rtmp?.tcUrl, rtmp?.pageUrl, http?.url, http?.referer].filter((url) => url !== undefined);
}

/**
 * `text`, which somebody made who knew `context`, such as the reason of a plugin that refused, with
 * all masked that the client sent: any of it may be a key. `connected` is what it said before, made
 * of `context` where it is left out; `args` is what it sent besides, such as the arguments of a call.
 */
export function maskSaid(
  text: string,
  connected: Mentions | undefined,
  context: HookContext,
  args: readonly unknown[] = [],
): string {
  const said = [context.name ?? "", context.app ?? ""];
  for (const [key, value] of context.query ?? []) said.push(key, value);
  addTexts(args, said);
  return new Mentions(said, connected ?? connectMentions(context)).mask(text);
}

/** Longest name of a client in the log, in UTF-16 units. */
const MAX_LOGGED = 128;

/**
 * What a client calls itself, for the log: without what it also sends as the name of its stream or in
 * a query, and without what looks like a query.
 */
export function loggedClient(context: ConnectContext & { readonly name?: string }): string {
  const { client, name = "", query } = context;
  const said = [name];
  // A key may stand in a query by itself, or in front of the sign.
  for (const [key, value] of query) said.push(key, value);
  for (const url of urlsOf(context)) {
    const [, user] = /^[a-z]+:\/\/([^/]*)@/i.exec(url) ?? [];
    if (user !== undefined) said.push(user, ...user.split(":"));
  }
  const [shown = ""] = client.agent.split("?", 1);
  return new Mentions(said).mask(shown.slice(0, MAX_LOGGED));
}

/** Most texts that are looked for, so that a large call costs little. */
const MOST_TEXTS = 1000;

/** Adds the texts in `value` to `texts`: names of members too, however deep. */
function addTexts(value: unknown, texts: string[]): void {
  const left: unknown[] = [value];
  const seen = new Set<unknown>();
  while (left.length > 0 && texts.length < MOST_TEXTS) {
    const next = left.pop();
    if (typeof next === "string") texts.push(next);
    if (typeof next !== "object" || next === null || seen.has(next)) continue;
    seen.add(next);
    for (const [key, member] of Object.entries(next)) {
      if (!Array.isArray(next)) texts.push(key);
      left.push(member);
    }
  }
}
