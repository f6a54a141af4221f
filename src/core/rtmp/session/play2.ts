/**
 * play2: goes from one stream to another in the way that the client asks for [RTMP 1.0 §7.2.2.2;
 * Flash NetStreamPlayTransitions].
 *
 * @module
 */
import { type AmfValue, asRecord } from "../../amf/mod.ts";
import type { Command, CommandHandler, CommandSession } from "./command.ts";
import type { PlayRequest } from "./requests.ts";
import type { NetStream } from "./net_stream.ts";
import { append, BAD_NAME, fail, locate, noStream, playRequest } from "./stream_target.ts";

/** Plays as soon as it is let in, in the place of what it played. */
function playNow(
  session: CommandSession,
  stream: NetStream,
  request: PlayRequest,
  reset: boolean,
): void {
  session.requests.requestPlay(stream, request, { reset, transition: true });
}

/** What each transition does on a NetStream. */
const TRANSITIONS: Readonly<
  Record<string, (session: CommandSession, stream: NetStream, request: PlayRequest) => void>
> = {
  // Forgets what was to be played, and plays.
  reset: (session, stream, request) => playNow(session, stream, request, true),
  // The present one goes on until the other can be shown from a key frame.
  switch: change,
  swap: change,
  append(session, stream, request) {
    append(session, stream, request);
    // After appendAndWait the first of the list begins now.
    if (!stream.isPlayer) session.requests.playNext(stream);
  },
  appendAndWait: append,
};

function change(session: CommandSession, stream: NetStream, request: PlayRequest): void {
  if (stream.state === "playing") session.requests.requestSwitch(stream, request);
  else playNow(session, stream, request, false);
}

/** play2. A transition that is not known, `resume` among them, plays at once. */
export const play2: CommandHandler = (session: CommandSession, command: Command) => {
  const options = asRecord(command.values[1]);
  if (options === undefined) {
    const description = "play2 wants an object with streamName.";
    return fail(session, command, "NetConnection.Call.Failed", description);
  }
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream === undefined) return noStream(session, command);
  const name = options.get("streamName");
  const transition = options.get("transition");
  if (transition === "stop" || name === false) return session.requests.end(stream, true);
  const target = locate(session, name);
  if (target === undefined) {
    session.replies.status(stream.id, "NetStream.Play.StreamNotFound", BAD_NAME);
    return session.refused();
  }
  const request = playRequest(session, target, options.get("start"), options.get("len"));
  if (isTransition(transition)) TRANSITIONS[transition]!(session, stream, request);
  else playNow(session, stream, request, false);
};

function isTransition(value: AmfValue): value is string {
  return typeof value === "string" && Object.hasOwn(TRANSITIONS, value);
}
