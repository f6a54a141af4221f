/**
 * Commands of a NetStream: what it publishes or plays, and how [RTMP 1.0 §7.2.2].
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import type { Command, CommandHandler, CommandSession } from "./command.ts";
import { append, fail, locate, noStream, playRequest } from "./stream_target.ts";

function notPlaying(session: CommandSession, command: Command): void {
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  fail(session, command, "NetStream.Failed", `Message stream ${stream.id} plays nothing.`);
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

/** play [RTMP 1.0 §7.2.2.1]. */
export const play: CommandHandler = (session, command) => {
  const [, name, start, duration, reset] = command.values;
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  // Left out means "start anew"; 0 and false mean "when the present one is over".
  const appends = (reset === false || reset === 0) && stream.isPlayer;
  if (!appends) session.stopStream(stream);
  // What ActionScript's play(false) sends: it means stop.
  if (name === false) return;
  const target = locate(session, name);
  if (target === undefined) {
    const description = "The stream name is empty or not allowed.";
    return session.replies.status(stream.id, "NetStream.Play.StreamNotFound", description);
  }
  const request = playRequest(target, start, duration);
  if (appends) return append(session, stream, request);
  session.startPlaying(stream, request, {
    reset: reset !== false && reset !== 0,
    transition: false,
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
  const time = command.values[2];
  const isTime = typeof time === "number" && time >= 0 && time < 2 ** 32;
  session.pauseStream(stream, paused, isTime ? time : undefined);
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
