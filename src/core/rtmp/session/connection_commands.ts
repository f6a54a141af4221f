/**
 * Commands that make, drop and name NetStreams, and those that clients merely expect an answer to.
 *
 * @module
 */
import type { AmfValue } from "../../amf/mod.ts";
import { parseStreamPath, type StreamPath } from "../stream_name.ts";
import type { Command, CommandHandler, CommandSession } from "./command.ts";
import { statusInfo } from "./status.ts";

/** A name as far as it goes into a reply. */
function shown(value: AmfValue): string {
  return typeof value === "string" ? value.slice(0, 128) : "";
}

/** The path a command names in its first argument. */
function pathOf(session: CommandSession, command: Command): StreamPath | undefined {
  const name = command.values[1];
  if (typeof name !== "string") return undefined;
  return parseStreamPath(session.origin.app, name, session.origin.tcUrl);
}

/** `_result` with nothing in it. */
export const acknowledge: CommandHandler = (session, { messageStreamId, transactionId }) =>
  session.replies.result(messageStreamId, transactionId, undefined);

/** createStream [RTMP 1.0 §7.2.1.3]. */
export const createStream: CommandHandler = (session, { messageStreamId, transactionId }) => {
  const stream = session.streams.create();
  if (stream !== undefined) {
    return session.replies.result(messageStreamId, transactionId, stream.id);
  }
  session.replies.error(
    messageStreamId,
    transactionId,
    "NetConnection.Call.Failed",
    "This connection has as many streams as it may have.",
  );
};

/** deleteStream [RTMP 1.0 §7.2.2.3], by id, or as GStreamer sends it, by name. */
export const deleteStream: CommandHandler = (session, command) => {
  const which = command.values[1];
  let stream = undefined;
  if (typeof which === "number") stream = session.streams.byId.get(which);
  else if (typeof which === "string" || which === undefined || which === null) {
    stream = session.streams.named(pathOf(session, command)) ??
      session.streams.addressed(command.messageStreamId);
  }
  if (stream === undefined) return;
  session.requests.end(stream, true);
  session.streams.remove(stream);
};

/** closeStream: its message stream does nothing any more, but can be used again. */
export const closeStream: CommandHandler = (session, command) => {
  const stream = session.streams.addressed(command.messageStreamId);
  if (stream !== undefined) session.requests.end(stream, true);
};

/** FCPublish: FMLE and some appliances wait for `onFCPublish`. */
export const fcPublish: CommandHandler = (session, command) => {
  acknowledge(session, command);
  const description = `FCPublish of ${shown(command.values[1])}.`;
  const info = statusInfo("NetStream.Publish.Start", description);
  session.replies.command(0, "onFCPublish", 0, null, info);
};

/** FCUnpublish: ends the publish of this name. */
export const fcUnpublish: CommandHandler = (session, command) => {
  const { replies } = session;
  const stream = session.streams.named(pathOf(session, command));
  const description = `${shown(command.values[1])} is no longer published.`;
  const info = statusInfo("NetStream.Unpublish.Success", description);
  replies.command(0, "onFCUnpublish", 0, null, info);
  acknowledge(session, command);
  if (!stream?.isPublisher) return;
  session.requests.end(stream, true);
};

/** FCSubscribe: clients of content delivery networks wait for `onFCSubscribe`. */
export const fcSubscribe: CommandHandler = (session, command) => {
  acknowledge(session, command);
  const description = `FCSubscribe of ${shown(command.values[1])}.`;
  const info = statusInfo("NetStream.Play.Start", description);
  session.replies.command(0, "onFCSubscribe", 0, null, info);
};

/** getStreamLength: a live stream has none, which clients read as 0 seconds. */
export const getStreamLength: CommandHandler = (session, command) => {
  const { messageStreamId, transactionId } = command;
  const path = pathOf(session, command);
  if (path === undefined) return session.replies.result(messageStreamId, transactionId, 0);
  const said = String(command.values[1]);
  session.streamLength({ path, said, messageStreamId, transactionId });
};
