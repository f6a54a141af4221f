/**
 * A client of RTMP for Deno and Bun: publish and play over Web Streams.
 *
 * ```ts
 * import { connect } from "./mod.ts";
 *
 * await using source = await connect("rtmp://127.0.0.1/live/camera");
 * await using target = await connect("rtmp://127.0.0.1/live/copy");
 * const playback = await source.play();
 * await playback.pipeTo(await target.publish());
 * ```
 *
 * @module
 */
import { loadRuntime } from "../transport/runtime.ts";
import { connectWith, type RtmpClient } from "./client.ts";
import type { ConnectOptions } from "./options.ts";

export {
  AMF_UNSUPPORTED,
  AmfDate,
  AmfDictionary,
  AmfEcmaArray,
  AmfExternal,
  AmfObject,
  amfObject,
  type AmfTraits,
  type AmfUnsupported,
  type AmfValue,
  AmfVector,
  type AmfVectorItems,
  AmfXml,
} from "../core/amf/mod.ts";
export { ProtocolError, type ProtocolErrorCode, UsageError } from "../core/errors.ts";
export type {
  ClientPlayOptions,
  ConnectAnswer,
  ServerRefusal,
  ServerStatus,
} from "../core/rtmp/session/client/mod.ts";
export type { Capabilities } from "../core/rtmp/session/mod.ts";
export { DialError, type DialProblem, type DialTarget } from "../ports.ts";
export type { RtmpClient } from "./client.ts";
export { ClosedError, RefusedError, RequestTimeoutError } from "./errors.ts";
export { ReconnectEvent, StatusEvent } from "./events.ts";
export type { MediaMessage } from "./media_message.ts";
export type {
  CallHandler,
  ConnectOptions,
  PlayOptions,
  PublishOptions,
  RequestOptions,
} from "./options.ts";
export type { Playback, PlaybackControls } from "./playback.ts";

/**
 * Connects to the server of an RTMP URL: `rtmp://host[:port]/app[/name][?query]`,
 * or `rtmps://` for TLS, with a certificate that is trusted and for that host. The name is that
 * of `play` and `publish` where these are given none.
 *
 * @throws {UsageError} for a URL that cannot be used
 * @throws {DialError} when there is no connection
 * @throws {RefusedError} when the server would not
 * @throws {RequestTimeoutError} when it does not answer
 * @throws {ProtocolError} when it speaks no RTMP
 * @throws {ClosedError} when it closes the connection
 */
export async function connect(
  url: string | URL,
  options: ConnectOptions = {},
): Promise<RtmpClient> {
  return await connectWith(await loadRuntime(), url, options);
}
