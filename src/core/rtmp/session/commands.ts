/**
 * What a server does for each command a client sends [RTMP 1.0 §7.2], after `connect`.
 *
 * @module
 */
import { type AmfValue, asRecord } from "../../amf/mod.ts";
import { parseQuery, parseStreamPath } from "../stream_name.ts";
import type { PlayRequest } from "./events.ts";
import type { NetStream } from "./net_stream.ts";
import type { Replies } from "./replies.ts";
import { statusInfo } from "./status.ts";

/** A decoded command. */
export interface Command {
  readonly name: string;
  readonly transactionId: number;
  readonly messageStreamId: number;
  /** Everything behind the transaction id: the command object, then the arguments. */
  readonly values: readonly AmfValue[];
}

/** What the commands need of their session. */
export interface CommandSession {
  readonly replies: Replies;
  /** `app` as the client sent it, for the path of a publish or play. */
  readonly rawApp: string | undefined;
  readonly tcUrl: string;
  readonly streams: ReadonlyMap<number, NetStream>;
  createStream(): NetStream | undefined;
  deleteStream(stream: NetStream): void;
  /** Ends what the stream does; it stays usable. */
  stopStream(stream: NetStream): void;
  requestPublish(
    stream: NetStream,
    query: URLSearchParams,
    type: "live" | "record" | "append",
  ): void;
  requestPlay(stream: NetStream, request: PlayRequest): void;
  pauseStream(stream: NetStream, paused: boolean): void;
  receiveChanged(stream: NetStream): void;
  close(): void;
}

type CommandHandler = (session: CommandSession, command: Command) => void;

function text(value: AmfValue): string {
  return typeof value === "string" ? value : "";
}

/** The NetStream a command speaks to: the one of its message stream id, or the only one there is. */
function target(session: CommandSession, command: Command): NetStream | undefined {
  const stream = session.streams.get(command.messageStreamId);
  if (stream !== undefined || session.streams.size !== 1) return stream;
  return session.streams.values().next().value;
}

/** The NetStream that publishes under `name`, else the one the command speaks to. */
function publisherNamed(session: CommandSession, command: Command): NetStream | undefined {
  const path = parseStreamPath(session.rawApp, text(command.values[1]), session.tcUrl);
  for (const stream of session.streams.values()) {
    if (
      stream.isPublisher && stream.path?.app === path?.app && stream.path?.name === path?.name
    ) return stream;
  }
  return undefined;
}

const publish: CommandHandler = (session, command) => {
  const stream = target(session, command);
  const name = command.values[1];
  if (stream === undefined) return noStream(session, command);
  if (name === false) return session.stopStream(stream);
  session.stopStream(stream);
  const path = parseStreamPath(session.rawApp, text(name), session.tcUrl);
  if (path === undefined) {
    session.replies.status(
      stream.id,
      "NetStream.Publish.BadName",
      "The stream name is empty or not allowed.",
    );
    return;
  }
  stream.apply("publish");
  stream.path = path;
  stream.transactionId = command.transactionId;
  const wanted = text(command.values[2]).toLowerCase();
  const type = wanted === "record" || wanted === "append" ? wanted : "live";
  session.requestPublish(stream, parseQuery(text(name), session.rawApp, session.tcUrl), type);
};

/**
 * Where to start, from play's third argument. Clients disagree on the unit of the negative values
 * (-2 or -2000), so only their meaning is kept.
 */
function playStart(value: AmfValue): PlayRequest["start"] {
  if (typeof value !== "number" || Number.isNaN(value)) return "any";
  if (value === -1 || value === -1000) return "live";
  return value < 0 ? "any" : value;
}

function requestPlay(
  session: CommandSession,
  command: Command,
  name: string,
  more: { start: AmfValue; duration: AmfValue; reset: boolean; transition: boolean },
): void {
  const stream = target(session, command);
  if (stream === undefined) return noStream(session, command);
  session.stopStream(stream);
  const path = parseStreamPath(session.rawApp, name, session.tcUrl);
  if (path === undefined) {
    session.replies.status(
      stream.id,
      "NetStream.Play.StreamNotFound",
      "The stream name is empty or not allowed.",
    );
    return;
  }
  stream.apply("play");
  stream.path = path;
  stream.transactionId = command.transactionId;
  stream.reset = more.reset;
  stream.transition = more.transition;
  session.requestPlay(stream, {
    path,
    query: parseQuery(name, session.rawApp, session.tcUrl),
    start: playStart(more.start),
    duration: typeof more.duration === "number" ? more.duration : -1,
  });
}

const play: CommandHandler = (session, command) => {
  const [, name, start, duration, reset] = command.values;
  const stream = target(session, command);
  if (name === false && stream !== undefined) return session.stopStream(stream);
  requestPlay(session, command, text(name), {
    start,
    duration,
    // Left out means "start anew"; 0 and false mean "append to the playlist", which live has not.
    reset: reset !== false && reset !== 0,
    transition: false,
  });
};

