/**
 * Commands of a NetStream: what it publishes or plays, and how [RTMP 1.0 §7.2.2].
 *
 * @module
 */
import { type AmfValue, asRecord } from "../../amf/mod.ts";
import { parseQuery, parseStreamPath } from "../stream_name.ts";
import type { Command, CommandHandler, CommandSession } from "./command.ts";
import type { PlayRequest } from "./events.ts";

/** `_error`, when an answer is wanted. */
function fail(session: CommandSession, command: Command, code: string, description: string): void {
  session.replies.error(command.messageStreamId, command.transactionId, code, description);
}

function noStream(session: CommandSession, command: Command): void {
  fail(
    session,
    command,
    "NetStream.Failed",
    `No stream has the message stream id ${command.messageStreamId}: call createStream first.`,
  );
}

function notPlaying(session: CommandSession, command: Command): void {
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  fail(session, command, "NetStream.Failed", `Message stream ${stream.id} plays nothing.`);
}

/** What the name of a publish or play stands for; `undefined` when it is none. */
function locate(session: CommandSession, name: AmfValue) {
  if (typeof name !== "string") return undefined;
  const { app, tcUrl } = session.origin;
  const path = parseStreamPath(app, name, tcUrl);
  return path && { path, query: parseQuery(name, app, tcUrl) };
}

/** publish [RTMP 1.0 §7.2.2.6]. A second one on the same NetStream takes the place of the first. */
export const publish: CommandHandler = (session, command) => {
  const [, name, how] = command.values;
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  session.stopStream(stream);
  // What ActionScript's publish(false) sends: it means stop.
  if (name === false) return;
  const target = locate(session, name);
  if (target === undefined) {
    const description = "The stream name is empty or not allowed.";
    return session.replies.status(stream.id, "NetStream.Publish.BadName", description);
  }
  stream.apply("publish");
  stream.path = target.path;
  const wanted = typeof how === "string" ? how.toLowerCase() : "";
  const type = wanted === "record" || wanted === "append" ? wanted : "live";
  session.requestPublish(stream, { ...target, type });
};

/**
 * Where to start, from play's third argument. Clients disagree on the unit of the negative values
 * (-2 or -2000), so only their meaning is kept.
 */
function playStart(value: AmfValue): PlayRequest["start"] {
  if (typeof value !== "number" || !Number.isFinite(value)) return "any";
  if (value === -1 || value === -1000) return "live";
  return value < 0 ? "any" : value;
}

function requestPlay(
  session: CommandSession,
  command: Command,
  name: AmfValue,
  more: { start: AmfValue; duration: AmfValue; reset: boolean; transition: boolean },
): void {
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  session.stopStream(stream);
  // What ActionScript's play(false) sends: it means stop.
  if (name === false) return;
  const target = locate(session, name);
  if (target === undefined) {
    const description = "The stream name is empty or not allowed.";
    return session.replies.status(stream.id, "NetStream.Play.StreamNotFound", description);
  }
  stream.apply("play");
  stream.path = target.path;
  stream.reset = more.reset;
  stream.transition = more.transition;
  const { duration } = more;
  session.requestPlay(stream, {
    ...target,
    start: playStart(more.start),
    duration: typeof duration === "number" && duration >= 0 ? duration : -1,
  });
}

/** play [RTMP 1.0 §7.2.2.1]. */
export const play: CommandHandler = (session, command) => {
  const [, name, start, duration, reset] = command.values;
  requestPlay(session, command, name, {
    start,
    duration,
    // Left out means "start anew"; 0 and false mean "append to the playlist", which live has not.
    reset: reset !== false && reset !== 0,
    transition: false,
  });
};

/** play2 [RTMP 1.0 §7.2.2.2]: whatever the transition, the new stream takes over at once. */
export const play2: CommandHandler = (session, command) => {
  const options = asRecord(command.values[1]);
  if (options === undefined) {
    const description = "play2 wants an object with streamName.";
    return fail(session, command, "NetConnection.Call.Failed", description);
  }
  requestPlay(session, command, options.get("streamName"), {
    start: options.get("start"),
    duration: options.get("len"),
    reset: options.get("transition") === "reset",
    transition: true,
  });
};

/** A flag, for which some clients send a number; `undefined` when it is neither. */
function flag(value: AmfValue): boolean | undefined {
  if (typeof value === "number") return value !== 0;
  return typeof value === "boolean" ? value : undefined;
}

/** pause [RTMP 1.0 §7.2.2.8] and pauseRaw. Without a flag it is ActionScript's togglePause. */
export const pause: CommandHandler = (session, command) => {
  const stream = session.streams.addressed(command.messageStreamId);
  if (!stream?.isPlayer) return notPlaying(session, command);
  const value = command.values[1];
  const paused = value === undefined || value === null ? !stream.paused : flag(value);
  if (paused === undefined) {
    return fail(session, command, "NetConnection.Call.Failed", "pause wants true or false.");
  }
  session.pauseStream(stream, paused);
};

/** seek [RTMP 1.0 §7.2.2.7]. */
export const seek: CommandHandler = (session, command) => {
  const description = "A live stream has no position to seek to.";
  fail(session, command, "NetStream.Seek.Failed", description);
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return;
  session.replies.status(stream.id, "NetStream.Seek.Failed", description);
};

/** receiveAudio and receiveVideo [RTMP 1.0 §7.2.2.4, §7.2.2.5]; before play they hold for it. */
export function receive(kind: "receiveAudio" | "receiveVideo"): CommandHandler {
  return (session, command) => {
    const stream = session.streams.addressed(command.messageStreamId);
    if (stream === undefined || stream.isPublisher) return notPlaying(session, command);
    const on = flag(command.values[1]);
    if (on === undefined) {
      return fail(session, command, "NetConnection.Call.Failed", `${kind} wants true or false.`);
    }
    const changed = stream[kind] !== on;
    stream[kind] = on;
    if (on && stream.state === "playing") {
      session.replies.status(stream.id, "NetStream.Seek.Notify", "Receiving again.");
      session.replies.status(stream.id, "NetStream.Play.Start", "Receiving again.");
    }
    if (changed && stream.isPlayer) session.receiveChanged(stream);
  };
}
