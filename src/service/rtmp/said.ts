/**
 * Keeps what clients say out of the log.
 *
 * @module
 */
import type { ConnectContext } from "../../plugin/mod.ts";
import { maskMentions } from "../../text.ts";

/**
 * `text`, which somebody made who knew `context`, such as the reason of a plugin that refused, with
 * all masked that the client sent: any of it may be a key.
 */
export function maskSaid(
  text: string,
  context: ConnectContext & { readonly name?: string },
): string {
  const { app, name = "", query, tcUrl, pageUrl = "", flashVer } = context;
  const said = [name, tcUrl, pageUrl, flashVer, app, ...app.split("/")];
  for (const [key, value] of query) said.push(key, value);
  return maskMentions(text, said);
}
