/**
 * The client's side of RTMP, sans-IO.
 *
 * @module
 */
export { ClientSession, type ClientSessionPhase } from "./client_session.ts";
export { ClientStream, type ClientStreamEvent, type ClientStreamState } from "./client_stream.ts";
export type {
  ClientSessionHandler,
  ConnectAnswer,
  ServerCall,
  ServerRefusal,
  ServerStatus,
  StreamNotice,
} from "./events.ts";
export type { ClientSessionOptions, ConnectParameters, SessionSizes } from "./options.ts";
export type { ClientPlayOptions } from "./play_options.ts";
