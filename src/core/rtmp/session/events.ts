/**
 * What a server session tells its owner.
 *
 * @module
 */
import type { Rc4 } from "../../crypto/rc4.ts";
import type { ProtocolError } from "../../errors.ts";
import type { AmfValue } from "../../amf/mod.ts";
import type { NetStream } from "./net_stream.ts";
import type {
  ConnectRequest,
  PlayRequest,
  PublishRequest,
  RemoteCall,
  StreamLengthRequest,
} from "./requests.ts";

/**
 * The owner of a session. Every call is synchronous and must not throw. A request is answered by
 * the session's `accept…` or `reject…` method, in the call or later; until then the session takes
 * no further message, so that replies keep their order. What the NetStream publishes or plays goes on
 * until then: `accept…` ends it by `onUnpublish` or `onStop`, and `reject…` leaves it. Payloads are lent: they are valid during the
 * call, whoever keeps one copies it.
 */
export interface SessionHandler {
  /** Bytes for the peer, in order. Never changed afterwards. */
  send(bytes: Uint8Array): void;
  /**
   * The client gets RTMPE: all bytes for it behind the next `length` are to go through `cipher`, in the
   * order in which they are sent; media, too, that its owner sends by itself.
   */
  onEncrypted?(cipher: Rc4, length: number): void;
  /** A client wants in: answered with `acceptConnect` or `rejectConnect`, now or later. */
  onConnect(request: ConnectRequest): void;
  /** A NetStream wants to publish: answered with `acceptPublish`, `keepPublish` or `rejectPublish`. */
  onPublish(stream: NetStream, request: PublishRequest): void;
  /** A NetStream wants to play: answered with `acceptPlay`, `keepPlay` or `rejectPlay`. */
  onPlay(stream: NetStream, request: PlayRequest): void;
  /** A publish or play was refused without asking: its name is none. */
  onRefused?(): void;
  /**
   * A NetStream that plays is to play something else once that can begin. Answered with
   * `acceptSwitch`, and later `completeSwitch` or `failSwitch`, or with `rejectSwitch`.
   */
  onSwitch(stream: NetStream, request: PlayRequest): void;
  /**
   * An audio (8), video (9) or data (18) message of a publishing NetStream. `payload` is valid during
   * the call only, here and in `onSetData`.
   */
  onMedia(stream: NetStream, kind: number, timestamp: number, payload: Uint8Array): void;
  /** `@setDataFrame`, or a bare `onMetaData`; `payload` begins with the handler name. */
  onSetData(stream: NetStream, handler: string, timestamp: number, payload: Uint8Array): void;
  /** `@clearDataFrame`. */
  onClearData(stream: NetStream, handler: string): void;
  /** A publishing NetStream stopped. */
  onUnpublish(stream: NetStream): void;
  /** A NetStream whose play was let in stopped. */
  onStop(stream: NetStream): void;
  /**
   * A playing NetStream paused or goes on. `time` is what the client says it has seen, as the timestamp
   * of the newest message (ms), if it says so [RTMP 1.0 §7.2.2.8].
   */
  onPause(stream: NetStream, paused: boolean, time?: number): void;
  /**
   * The client dropped what it had: it wants headers and a key frame, and what is live from there; of a
   * recording what there is from `to` (ms) on, which is answered with `moveRecording`.
   */
  onSeek(stream: NetStream, to?: number): void;
  /** How long a recording lasts; answered with `answerLength`, at once or later. 0 if left out. */
  onStreamLength?(request: StreamLengthRequest): void;
  /** The NetStream's `receiveAudio` or `receiveVideo` changed. */
  onReceive(stream: NetStream): void;
  /** A remote call; answered with `answerCall` or `failCall`, at once or later, or never. */
  onCall(call: RemoteCall): void;
  /** The answer to a call of ours: `_result`, when it is `ok`, or `_error`. */
  onAnswer(transactionId: number, ok: boolean, value: AmfValue): void;
  /** A shared object message of type 16 or 19 of a client that is let in. */
  onSharedObject(type: 16 | 19, payload: Uint8Array): void;
  /**
   * Messages have cost what they were allowed, and `overdraft` more. Returns the effort that they may
   * cost beyond, 0 for none: nothing is read then until `allow` and `readOn`. Not asked where nobody
   * called `allow`.
   */
  onSpent?(overdraft: number): number;
  /**
   * The session is over: the peer said `close` or broke the protocol, which is the `error`, or the
   * owner ended it. Its NetStreams have been stopped; nothing but what was sent before may go out.
   */
  onEnd(error?: ProtocolError): void;
}
