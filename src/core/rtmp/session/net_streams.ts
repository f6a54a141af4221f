/**
 * The NetStreams of one connection, and which of them a message means.
 *
 * @module
 */
import type { StreamPath } from "../stream_name.ts";
import { NetStream } from "./net_stream.ts";

/** The NetStreams of one connection. */
export class NetStreams {
  /** By message stream id. */
  readonly byId = new Map<number, NetStream>();
  readonly #limit: number;

  /** `limit` is the most NetStreams at a time. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A new NetStream with the lowest id that is free, from 1; `undefined` at the limit. */
  create(): NetStream | undefined {
    if (this.byId.size >= this.#limit) return undefined;
    let id = 1;
    while (this.byId.has(id)) id++;
    const stream = new NetStream(id);
    this.byId.set(id, stream);
    return stream;
  }

  /** Forgets a NetStream, whose id may then be given out again. */
  remove(stream: NetStream): void {
    this.byId.delete(stream.id);
  }

  /** Forgets them all. */
  clear(): void {
    this.byId.clear();
  }

  /** The NetStream a command on this message stream speaks to, else the only one there is. */
  addressed(messageStreamId: number): NetStream | undefined {
    const stream = this.byId.get(messageStreamId);
    if (stream !== undefined || this.byId.size !== 1) return stream;
    return this.byId.values().next().value;
  }

  /** The NetStream that publishes or plays this path. */
  named(path: StreamPath | undefined): NetStream | undefined {
    if (path === undefined) return undefined;
    for (const stream of this.byId.values()) {
      if (stream.path?.app === path.app && stream.path.name === path.name) return stream;
    }
    return undefined;
  }

  /** The NetStream that media on this message stream is published by, else the only one there is. */
  publisherFor(messageStreamId: number): NetStream | undefined {
    const stream = this.byId.get(messageStreamId);
    if (stream?.state === "publishing") return stream;
    if (stream?.lost) return undefined;
    // On message stream 0, that of a recording, or one in the wrong byte order.
    let only: NetStream | undefined;
    for (const candidate of this.byId.values()) {
      if (candidate.state !== "publishing") continue;
      if (only !== undefined) return undefined;
      only = candidate;
    }
    return only;
  }
}
