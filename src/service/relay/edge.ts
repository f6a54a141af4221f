/**
 * What an edge passes on to its origin, and where to.
 *
 * @module
 */
import type { LiveStream, PublisherInfo, StreamKey } from "../../hub/mod.ts";
import { fillUrl } from "../../plugin/mod.ts";
import { FORWARDED_MEMBER } from "../outgoing/via.ts";

/** An edge: a server that has of its own only what is published to it, and hands that on. */
export class Edge {
  readonly #origins: readonly string[];
  readonly #isPull: (sessionId: string) => boolean;

  /** @param origins templates of URLs; @param isPull whether a publisher is a pull of this server */
  constructor(origins: readonly string[], isPull: (sessionId: string) => boolean) {
    this.#origins = origins;
    this.#isPull = isPull;
  }

  /** Whether a stream goes on to the origin: what came from there does not. */
  forwards({ publisher }: LiveStream): boolean {
    return publisher !== undefined && !this.#isPull(publisher.info.sessionId);
  }

  /** Where a publish goes on to, with the query and the address of its client. */
  upstreamOf(
    key: StreamKey,
    { query = "", address }: PublisherInfo,
  ): { readonly urls: readonly string[]; readonly more: Readonly<Record<string, string>> } {
    const urls = this.#origins.map((origin) => {
      const url = fillUrl(origin, key);
      return query === "" ? url : `${url}?${query}`;
    });
    return { urls, more: { [FORWARDED_MEMBER]: address.replace(/:\d+$/, "") } };
  }
}
