/**
 * What a client asks of a server, as it is put to the owner of the session.
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import type { StreamPath } from "../stream_name.ts";
import type { Capabilities } from "./capabilities.ts";

/** A client that wants in [RTMP 1.0 §7.2.1.1]. */
export interface ConnectRequest {
  /** Canonical application; `""` when the client named none. */
  readonly app: string;
  /** Parameters of app and tcUrl. */
  readonly query: URLSearchParams;
  /** The URL of server and application, as it came; `""` without one. */
  readonly tcUrl: string;
  /** Name and version of the program; `""` without one. */
  readonly flashVer: string;
  /** The page that the player is on; `""` without one. */
  readonly pageUrl: string;
  /** The player; `""` without one. */
  readonly swfUrl: string;
  /** 0 or 3. */
  readonly objectEncoding: number;
  /** What it knows of Enhanced RTMP. */
  readonly capabilities: Capabilities;
  /** The whole command object as it came. */
  readonly properties: ReadonlyMap<string, AmfValue>;
}

/** A NetStream that wants to publish [RTMP 1.0 §7.2.2.6]. */
export interface PublishRequest {
  /** Application and name. */
  readonly path: StreamPath;
  /** The name as it was said: with its query, and with what names a container (`mp4:`, `.flv`). */
  readonly said: string;
  /** Parameters of the name, the app and tcUrl. */
  readonly query: URLSearchParams;
  /** Whether it is to be recorded, too, and how. */
  readonly type: "live" | "record" | "append";
}

/** A NetStream that wants to play [RTMP 1.0 §7.2.2.1]. */
export interface PlayRequest {
  /** Application and name. */
  readonly path: StreamPath;
  /** The name as it was said: with its query, and with what names a container (`mp4:`, `.flv`). */
  readonly said: string;
  /** Parameters of the name, the app and tcUrl. */
  readonly query: URLSearchParams;
  /** `live`: a live stream only. `any`: live, else recorded. Else recorded, from so many ms on. */
  readonly start: "live" | "any" | number;
  /** Milliseconds to play, 0 for one picture, -1 for all. */
  readonly duration: number;
}

/** A method that no command of RTMP has: a remote call [RTMP 1.0 §7.2.1.2]. */
export interface RemoteCall {
  /** Name of the method. */
  readonly method: string;
  /** 0 when the client wants no answer. */
  readonly transactionId: number;
  /** Where it came, and where an answer goes; 0 for the connection. */
  readonly messageStreamId: number;
  /** What follows the command object. */
  readonly args: readonly AmfValue[];
}

/** A client asks how long a recording lasts; see `ServerSession.answerLength`. */
export interface StreamLengthRequest {
  /** Application and name. */
  readonly path: StreamPath;
  /** The name as it was said. */
  readonly said: string;
  /** Never 0: it wants an answer. */
  readonly transactionId: number;
  /** Where it came, and where the answer goes. */
  readonly messageStreamId: number;
}

/** How a play takes the place of what was played. */
export interface PlayManner {
  /** Whether it asks for NetStream.Play.Reset. */
  readonly reset: boolean;
  /** Whether it is told as a transition (play2, playlists). */
  readonly transition: boolean;
  /** Whether it is the next of the playlist. */
  readonly follows?: boolean;
}

/** By what a repeat of a request is known: equal texts ask for the same in the same words. */
export function saidOf(request: PublishRequest | PlayRequest): string {
  const how = "type" in request ? request.type : `${request.start} ${request.duration}`;
  return `${how} ${request.said}`;
}
