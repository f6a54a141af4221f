/**
 * Commands of a NetStream: what it publishes or plays, and how [RTMP 1.0 §7.2.2].
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import type { Command, CommandHandler, CommandSession } from "./command.ts";
import { append, BAD_NAME, fail, locate, noStream, playRequest } from "./stream_target.ts";

function notPlaying(session: CommandSession, command: Command): void {
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  fail(session, command, "NetStream.Failed", `Message stream ${stream.id} plays nothing.`);
}

/**
 * publish [RTMP 1.0 §7.2.2.6]. A second one on the same NetStream takes the place of the first once it
 * is let in.
 */
export const publish: CommandHandler = (session, command) => {
  const [, name, how] = command.values;
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  // What ActionScript's publish(false) sends: it means stop.
  if (name === false) return session.requests.end(stream, true);
  const target = locate(session, name);
  if (target === undefined) {
    session.replies.status(stream.id, "NetStream.Publish.BadName", BAD_NAME);
    return session.refused();
  }
  const wanted = typeof how === "string" ? how.toLowerCase() : "";
  const type = wanted === "record" || wanted === "append" ? wanted : "live";
  const query = session.origin.query.with(target.said);
  session.requests.requestPublish(stream, { ...target, query, type });
};

/** play [RTMP 1.0 §7.2.2.1]. */
export const play: CommandHandler = (session, command) => {
  const [, name, start, duration, reset] = command.values;
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  // What ActionScript's play(false) sends: it means stop.
  if (name === false) return session.requests.end(stream, true);
  const target = locate(session, name);
  if (target === undefined) {
    session.replies.status(stream.id, "NetStream.Play.StreamNotFound", BAD_NAME);
    return session.refused();
  }
  const request = playRequest(session, target, start, duration);
  // Left out, 1 and 3 mean "start anew"; false, 0 and 2 mean "when the present one is over".
  const anew = reset !== false && reset !== 0 && reset !== 2;
  if (!anew && stream.isPlayer && !stream.finished) return append(session, stream, request);
  session.requests.requestPlay(stream, request, { reset: anew, transition: false });
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

/**
 * seek [RTMP 1.0 §7.2.2.7]. A recording goes on from there; a live stream has one place to go to, which is now; but clients such as
 * FFmpeg drop all media until they see Seek.Notify, so that an error would leave them with none.
 */
export const seek: CommandHandler = (session, command) => {
  const stream = session.streams.addressed(command.messageStreamId);
  if (!stream?.isPlayer) return notPlaying(session, command);
  const to = command.values[1];
  if (typeof to !== "number" || !Number.isFinite(to)) {
    const description = "seek wants a number of milliseconds.";
    fail(session, command, "NetStream.Seek.Failed", description);
    return session.replies.status(stream.id, "NetStream.Seek.Failed", description);
  }
  // The owner says so, once it has found the place.
  if (stream.recorded) return session.seek(stream, Math.max(0, to));
  session.replies.status(stream.id, "NetStream.Seek.Notify", "Going on with what is live.");
  if (stream.state === "playing") session.seek(stream);
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
