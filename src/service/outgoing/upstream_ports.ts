/**
 * What an attempt to reach another server is made with, and who is told of it.
 *
 * @module
 */
import type { AmfValue } from "../../core/amf/mod.ts";
import type {
  ClientSession,
  ClientStream,
  ConnectAnswer,
  ServerRefusal,
} from "../../core/rtmp/session/client/mod.ts";
import type { RtmpUrl } from "../../core/rtmp/url.ts";
import type { Connection } from "../../ports.ts";
import type { ConnectionWriter } from "../rtmp/connection_writer.ts";
import type { Turns } from "../rtmp/turns.ts";
import type { OutgoingRuntime } from "./dial_checked.ts";
import type { Failure } from "./failure.ts";
import type { SilentServers } from "./silent_servers.ts";

/** What all attempts of a server have in common. */
export interface UpstreamEnvironment {
  readonly runtime: OutgoingRuntime;
  /** Outgoing chunk size (bytes). */
  readonly chunkSize: number;
  /** Whether addresses that are not public are connected to. */
  readonly allowPrivate: boolean;
  /** Longest time until a connection stands, and then until it publishes or plays (ms). */
  readonly timeoutMs: number;
  /** Largest media message that is taken (bytes). */
  readonly maxMessageBytes: number;
  /** Shares the time among what other servers send. */
  readonly turns: Turns;
  /** Remembers who gave no answer. */
  readonly silent: SilentServers;
  /** What went wrong inside. */
  onFault(error: unknown): void;
}

/** What is asked of the other server. */
export interface UpstreamRequest {
  readonly what: "publish" | "play";
  readonly url: RtmpUrl;
  /** Servers that the stream has come through, this one last. */
  readonly via: readonly string[];
  /** More members of the command object of `connect`. */
  readonly more?: Readonly<Record<string, AmfValue>>;
}

/** Who asks. Nothing of it may throw. */
export interface UpstreamOwner {
  /** It publishes or plays now. */
  onStarted(link: OpenLink, stream: ClientStream, answer: ConnectAnswer): void;
  /** It was let play, and waits for who publishes; some servers say so. */
  onWaiting?(): void;
  /** Media of a play; `payload` is valid during the call only. */
  onMedia?(type: number, timestamp: number, payload: Uint8Array): void;
  /** All of what came at once was read. */
  onTurn?(): void;
  /** The server wants us to connect again: there. */
  onReconnect(url: RtmpUrl): void;
  /** It is over; once, in a turn of its own, and not behind {@link Upstream.close}. */
  onEnd(failure: Failure): void;
}

/** A connection to another server, on which one stream is published or played. */
export interface OpenLink {
  readonly connection: Connection;
  readonly session: ClientSession;
  readonly writer: ConnectionWriter;
  /** Whether the connection is gone. */
  readonly gone: boolean;
  /** Says that the stream is over, and goes. */
  leave(): void;
  /** Goes at once. */
  drop(): void;
}

/** The attempt, as its connection sees it. */
export interface LinkOwner {
  readonly environment: UpstreamEnvironment;
  readonly request: UpstreamRequest;
  readonly owner: UpstreamOwner;
  /** Whether it has ended. */
  readonly over: boolean;
  /** It publishes or plays. */
  started(link: OpenLink, stream: ClientStream, answer: ConnectAnswer): void;
  /** The server would not; `isConnect`: let us in, rather than publish or play. */
  refused(refusal: ServerRefusal, isConnect: boolean): void;
  /** The server wants us elsewhere, or here anew. */
  reconnect(tcUrl: string | undefined): void;
  /** Text of the server, for people. */
  clean(text: string): string;
  /** A fault of ours: it ends, and nothing else does. */
  fault(error: unknown): void;
  /** It is over. */
  fail(failure: Failure): void;
}