const play2: CommandHandler = (session, command) => {
  const options = asRecord(command.values[1]);
  if (options === undefined) {
    session.replies.error(
      command.messageStreamId,
      command.transactionId,
      "NetConnection.Call.Failed",
      "play2 wants an object with streamName.",
    );
    return;
  }
  requestPlay(session, command, text(options.get("streamName")), {
    start: options.get("start"),
    duration: options.get("len"),
    reset: options.get("transition") === "reset",
    transition: true,
  });
};

function noStream(session: CommandSession, command: Command): void {
  session.replies.error(
    command.messageStreamId,
    command.transactionId,
    "NetStream.Failed",
    `No stream has the message stream id ${command.messageStreamId}: call createStream first.`,
  );
}

const pause: CommandHandler = (session, command) => {
  const stream = target(session, command);
  if (stream === undefined || !stream.isPlayer) return noStream(session, command);
  session.pauseStream(stream, command.values[1] !== false);
};

const seek: CommandHandler = (session, command) => {
  const stream = target(session, command);
  const description = "A live stream has no position to seek to.";
  session.replies.error(
    command.messageStreamId,
    command.transactionId,
    "NetStream.Seek.Failed",
    description,
  );
  if (stream !== undefined) {
    session.replies.status(stream.id, "NetStream.Seek.Failed", description);
  }
};

function receive(kind: "receiveAudio" | "receiveVideo"): CommandHandler {
  return (session, command) => {
    const stream = target(session, command);
    if (stream === undefined || !stream.isPlayer) return noStream(session, command);
    const on = command.values[1] !== false;
    if (stream[kind] === on) return;
    stream[kind] = on;
    if (on && stream.state === "playing") {
      session.replies.status(stream.id, "NetStream.Seek.Notify", "Receiving again.");
      session.replies.status(stream.id, "NetStream.Play.Start", "Receiving again.");
    }
    session.receiveChanged(stream);
  };
}

/** `_result` with nothing in it, for calls whose answer clients only wait for. */
const acknowledge: CommandHandler = (session, { messageStreamId, transactionId }) =>
  session.replies.result(messageStreamId, transactionId, undefined);

const fcUnpublish: CommandHandler = (session, command) => {
  const { replies } = session;
  const name = text(command.values[1]);
  const stream = publisherNamed(session, command);
  replies.command(
    0,
    "onFCUnpublish",
    0,
    null,
    statusInfo("NetStream.Unpublish.Success", `${name} is no longer published.`),
  );
  acknowledge(session, command);
  if (stream === undefined) return;
  session.stopStream(stream);
  replies.status(stream.id, "NetStream.Unpublish.Success", `${name} is no longer published.`);
};

const createStream: CommandHandler = (session, command) => {
  const stream = session.createStream();
  if (stream === undefined) {
    session.replies.error(
      command.messageStreamId,
      command.transactionId,
      "NetConnection.Call.Failed",
      "This connection has as many streams as it may have.",
    );
  } else {
    session.replies.result(command.messageStreamId, command.transactionId, stream.id);
  }
};

const deleteStream: CommandHandler = (session, command) => {
  const id = command.values[1];
  const stream = typeof id === "number"
    ? session.streams.get(id)
    : publisherNamed(session, command) ?? target(session, command);
  if (stream !== undefined) session.deleteStream(stream);
};

const closeStream: CommandHandler = (session, command) => {
  const stream = target(session, command);
  if (stream !== undefined) session.stopStream(stream);
};

/** Every command a server knows, by name. A `Map`, so that no name reaches a prototype. */
export const COMMANDS: ReadonlyMap<string, CommandHandler> = new Map<string, CommandHandler>([
  ["createStream", createStream],
  ["deleteStream", deleteStream],
  ["closeStream", closeStream],
  ["close", (session) => session.close()],
  ["releaseStream", acknowledge],
  ["FCPublish", (session, command) => {
    acknowledge(session, command);
    session.replies.command(
      0,
      "onFCPublish",
      0,
      null,
      statusInfo("NetStream.Publish.Start", `FCPublish of ${text(command.values[1])}.`),
    );
  }],
  ["FCUnpublish", fcUnpublish],
  ["FCSubscribe", (session, command) => {
    acknowledge(session, command);
    session.replies.command(
      0,
      "onFCSubscribe",
      0,
      null,
      statusInfo("NetStream.Play.Start", `FCSubscribe of ${text(command.values[1])}.`),
    );
  }],
  ["FCUnsubscribe", acknowledge],
  ["_checkbw", acknowledge],
  [
    "getStreamLength",
    (session, { messageStreamId, transactionId }) =>
      session.replies.result(messageStreamId, transactionId, 0),
  ],
  ["publish", publish],
  ["play", play],
  ["play2", play2],
  ["pause", pause],
  ["pauseRaw", pause],
  ["seek", seek],
  ["receiveAudio", receive("receiveAudio")],
  ["receiveVideo", receive("receiveVideo")],
]);
