/**
 * RTMP sessions, sans-IO.
 *
 * @module
 */
export { isReconnectUrl } from "./reconnect.ts";
export { type Capabilities, CapsEx, NO_CAPABILITIES, readsMultitrack } from "./capabilities.ts";
export type { SessionHandler } from "./events.ts";
export type {
  ConnectRequest,
  PlayRequest,
  PublishRequest,
  RemoteCall,
  StreamLengthRequest,
} from "./requests.ts";
export type { RecordingEnd, RecordStatus } from "./announce.ts";
export { Acknowledger } from "./acknowledger.ts";
export { type DataMessage, parseDataMessage } from "./data_message.ts";
export { type Asked, NetStream, type NetStreamEvent, type NetStreamState } from "./net_stream.ts";
export { Replies, type ReplySink } from "./replies.ts";
export type { ServerSessionOptions } from "./options.ts";
export { ServerSession, type SessionPhase } from "./server_session.ts";
export type { StreamDecisions } from "./stream_decisions.ts";
export { statusInfo, statusLevel } from "./status.ts";
