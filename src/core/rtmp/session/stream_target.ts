/**
 * What the commands of a NetStream share: which one they are for, and which stream they name.
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import { NAME_RULE, parseStreamPath } from "../stream_name.ts";
import type { Command, CommandSession } from "./command.ts";
import type { PlayRequest } from "./requests.ts";
import type { NetStream } from "./net_stream.ts";

/** Most streams that a NetStream is to play after the present one. */
export const MAX_PLAYLIST = 16;

/** What is wrong with a name that may not be sent. */
export const BAD_NAME = `The stream name is empty or not allowed: a name has ${NAME_RULE}.`;

/** Most characters of the names that all NetStreams of a connection are to play later. */
export const MAX_PLAYLIST_CHARACTERS = 65_536;

/** `_error`, when an answer is wanted. */
export function fail(
  session: CommandSession,
  command: Command,
  code: string,
  description: string,
): void {
  session.replies.error(command.messageStreamId, command.transactionId, code, description);
}

/** The message stream id is nobody's. */
export function noStream(session: CommandSession, command: Command): void {
  fail(
    session,
    command,
    "NetStream.Failed",
    `No stream has the message stream id ${command.messageStreamId}: call createStream first.`,
  );
}

/** What the name of a publish or play stands for; `undefined` when it is none. */
export function locate(session: CommandSession, name: AmfValue) {
  if (typeof name !== "string") return undefined;
  const { app, tcUrl } = session.origin;
  const path = parseStreamPath(app, name, tcUrl);
  return path && { path, said: name };
}

/**
 * Where to start, from play's third argument. Clients disagree on the unit of the negative values
 * (-2 or -2000), so only their meaning is kept.
 */
function playStart(value: AmfValue): PlayRequest["start"] {
  if (typeof value !== "number" || !Number.isFinite(value)) return "any";
  if (value === -1 || value === -1000) return "live";
  return value < 0 ? "any" : value;
}

/**
 * A play of what was located. Its parameters are read when they are first asked for: they take many
 * times the memory of their text, and it may have to wait.
 */
export function playRequest(
  session: CommandSession,
  target: NonNullable<ReturnType<typeof locate>>,
  start: AmfValue,
  duration: AmfValue,
): PlayRequest {
  const length = typeof duration === "number" && duration >= 0 ? duration : -1;
  const { path, said } = target;
  const { origin } = session;
  let query: URLSearchParams | undefined;
  return {
    path,
    said,
    start: playStart(start),
    duration: length,
    get query() {
      return query ??= origin.query.with(said);
    },
  };
}

/** Puts a play behind those that are waited for already. */
export function append(session: CommandSession, stream: NetStream, request: PlayRequest): void {
  let characters = request.said.length;
  for (const { playlist } of session.streams.byId.values()) {
    for (const waiting of playlist) characters += waiting.said.length;
  }
  if (stream.playlist.length < MAX_PLAYLIST && characters <= MAX_PLAYLIST_CHARACTERS) {
    return void stream.playlist.push(request);
  }
  const description = `No more than ${MAX_PLAYLIST} streams can be appended.`;
  session.replies.status(stream.id, "NetStream.Play.Failed", description);
}
