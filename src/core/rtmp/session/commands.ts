/**
 * Every command a connected client may send, by name [RTMP 1.0 §7.2].
 *
 * @module
 */
import type { Command, CommandHandler, CommandSession } from "./command.ts";
import {
  acknowledge,
  closeStream,
  createStream,
  deleteStream,
  fcPublish,
  fcSubscribe,
  fcUnpublish,
  getStreamLength,
} from "./connection_commands.ts";
import { play2 } from "./play2.ts";
import { pause, play, publish, receive, seek } from "./stream_commands.ts";

/** Handlers by command name. A `Map`, so that no name reaches a prototype. */
const COMMANDS: ReadonlyMap<string, CommandHandler> = new Map<string, CommandHandler>([
  ["createStream", createStream],
  ["deleteStream", deleteStream],
  ["closeStream", closeStream],
  ["close", (session) => session.close()],
  ["releaseStream", acknowledge],
  ["FCPublish", fcPublish],
  ["FCUnpublish", fcUnpublish],
  ["FCSubscribe", fcSubscribe],
  ["FCUnsubscribe", acknowledge],
  ["_checkbw", acknowledge],
  ["getStreamLength", getStreamLength],
  ["publish", publish],
  ["play", play],
  ["play2", play2],
  ["pause", pause],
  ["pauseRaw", pause],
  ["seek", seek],
  ["receiveAudio", receive("receiveAudio")],
  ["receiveVideo", receive("receiveVideo")],
]);

/** Carries out a command of a connected client. Whatever wants an answer gets one. */
export function runCommand(session: CommandSession, command: Command): void {
  const { name, transactionId, messageStreamId } = command;
  if (name === "_result" || name === "_error") {
    // Without a command object some send the value in its place.
    const { length } = command.values;
    const value = command.values[length > 1 ? 1 : 0];
    return session.answered(transactionId, name === "_result", value);
  }
  const { replies } = session;
  if (name === "connect") {
    const code = "NetConnection.Connect.Rejected";
    return replies.error(messageStreamId, transactionId, code, "Already connected.");
  }
  const handler = COMMANDS.get(name);
  if (command.unreadable) {
    const description = `The arguments of ${name.slice(0, 64)} cannot be read.`;
    replies.error(messageStreamId, transactionId, "NetConnection.Call.Failed", description);
  } else if (handler !== undefined) handler(session, command);
  else {session.call({
      method: name,
      transactionId,
      messageStreamId,
      args: command.values.slice(1),
    });}
}
