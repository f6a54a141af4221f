/**
 * What a client can be told.
 *
 * @module
 */
import type { AmfValue } from "../core/amf/mod.ts";
import type { ClientPlayOptions } from "../core/rtmp/session/client/mod.ts";
import type { Runtime } from "../ports.ts";

/** What a client takes from its machine. */
export type ClientRuntime =
  & Pick<Runtime, "clock" | "randomBytes" | "dialTcp">
  & Partial<Pick<Runtime, "dialTls">>;

/** A method that the server calls; what it returns or resolves to is the answer, as plain data. */
export type CallHandler = (method: string, args: readonly AmfValue[]) => unknown;

/** How to connect. Times in milliseconds. */
export interface ConnectOptions {
  /** Ends the client, whatever it does, when it is aborted. */
  readonly signal?: AbortSignal;
  /** Longest time until the connection stands, the look-up of the name included; 10 000. */
  readonly dialTimeoutMs?: number;
  /** Certificates (PEM) that are trusted for `rtmps://`, in place of those of the machine. */
  readonly ca?: string;
  /** Longest time for handshake and connect together; 10 000. */
  readonly connectTimeoutMs?: number;
  /** Longest time for a publish, a play or a call, unless it says otherwise; 10 000. */
  readonly requestTimeoutMs?: number;
  /**
   * How long a server may send nothing before the connection counts as lost; it is pinged half-way.
   * Without it a silent server is put up with, as streams may pause.
   */
  readonly idleTimeoutMs?: number;
  /** Longest time that the server is waited for when the client closes; 2000. */
  readonly closeTimeoutMs?: number;
  /** `flashVer`, the name of the program; some servers admit known ones only. */
  readonly flashVer?: string;
  /** `pageUrl`, the page that the player is on. */
  readonly pageUrl?: string;
  /** `swfUrl`, the player; some servers admit known ones only. */
  readonly swfUrl?: string;
  /** Codecs to announce with Enhanced RTMP, as FourCCs; all if left out, none for an empty list. */
  readonly fourCcs?: readonly string[];
  /** Whether to announce that `reconnect` events are followed: servers send them to no other client. */
  readonly followsReconnect?: boolean;
  /** More members of the command object of `connect`, as plain data. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Size of the chunks that are sent, bytes; 4096. */
  readonly chunkSize?: number;
  /** Longest audio or video message that is accepted, bytes; 8 MiB. */
  readonly maxMessageBytes?: number;
  /** Answers the calls of the server; without it all are answered with an error. */
  readonly onCall?: CallHandler;
}

/** What publishing and playing have in common. */
export interface RequestOptions {
  /** Calls the request off; what has begun goes on. */
  readonly signal?: AbortSignal;
  /** Longest time until it begins (ms); that of the client if left out. */
  readonly timeoutMs?: number;
  /** Bytes of media that may wait: to be read, or to be sent. 1 MiB if left out. */
  readonly queueBytes?: number;
  /** Whether to tell the server beforehand: publishing does, unless it is `false`, playing does not. */
  readonly announce?: boolean;
}

/** How to publish. */
export interface PublishOptions extends RequestOptions {
  /** `live` if left out. */
  readonly type?: "live" | "record" | "append";
}

/** How to play. */
export interface PlayOptions extends RequestOptions, ClientPlayOptions {}

/** Bytes of media that may wait, if nobody says how many. */
export const DEFAULT_QUEUE_BYTES = 1024 * 1024;

/** The times of a client that was told none (ms). */
export const DEFAULT_TIMES: Required<
  Pick<
    ConnectOptions,
    "dialTimeoutMs" | "connectTimeoutMs" | "requestTimeoutMs" | "closeTimeoutMs"
  >
> = {
  dialTimeoutMs: 10_000,
  connectTimeoutMs: 10_000,
  requestTimeoutMs: 10_000,
  closeTimeoutMs: 2000,
};
